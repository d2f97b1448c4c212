/** Reads the journal from a position on, in bounded batches, past whatever a crash or a broken disk left behind. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { JournalPosition } from '../usage-store.ts'
import { reservedId, takeLine } from './journal-line.ts'
import type { JournalEntry } from './journal-line.ts'
import type { OnProblem } from './journal-problem.ts'
import { comparePositions, listSegments, sizeOf } from './segments.ts'
import type { Segment } from './segments.ts'

export interface JournalBatch {
  /** Without reservations that a record of the same batch settles. */
  readonly entries: readonly JournalEntry[]
  /** The place after the batch: where to go on. */
  readonly position: JournalPosition
}

const chunkBytes = 1 << 20
const lineFeed = 0x0a

export class SegmentReader {
  readonly #folder: string
  readonly #onProblem: OnProblem
  readonly #maxEntries: number

  constructor(folder: string, onProblem: OnProblem, maxEntries = 500) {
    this.#folder = folder
    this.#onProblem = onProblem
    this.#maxEntries = maxEntries
  }

  /**
   * The entries after `from`; undefined when there are none before `until`, which must be the end of a whole line. Segments before
   * `until` get no more lines, so what is incomplete at their end stays so and is skipped.
   */
  next(from: JournalPosition, until: JournalPosition): JournalBatch | undefined {
    let position = from
    while (comparePositions(position, until) < 0) {
      const segments = listSegments(this.#folder)
      const segment = segments.find(({ number }) => number >= position.segment)
      if (segment === undefined || segment.number > until.segment) {
        this.#missing(position, until.segment)
        return { entries: [], position: until }
      }
      if (segment.number > position.segment) {
        this.#missing(position, segment.number)
        position = { segment: segment.number, offset: 0 }
        continue
      }
      const isLast = segment.number === until.segment
      const batch = this.#readSegment(segment, position.offset, isLast ? until.offset : sizeOf(segment))
      if (batch !== undefined) return batch
      if (isLast) return { entries: [], position: until }
      position = { segment: segment.number + 1, offset: 0 }
    }
    return comparePositions(position, from) > 0 ? { entries: [], position } : undefined
  }

  #readSegment(segment: Segment, offset: number, end: number): JournalBatch | undefined {
    if (offset >= end) return undefined
    const bytes = readLines(segment.path, offset, end)
    const stop = bytes.lastIndexOf(lineFeed) + 1
    if (stop === 0) {
      const message = `segment ${segment.number} of the journal ends in an incomplete line, which is skipped (${end - offset} bytes at ${offset})`
      this.#onProblem({ kind: 'torn', message })
      return undefined
    }
    const entries: JournalEntry[] = []
    const settled = new Set<string>()
    const reserved: { readonly id: string; readonly line: Buffer; readonly at: number }[] = []
    let corrupt = 0
    let firstCorrupt = 0
    const take = (line: Buffer, place: number): void => {
      const entry = takeLine(line)
      if (entry === undefined) {
        if (corrupt++ === 0) firstCorrupt = offset + place
        return
      }
      entries.push(entry)
      if (entry.kind === 'record') settled.add(entry.id)
    }
    let at = 0
    while (at < stop && entries.length + reserved.length < this.#maxEntries) {
      const next = bytes.indexOf(lineFeed, at) + 1
      const line = bytes.subarray(at, next - 1)
      const id = reservedId(line)
      if (id === undefined) take(line, at)
      else reserved.push({ id, line, at })
      at = next
    }
    // Nearly every reservation is settled a moment later, in the same batch, and then says nothing that is worth reading.
    for (const { id, line, at: place } of reserved) if (!settled.has(id)) take(line, place)
    if (corrupt > 0) {
      const message = `segment ${segment.number} of the journal has lines that are not what was written; ${corrupt} skipped from byte ${firstCorrupt} on`
      this.#onProblem({ kind: 'corrupt', message })
    }
    return { entries, position: { segment: segment.number, offset: offset + at } }
  }

  /** Numbers follow each other without gap, but for the place before the very first segment. */
  #missing(position: JournalPosition, found: number): void {
    if (position.segment === 0) return
    const message = `segments ${position.segment} to ${found - 1} of the journal are gone; entries in them that were not yet stored are lost`
    if (found > position.segment) this.#onProblem({ kind: 'missing', message })
  }
}

/** A chunk of the file with at least one whole line in it, if there is one before `end`. */
function readLines(path: string, offset: number, end: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    for (let size = chunkBytes; ; size *= 4) {
      const buffer = Buffer.allocUnsafe(Math.min(size, end - offset))
      let filled = 0
      while (filled < buffer.length) {
        const read = readSync(fd, buffer, filled, buffer.length - filled, offset + filled)
        if (read === 0) break
        filled += read
      }
      const bytes = buffer.subarray(0, filled)
      if (bytes.includes(lineFeed) || filled < buffer.length || offset + filled >= end) return bytes
    }
  } finally {
    closeSync(fd)
  }
}
