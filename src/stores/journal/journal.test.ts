/** The journal on a real disk, and on one that fills up, writes short or breaks: no append throws, and nothing written is lost. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { sampleRecord, sampleReservation } from '../../kernel/testing/usage-store-kit.ts'
import { Journal } from './journal.ts'
import type { JournalOptions } from './journal.ts'
import { nodeFiles } from './journal-files.ts'
import type { JournalFiles } from './journal-files.ts'
import { recordLine } from './journal-line.ts'
import type { JournalProblem } from './journal-problem.ts'
import { SegmentReader } from './segment-reader.ts'
import { journalFolder, listSegments, segmentPath } from './segments.ts'

/** A disk that does what a test says, on top of the real one. */
class FaultyFiles implements JournalFiles {
  /** Bytes the disk still takes. */
  room = Infinity
  /** The most that one write takes. */
  atOnce = Infinity
  /** The code that writes, or syncs, fail with. */
  writeError: string | undefined
  syncError: string | undefined
  readonly broken = new Set<number>()
  readonly created: number[] = []
  syncs = 0

  create(path: string): number {
    const fd = nodeFiles.create(path)
    this.created.push(fd)
    return fd
  }

  write(fd: number, data: string | Uint8Array): number {
    if (this.writeError !== undefined) throw failure(this.writeError)
    if (this.broken.has(fd)) throw failure('EIO')
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    const taken = Math.min(bytes.length, this.room, this.atOnce)
    if (taken === 0) throw failure('ENOSPC')
    this.room -= taken
    return nodeFiles.write(fd, bytes.subarray(0, taken))
  }

  sync(fd: number, done: (error: Error | null) => void): void {
    this.syncs++
    if (this.syncError === undefined) nodeFiles.syncNow(fd)
    const error = this.syncError === undefined ? null : failure(this.syncError)
    queueMicrotask(() => done(error))
  }

  syncNow(fd: number): void {
    this.syncs++
    if (this.syncError !== undefined) throw failure(this.syncError)
    nodeFiles.syncNow(fd)
  }

  syncFolder(path: string, done: (error: Error | null) => void): void {
    nodeFiles.syncFolder(path, done)
  }

  close(fd: number): void {
    nodeFiles.close(fd)
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}

class Bench implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'journal-'))
  readonly folder = journalFolder(this.dir)
  readonly clock = new FakeClock()
  readonly files = new FaultyFiles()
  readonly problems: JournalProblem[] = []
  readonly journal: Journal

  constructor(options: Partial<JournalOptions> = {}) {
    this.journal = this.open(options)
  }

  open(options: Partial<JournalOptions> = {}): Journal {
    const { dir, clock, files, problems } = this
    return Journal.open({ dir, clock, files, onProblem: (problem) => problems.push(problem), ...options })
  }

  /** Ids of the records on the disk, and the kinds of problems in reading them. */
  async read(): Promise<{ ids: string[]; problems: string[] }> {
    const problems: string[] = []
    const reader = new SegmentReader(this.folder, ({ kind }) => problems.push(kind), 3)
    const until = { segment: (listSegments(this.folder).at(-1)?.number ?? 0) + 1, offset: 0 }
    const ids: string[] = []
    for (
      let batch = reader.next({ segment: 0, offset: 0 }, until);
      batch !== undefined;
      batch = reader.next(batch.position, until)
    ) {
      for (const entry of batch.entries)
        ids.push(entry.kind === 'record' ? entry.record.id : `held ${entry.reservation.id}`)
    }
    return { ids, problems }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.journal.close()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => sampleRecord(from + n).id)
const append = (journal: Journal, from: number, to: number): void => {
  for (let n = from; n < to; n++) journal.append(sampleRecord(n))
}
const lineBytes = Buffer.byteLength(recordLine(sampleRecord(0)))

