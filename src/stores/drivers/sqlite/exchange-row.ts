/** A record as a row of columns that can be summed. Every value fits its column whatever the record says, so that none can block the journal. */
import type { SummedRecord } from '../../../model/summed-record.ts'

export interface ExchangeRow {
  readonly id: string
  readonly at: number
  /** '' where the exchange had none, here and below. */
  readonly keyId: string
  readonly provider: string
  readonly model: string
  readonly failed: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Nano-USD. */
  readonly cost: number
  readonly unpriced: number
  /** The way through routers; '' where there was none. */
  readonly route: string
  readonly durationMs: number
}

/**
 * Provider and model are those that answered, or else the last that were tried: never the client's own word, which could be
 * anything and would make the sums grow without bound.
 */
export function rowOf(record: SummedRecord): ExchangeRow {
  const last = record.attempts?.at(-1)
  const cost = record.cost === undefined ? undefined : countOf(record.cost)
  return {
    id: record.id,
    at: countOf(record.at),
    keyId: record.keyId ?? '',
    provider: record.provider ?? last?.provider ?? '',
    model: record.modelServed ?? last?.model ?? '',
    failed: record.outcome === 'ok' ? 0 : 1,
    inputTokens: countOf(record.usage?.input.total),
    cachedTokens: countOf(record.usage?.input.cacheRead),
    outputTokens: countOf(record.usage?.output.total),
    cost: cost ?? 0,
    unpriced: record.unpriced === true ? 1 : 0,
    route: record.route ?? '',
    durationMs: countOf(record.durationMs),
  }
}

/** A whole number that SQLite keeps as an integer. */
function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0
}
