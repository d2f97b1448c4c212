/**
 * The durable record of what happened, before any database knows of it: entries are appended to segment files with one write each,
 * so that a killed process loses nothing, and brought to the disk in batches. Nothing here throws into a request.
 */
import { mkdirSync } from 'node:fs'
import type { Clock, Timer } from '../../kernel/clock.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { Reservation } from '../../model/reservation.ts'
import type { JournalPosition } from '../usage-store.ts'
import { FileSync } from './file-sync.ts'
import { nodeFiles } from './journal-files.ts'
import type { JournalFiles } from './journal-files.ts'
import { recordLine, reserveLine } from './journal-line.ts'
import { messageOf } from './journal-problem.ts'
import type { OnProblem } from './journal-problem.ts'
import { PendingLines } from './pending-lines.ts'
import { journalFolder, listSegments, segmentPath, sizeOf } from './segments.ts'

/** What happens to entries when the disk takes none and as many wait as may. */
export type OnFull = 'drop_oldest' | 'refuse'

export interface JournalOptions {
  /** The data directory. */
  readonly dir: string
  readonly clock: Clock
  readonly onProblem: OnProblem
  /** How far the store has read: new segments are numbered after it, even if the journal's files were lost. */
  readonly position?: JournalPosition
  /** Bound of the entries kept in memory while the disk takes none. */
  readonly maxPendingBytes?: number
  /** With `refuse`, `accepting` turns false at half the bound, so that what is in flight still finds room. */
  readonly onFull?: OnFull
  readonly segmentBytes?: number
  /** The most that a power loss can take, in milliseconds. 0: every entry is on the disk when its call returns. */
  readonly syncEveryMs?: number
  readonly files?: JournalFiles
}

export interface JournalCounters {
  readonly appended: number
  /** Failed writes and syncs. */
  readonly failures: number
  /** Entries lost. */
  readonly dropped: number
  readonly fsyncs: number
  readonly pendingBytes: number
}

const firstRetryMs = 100
const lastRetryMs = 5000
/** What one attempt to catch up writes at most, so that it does not hold up the event loop. */
const catchUpBytes = 1 << 20
/** Errors of the whole disk; any other is taken as the file's own, and another file is begun. */
const diskErrors = new Set(['ENOSPC', 'EDQUOT', 'EAGAIN', 'EINTR'])

export class Journal implements AsyncDisposable {
  readonly #options: JournalOptions
  readonly #folder: string
  readonly #files: JournalFiles
  readonly #pending: PendingLines
  readonly #segmentBytes: number
  readonly #syncEveryMs: number
  readonly #maxPendingBytes: number
  /** Bytes of each segment that may not have been taken in yet, the current one excepted. */
  readonly #closed = new Map<number, number>()
  readonly #background: FileSync
  #fd: number
  #segment: number
  /** Bytes in the current segment, and those of them that are whole lines. */
  #size = 0
  #complete = 0
  #dirty = false
  #syncTimer: Timer | undefined
  #retryTimer: Timer | undefined
  #retryMs = firstRetryMs
  #failing = false
  #dropping = false
  #syncFailing = false
  #needsNewFile = false
  #isClosed = false
  #onGrowth: (() => void) | undefined
  #appended = 0
  #failures = 0
  #dropped = 0
  #fsyncs = 0

  /** Creates a new segment; throws when the directory cannot be written to. */
  static open(options: JournalOptions): Journal {
    return new Journal(options)
  }

  private constructor(options: JournalOptions) {
    this.#options = options
    this.#files = options.files ?? nodeFiles
    this.#background = new FileSync(this.#files, (error) => this.#synced(error))
    this.#maxPendingBytes = options.maxPendingBytes ?? 16 << 20
    this.#pending = new PendingLines(this.#maxPendingBytes)
    this.#segmentBytes = options.segmentBytes ?? 8 << 20
    this.#syncEveryMs = options.syncEveryMs ?? 50
    this.#folder = journalFolder(options.dir)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const existing = listSegments(this.#folder)
    for (const segment of existing) this.#closed.set(segment.number, sizeOf(segment))
    this.#segment = Math.max(existing.at(-1)?.number ?? 0, options.position?.segment ?? 0) + 1
    this.#fd = this.#files.create(segmentPath(this.#folder, this.#segment))
    this.#background.syncFolder(this.#folder)
  }

