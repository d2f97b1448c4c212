/**
 * Finds out how much a service takes at once: a little more while it answers well and all of it is used, much less when it says that it is
 * overloaded, less when it becomes slow. Whether it is slow is told by the time to the head of its answers, now beside lately.
 */
import type { SlotOutcome } from '../../kernel/slots.ts'

const first = 20
const most = 10_000
/** Of a limit that was too high, what is left. */
const afterOverload = 0.7
const afterSlowness = 0.9
/** So many times as long as lately is slow. */
const slow = 2
/** Milliseconds in which one decrease is enough: what is under way together fails together. */
const pause = 1000
const fastWeight = 0.2
const slowWeight = 0.01
/** Answers before their times say anything. */
const leastAnswers = 20

export class AdaptiveLimit {
  #limit = first
  #fast = 0
  #slow = 0
  #answers = 0
  #decreasedAt = -Infinity

  get value(): number {
    return Math.max(1, Math.floor(this.#limit))
  }

  /** `inUse`: how many were under way, this one included. */
  learn({ kind, firstByteMs }: SlotOutcome, inUse: number, now: number): void {
    if (kind === 'overloaded') return this.#decrease(afterOverload, now)
    if (kind !== 'good') return
    // What it could take when less was asked of it says nothing of more.
    if (inUse >= this.value * 0.8) this.#limit = Math.min(most, this.#limit + 1 / this.#limit)
    if (firstByteMs === undefined) return
    this.#answers += 1
    const share = Math.max(slowWeight, 1 / this.#answers)
    this.#slow += (firstByteMs - this.#slow) * share
    this.#fast += (firstByteMs - this.#fast) * Math.max(fastWeight, share)
    if (this.#answers >= leastAnswers && this.#fast > slow * this.#slow) this.#decrease(afterSlowness, now)
  }

  #decrease(factor: number, now: number): void {
    if (now - this.#decreasedAt < pause) return
    this.#decreasedAt = now
    this.#limit = Math.max(1, this.#limit * factor)
  }
}
