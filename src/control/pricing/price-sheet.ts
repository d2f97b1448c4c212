/** The price data's keys as the dimensions of a price sheet, in integers. Keys of things that nobody is charged by here are left out. */
import type { PriceSheet, TieredRate } from '../../model/price.ts'
import type { ModelPrices, PriceValue } from './price-data.ts'
import { usdPerMillion, usdPerThousand } from './rates.ts'

/** `_mtok` keys are US dollars per million tokens. */
const tokenRates = {
  input_mtok: 'input',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  input_audio_mtok: 'inputAudio',
  input_image_mtok: 'inputImage',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
} as const

/** `_kcount` keys are US dollars per thousand; the tools by their names in `Usage.serverTools`. */
const toolRates = {
  web_searches_kcount: 'web_search_requests',
  storage_searches_kcount: 'file_search_requests',
  social_searches_kcount: 'social_search_requests',
} as const

/** US dollars per hour, by the name in `Usage.units`, which counts milliseconds. */
const hourlyRates = { input_audio_hours: 'audio_ms' } as const
const msPerHour = 3_600_000

/** Undefined when the prices are none that are read here. */
export function priceSheetOf(prices: ModelPrices, source: string): PriceSheet | undefined {
  const rates: Partial<Record<(typeof tokenRates)[keyof typeof tokenRates], TieredRate>> = {}
  for (const [key, dimension] of entries(tokenRates)) {
    const value = prices[key]
    if (value !== undefined) rates[dimension] = tiered(value)
  }
  const serverTools: Record<string, number> = {}
  for (const [key, tool] of entries(toolRates)) {
    const value = prices[key]
    if (value !== undefined) serverTools[tool] = usdPerThousand(baseOf(value))
  }
  const units: Record<string, number> = {}
  for (const [key, unit] of entries(hourlyRates)) {
    const value = prices[key]
    if (value !== undefined) units[unit] = usdPerMillion((baseOf(value) * 1_000_000) / msPerHour)
  }
  const request = prices['requests_kcount']
  if (Object.keys(rates).length === 0 && Object.keys(units).length === 0) return undefined
  return {
    source,
    ...rates,
    // A thousand requests in dollars are so many millionths of a dollar, that is thousands of nano-USD, each.
    ...(request !== undefined && { request: Math.round(usdPerMillion(baseOf(request)) / 1000) }),
    ...(Object.keys(units).length > 0 && { units }),
    ...(Object.keys(serverTools).length > 0 && { serverTools }),
  }
}

function tiered(value: PriceValue): TieredRate {
  if (typeof value === 'number') return { base: usdPerMillion(value) }
  const tiers = value.tiers.map(({ start, price }) => ({ above: start, rate: usdPerMillion(price) }))
  return { base: usdPerMillion(value.base), tiers: tiers.sort((a, b) => a.above - b.above) }
}

function baseOf(value: PriceValue): number {
  return typeof value === 'number' ? value : value.base
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}
