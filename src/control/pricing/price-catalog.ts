/** What a model costs at a provider: the community's price data, our corrections to it, and a cache of what was asked. */
import type { PriceSheet } from '../../model/price.ts'
import { pricesAt } from './conditional-prices.ts'
import { findModel } from './model-match.ts'
import { addedSheet, completeSheet } from './overlay.ts'
import { loadPriceData } from './price-data.ts'
import type { FindProvider, ModelPrices, PricedModel } from './price-data.ts'
import { priceSheetOf } from './price-sheet.ts'

export interface PriceCatalog {
  /**
   * The prices of a model of a provider (by its id in the price data, or in a price book by that of the driver) at a time in Unix milliseconds; undefined when they are not
   * known. Some models have prices by hour of day or from a date on, so ask for each request: the same sheet comes back for as long as it holds.
   */
  priceOf(provider: string, model: string, at: number): PriceSheet | undefined
  /** Ids of the models that have prices at a provider, according to the price data. */
  modelsOf(provider: string): readonly string[]
}

/** The most names that are remembered. */
const maxModels = 2000

export async function openPriceCatalog(): Promise<PriceCatalog> {
  return priceCatalog(await loadPriceData())
}

export function priceCatalog(find: FindProvider): PriceCatalog {
  /** By provider and model. */
  const models = new Map<string, Map<string, PricedModel | undefined>>()
  let known = 0
  const sheets = new WeakMap<ModelPrices, Map<string, PriceSheet | undefined>>()

  function modelOf(provider: string, name: string): PricedModel | undefined {
    const asked = models.get(provider)
    const found = asked?.get(name)
    if (found !== undefined || asked?.has(name) === true) return found
    const priced = find(provider)
    const model = priced && findModel(priced, name, find)
    // Names are few unless someone makes them up, and looking one up again is cheap.
    if (known >= maxModels) {
      models.clear()
      known = 0
    }
    let ofProvider = models.get(provider)
    if (ofProvider === undefined) models.set(provider, (ofProvider = new Map<string, PricedModel | undefined>()))
    ofProvider.set(name, model)
    known += 1
    return model
  }

  return {
    modelsOf: (provider) => find(provider)?.models.map(({ id }) => id) ?? [],
    priceOf(provider, name, at) {
      const model = modelOf(provider, name)
      const prices = model && pricesAt(model, at)
      if (model === undefined || prices === undefined) return addedSheet(provider, name)
      let byProvider = sheets.get(prices)
      if (byProvider === undefined) sheets.set(prices, (byProvider = new Map<string, PriceSheet | undefined>()))
      if (!byProvider.has(provider)) {
        const sheet = priceSheetOf(prices, `genai-prices ${provider}/${model.id}`)
        byProvider.set(provider, sheet && completeSheet(provider, model.id, sheet))
      }
      return byProvider.get(provider)
    },
  }
}
