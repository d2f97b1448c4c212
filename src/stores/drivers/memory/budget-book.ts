/**
 * What keys have spent and what is held for requests in flight, in memory: a request is let through only if all that is held could
 * be spent without exceeding a budget. Spend of a period that still runs is never forgotten.
 */
import { budgetPeriods, periodEnd, periodStart } from '../../../model/budget-period.ts'
import type { BudgetPeriod } from '../../../model/key.ts'
import type { NanoUsd } from '../../../model/money.ts'
import type { BudgetAnswer, BudgetHold, BudgetLimit } from '../../counter-store.ts'
import type { Spend } from '../../usage-store.ts'

/** Where accounts can be read again, so that idle ones need not stay in memory. */
export interface SpendSource {
  /** Resolves when everything spent until now is in the store. */
  drained(): Promise<void>
  /** What the store knows of one key. */
  spends(at: number, keyId: string): readonly Spend[]
}

export interface BudgetBookOptions {
  /** Accounts in memory above which idle ones are put away; without a `source` they all stay. */
  readonly maxAccounts?: number
  readonly source?: SpendSource
}

interface Sum {
  start: number
  spent: NanoUsd
  held: NanoUsd
}

interface Account {
  readonly sums: Record<BudgetPeriod, Sum>
  /** Holds not settled yet. */
  open: number
  /** Serial number of the last change. */
  changed: number
}

class Hold implements BudgetHold {
  readonly keyId: string
  readonly nano: NanoUsd
  /** Starts of the periods that the amount is held in. */
  readonly starts: Readonly<Record<BudgetPeriod, number>>
  isSettled = false

  constructor(keyId: string, nano: NanoUsd, starts: Readonly<Record<BudgetPeriod, number>>) {
    this.keyId = keyId
    this.nano = nano
    this.starts = starts
  }
}

export class BudgetBook {
  readonly #accounts = new Map<string, Account>()
  readonly #maxAccounts: number
  readonly #source: SpendSource | undefined
  readonly #starts = new PeriodStarts()
  #serial = 0
  #isPuttingAway = false

  constructor(options: BudgetBookOptions = {}) {
    this.#maxAccounts = options.maxAccounts ?? 100_000
    this.#source = options.source
  }

  get size(): number {
    return this.#accounts.size
  }

  /** As `CounterStore.hold`. */
  hold(keyId: string, limits: readonly BudgetLimit[], nano: NanoUsd, now: number): BudgetAnswer {
    if (!isAmount(nano)) throw new RangeError(`not an amount of nano-USD to hold: ${nano}`)
    const account = this.#account(keyId, now)
    for (const limit of limits) {
      const { spent, held } = account.sums[limit.per]
      const left = limit.usd - spent - held
      if (nano > left) return { ok: false, limit, left: Math.max(0, left) }
    }
    const { day, month, total } = account.sums
    for (const sum of [day, month, total]) sum.held = add(sum.held, nano)
    account.open++
    return { ok: true, hold: new Hold(keyId, nano, { day: day.start, month: month.start, total: total.start }) }
  }

  /** As `CounterStore.settle`. An amount that is none counts as what was held. */
  settle(hold: BudgetHold, actual: NanoUsd): void {
    if (!(hold instanceof Hold) || hold.isSettled) return
    hold.isSettled = true
    const account = this.#accounts.get(hold.keyId)
    if (account === undefined) return
    account.open--
    account.changed = ++this.#serial
    const cost = isAmount(actual) ? actual : hold.nano
    for (const period of budgetPeriods) {
      const sum = account.sums[period]
      // A period that has ended since is nobody's concern here: the store keeps it.
      if (sum.start !== hold.starts[period]) continue
      sum.held -= hold.nano
      sum.spent = add(sum.spent, cost)
    }
  }

  /** As `CounterStore.spend`. */
  spend(keyId: string, nano: NanoUsd, at: number): void {
    if (!isAmount(nano) || nano === 0) return
    const account = this.#account(keyId, at)
    account.changed = ++this.#serial
    for (const period of budgetPeriods) {
      const sum = account.sums[period]
      if (sum.start === this.#starts.of(period, at)) sum.spent = add(sum.spent, nano)
    }
  }

  /** As `CounterStore.seed`. */
  seed(spends: readonly Spend[], now: number): void {
    for (const { keyId, period, start, cost } of spends) {
      const sum = (this.#accounts.get(keyId) ?? this.#open(keyId, now)).sums[period]
      if (sum.start === start) sum.spent = cost
    }
  }

  /** The key's account with its periods brought up to date; the clock being set back does not bring old ones back. */
  #account(keyId: string, now: number): Account {
    const account = this.#accounts.get(keyId) ?? this.#reload(keyId, now)
    for (const period of budgetPeriods) {
      const start = this.#starts.of(period, now)
      if (start > account.sums[period].start) account.sums[period] = { start, spent: 0, held: 0 }
    }
    return account
  }

  #reload(keyId: string, now: number): Account {
    const account = this.#open(keyId, now)
    if (this.#source !== undefined) this.seed(this.#source.spends(now, keyId), now)
    return account
  }

  #open(keyId: string, now: number): Account {
    const sumOf = (period: BudgetPeriod): Sum => ({ start: this.#starts.of(period, now), spent: 0, held: 0 })
    const sums = { day: sumOf('day'), month: sumOf('month'), total: sumOf('total') }
    const account: Account = { sums, open: 0, changed: ++this.#serial }
    this.#accounts.set(keyId, account)
    if (this.#accounts.size > this.#maxAccounts) void this.#putAway()
    return account
  }

  /** Drops accounts that the store knows exactly: nothing held, and nothing spent that it has not taken in. */
  async #putAway(): Promise<void> {
    if (this.#source === undefined || this.#isPuttingAway) return
    this.#isPuttingAway = true
    try {
      const stored = this.#serial
      await this.#source.drained()
      const goal = Math.floor(this.#maxAccounts * 0.9)
      for (const [keyId, { open, changed }] of this.#accounts) {
        if (this.#accounts.size <= goal) break
        if (open === 0 && changed <= stored) this.#accounts.delete(keyId)
      }
    } catch {
      // Not stored, so nothing may be dropped; the next new account tries again.
    } finally {
      this.#isPuttingAway = false
    }
  }
}

/** Remembers the current day and month, so that a request does no calendar arithmetic. */
class PeriodStarts {
  #from = 0
  #to = 0
  #day = 0
  #month = 0

  of(period: BudgetPeriod, at: number): number {
    if (period === 'total') return 0
    if (at < this.#from || at >= this.#to) {
      this.#from = this.#day = periodStart('day', at)
      this.#to = periodEnd('day', at) ?? 0
      this.#month = periodStart('month', at)
    }
    return period === 'day' ? this.#day : this.#month
  }
}

function isAmount(nano: number): boolean {
  return Number.isSafeInteger(nano) && nano >= 0
}

function add(sum: NanoUsd, nano: NanoUsd): NanoUsd {
  return Math.min(sum + nano, Number.MAX_SAFE_INTEGER)
}
