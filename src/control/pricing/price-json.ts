/** Prices for programs: every dimension that is a rate, in US dollars per million, as decimal text. */
import { formatUsd } from '../../model/money.ts'
import type { PriceSheet, TieredRate } from '../../model/price.ts'

export function priceJson(price: PriceSheet | undefined): object | null {
  if (price === undefined) return null
  const rates = {
    input: price.input,
    cache_read: price.cacheRead,
    cache_write: price.cacheWrite,
    cache_write_1h: price.cacheWrite1h,
    input_audio: price.inputAudio,
    input_image: price.inputImage,
    output: price.output,
    reasoning: price.reasoning,
    output_audio: price.outputAudio,
    output_image: price.outputImage,
    ...Object.fromEntries(Object.entries(price.units ?? {}).map(([name, rate]) => [name, { base: rate }])),
  }
  const known = Object.entries(rates).flatMap(([dimension, rate]) =>
    rate === undefined ? [] : [[dimension, rateJson(rate)]],
  )
  return { source: price.source, usd_per_million: Object.fromEntries(known) as object }
}

function rateJson({ base, tiers = [] }: TieredRate): object {
  return { base: formatUsd(base), tiers: tiers.map(({ above, rate }) => ({ above, rate: formatUsd(rate) })) }
}
