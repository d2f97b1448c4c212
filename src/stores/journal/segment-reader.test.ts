/** Reading what a crash left: torn ends, damaged lines, lost files, and positions anywhere. */
import { appendFileSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sampleRecord } from '../../kernel/testing/usage-store-kit.ts'
import type { JournalPosition } from '../usage-store.ts'
import { recordLine } from './journal-line.ts'
import type { JournalProblem } from './journal-problem.ts'
import { SegmentReader } from './segment-reader.ts'
import { segmentPath } from './segments.ts'

class Bench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'segments-'))
  readonly problems: JournalProblem[] = []

  write(segment: number, ...lines: string[]): void {
    writeFileSync(segmentPath(this.folder, segment), lines.join(''))
  }

  read(from: JournalPosition, until: JournalPosition, maxEntries = 2): { ids: string[]; position: JournalPosition } {
    const reader = new SegmentReader(this.folder, (problem) => this.problems.push(problem), maxEntries)
    const ids: string[] = []
    let position = from
    for (let batch = reader.next(from, until); batch !== undefined; batch = reader.next(position, until)) {
      if (batch.entries.length > maxEntries) throw new Error(`a batch of ${batch.entries.length}`)
      position = batch.position
      for (const entry of batch.entries) if (entry.kind === 'record') ids.push(entry.record.id)
    }
    return { ids, position }
  }

  kinds(): string[] {
    return this.problems.map(({ kind }) => kind)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

const start = { segment: 0, offset: 0 }
const line = (n: number): string => recordLine(sampleRecord(n))
const id = (n: number): string => sampleRecord(n).id

describe('reading the journal', () => {
  it('goes from segment to segment, and ends where it is told to in the last one', () => {
    using bench = new Bench()
    bench.write(1, line(1), line(2), line(3))
    bench.write(2)
    bench.write(3, line(4), line(5), '{"crc":"half a li')
    const until = { segment: 3, offset: line(4).length + line(5).length }
    expect(bench.read(start, until)).toEqual({ ids: [1, 2, 3, 4, 5].map(id), position: until })
    expect(bench.read({ segment: 1, offset: line(1).length }, { segment: 3, offset: line(4).length }).ids).toEqual(
      [2, 3, 4].map(id),
    )
    expect(bench.read(until, until)).toEqual({ ids: [], position: until })
    expect(bench.problems).toEqual([])
  })

  it('skips an incomplete line at the end of a segment that gets no more lines, and tells it', () => {
    using bench = new Bench()
    bench.write(1, line(1), line(2).slice(0, -9))
    bench.write(2, '{')
    bench.write(3, line(3))
    expect(bench.read(start, { segment: 4, offset: 0 }).ids).toEqual([1, 3].map(id))
    expect(bench.kinds()).toEqual(['torn', 'torn'])
  })

  it('skips lines that are damaged, empty or foreign, and tells how many', () => {
    using bench = new Bench()
    bench.write(1, line(1), '\n', line(2).replace('openai', 'openbi'), 'rubbish\n', line(3), '{"record":{}}\n')
    expect(bench.read(start, { segment: 2, offset: 0 }, 9).ids).toEqual([1, 3].map(id))
    expect(bench.problems).toEqual([
      { kind: 'corrupt', message: expect.stringMatching(`4 skipped from byte ${line(1).length} `) },
    ])
  })

  it('reads lines longer than its chunks, and chunks that end within a line', () => {
    using bench = new Bench()
    const long = recordLine(sampleRecord(2, { keyName: 'x'.repeat(5 << 20) }))
    bench.write(1, line(1), long, line(3))
    expect(bench.read(start, { segment: 2, offset: 0 }).ids).toEqual([1, 2, 3].map(id))
    bench.write(2, ...Array.from({ length: 3000 }, (_, n) => line(n)))
    expect(bench.read({ segment: 2, offset: 0 }, { segment: 3, offset: 0 }, 10_000).ids).toHaveLength(3000)
    expect(bench.problems).toEqual([])
  })

  it('goes on behind segments that are gone, and tells it', () => {
    using bench = new Bench()
    bench.write(5, line(5))
    expect(bench.read({ segment: 3, offset: 7 }, { segment: 6, offset: 0 }).ids).toEqual([id(5)])
    expect(bench.problems).toEqual([{ kind: 'missing', message: expect.stringContaining('segments 3 to 4') }])
    unlinkSync(segmentPath(bench.folder, 5))
    expect(bench.read({ segment: 3, offset: 7 }, { segment: 6, offset: 0 }).position).toEqual({ segment: 6, offset: 0 })
  })

  it('takes a position behind the end of a segment as its end', () => {
    using bench = new Bench()
    bench.write(1, line(1))
    bench.write(2, line(2))
    expect(bench.read({ segment: 1, offset: 1_000_000 }, { segment: 3, offset: 0 }).ids).toEqual([id(2)])
  })

  it('leaves files of other names alone', () => {
    using bench = new Bench()
    bench.write(1, line(1))
    appendFileSync(join(bench.folder, 'notes.jsonl'), line(2))
    appendFileSync(join(bench.folder, '2.jsonl'), line(3))
    expect(bench.read(start, { segment: 3, offset: 0 }).ids).toEqual([id(1)])
  })
})
