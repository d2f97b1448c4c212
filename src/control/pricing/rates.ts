/** From amounts of dollars, as price lists have them, to integer rates. Anything finer than a nano-USD per million is rounded half up. */
import { nanoPerUsd } from '../../model/money.ts'
import type { Rate, TieredRate } from '../../model/price.ts'

/** US dollars per million units → nano-USD per million. */
export function usdPerMillion(usd: number): Rate {
  const rate = Math.round(usd * nanoPerUsd)
  if (!Number.isSafeInteger(rate) || rate < 0) throw new RangeError(`not a price in dollars per million: ${usd}`)
  return rate
}

/** US dollars per thousand units → nano-USD per million. */
export function usdPerThousand(usd: number): Rate {
  return usdPerMillion(usd * 1000)
}

export function multiplyRate({ base, tiers }: TieredRate, factor: number): TieredRate {
  const times = (rate: Rate): Rate => Math.round(rate * factor)
  return {
    base: times(base),
    ...(tiers !== undefined && { tiers: tiers.map(({ above, rate }) => ({ above, rate: times(rate) })) }),
  }
}
