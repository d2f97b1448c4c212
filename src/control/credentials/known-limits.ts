/**
 * What a provider's answers have told of the limits of one credential and model: how many requests and tokens are left, and until when. What
 * is asked meanwhile is taken off, until the next answer tells again.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { LimitsLeft } from '../../kernel/deployment.ts'
import type { LimitTold } from '../../kernel/codec/rate-limit-reset.ts'

interface Known {
  left: number
  /** Monotonic time. */
  readonly until: number
}

export class KnownLimits implements LimitsLeft {
  readonly #clock: Clock
  #requests: Known | undefined
  #tokens: Known | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get known(): boolean {
    return this.#requests !== undefined || this.#tokens !== undefined
  }

  /** Of several limits of a kind, by the minute and by the day, the one with the least left counts. */
  tell(limits: readonly LimitTold[]): void {
    this.#requests = this.#least(limits, 'requests')
    this.#tokens = this.#least(limits, 'tokens')
  }

  took(tokens: number): void {
    if (this.#requests !== undefined) this.#requests.left -= 1
    if (this.#tokens !== undefined) this.#tokens.left -= tokens
  }

  hasRoomFor(tokens: number): boolean {
    const now = this.#clock.monotonic()
    if (this.#requests !== undefined && this.#requests.until <= now) this.#requests = undefined
    if (this.#tokens !== undefined && this.#tokens.until <= now) this.#tokens = undefined
    return (this.#requests?.left ?? Infinity) >= 1 && (this.#tokens?.left ?? Infinity) >= tokens
  }

  #least(limits: readonly LimitTold[], of: LimitTold['of']): Known | undefined {
    let least: Known | undefined
    for (const limit of limits)
      if (limit.of === of && (least === undefined || limit.left < least.left))
        least = { left: limit.left, until: this.#clock.monotonic() + limit.resetMs }
    return least
  }
}
