/**
 * What is known of models, opened and wired to the drivers: a part of the composition root, for the gateway and for commands without
 * one. Every driver that anything is known of is asked about by its own id; the price book knows what the price data calls it.
 */
import { providers } from './builtins.gen.ts'
import { openModelCatalog } from './control/catalog/model-catalog.ts'
import type { ModelCatalog } from './control/catalog/model-catalog.ts'
import { priceBook } from './control/pricing/price-book.ts'
import { openPriceCatalog, priceCatalog } from './control/pricing/price-catalog.ts'
import type { PriceCatalog } from './control/pricing/price-catalog.ts'
import type { Provider } from './kernel/provider.ts'

export interface ModelData {
  readonly catalog: ModelCatalog
  readonly prices: PriceCatalog
  /** All drivers; those with known prices have their own id for it. */
  readonly drivers: readonly Provider[]
}

/** `uses` are ids of the drivers that will be asked about, where that is known: the price data is slow to load, and not all need it. */
export async function openModelData(uses?: ReadonlySet<string>): Promise<ModelData> {
  const catalog = openModelCatalog()
  const known = new Set(catalog.providers())
  const priced = providers.some(({ id, prices }) => prices !== undefined && uses?.has(id) !== false)
  return {
    catalog,
    prices: priceBook(priced ? await openPriceCatalog() : priceCatalog(() => undefined), catalog, providers),
    drivers: providers.map((provider: Provider) =>
      provider.prices === undefined && !known.has(provider.id) ? provider : { ...provider, prices: provider.id },
    ),
  }
}
