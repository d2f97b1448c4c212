/**
 * What is left of the rate limits that hold for a credential and a model, by what the latest answer said of them. Requests that have gone
 * out since are taken off; what comes back with time is added, evenly until the reset, as the buckets that services count with fill.
 */
import { tellsLimits, toldLimits } from '../../kernel/codec/told-limits.ts'
import type { LimitedUnit, ToldLimit } from '../../kernel/codec/told-limits.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Allowance } from '../../kernel/deployment.ts'

type Headers = Readonly<Record<string, string>>

export interface LimitLeft {
  readonly name: string
  readonly left: number
}

export class HeaderAllowance implements Allowance {
  readonly #clock: Clock
  readonly #onTold: (allowance: HeaderAllowance) => void
  /** Of the latest answer that told anything. */
  #headers: Headers | undefined
  #sentAt = 0
  #at = 0
  #unixAt = 0
  /** Read when it is first asked for: most answers are followed by another before anybody asks. */
  #limits: readonly ToldLimit[] | undefined
  /** Under way, and not in what was told for sure. */
  #requests = 0
  #input = 0
  #output = 0

  /** `onTold` is called whenever an answer has told something. */
  constructor(clock: Clock, onTold: (allowance: HeaderAllowance) => void) {
    this.#clock = clock
    this.#onTold = onTold
  }

  get told(): boolean {
    return this.#headers !== undefined
  }

  begin(input: number, output: number): void {
    this.#requests += 1
    this.#input += input
    this.#output += output
  }

  end(input: number, output: number, sentAt: number, headers?: Headers): void {
    this.#requests -= 1
    this.#input -= input
    this.#output -= output
    if (headers === undefined || !tellsLimits(headers)) return
    // Answers that took long tell of the past.
    if (this.#headers !== undefined && sentAt < this.#sentAt) return
    this.#headers = headers
    this.#sentAt = sentAt
    this.#at = this.#clock.monotonic()
    this.#unixAt = this.#clock.now()
    this.#limits = undefined
    this.#onTold(this)
  }

  shortMs(input: number, output: number): number {
    const elapsed = this.#clock.monotonic() - this.#at
    let longest = 0
    for (const limit of this.#inForce()) {
      const left = leftOf(limit, elapsed) - this.#underWay(limit.unit)
      const missing = needed(limit.unit, input, output) - left
      if (missing > 0) longest = Math.max(longest, untilThere(limit, missing, elapsed))
    }
    return longest
  }

  /** What is left now of each limit that is still in force. */
  left(): readonly LimitLeft[] {
    const elapsed = this.#clock.monotonic() - this.#at
    return this.#inForce()
      .filter(({ resetMs }) => elapsed < resetMs)
      .map((limit) => ({ name: limit.name, left: Math.floor(leftOf(limit, elapsed)) }))
  }

  #inForce(): readonly ToldLimit[] {
    if (this.#headers === undefined) return []
    this.#limits ??= toldLimits(this.#headers, this.#unixAt)
    return this.#limits
  }

  #underWay(unit: LimitedUnit): number {
    if (unit === 'requests') return this.#requests
    if (unit === 'input_tokens') return this.#input
    return unit === 'tokens' ? this.#input + this.#output : 0
  }
}

/** Output is counted as it is written, so something has to be left of it. */
function needed(unit: LimitedUnit, input: number, output: number): number {
  if (unit === 'input_tokens') return input
  return unit === 'tokens' ? input + output : 1
}

function leftOf({ remaining, limit, resetMs }: ToldLimit, elapsed: number): number {
  if (elapsed >= resetMs) return limit ?? Infinity
  return remaining + (limit === undefined ? 0 : (Math.max(0, limit - remaining) * elapsed) / resetMs)
}

/** Milliseconds until so much more is there; where it never will be, until all is. */
function untilThere({ remaining, limit, resetMs }: ToldLimit, missing: number, elapsed: number): number {
  const whole = Math.max(1, resetMs - elapsed)
  const rate = limit === undefined ? 0 : Math.max(0, limit - remaining) / resetMs
  return rate > 0 ? Math.max(1, Math.min(whole, Math.ceil(missing / rate))) : whole
}
