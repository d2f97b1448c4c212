/** A price of the model catalog as a price sheet: decimal text becomes integers without ever being a fraction. */
import { parseUsd } from '../../model/money.ts'
import type { PriceSheet, TieredRate } from '../../model/price.ts'
import { rateNames } from '../catalog/catalog-file.ts'
import type { CatalogEntry } from '../catalog/catalog-file.ts'

export function catalogSheet(provider: string, { id, price }: CatalogEntry): PriceSheet | undefined {
  if (price === undefined) return undefined
  const rates: Partial<Record<(typeof rateNames)[number], TieredRate>> = {}
  for (const name of rateNames) {
    const base = price[name]
    if (base === undefined) continue
    const tiers = (price.tiers ?? []).flatMap(({ above, [name]: rate }) =>
      rate === undefined ? [] : [{ above, rate: parseUsd(rate) }],
    )
    rates[name] = { base: parseUsd(base), ...(tiers.length > 0 && { tiers }) }
  }
  return { source: `catalog ${provider}/${id} from ${price.source}`, ...rates }
}
