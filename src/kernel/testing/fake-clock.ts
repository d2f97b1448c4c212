/** A clock that tests move by hand: timers fire in the order they are due, and nothing waits for anything. */
import type { Clock, Timer } from '../clock.ts'

interface Pending {
  readonly dueAt: number
  readonly order: number
  readonly fire: () => void
}

export class FakeClock implements Clock {
  #elapsed = 0
  #order = 0
  readonly #epoch: number
  readonly #pending = new Set<Pending>()

  constructor(epoch = Date.UTC(2026, 0, 15, 12)) {
    this.#epoch = epoch
  }

  now(): number {
    return this.#epoch + Math.floor(this.#elapsed)
  }

  monotonic(): number {
    return this.#elapsed
  }

  after(delayMs: number, fire: () => void): Timer {
    this.#order += 1
    const entry = { dueAt: this.#elapsed + delayMs, order: this.#order, fire }
    this.#pending.add(entry)
    return { cancel: () => void this.#pending.delete(entry) }
  }

  get timers(): number {
    return this.#pending.size
  }

  /** Lets this much time pass, giving promises their turn after each timer. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#elapsed + milliseconds
    await settle()
    for (;;) {
      const next = this.#earliest()
      if (next === undefined || next.dueAt > until) break
      this.#elapsed = Math.max(this.#elapsed, next.dueAt)
      this.#pending.delete(next)
      next.fire()
      await settle()
    }
    this.#elapsed = until
  }

  /** Lets this much time pass where nobody waits for it. */
  skip(milliseconds: number): void {
    this.#elapsed += milliseconds
  }

  #earliest(): Pending | undefined {
    let earliest: Pending | undefined
    for (const entry of this.#pending) {
      if (
        earliest === undefined ||
        entry.dueAt < earliest.dueAt ||
        (entry.dueAt === earliest.dueAt && entry.order < earliest.order)
      )
        earliest = entry
    }
    return earliest
  }
}

/** Several turns of the event loop, so that chains of promises and immediates come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}
