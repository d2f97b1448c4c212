/** Holds keys to their budgets: money is held before a provider is called, and what it cost takes its place after. */
import type { Key } from '../../model/key.ts'
import type { NanoUsd } from '../../model/money.ts'
import type { Budgets, Hold } from '../../pipeline/stages/reserve.ts'
import type { BudgetAnswer, CounterStore } from '../../stores/counter-store.ts'

export class KeyBudgets implements Budgets {
  readonly #counters: CounterStore
  readonly #onLost: (error: unknown) => void

  /** `onLost` hears of a settlement that the store did not take; what was held then stays held. */
  constructor(counters: CounterStore, onLost: (error: unknown) => void = () => undefined) {
    this.#counters = counters
    this.#onLost = onLost
  }

  /** Holds the amount in every budget of the key, or in none. The periods are those that contain `now`. */
  hold(key: Key, amount: NanoUsd, now: number): Hold | Promise<Hold> {
    const answer = this.#counters.hold(key.id, key.policy.budgets ?? [], amount, now)
    return answer instanceof Promise ? answer.then((later) => this.#holdOf(later)) : this.#holdOf(answer)
  }

  /** Counts what a key spent without a hold, so that a budget it is given later begins with all it has spent. */
  spent(keyId: string, nano: NanoUsd, at: number): void {
    this.#watch(this.#counters.spend(keyId, nano, at))
  }

  #holdOf(answer: BudgetAnswer): Hold {
    if (!answer.ok) return { ok: false, period: answer.limit.per, left: answer.left, limit: answer.limit.usd }
    return { ok: true, settle: (actual) => this.#watch(this.#counters.settle(answer.hold, actual)) }
  }

  #watch(done: void | Promise<void>): void {
    if (done instanceof Promise) done.catch(this.#onLost)
  }
}