describe('journal', () => {
  it('has an entry on the disk when the call returns, in a file only its owner may read', async () => {
    await using bench = new Bench()
    bench.journal.reserve(sampleReservation(1))
    bench.journal.reserve(sampleReservation(2))
    bench.journal.append(sampleRecord(1))
    expect(await bench.read()).toEqual({ ids: [sampleRecord(1).id, `held ${sampleReservation(2).id}`], problems: [] })
    expect(statSync(segmentPath(bench.folder, 1)).mode & 0o777).toBe(0o600)
    expect(bench.journal.end()).toEqual({ segment: 1, offset: statSync(segmentPath(bench.folder, 1)).size })
    expect(bench.journal.counters()).toMatchObject({ appended: 3, dropped: 0, failures: 0, pendingBytes: 0 })
  })

  it('begins a new segment at its size and at every start, never writing to an old one', async () => {
    await using bench = new Bench({ segmentBytes: lineBytes * 2 })
    append(bench.journal, 0, 5)
    expect(readdirSync(bench.folder)).toEqual(['00000001.jsonl', '00000002.jsonl', '00000003.jsonl'])
    await using again = bench.open()
    append(again, 5, 6)
    expect(again.end()).toEqual({ segment: 4, offset: lineBytes })
    expect(again.bytesAfter({ segment: 0, offset: 0 })).toBe(lineBytes * 6)
    expect(again.bytesAfter({ segment: 2, offset: lineBytes })).toBe(lineBytes * 3)
    expect(again.bytesAfter(again.end())).toBe(0)
    expect((await bench.read()).ids).toEqual(ids(0, 6))
  })

  it('numbers its segments after what the store has read, even if the files were lost', async () => {
    await using bench = new Bench()
    await using again = bench.open({ position: { segment: 41, offset: 9 } })
    expect(again.end()).toEqual({ segment: 42, offset: 0 })
  })

  it('brings entries to the disk in batches, soon after the first of each', async () => {
    await using bench = new Bench({ syncEveryMs: 50 })
    append(bench.journal, 0, 10)
    expect(bench.files.syncs).toBe(0)
    await bench.clock.advance(49)
    expect(bench.files.syncs).toBe(0)
    await bench.clock.advance(1)
    expect(bench.files.syncs).toBe(1)
    await bench.clock.advance(1000)
    expect(bench.files.syncs).toBe(1)
    append(bench.journal, 10, 11)
    await bench.clock.advance(50)
    expect(bench.files.syncs).toBe(2)
  })

  it('brings every entry to the disk before the call returns if told to', async () => {
    await using bench = new Bench({ syncEveryMs: 0 })
    append(bench.journal, 0, 3)
    expect(bench.files.syncs).toBe(3)
  })

  it('tells once that syncing fails, counts on, and does not throw', async () => {
    await using bench = new Bench({ syncEveryMs: 0 })
    bench.files.syncError = 'EIO'
    append(bench.journal, 0, 3)
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['sync-failed'])
    expect(bench.journal.counters().failures).toBe(3)
    bench.files.syncError = undefined
  })

  it('keeps entries in memory while the disk is full and writes them when it is not, in order', async () => {
    await using bench = new Bench()
    append(bench.journal, 0, 2)
    bench.files.room = 0
    append(bench.journal, 2, 6)
    expect(bench.journal.counters()).toMatchObject({ appended: 2, pendingBytes: lineBytes * 4 })
    await bench.clock.advance(20_000)
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['write-failed'])
    bench.files.room = Infinity
    append(bench.journal, 6, 7)
    await bench.clock.advance(5000)
    expect(bench.journal.counters()).toMatchObject({ appended: 7, pendingBytes: 0, dropped: 0 })
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['write-failed', 'write-recovered'])
    expect(await bench.read()).toEqual({ ids: ids(0, 7), problems: [] })
  })

  it('waits longer from try to try, up to five seconds', async () => {
    await using bench = new Bench()
    bench.files.room = 0
    append(bench.journal, 0, 1)
    const failures: number[] = []
    for (let second = 0; second < 20; second++) {
      await bench.clock.advance(1000)
      failures.push(bench.journal.counters().failures)
    }
    expect(failures[0]).toBe(4)
    expect(failures.at(-1)).toBeLessThan(12)
    bench.files.room = Infinity
  })

  it('completes a line that was written in part', async () => {
    await using bench = new Bench()
    bench.files.room = lineBytes + 10
    append(bench.journal, 0, 3)
    expect(bench.journal.end().offset).toBe(lineBytes)
    expect(statSync(segmentPath(bench.folder, 1)).size).toBe(lineBytes + 10)
    bench.files.room = 7
    await bench.clock.advance(100)
    bench.files.room = Infinity
    await bench.clock.advance(5000)
    expect(await bench.read()).toEqual({ ids: ids(0, 3), problems: [] })
  })

  it('begins another file when one is broken, and writes the line it had begun again from its beginning', async () => {
    await using bench = new Bench()
    bench.files.room = lineBytes + 10
    append(bench.journal, 0, 2)
    bench.files.room = Infinity
    bench.files.broken.add(bench.files.created[0]!)
    append(bench.journal, 2, 3)
    await bench.clock.advance(1000)
    expect(bench.journal.end()).toEqual({ segment: 2, offset: lineBytes * 2 })
    expect(await bench.read()).toEqual({ ids: ids(0, 3), problems: ['torn'] })
  })

  it('drops the oldest waiting entries beyond its bound, tells it once and counts them', async () => {
    await using bench = new Bench({ maxPendingBytes: lineBytes * 3 })
    bench.files.room = 0
    append(bench.journal, 0, 10)
    expect(bench.journal.accepting).toBe(true)
    expect(bench.journal.counters()).toMatchObject({ dropped: 7, pendingBytes: lineBytes * 3 })
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['write-failed', 'dropped'])
    bench.files.room = Infinity
    await bench.clock.advance(5000)
    expect((await bench.read()).ids).toEqual(ids(7, 10))
  })

  it('never drops the line that is on the disk in part', async () => {
    await using bench = new Bench({ maxPendingBytes: lineBytes * 3 })
    bench.files.room = 10
    append(bench.journal, 0, 10)
    bench.files.room = Infinity
    await bench.clock.advance(5000)
    expect(await bench.read()).toEqual({ ids: [...ids(0, 1), ...ids(8, 10)], problems: [] })
    await using tiny = new Bench({ maxPendingBytes: 1 })
    tiny.files.room = 10
    append(tiny.journal, 0, 2)
    tiny.files.room = Infinity
    await tiny.clock.advance(5000)
    append(tiny.journal, 2, 3)
    expect(await tiny.read()).toEqual({ ids: [...ids(0, 1), ...ids(2, 3)], problems: [] })
  })

  it('asks for no more requests while half of its bound waits, if told to refuse', async () => {
    await using bench = new Bench({ maxPendingBytes: lineBytes * 4, onFull: 'refuse' })
    bench.files.room = 0
    append(bench.journal, 0, 1)
    expect(bench.journal.accepting).toBe(true)
    append(bench.journal, 1, 4)
    expect(bench.journal.accepting).toBe(false)
    expect(bench.journal.counters().dropped).toBe(0)
    bench.files.room = Infinity
    await bench.clock.advance(5000)
    expect(bench.journal.accepting).toBe(true)
    expect((await bench.read()).ids).toEqual(ids(0, 4))
  })

  it('writes what waits when it is closed, and says what it could not', async () => {
    const bench = new Bench()
    bench.files.room = 0
    append(bench.journal, 0, 2)
    bench.files.room = lineBytes
    await bench.journal.close()
    await bench.journal.close()
    expect((await bench.read()).ids).toEqual(ids(0, 1))
    expect(bench.journal.counters()).toMatchObject({ appended: 1, dropped: 1, pendingBytes: 0 })
    append(bench.journal, 2, 3)
    expect(bench.journal.counters().dropped).toBe(2)
    await bench[Symbol.asyncDispose]()
  })

  it('survives an entry that is no JSON', async () => {
    await using bench = new Bench()
    bench.journal.append({ ...sampleRecord(1), cost: 1n } as never)
    expect(bench.problems.map(({ kind }) => kind)).toEqual(['unserializable'])
    append(bench.journal, 2, 3)
    expect((await bench.read()).ids).toEqual(ids(2, 3))
  })

  it('refuses to begin where it cannot write', () => {
    const bench = new Bench()
    expect(() => bench.open({ dir: '/dev/null' })).toThrow(/ENOTDIR|EEXIST/)
    return bench[Symbol.asyncDispose]()
  })

  it('loses nothing and doubles nothing, whatever the disk does in between', async () => {
    const trouble = fc.record({
      room: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 4000 })),
      atOnce: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 2000 })),
      writeError: fc.constantFrom(undefined, undefined, 'ENOSPC', 'EIO'),
      appends: fc.nat(6),
      wait: fc.nat(3000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { maxLength: 8 }), async (steps) => {
        await using bench = new Bench({ segmentBytes: 2500 })
        let count = 0
        for (const { appends, wait, ...fault } of steps) {
          Object.assign(bench.files, fault)
          append(bench.journal, count, count + appends)
          count += appends
          await bench.clock.advance(wait)
        }
        Object.assign(bench.files, { room: Infinity, atOnce: Infinity, writeError: undefined })
        await bench.clock.advance(10_000)
        expect(bench.journal.counters()).toMatchObject({ appended: count, dropped: 0, pendingBytes: 0 })
        expect((await bench.read()).ids).toEqual(ids(0, count))
      }),
      { numRuns: 40 },
    )
  })
})
