/**
 * One timer that can be moved as often as chunks arrive: moving it is a field's assignment, and only when it fires does it look
 * whether it is really due.
 */
import type { Clock, Timer } from '../../kernel/clock.ts'

/** A timer sleeps no longer than this and then looks again, so that deadlines of minutes, as most are, come nearer without another. */
const longestSleep = 60_000

export class Deadline {
  readonly #clock: Clock
  readonly #expired: () => void
  #dueAt = Infinity
  #firesAt = Infinity
  #timer: Timer | undefined

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock
    this.#expired = expired
  }

  /** Due at this monotonic time, in place of any earlier setting. */
  at(dueAt: number): void {
    this.#dueAt = dueAt
    if (dueAt < this.#firesAt) this.#schedule()
  }

  cancel(): void {
    this.#dueAt = Infinity
    this.#firesAt = Infinity
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    this.#timer?.cancel()
    const now = this.#clock.monotonic()
    this.#firesAt = Math.min(this.#dueAt, now + longestSleep)
    this.#timer = this.#clock.after(Math.max(0, Math.ceil(this.#firesAt - now)), () => {
      this.#timer = undefined
      this.#firesAt = Infinity
      if (this.#dueAt === Infinity) return
      // Node's timers may fire a fraction of a millisecond early.
      if (this.#clock.monotonic() + 1 < this.#dueAt) this.#schedule()
      else this.#expired()
    })
  }
}
