/**
 * How much of each provider's traffic is asked again. A service that fails is asked more by every client that tries again, just when it can
 * take the least; so what is asked again stays a share of what is asked, over the last seconds.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { RetryAllowance, RetryBudget } from '../../kernel/signals.ts'

/** Seconds that count. */
export const retryWindow = 10

class ProviderRetries implements RetryAllowance {
  readonly #clock: Clock
  readonly #asked = new Float64Array(retryWindow)
  readonly #again = new Float64Array(retryWindow)
  /** Number of the second that is counted. */
  #second: number
  refused = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#second = Math.floor(clock.monotonic() / 1000)
  }

  asked(): void {
    const at = this.#advance()
    this.#asked[at] = (this.#asked[at] ?? 0) + 1
  }

  take(budget: RetryBudget): boolean {
    if (!this.has(budget)) {
      this.refused += 1
      return false
    }
    const at = this.#second % retryWindow
    this.#again[at] = (this.#again[at] ?? 0) + 1
    return true
  }

  has({ ratio, minPerSecond }: RetryBudget): boolean {
    this.#advance()
    const allowed = ratio * sum(this.#asked) + minPerSecond * retryWindow
    return sum(this.#again) + 1 <= allowed + 1e-9
  }

  /** Forgets the seconds that have passed since; the place of the one that it is. */
  #advance(): number {
    const second = Math.floor(this.#clock.monotonic() / 1000)
    for (let next = Math.max(this.#second + 1, second - retryWindow + 1); next <= second; next += 1) {
      this.#asked[next % retryWindow] = 0
      this.#again[next % retryWindow] = 0
    }
    this.#second = Math.max(this.#second, second)
    return this.#second % retryWindow
  }
}

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0)

export class RetryBudgets {
  readonly #clock: Clock
  readonly #providers = new Map<string, ProviderRetries>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Always the same for a provider, across plans. */
  of(provider: string): RetryAllowance {
    let retries = this.#providers.get(provider)
    if (retries === undefined) this.#providers.set(provider, (retries = new ProviderRetries(this.#clock)))
    return retries
  }

  /** By provider: attempts that were not made since the start. */
  refused(): ReadonlyMap<string, number> {
    return new Map([...this.#providers].map(([provider, { refused }]) => [provider, refused]))
  }
}
