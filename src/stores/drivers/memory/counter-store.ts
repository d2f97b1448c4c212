/** The counters of one process: nothing is asked over a network, so every answer comes at once. */
import type { CounterStore } from '../../counter-store.ts'
import { BudgetBook } from './budget-book.ts'
import type { BudgetBookOptions } from './budget-book.ts'
import { Gcra } from './gcra.ts'

export interface MemoryCounterOptions extends BudgetBookOptions {
  /** Rate limits in memory above which some are forgotten before they are whole again. */
  readonly maxBuckets?: number
}

/** A counter store whose methods never return a promise. */
export interface MemoryCounterStore extends CounterStore {
  take(...args: Parameters<CounterStore['take']>): ReturnType<Gcra['take']>
  adjust(...args: Parameters<CounterStore['adjust']>): void
  hold(...args: Parameters<CounterStore['hold']>): ReturnType<BudgetBook['hold']>
  settle(...args: Parameters<CounterStore['settle']>): void
  spend(...args: Parameters<CounterStore['spend']>): void
  seed(...args: Parameters<CounterStore['seed']>): void
  /** For metrics. */
  sizes(): { readonly buckets: number; readonly accounts: number; readonly evictedBuckets: number }
}

export function memoryCounterStore(options: MemoryCounterOptions = {}): MemoryCounterStore {
  const limits = new Gcra(options.maxBuckets)
  const budgets = new BudgetBook(options)
  return {
    take: (charges, now) => limits.take(charges, now),
    adjust: (charges, now) => limits.adjust(charges, now),
    hold: (keyId, of, nano, now) => budgets.hold(keyId, of, nano, now),
    settle: (hold, actual) => budgets.settle(hold, actual),
    spend: (keyId, nano, at) => budgets.spend(keyId, nano, at),
    seed: (spends, now) => budgets.seed(spends, now),
    sizes: () => ({ buckets: limits.size, accounts: budgets.size, evictedBuckets: limits.evicted }),
  }
}
