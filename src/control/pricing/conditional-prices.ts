/** Which of a model's prices hold at a time: later conditions go before earlier ones, as in the price data. */
import type { ConditionalPrices, ModelPrices, PricedModel } from './price-data.ts'

const dayMs = 86_400_000

/** `at` in Unix milliseconds. */
export function pricesAt({ prices }: PricedModel, at: number): ModelPrices | undefined {
  if (!isList(prices)) return prices
  return (prices.findLast((candidate) => holds(candidate, at)) ?? prices[0])?.prices
}

function isList(prices: PricedModel['prices']): prices is readonly ConditionalPrices[] {
  return Array.isArray(prices)
}

function holds({ constraint }: ConditionalPrices, at: number): boolean {
  if (constraint === undefined) return true
  if (constraint.type === 'start_date') return at >= Date.parse(constraint.start_date)
  const time = at % dayMs
  const start = timeOfDay(constraint.start_time)
  const end = timeOfDay(constraint.end_time)
  return start <= end ? time >= start && time < end : time >= start || time < end
}

/** Milliseconds since midnight UTC of `01:00:00Z` or `09:00:00+08:00`. */
function timeOfDay(text: string): number {
  return ((Date.parse(`1970-01-02T${text}`) % dayMs) + dayMs) % dayMs
}
