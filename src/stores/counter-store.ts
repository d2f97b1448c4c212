/**
 * The port of what must be counted while requests are in flight: rate limits and money held. Every operation is atomic, and answers
 * at once when the counters are in this process or later when they are not. Counters may be lost: what was spent is in the usage store.
 */
import type { BudgetPeriod } from '../model/key.ts'
import type { NanoUsd } from '../model/money.ts'
import type { Spend } from './usage-store.ts'

export type MaybePromise<T> = T | Promise<T>

/** One rate limit of one holder: `count` per `periodMs`, refilled continuously (GCRA). */
export interface Bucket {
  /** Names the holder and the limit: `key_1 requests 60000`. */
  readonly id: string
  readonly count: number
  readonly periodMs: number
}

export interface Charge extends Bucket {
  /** Whole units to take; for `adjust`, how many more (or, negative, fewer) were used than taken. */
  readonly cost: number
}

export interface BucketState {
  readonly limit: number
  /** Whole units that could be taken now. */
  readonly remaining: number
  /** Milliseconds until the limit is whole again. */
  readonly resetMs: number
}

export interface Taken {
  /** False: nothing was taken from any bucket. */
  readonly ok: boolean
  /** Of each bucket in turn, after taking. */
  readonly states: readonly BucketState[]
  /** When refused: the bucket that keeps it waiting longest. */
  readonly refusedBy?: number
  /** When refused: milliseconds until the same would be granted; Infinity when it is more than a limit ever holds. */
  readonly retryAfterMs?: number
}

export interface BudgetLimit {
  readonly per: BudgetPeriod
  readonly usd: NanoUsd
}

/** Money held; opaque to its holder. */
export interface BudgetHold {
  readonly keyId: string
  readonly nano: NanoUsd
}

export type BudgetAnswer =
  | { readonly ok: true; readonly hold: BudgetHold }
  /** `left` of the budget that has too little; 0 when it is used up. */
  | { readonly ok: false; readonly limit: BudgetLimit; readonly left: NanoUsd }

export interface CounterStore {
  /** Takes from every bucket or, when one of them has too little, from none. `now` is in Unix milliseconds, here and below. */
  take(charges: readonly Charge[], now: number): MaybePromise<Taken>
  /** Corrects what was taken by estimate. What is used beyond a limit is owed: the bucket stays empty for as long as it takes. */
  adjust(charges: readonly Charge[], now: number): MaybePromise<void>
  /**
   * Holds `nano` in all budgets of a key or in none: what was spent and what is held never exceed a budget together, however many
   * requests there are at once. Throws a RangeError when `nano` is no amount.
   */
  hold(keyId: string, limits: readonly BudgetLimit[], nano: NanoUsd, now: number): MaybePromise<BudgetAnswer>
  /** What it really cost takes the place of what was held, in the periods of the hold. A second call for the same hold does nothing. */
  settle(hold: BudgetHold, actual: NanoUsd): MaybePromise<void>
  /** Adds what a key spent without a hold, at a time. */
  spend(keyId: string, nano: NanoUsd, at: number): MaybePromise<void>
  /** Sets what was spent before this store began to count. */
  seed(spends: readonly Spend[], now: number): MaybePromise<void>
}
