/** Forgets expired answers and conversations now and then, a bounded number at a time, so that no request waits for it long. */
import type { Clock } from '../kernel/clock.ts'
import type { StateRetention } from '../stores/state-retention.ts'

export interface SweepContext {
  readonly clock: Clock
  readonly retention: StateRetention
  readonly maxBytes: number
  /** Milliseconds since a conversation was last used; undefined keeps them for ever. */
  readonly conversationRetention: number | undefined
  readonly onProblem: (error: unknown) => void
}

/** Milliseconds between two sweeps, and before the next one when there is more to do. */
const usualPause = 60_000
const shortPause = 250
const batch = 50

export function startSweep(context: SweepContext): Disposable {
  const { clock, retention, maxBytes, conversationRetention, onProblem } = context
  let timer = clock.after(shortPause, sweep)

  function sweep(): void {
    const now = clock.now()
    let deleted = 0
    try {
      deleted = retention.sweep({
        now,
        maxBytes,
        limit: batch,
        ...(conversationRetention !== undefined && { conversationsUsedBefore: now - conversationRetention }),
      })
    } catch (error) {
      onProblem(error)
    }
    timer = clock.after(deleted > 0 ? shortPause : usualPause, sweep)
  }

  return { [Symbol.dispose]: () => timer.cancel() }
}
