/** One step of taking the journal into the store: read a batch, store it with its position, delete what is behind. */
import { unlinkSync } from 'node:fs'
import type { Reservation } from '../../model/reservation.ts'
import type { SummedRecord } from '../../model/summed-record.ts'
import type { DrainTarget } from '../intake-source.ts'
import type { JournalPosition } from '../usage-store.ts'
import type { JournalEntry } from './journal-line.ts'
import { messageOf } from './journal-problem.ts'
import type { OnProblem } from './journal-problem.ts'
import { SegmentReader } from './segment-reader.ts'
import { listSegments } from './segments.ts'

export interface DrainOptions {
  /** The folder of the segments. */
  readonly folder: string
  readonly target: DrainTarget
  readonly onProblem: OnProblem
  readonly maxEntries?: number
}

type RecordEntry = Extract<JournalEntry, { kind: 'record' }>

/** Read one by one, when the store takes them; by hand, because a generator costs more than what it would give. */
function oneByOne<Read>(entries: readonly RecordEntry[], read: (entry: RecordEntry) => Read): Iterable<Read> {
  return {
    [Symbol.iterator]() {
      let at = 0
      return {
        next(): IteratorResult<Read> {
          const entry = entries[at]
          at += 1
          return entry === undefined ? { done: true, value: undefined } : { done: false, value: read(entry) }
        },
      }
    },
  }
}

const sumsOf = ({ sums }: RecordEntry): SummedRecord => sums
const textOf = ({ json }: RecordEntry): Uint8Array => json

export class Drain {
  readonly #options: DrainOptions
  readonly #reader: SegmentReader
  #position: JournalPosition | undefined
  #deletedBefore = 0

  constructor(options: DrainOptions) {
    this.#options = options
    this.#reader = new SegmentReader(options.folder, options.onProblem, options.maxEntries)
  }

  /** How far the store has read. */
  async position(): Promise<JournalPosition> {
    this.#position ??= await this.#options.target.position()
    return this.#position
  }

  /**
   * Takes in at most one batch before `until`; false when there was nothing left. Throws what the store threw: nothing has been
   * counted then, and the same step can be tried again.
   */
  async step(until: JournalPosition): Promise<boolean> {
    const from = await this.position()
    this.#deleteBefore(from.segment)
    const batch = this.#reader.next(from, until)
    if (batch === undefined) return false
    const records: RecordEntry[] = []
    const held = new Map<string, Reservation>()
    for (const entry of batch.entries) {
      if (entry.kind === 'reserve') held.set(entry.reservation.id, entry.reservation)
      else {
        records.push(entry)
        held.delete(entry.id)
      }
    }
    await this.#options.target.ingest(
      oneByOne(records, sumsOf),
      batch.position,
      [...held.values()],
      oneByOne(records, textOf),
    )
    this.#position = batch.position
    this.#deleteBefore(batch.position.segment)
    return true
  }

  /** The store's commit is durable, so what it has read is not needed any more. */
  #deleteBefore(segment: number): void {
    if (segment <= this.#deletedBefore) return
    this.#deletedBefore = segment
    try {
      for (const { number, path } of listSegments(this.#options.folder)) if (number < segment) unlinkSync(path)
    } catch (error) {
      this.#options.onProblem({
        kind: 'drain-failed',
        message: `a segment of the journal cannot be deleted: ${messageOf(error)}`,
      })
    }
  }
}
