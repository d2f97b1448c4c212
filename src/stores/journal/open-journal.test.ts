/** Starting after a crash: nothing spent is forgotten, nothing counted twice, and what never finished is charged what was held. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { sampleRecord, sampleReservation, spendOf } from '../../kernel/testing/usage-store-kit.ts'
import { crashedRecord } from '../../model/reservation.ts'
import { openSqlite } from '../drivers/sqlite/open-sqlite.ts'
import type { Spend } from '../usage-store.ts'
import { Drain } from './drain.ts'
import { openJournal } from './open-journal.ts'
import type { OpenedJournal } from './open-journal.ts'
import type { JournalProblem } from './journal-problem.ts'
import { journalFolder, listSegments, segmentPath } from './segments.ts'

/** Noon of a day; records of the day before count for the month alone. */
const now = Date.UTC(2025, 5, 15, 12)
const at = now - 3_600_000
const yesterday = at - 86_400_000

class Bench implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'open-journal-'))
  readonly stores = openSqlite(join(this.dir, 'gate.db'))
  readonly clock = new FakeClock(now)
  readonly problems: JournalProblem[] = []

  open(): OpenedJournal {
    const { dir, clock, stores, problems } = this
    return openJournal({ dir, clock, store: stores.usage, onProblem: (problem) => problems.push(problem) })
  }

  async drain(opened: OpenedJournal, steps = Infinity): Promise<void> {
    const target = this.stores.usage
    const drain = new Drain({
      folder: journalFolder(this.dir),
      target,
      onProblem: (problem) => this.problems.push(problem),
      maxEntries: 2,
    })
    for (let n = 0; n < steps && (await drain.step(opened.journal.end())); n++);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stores[Symbol.dispose]()
    rmSync(this.dir, { recursive: true })
  }
}

const byPeriod = (spends: readonly Spend[]): Spend[] =>
  [...spends].sort((a, b) => b.start - a.start || a.keyId.localeCompare(b.keyId))

describe('opening the journal', () => {
  it('begins empty', async () => {
    await using bench = new Bench()
    const opened = bench.open()
    expect(opened).toMatchObject({ position: { segment: 0, offset: 0 }, spends: [], replayed: 0, crashed: [] })
    await opened.journal.close()
  })

  it('tells what was spent from the store and the rest of the journal together, wherever the drainer stopped', async () => {
    const records = [0, 1, 2, 3, 4].map((n) => sampleRecord(n, { at: n === 1 ? yesterday : at, cost: 10 ** n }))
    for (let steps = 0; steps <= 4; steps++) {
      await using bench = new Bench()
      const first = bench.open()
      for (const record of records) first.journal.append(record)
      await bench.drain(first, steps)
      await first.journal.close()
      const second = bench.open()
      expect(byPeriod(second.spends)).toEqual(byPeriod(spendOf(records, 'key_1', now)))
      expect(second.replayed).toBe(Math.max(0, 5 - 2 * steps))
      await bench.drain(second)
      expect(byPeriod(bench.stores.usage.spends(now))).toEqual(byPeriod(second.spends))
      expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(5)
      await second.journal.close()
      expect(bench.problems).toEqual([])
    }
  })

  it('charges what was held for exchanges that never finished, once, even if it crashes again meanwhile', async () => {
    for (const drainedBefore of [0, 1, 9]) {
      await using bench = new Bench()
      const first = bench.open()
      for (const n of [1, 2, 3]) first.journal.reserve(sampleReservation(n, { at, nano: 7 * 10 ** n }))
      first.journal.append(sampleRecord(2, { at, cost: 5 }))
      await bench.drain(first, drainedBefore)
      await first.journal.close()
      const second = bench.open()
      expect(second.crashed).toEqual([1, 3].map((n) => crashedRecord(sampleReservation(n, { at, nano: 7 * 10 ** n }))))
      expect(second.crashed[0]).toMatchObject({ outcome: 'crashed', cost: 70, attempts: [] })
      expect(second.spends.find(({ period }) => period === 'day')?.cost).toBe(7075)
      await second.journal.close()
      const third = bench.open()
      expect(third.crashed).toEqual([])
      expect(byPeriod(third.spends)).toEqual(byPeriod(second.spends))
      await bench.drain(third)
      expect(byPeriod(bench.stores.usage.spends(now))).toEqual(byPeriod(second.spends))
      expect(bench.stores.usage.heldReservations()).toEqual([])
      expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(3)
      await third.journal.close()
    }
  })

  it('reports a torn line and goes on without it', async () => {
    await using bench = new Bench()
    const first = bench.open()
    first.journal.append(sampleRecord(1, { at }))
    await first.journal.close()
    appendFileSync(segmentPath(journalFolder(bench.dir), 1), '{"crc":"00112233","record":{"id":"ex_')
    const second = bench.open()
    expect(second.replayed).toBe(1)
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['torn'])
    await bench.drain(second)
    expect(bench.stores.usage.list({ limit: 9 }).map(({ id }) => id)).toEqual([sampleRecord(1).id])
    await second.journal.close()
  })

  it('goes on when the journal was deleted but the store was not', async () => {
    await using bench = new Bench()
    const first = bench.open()
    first.journal.append(sampleRecord(1, { at }))
    await bench.drain(first)
    await first.journal.close()
    rmSync(journalFolder(bench.dir), { recursive: true })
    const second = bench.open()
    second.journal.append(sampleRecord(2, { at }))
    await bench.drain(second)
    expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(2)
    await second.journal.close()
  })

  it('deletes segments once all of them is in the store', async () => {
    await using bench = new Bench()
    for (let n = 0; n < 3; n++) {
      const opened = bench.open()
      opened.journal.append(sampleRecord(n, { at }))
      await opened.journal.close()
    }
    const last = bench.open()
    expect(listSegments(journalFolder(bench.dir)).map(({ number }) => number)).toEqual([1, 2, 3, 4])
    await bench.drain(last)
    expect(listSegments(journalFolder(bench.dir)).map(({ number }) => number)).toEqual([4])
    expect(bench.stores.usage.list({ limit: 9 })).toHaveLength(3)
    await last.journal.close()
  })
})
