/**
 * The prices of our drivers' models from all that is known: the price data first, which knows conditions and tools, and the model
 * catalog for what that lacks. Asked by the ids of drivers; what the price data calls them is looked up here.
 */
import type { PriceSheet } from '../../model/price.ts'
import type { CatalogEntry } from '../catalog/catalog-file.ts'
import type { ModelCatalog } from '../catalog/model-catalog.ts'
import { catalogSheet } from './catalog-sheet.ts'
import type { PriceCatalog } from './price-catalog.ts'

export interface PricedDriver {
  readonly id: string
  /** Its id in the price data. */
  readonly prices?: string
}

/** The most names that are remembered: clients choose them. */
const maxNames = 2000

export function priceBook(data: PriceCatalog, catalog: ModelCatalog, drivers: readonly PricedDriver[]): PriceCatalog {
  const dataIds = new Map(drivers.map(({ id, prices }) => [id, prices]))
  const sheets = new WeakMap<CatalogEntry, PriceSheet>()
  /** By driver and name. */
  const asked = new Map<string, Map<string, PriceSheet | undefined>>()
  let names = 0

  function fromCatalog(driver: string, model: string): PriceSheet | undefined {
    const known = asked.get(driver)?.get(model)
    if (known !== undefined || asked.get(driver)?.has(model) === true) return known
    if (names >= maxNames) {
      asked.clear()
      names = 0
    }
    const entry = catalog.entryOf(driver, model)
    const sheet = entry && (sheets.get(entry) ?? catalogSheet(driver, entry))
    if (entry !== undefined && sheet !== undefined) sheets.set(entry, sheet)
    const ofDriver = asked.get(driver) ?? new Map<string, PriceSheet | undefined>()
    asked.set(driver, ofDriver.set(model, sheet))
    names += 1
    return sheet
  }

  return {
    priceOf(driver, model, at) {
      const id = dataIds.get(driver)
      return (id === undefined ? undefined : data.priceOf(id, model, at)) ?? fromCatalog(driver, model)
    },
    modelsOf(driver) {
      const id = dataIds.get(driver)
      return id === undefined ? [] : data.modelsOf(id)
    },
  }
}
