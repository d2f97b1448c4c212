// Reads newline-delimited text from bytes as they arrive, cut anywhere: for streams that set their events apart by line feeds
// (NDJSON) instead of framing them as server-sent events.

import { asBuffer } from './as-buffer.ts'

export interface LineReaderOptions {
  /** The most bytes that one line may have, its line end not counted. Default 8 MiB. */
  readonly maxLineBytes?: number
}

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
  readonly maxLineBytes: number

  constructor(maxLineBytes: number) {
    super(`a line of the stream is longer than the limit of ${maxLineBytes} bytes`)
    this.maxLineBytes = maxLineBytes
  }
}

const LF = 0x0a
const CR = 0x0d
const NO_BYTES = Buffer.alloc(0)
/** A line buffer that grew beyond this is given back after its line. */
const KEPT_BUFFER_BYTES = 64 * 1024

/** Lines end in LF or CR LF. Blank ones, which servers send to keep a connection alive, are skipped. */
export class LineReader {
  readonly #maxLineBytes: number
  #failure: LineTooLongError | undefined
  /** The bytes of a line whose end has not come yet, in a buffer that doubles: tiny pieces cost linear time. */
  #held: Buffer = NO_BYTES
  #heldLength = 0

  constructor(options: LineReaderOptions = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? 8 * 1024 * 1024
  }

  /**
   * Takes the next bytes and returns the lines that they complete, without their ends. Keeps no reference to `chunk`.
   *
   * @throws LineTooLongError after all lines before the overlong one were returned, and from then on always
   */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = []
    if (this.#failure !== undefined) throw this.#failure
    const bytes = asBuffer(chunk)
    let start = 0
    if (this.#heldLength > 0) {
      const end = bytes.indexOf(LF)
      if (!this.#hold(bytes, 0, end === -1 ? bytes.length : end)) return this.#fail(lines)
      if (end === -1) return lines
      if (this.#lineLength(this.#held, 0, this.#heldLength) > this.#maxLineBytes) return this.#fail(lines)
      this.#takeHeld(lines)
      start = end + 1
    }
    const stop = bytes.lastIndexOf(LF) + 1
    if (stop > start && !this.#takeLines(bytes, start, stop, lines)) return this.#fail(lines)
    const rest = Math.max(start, stop)
    return this.#hold(bytes, rest, bytes.length) ? lines : this.#fail(lines)
  }

  /**
   * Ends the stream: returns the last line if its end is missing. The reader is then ready for a new stream.
   *
   * @throws LineTooLongError as `push` does
   */
  end(): string[] {
    const lines: string[] = []
    if (this.#failure !== undefined) throw this.#failure
    if (this.#heldLength > 0) this.#takeHeld(lines)
    return lines
  }

  /** What came of the line whose end has not come yet. */
  get pending(): string {
    return this.#held.toString('utf8', 0, this.#heldLength)
  }

  /** Lets go of everything held; throws now only if no lines would be lost by that. */
  #fail(lines: string[]): string[] {
    this.#failure = new LineTooLongError(this.#maxLineBytes)
    this.#held = NO_BYTES
    this.#heldLength = 0
    if (lines.length === 0) throw this.#failure
    return lines
  }

  /** Adds bytes to the line that has no end yet; false when it is too long. Its last byte may be half of a line end. */
  #hold(bytes: Buffer, start: number, end: number): boolean {
    const length = this.#heldLength + (end - start)
    if (length > this.#maxLineBytes + 1) return false
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2, 256))
      this.#held.copy(larger, 0, 0, this.#heldLength)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldLength, start, end)
    this.#heldLength = length
    return this.#lineLength(this.#held, 0, length) <= this.#maxLineBytes
  }

  #takeHeld(lines: string[]): void {
    const length = this.#lineLength(this.#held, 0, this.#heldLength)
    if (length > 0) lines.push(this.#held.toString('utf8', 0, length))
    this.#heldLength = 0
    if (this.#held.length > KEPT_BUFFER_BYTES) this.#held = NO_BYTES
  }

  /** Reads bytes that end with a line end; false at a line that is too long. */
  #takeLines(bytes: Buffer, start: number, stop: number, lines: string[]): boolean {
    for (let at = start; at < stop;) {
      const end = bytes.indexOf(LF, at)
      const length = this.#lineLength(bytes, at, end)
      if (length > this.#maxLineBytes) return false
      if (length > 0) lines.push(bytes.toString('utf8', at, at + length))
      at = end + 1
    }
    return true
  }

  /** Without the CR of its line end. */
  #lineLength(bytes: Buffer, start: number, end: number): number {
    return end - start - (end > start && bytes[end - 1] === CR ? 1 : 0)
  }
}
