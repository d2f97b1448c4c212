/** The port that keeps finished exchanges and what each key has spent, fed from the journal exactly once. */
import type { BudgetPeriod } from '../model/key.ts'
import type { ExchangeRecord } from '../model/record.ts'
import type { Reservation } from '../model/reservation.ts'
import type { SummedRecord } from '../model/summed-record.ts'

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
  /** Nano-USD; stays at the largest safe integer (nine million dollars) if it should ever exceed it. */
  readonly cost: number
  readonly tokens: number
}

export interface UsageQuery {
  /** Unix milliseconds, inclusive. */
  readonly from?: number
  /** Unix milliseconds, exclusive. */
  readonly to?: number
  readonly keyId?: string
  readonly groupBy: 'model' | 'provider' | 'key' | 'day' | 'none'
}

export interface UsageRow {
  /** The model, provider or key id ('' where an exchange had none), the UTC day (`2026-01-31`), or '' for `none`. */
  readonly group: string
  readonly requests: number
  /** Exchanges whose outcome was anything but `ok`. */
  readonly failed: number
  readonly inputTokens: number
  /** The share of `inputTokens` read from a provider's prompt cache. */
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Nano-USD; a bigint, because sums over time outgrow a double. */
  readonly cost: bigint
  /** Exchanges whose cost is unknown. */
  readonly unpriced: number
}

/** What came of a way through routers: `main:weighted > openai/gpt-4o`. */
export interface RouteUsage {
  readonly route: string
  readonly requests: number
  /** Exchanges whose outcome was anything but `ok`. */
  readonly failed: number
  /** Good answers, and the milliseconds that they took together. */
  readonly answers: number
  readonly answerMs: number
  /** Nano-USD. */
  readonly cost: bigint
  readonly unpriced: number
}

/** Newest first; `before` is the id of the last one already seen. With `after` oldest first, from behind that id on. */
export interface RecordsQuery {
  readonly limit: number
  readonly before?: string
  readonly after?: string
  readonly keyId?: string
}

/** The part of a usage store that takes the journal in. Alone it is what a background thread needs. */
export interface UsageIntake {
  /** The place up to which the journal has been taken in; segment 0, offset 0 at first. */
  position(): JournalPosition
  /**
   * Stores the records, adds them to what keys have spent and moves the position, all in one transaction; a record seen before is
   * skipped. `held` are reservations that no record had settled by then; a record settles the one of its own id, now or later. `texts`
   * are the records as JSON in UTF-8, in the same order, for callers that have them: then `records` need have no more than what is summed.
   */
  ingest(
    records: Iterable<SummedRecord>,
    position: JournalPosition,
    held?: readonly Reservation[],
    texts?: Iterable<Uint8Array>,
  ): void
}

export interface UsageStore extends UsageIntake {
  /** Reservations taken in whose record is still to come: after a crash, the exchanges that never finished. */
  heldReservations(): Reservation[]
  /** Everything spent in the periods that contain `at`, of all keys or of one. */
  spends(at: number, keyId?: string): Spend[]
  /** One row for each group that has exchanges, by group ascending. Exact, whatever the bounds, as far back as records are kept (see `prune`). */
  summarize(query: UsageQuery): UsageRow[]
  /**
   * One row for each way through routers that was gone, by its text ascending: what became of the arms of a comparison. By whole UTC hours:
   * the hours that hold `from` and `to` count wholly.
   */
  routes(query: Omit<UsageQuery, 'groupBy'>): RouteUsage[]
  list(query: RecordsQuery): ExchangeRecord[]
  /**
   * Forgets at most `limit` records older than `before` (Unix milliseconds) and says how many. Sums by whole UTC hours and spends
   * stay; a summary whose bound cuts through a forgotten hour leaves the cut hour out.
   */
  prune(before: number, limit: number): number
}
