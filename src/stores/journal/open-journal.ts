/**
 * What happens before the gateway serves: the part of the journal that the store has not seen is read, exchanges that a crash cut off
 * are charged what was held for them, and the sum of all that was spent is told. Then the journal is open for new entries.
 */
import { budgetPeriods, periodStart } from '../../model/budget-period.ts'
import type { BudgetPeriod } from '../../model/key.ts'
import { crashedRecord } from '../../model/reservation.ts'
import type { Reservation } from '../../model/reservation.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { JournalPosition, Spend, UsageStore } from '../usage-store.ts'
import { Journal } from './journal.ts'
import type { JournalOptions } from './journal.ts'
import type { OnProblem } from './journal-problem.ts'
import { SegmentReader } from './segment-reader.ts'
import { journalFolder, listSegments } from './segments.ts'

export interface OpenJournalOptions extends Omit<JournalOptions, 'position'> {
  readonly store: Pick<UsageStore, 'position' | 'spends' | 'heldReservations'>
}

export interface OpenedJournal {
  readonly journal: Journal
  /** How far the store had read: where the drainer goes on. */
  readonly position: JournalPosition
  /** Everything spent in the current periods: what the store has, what it has not read yet, and what crashed exchanges are charged. */
  readonly spends: readonly Spend[]
  /** Records found that the store had not read yet. */
  readonly replayed: number
  /** Exchanges that were cut off. */
  readonly crashed: readonly ExchangeRecord[]
}

/** The data directory must be locked (`lockDataDir`): whoever else writes to it would be taken for dead. */
export function openJournal(options: OpenJournalOptions): OpenedJournal {
  const { store, clock, dir, onProblem } = options
  const now = clock.now()
  const position = store.position()
  const spends = new SpendSums(store.spends(now), now)
  const unsettled = new Map(store.heldReservations().map((reservation) => [reservation.id, reservation]))
  const replayed = replay(dir, position, onProblem, unsettled, (record) => spends.add(record))
  const journal = Journal.open({ ...options, position })
  const crashed = [...unsettled.values()].map(crashedRecord)
  for (const record of crashed) {
    spends.add(record)
    journal.append(record)
  }
  return { journal, position, spends: spends.list(), replayed, crashed }
}

function replay(
  dir: string,
  from: JournalPosition,
  onProblem: OnProblem,
  unsettled: Map<string, Reservation>,
  onRecord: (record: ExchangeRecord) => void,
): number {
  let folderExists = true
  let last = 0
  try {
    last = listSegments(journalFolder(dir)).at(-1)?.number ?? 0
  } catch {
    folderExists = false
  }
  if (!folderExists || last < from.segment) return 0
  const reader = new SegmentReader(journalFolder(dir), onProblem)
  const until = { segment: last + 1, offset: 0 }
  let records = 0
  for (let batch = reader.next(from, until); batch !== undefined; batch = reader.next(batch.position, until)) {
    for (const entry of batch.entries) {
      if (entry.kind === 'reserve') unsettled.set(entry.reservation.id, entry.reservation)
      else {
        records++
        unsettled.delete(entry.id)
        onRecord(entry.record)
      }
    }
  }
  return records
}

/** Sums of the periods that contain one instant; what belongs to others is left to the store. */
class SpendSums {
  readonly #starts: ReadonlyMap<BudgetPeriod, number>
  readonly #sums = new Map<string, { -readonly [K in keyof Spend]: Spend[K] }>()

  constructor(stored: readonly Spend[], now: number) {
    this.#starts = new Map(budgetPeriods.map((period) => [period, periodStart(period, now)]))
    for (const spend of stored) this.#sums.set(`${spend.period} ${spend.keyId}`, { ...spend })
  }

  add(record: ExchangeRecord): void {
    const { keyId, at, usage } = record
    if (keyId === undefined) return
    const cost = countOf(record.cost)
    const tokens = countOf(usage?.input.total) + countOf(usage?.output.total)
    for (const [period, start] of this.#starts) {
      if (periodStart(period, at) !== start) continue
      const name = `${period} ${keyId}`
      let sum = this.#sums.get(name)
      if (sum === undefined) this.#sums.set(name, (sum = { keyId, period, start, cost: 0, tokens: 0 }))
      sum.cost = Math.min(sum.cost + cost, Number.MAX_SAFE_INTEGER)
      sum.tokens = Math.min(sum.tokens + tokens, Number.MAX_SAFE_INTEGER)
    }
  }

  list(): Spend[] {
    return [...this.#sums.values()]
  }
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0
}
