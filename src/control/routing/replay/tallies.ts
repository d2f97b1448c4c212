/** What deployments did on record, and what came of moving requests between them. */
import { countsAgainst } from '../../../kernel/signals.ts'
import type { NanoUsd } from '../../../model/money.ts'
import type { ExchangeRecord } from '../../../model/record.ts'

/** Of one deployment, for one kind of request. */
export interface Experience {
  /** Attempts that were good, or failed by the provider's fault. */
  readonly attempts: number
  readonly good: number
  /** Milliseconds of the good ones together. */
  readonly goodMs: number
}

/** How deployments did at requests of the same operation, streamed or not. */
export class Experiences {
  readonly #of = new Map<string, { attempts: number; good: number; goodMs: number }>()

  add(record: ExchangeRecord): void {
    for (const { advice, outrun, fault, deployment, durationMs } of record.attempts) {
      if (advice === true || outrun === true || (fault !== undefined && !countsAgainst(fault))) continue
      const key = keyOf(record, deployment)
      let sums = this.#of.get(key)
      if (sums === undefined) this.#of.set(key, (sums = { attempts: 0, good: 0, goodMs: 0 }))
      sums.attempts += 1
      if (fault !== undefined) continue
      sums.good += 1
      sums.goodMs += durationMs
    }
  }

  of(record: ExchangeRecord, deployment: string): Experience | undefined {
    return this.#of.get(keyOf(record, deployment))
  }
}

const keyOf = ({ operation, stream }: ExchangeRecord, deployment: string): string =>
  `${operation} ${String(stream)} ${deployment}`

/** One figure as it was and as it would have been, over the requests for which both are known. */
export class Comparison {
  records = 0
  before = 0
  after = 0

  add(before: number | undefined, after: number | undefined): void {
    if (before === undefined || after === undefined) return
    this.records += 1
    this.before += before
    this.after += after
  }
}

/** What is known of one request: as it was, or as it would have been. */
export interface Result {
  readonly cost: NanoUsd | undefined
  /** Milliseconds to the end of a good answer. */
  readonly latency: number | undefined
  /** The share of such requests that is answered, 0 to 1. */
  readonly success: number | undefined
}

export class Comparisons {
  readonly cost = new Comparison()
  readonly latency = new Comparison()
  readonly success = new Comparison()

  add(before: Result, after: Result): void {
    this.cost.add(before.cost, after.cost)
    this.latency.add(before.latency, after.latency)
    this.success.add(before.success, after.success)
  }
}
