/**
 * Rate limits in memory by the generic cell rate algorithm: a bucket is one number, the debt that drains continuously. Debt is kept
 * in token·milliseconds, in which both a unit and a millisecond are whole numbers, so that nothing drifts.
 */
import type { BucketState, Charge, Taken } from '../../counter-store.ts'

interface Cell {
  readonly id: string
  /** A unit adds `periodMs`; a millisecond takes `count` away. */
  debt: number
  /** When `debt` was right; Unix milliseconds. */
  at: number
  /** How fast it drained when it was last looked at: for forgetting it when it is whole again. */
  count: number
}

/** The most that can be owed, in periods: one absurd figure must not lock a key out for ever. */
const maxDebtPeriods = 10

/** How many cells each call looks at for forgetting. */
const sweepStep = 2

export class Gcra {
  readonly #cells = new Map<string, Cell>()
  readonly #maxCells: number
  #sweep: IterableIterator<Cell> = this.#cells.values()
  #evicted = 0

  /** A bucket that is whole again is forgotten at no loss. Beyond `maxCells`, buckets are forgotten that are not. */
  constructor(maxCells = 200_000) {
    this.#maxCells = maxCells
  }

  get size(): number {
    return this.#cells.size
  }

  /** Buckets forgotten before they were whole again. */
  get evicted(): number {
    return this.#evicted
  }

  /** As `CounterStore.take`; a cost of 0 only looks. */
  take(charges: readonly Charge[], now: number): Taken {
    let refusedBy: number | undefined
    let retryAfterMs = 0
    for (let index = 0; index < charges.length; index += 1) {
      const { id, count, periodMs, cost } = charges[index] as Charge
      const excess = this.#debt(id, count, now) + cost * periodMs - count * periodMs
      if (excess <= 0 || cost <= 0) continue
      const wait = cost > count ? Infinity : Math.ceil(excess / count)
      if (refusedBy === undefined || wait > retryAfterMs) {
        refusedBy = index
        retryAfterMs = wait
      }
    }
    const ok = refusedBy === undefined
    if (ok)
      for (const { id, count, periodMs, cost } of charges) if (cost > 0) this.#add(id, count, cost * periodMs, now)
    this.#forgetWhole(now)
    const states = charges.map((charge) => this.#state(charge, now))
    return refusedBy === undefined ? { ok, states } : { ok, states, refusedBy, retryAfterMs }
  }

  /** As `CounterStore.adjust`. */
  adjust(charges: readonly Charge[], now: number): void {
    for (const { id, count, periodMs, cost } of charges) {
      if (!Number.isFinite(cost) || cost === 0) continue
      this.#add(id, count, cost * periodMs, now, count * periodMs * maxDebtPeriods)
    }
  }

  #state({ id, count, periodMs }: Charge, now: number): BucketState {
    const debt = this.#debt(id, count, now)
    const remaining = Math.max(0, Math.floor((count * periodMs - debt) / periodMs))
    return { limit: count, remaining, resetMs: debt === 0 ? 0 : Math.ceil(debt / count) }
  }

  #debt(id: string, count: number, now: number): number {
    const cell = this.#cells.get(id)
    return cell === undefined ? 0 : debtOf(cell, count, now)
  }

  #add(id: string, count: number, debt: number, now: number, most = Infinity): void {
    const cell = this.#cells.get(id)
    if (cell === undefined) {
      if (debt <= 0) return
      if (this.#cells.size >= this.#maxCells) this.#evict(now)
      this.#cells.set(id, { id, debt: Math.min(debt, most), at: now, count })
      return
    }
    cell.debt = Math.max(0, Math.min(debtOf(cell, count, now) + debt, Math.max(most, debtOf(cell, count, now))))
    // A clock set back must not drain the same time twice.
    cell.at = Math.max(cell.at, now)
    cell.count = count
  }

  #forgetWhole(now: number): void {
    for (let n = 0; n < sweepStep; n++) {
      const next = this.#sweep.next()
      if (next.done === true) {
        this.#sweep = this.#cells.values()
        return
      }
      const cell = next.value
      if (debtOf(cell, cell.count, now) === 0) this.#cells.delete(cell.id)
    }
  }

  /** Forgets the one of a few that will be whole soonest. */
  #evict(now: number): void {
    let victim: string | undefined
    let soonest = Infinity
    let looked = 0
    for (const [id, cell] of this.#cells) {
      const wait = debtOf(cell, cell.count, now) / cell.count
      if (wait < soonest) {
        soonest = wait
        victim = id
      }
      if (++looked === 16) break
    }
    if (victim === undefined) return
    this.#cells.delete(victim)
    if (soonest > 0) this.#evicted++
  }
}

function debtOf(cell: Cell, count: number, now: number): number {
  return Math.max(0, cell.debt - Math.max(0, now - cell.at) * count)
}
