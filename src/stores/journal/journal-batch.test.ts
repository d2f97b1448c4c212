/** Entries of one turn: one write for all of them, and nobody is told before it has happened. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { sampleRecord, sampleReservation } from '../../kernel/testing/usage-store-kit.ts'
import { JournalBatch } from './journal-batch.ts'
import { nodeFiles } from './journal-files.ts'
import { recordLine, reserveLine } from './journal-line.ts'
import { Journal } from './journal.ts'
import { journalFolder, segmentPath } from './segments.ts'

function setUp(fails = false) {
  const dir = mkdtempSync(join(tmpdir(), 'journal-batch-'))
  let writes = 0
  const write: typeof nodeFiles.write = (fd, data) => {
    writes += 1
    if (fails) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    return nodeFiles.write(fd, data)
  }
  const journal = Journal.open({
    dir,
    clock: new FakeClock(),
    onProblem: () => undefined,
    files: { ...nodeFiles, write },
  })
  const text = (): string => readFileSync(segmentPath(journalFolder(dir), 1), 'utf8')
  return { journal, batch: new JournalBatch(journal), text, writes: () => writes }
}

describe('a batch of the journal', () => {
  it('is written at once, in order, before anybody is told', async () => {
    const { journal, batch, text, writes } = setUp()
    const told: string[] = []
    batch.reservation(JSON.stringify(sampleReservation(1)), () => told.push(text()))
    batch.record(JSON.stringify(sampleRecord(2)), () => told.push(text()))
    expect(told).toEqual([])
    await settle()
    const whole = reserveLine(sampleReservation(1)) + recordLine(sampleRecord(2))
    expect(told).toEqual([whole, whole])
    expect(writes()).toBe(1)
    expect(journal.counters()).toMatchObject({ appended: 2, dropped: 0 })
    await journal.close()
  })

  it('can be written now, once, by whoever cannot wait for the turn to end', async () => {
    const { journal, batch, text, writes } = setUp()
    let told = 0
    batch.record(JSON.stringify(sampleRecord(1)), () => (told += 1))
    batch.flush()
    expect(text()).toBe(recordLine(sampleRecord(1)))
    await settle()
    expect([told, writes()]).toEqual([1, 1])
    await journal.close()
  })

  it('holds nobody up when the disk takes nothing', async () => {
    const { journal, batch } = setUp(true)
    let told = 0
    batch.record(JSON.stringify(sampleRecord(1)), () => (told += 1))
    await settle()
    expect(told).toBe(1)
    expect(journal.counters().pendingBytes).toBe(Buffer.byteLength(recordLine(sampleRecord(1))))
    await journal.close()
  })
})
