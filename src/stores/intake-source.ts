/** How a worker thread, which shares no objects with the main one, is told which driver takes the journal in. */
import type { UsageIntake } from './usage-store.ts'

export interface IntakeSource {
  /** URL of a module that exports `openIntake`. */
  readonly module: string
  /** What `openIntake` is called with; cloned across the threads. */
  readonly config: unknown
}

/** A driver's intake may be asynchronous: the worker waits for it. */
type Awaitable<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R | Promise<R> : T[K]
}

export type DrainTarget = Awaitable<UsageIntake>

export type OpenIntake = (
  config: unknown,
) => (DrainTarget & (Disposable | AsyncDisposable)) | Promise<DrainTarget & (Disposable | AsyncDisposable)>
