/** Time and chance as ports, so that tests decide both and none of them sleeps. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Unix milliseconds: for records and periods. */
  now(): number
  /** Milliseconds of a clock that never jumps: for durations and deadlines. */
  monotonic(): number
  /** Calls `fire` once after `delayMs`, unless cancelled. Does not keep the process alive. */
  after(delayMs: number, fire: () => void): Timer
}

/** A number in [0, 1), as `Math.random` gives. */
export type Random = () => number

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(delayMs, fire) {
    const handle = setTimeout(fire, delayMs)
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}
