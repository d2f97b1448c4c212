/** The port that keeps finished exchanges and what each key has spent, fed from the journal exactly once. */
import type { BudgetPeriod } from '../model/key.ts'
import type { ExchangeRecord } from '../model/record.ts'

/** A place in the journal: every entry before it is in the store. */
export interface JournalPosition {
  readonly segment: number
  /** Bytes. */
  readonly offset: number
}

/** What one key has spent in one period. `start` is the period's first millisecond (UTC), 0 for `total`. */
export interface Spend {
  readonly keyId: string
  readonly period: BudgetPeriod
  readonly start: number
  /** Nano-USD. */
  readonly cost: number
  readonly tokens: number
}

export interface UsageQuery {
  readonly from?: number
  readonly to?: number
  readonly keyId?: string
  readonly groupBy: 'model' | 'provider' | 'key' | 'day' | 'none'
}

export interface UsageRow {
  readonly group: string
  readonly requests: number
  readonly failed: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Nano-USD; a bigint, because sums over time outgrow a double. */
  readonly cost: bigint
  /** Exchanges whose cost is unknown. */
  readonly unpriced: number
}

export interface UsageStore {
  /** The place up to which the journal has been taken in. */
  position(): JournalPosition
  /** Stores the records, adds them to what keys have spent and moves the position, all in one transaction; a record seen before is skipped. */
  ingest(records: readonly ExchangeRecord[], position: JournalPosition): void
  /** Everything spent in the periods that contain `at`. */
  spends(at: number): Spend[]
  summarize(query: UsageQuery): UsageRow[]
  /** Newest first; `before` is the id of the last one already seen. */
  list(query: { limit: number; before?: string; keyId?: string }): ExchangeRecord[]
}