  /** Writes several lines down with one write; their memory may be used again afterwards. Never throws, never waits for the disk. */
  appendLines(lines: Uint8Array, count: number): void {
    this.#putBytes(lines, count)
  }

  /** Writes a finished exchange down. Never throws and never waits for the disk. */
  append(record: ExchangeRecord): void {
    this.#put(() => recordLine(record))
  }

  /** Writes down that money is held for an exchange that begins; the record of the same id settles it. Never throws. */
  reserve(reservation: Reservation): void {
    this.#put(() => reserveLine(reservation))
  }

  /** False when new requests should be refused, because their records could be lost. */
  get accepting(): boolean {
    return this.#options.onFull !== 'refuse' || this.#pending.bytes * 2 < this.#maxPendingBytes
  }

  /** The end of the last whole line. */
  end(): JournalPosition {
    return { segment: this.#segment, offset: this.#complete }
  }

  /** Bytes on the disk after a position: how far a reader that is there lags behind. */
  bytesAfter(position: JournalPosition): number {
    let bytes = position.segment > this.#segment ? 0 : this.#complete
    if (position.segment === this.#segment) bytes -= position.offset
    for (const [segment, size] of this.#closed) {
      if (segment > position.segment) bytes += size
      else if (segment === position.segment) bytes += Math.max(0, size - position.offset)
    }
    return Math.max(0, bytes)
  }

  /** Segments before the position have been taken in and may be deleted. */
  takenIn(position: JournalPosition): void {
    for (const segment of this.#closed.keys()) if (segment < position.segment) this.#closed.delete(segment)
  }

  /** Calls the listener whenever whole lines have been added; it must be quick. */
  onGrowth(listener: () => void): void {
    this.#onGrowth = listener
  }

  counters(): JournalCounters {
    const { bytes } = this.#pending
    return {
      appended: this.#appended,
      failures: this.#failures,
      dropped: this.#dropped,
      fsyncs: this.#fsyncs,
      pendingBytes: bytes,
    }
  }

  /** Writes what waits, if the disk takes it, brings everything to the disk and closes the file. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#syncTimer?.cancel()
    this.#retryTimer?.cancel()
    while (!this.#pending.isEmpty && this.#catchUp());
    const lost = this.#pending.clear()
    if (lost > 0) this.#drop(lost, 'the journal was closed while the disk took no more')
    this.#background.retire(this.#fd)
    await this.#background.idle()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #put(encode: () => string): void {
    let line: Buffer
    try {
      line = Buffer.from(encode())
    } catch (error) {
      this.#dropped++
      this.#options.onProblem({
        kind: 'unserializable',
        message: `an entry cannot be written down: ${messageOf(error)}`,
      })
      return
    }
    this.#putBytes(line, 1)
  }

  #putBytes(line: Uint8Array, entries: number): void {
    if (this.#isClosed) return this.#drop(entries, 'the journal is closed')
    if (!this.#pending.isEmpty) return this.#wait(Buffer.from(line), 0)
    let written = 0
    try {
      this.#makeRoom(line.length)
      written = this.#files.write(this.#fd, line)
      this.#size += written
    } catch (error) {
      this.#wait(Buffer.from(line), 0)
      return this.#fail(error)
    }
    if (written < line.length) {
      this.#wait(Buffer.from(line), written)
      return this.#retryLater()
    }
    this.#wrote(entries)
  }

  #wrote(entries = 1): void {
    this.#appended += entries
    this.#complete = this.#size
    this.#onGrowth?.()
    if (this.#syncEveryMs === 0) return this.#syncNow()
    if (this.#dirty) return
    this.#dirty = true
    if (!this.#background.isBusy(this.#fd)) this.#syncSoon()
  }

  #wait(line: Buffer, written: number): void {
    const dropped = this.#pending.push(line, written)
    if (dropped > 0) this.#drop(dropped, 'more entries wait for the disk than memory is allowed for')
  }

  #drop(count: number, why: string): void {
    this.#dropped += count
    if (this.#dropping) return
    this.#dropping = true
    this.#options.onProblem({ kind: 'dropped', message: `entries of the journal are being lost: ${why}` })
  }

  #fail(error: unknown): void {
    this.#failures++
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!diskErrors.has(code)) this.#needsNewFile = true
    if (!this.#failing) {
      this.#failing = true
      this.#options.onProblem({
        kind: 'write-failed',
        message: `the journal cannot be written to: ${messageOf(error)}`,
      })
    }
    this.#retryLater()
  }

  #retryLater(): void {
    if (this.#isClosed || this.#retryTimer !== undefined) return
    this.#retryTimer = this.#options.clock.after(this.#retryMs, () => this.#retry())
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
  }

  #retry(): void {
    this.#retryTimer = undefined
    if (!this.#catchUp()) return
    this.#retryMs = firstRetryMs
    if (!this.#pending.isEmpty) return this.#retryLater()
    if (this.#failing)
      this.#options.onProblem({ kind: 'write-recovered', message: 'the journal can be written to again' })
    this.#failing = false
    this.#dropping = false
  }

  /** Writes waiting lines, up to a bound; false when the disk took no more. */
  #catchUp(): boolean {
    let budget = catchUpBytes
    try {
      for (let head = this.#pending.head(); head !== undefined && budget > 0; head = this.#pending.head()) {
        this.#makeRoom(head.length)
        const rest = this.#pending.head() ?? head
        const written = this.#files.write(this.#fd, rest)
        this.#size += written
        budget -= written
        if (this.#pending.advance(written)) this.#wrote()
        else if (written === 0) throw new Error('the disk took no byte')
      }
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  /** Begins another segment when the line no longer fits this one, or this one cannot be written to. */
  #makeRoom(bytes: number): void {
    const full = this.#size > 0 && this.#size + bytes > this.#segmentBytes && !this.#pending.isTorn
    if (!full && !this.#needsNewFile) return
    const fd = this.#files.create(segmentPath(this.#folder, this.#segment + 1))
    this.#background.retire(this.#fd)
    this.#closed.set(this.#segment, this.#size)
    this.#fd = fd
    this.#segment++
    this.#size = 0
    this.#complete = 0
    this.#dirty = false
    this.#needsNewFile = false
    this.#syncTimer?.cancel()
    this.#syncTimer = undefined
    this.#pending.restart()
    this.#background.syncFolder(this.#folder)
    this.#onGrowth?.()
  }

  #sync(): void {
    this.#syncTimer = undefined
    this.#dirty = false
    const fd = this.#fd
    this.#background.sync(fd, () => {
      if (this.#dirty && fd === this.#fd && !this.#isClosed) this.#syncSoon()
    })
  }

  #syncSoon(): void {
    this.#syncTimer ??= this.#options.clock.after(this.#syncEveryMs, () => this.#sync())
  }

  #syncNow(): void {
    try {
      this.#files.syncNow(this.#fd)
      this.#synced(null)
    } catch (error) {
      this.#synced(error)
    }
  }

  #synced(error: unknown): void {
    if (error === null) this.#fsyncs++
    else this.#failures++
    if (error !== null && !this.#syncFailing) {
      const message = `the journal may not survive a power loss: ${messageOf(error)}`
      this.#options.onProblem({ kind: 'sync-failed', message })
    }
    this.#syncFailing = error !== null
  }
}
