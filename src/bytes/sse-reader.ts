// Reads server-sent events from bytes as they arrive, cut anywhere: every streamed answer of every provider passes here.
//
// Follows the WHATWG event-stream rules but for one thing: `end()` delivers what is pending. Providers do close a stream
// without the blank line, or even the line end, that completes the last event, and that event often carries the usage or
// the finish. Whole lines are decoded together and taken apart as text, which costs less than a decode per line.

import { asBuffer } from './as-buffer.ts'

/** One event. `event`, `id` and `retry` are there only if the event itself carried them: nothing is inherited. */
export interface SseEvent {
  /** The type; absent means `message`. */
  event?: string
  /** The data lines, joined by LF. */
  data: string
  id?: string
  /** Reconnection time in milliseconds. */
  retry?: number
}

export interface SseReaderOptions {
  /** The most bytes that one line, and that the UTF-8 data of one event, may have. Default 8 MiB. */
  readonly maxLineBytes?: number
}

export class SseLineTooLongError extends Error {
  override readonly name = 'SseLineTooLongError'
  readonly maxLineBytes: number

  constructor(maxLineBytes: number) {
    super(`a line or an event's data in the event stream is longer than the limit of ${maxLineBytes} bytes`)
    this.maxLineBytes = maxLineBytes
  }
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const BYTE_ORDER_MARK = 0xfeff
const NO_BYTES = Buffer.alloc(0)
/** A line buffer that grew beyond this is given back after its line. */
const KEPT_BUFFER_BYTES = 64 * 1024

export class SseReader {
  readonly #maxLineBytes: number
  #failure: SseLineTooLongError | undefined

  /** The bytes of a line whose end has not come yet, in a buffer that doubles: tiny pieces cost linear time. */
  #held: Buffer = NO_BYTES
  #heldLength = 0
  /** The last byte was a CR, so that an LF that comes next belongs to it. */
  #afterCarriageReturn = false
  #atStart = true

  #event: string | undefined
  #id: string | undefined
  #retry: number | undefined
  #data: string[] = []
  /** So many of the data lines are known not to keep the text of a whole chunk alive. */
  #ownedLines = 0
  /** So many of the data lines have been counted exactly, as `#countedBytes`; the rest have at most `#uncountedBytes`. */
  #countedLines = 0
  #countedBytes = 0
  #uncountedBytes = 0

  constructor(options: SseReaderOptions = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? 8 * 1024 * 1024
  }

  /**
   * All bytes so far make whole events and comments: another event may be written in between here. If it is false just
   * before `end()`, the stream broke off inside an event.
   */
  get atBoundary(): boolean {
    return (
      this.#heldLength === 0 &&
      this.#data.length === 0 &&
      this.#event === undefined &&
      this.#id === undefined &&
      this.#retry === undefined
    )
  }

  /**
   * Takes the next bytes and returns the events that they complete. Keeps no reference to `chunk`.
   *
   * @throws SseLineTooLongError after all events before the overlong one were returned, and from then on always
   */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = []
    if (this.#failure !== undefined) throw this.#failure
    if (chunk.length === 0) return events
    try {
      this.#read(asBuffer(chunk), events)
    } catch (error) {
      this.#fail(error, events)
    }
    return events
  }

  /**
   * Ends the stream as if a blank line followed: returns the last event if its blank line is missing. Only the transport
   * knows whether the stream was cut off, so call this after a clean end alone. The reader is then ready for a new stream.
   *
   * @throws SseLineTooLongError as `push` does
   */
  end(): SseEvent[] {
    const events: SseEvent[] = []
    if (this.#failure !== undefined) throw this.#failure
    try {
      if (this.#heldLength > 0) this.#takeHeldLine()
      this.#dispatch(events)
    } catch (error) {
      this.#fail(error, events)
    }
    this.#afterCarriageReturn = false
    this.#atStart = true
    return events
  }

  /** Remembers the failure and lets go of everything held; throws now only if no events would be lost by that. */
  #fail(error: unknown, events: readonly SseEvent[]): void {
    if (!(error instanceof SseLineTooLongError)) throw error
    this.#failure = error
    this.#held = NO_BYTES
    this.#data = []
    if (events.length === 0) throw error
  }

  #read(bytes: Buffer, events: SseEvent[]): void {
    const last = bytes[bytes.length - 1]
    let start = this.#afterCarriageReturn && bytes[0] === LF ? 1 : 0
    this.#afterCarriageReturn = last === CR
    const stop = last === LF || last === CR ? bytes.length : lastLineEnd(bytes)
    if (this.#heldLength > 0 && stop > start) {
      const end = firstLineEnd(bytes, start)
      this.#hold(bytes, start, end)
      this.#takeHeldLine()
      start = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1
    }
    if (stop > start) this.#takeLines(bytes, start, stop, events)
    const rest = Math.max(start, stop)
    if (rest < bytes.length) this.#hold(bytes, rest, bytes.length)
  }

  /** Adds bytes to the line that has no end yet. */
  #hold(bytes: Buffer, start: number, end: number): void {
    const length = this.#heldLength + (end - start)
    if (length > this.#maxLineBytes) throw new SseLineTooLongError(this.#maxLineBytes)
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2, 256))
      this.#held.copy(larger, 0, 0, this.#heldLength)
      this.#held = larger
    }
    bytes.copy(this.#held, this.#heldLength, start, end)
    this.#heldLength = length
  }

  /** Reads the held bytes as one whole line, which is not blank. */
  #takeHeldLine(): void {
    const text = this.#held.toString('utf8', 0, this.#heldLength)
    this.#heldLength = 0
    if (this.#held.length > KEPT_BUFFER_BYTES) this.#held = NO_BYTES
    const start = this.#textStart(text)
    if (start < text.length) this.#takeLine(text, start, text.length)
    this.#ownedLines = this.#data.length
  }

  /** Reads bytes that end with a line end. */
  #takeLines(bytes: Buffer, start: number, stop: number, events: SseEvent[]): void {
    const overlong = stop - start > this.#maxLineBytes ? overlongLine(bytes, start, stop, this.#maxLineBytes) : stop
    const text = bytes.toString('utf8', start, overlong)
    let lf = -1
    let cr = -1
    let pos = this.#textStart(text)
    while (pos < text.length) {
      if (text.charCodeAt(pos) === LF) {
        this.#dispatch(events)
        pos++
        continue
      }
      // A find stays valid until passed: in a stream without CR, that search runs once and not once per line.
      if (lf < pos) lf = indexOrEnd(text, '\n', pos)
      if (cr < pos) cr = indexOrEnd(text, '\r', pos)
      const end = lf < cr ? lf : cr
      if (end === pos) this.#dispatch(events)
      else this.#takeLine(text, pos, end)
      pos = end === cr && lf === cr + 1 ? cr + 2 : end + 1
    }
    if (overlong < stop) throw new SseLineTooLongError(this.#maxLineBytes)
    // A slice keeps all the text it is a slice of: an event that never ends could hold far more than its data that way.
    for (; this.#ownedLines < this.#data.length; this.#ownedLines++) {
      this.#data[this.#ownedLines] = Buffer.from(this.#data[this.#ownedLines] as string).toString()
    }
  }

  /** Where the text begins: behind a byte order mark if it is the stream's first. */
  #textStart(text: string): number {
    if (!this.#atStart || text === '') return 0
    this.#atStart = false
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0
  }

  /** Reads one line that is not blank: `text` from `start` to `end`. */
  #takeLine(text: string, start: number, end: number): void {
    if (text.charCodeAt(start) === COLON) return
    if (text.startsWith('data:', start)) this.#addData(fieldValue(text, start + 5, end))
    else if (text.startsWith('event:', start)) this.#setEvent(fieldValue(text, start + 6, end))
    else this.#takeOtherLine(text.slice(start, end))
  }

  #takeOtherLine(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : fieldValue(line, colon + 1, line.length)
    if (name === 'data') this.#addData(value)
    else if (name === 'event') this.#setEvent(value)
    else if (name === 'id') {
      if (!value.includes('\0')) this.#id = value
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) {
      const milliseconds = Number(value)
      if (Number.isSafeInteger(milliseconds)) this.#retry = milliseconds
    }
  }

  #setEvent(type: string): void {
    this.#event = type === '' ? undefined : type
  }

  #addData(line: string): void {
    this.#data.push(line)
    // No UTF-16 unit takes more than three bytes in UTF-8, which spares the exact count of all but giant events.
    this.#uncountedBytes += line.length * 3 + 1
    if (this.#countedBytes + this.#uncountedBytes <= this.#maxLineBytes) return
    for (; this.#countedLines < this.#data.length; this.#countedLines++) {
      this.#countedBytes += Buffer.byteLength(this.#data[this.#countedLines] as string) + 1
    }
    this.#uncountedBytes = 0
    // The last line's LF does not count: it joins nothing.
    if (this.#countedBytes - 1 > this.#maxLineBytes) throw new SseLineTooLongError(this.#maxLineBytes)
  }

  /** A blank line: the event, if it has data, is complete. */
  #dispatch(events: SseEvent[]): void {
    const lines = this.#data
    if (lines.length > 0) {
      const data = lines.length === 1 ? (lines[0] as string) : lines.join('\n')
      const event: SseEvent = this.#event === undefined ? { data } : { event: this.#event, data }
      if (this.#id !== undefined) event.id = this.#id
      if (this.#retry !== undefined) event.retry = this.#retry
      events.push(event)
      this.#data = []
      this.#ownedLines = 0
      this.#countedLines = 0
      this.#countedBytes = 0
      this.#uncountedBytes = 0
    }
    this.#event = undefined
    this.#id = undefined
    this.#retry = undefined
  }
}

/** A field's value, without the one space that may follow the colon. */
function fieldValue(text: string, start: number, end: number): string {
  return text.slice(start < end && text.charCodeAt(start) === SPACE ? start + 1 : start, end)
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from)
  return at === -1 ? text.length : at
}

/** The first LF or CR from `start` on; there is one. */
function firstLineEnd(bytes: Buffer, start: number): number {
  const lf = bytes.indexOf(LF, start)
  const cr = bytes.indexOf(CR, start)
  return lf === -1 || (cr !== -1 && cr < lf) ? cr : lf
}

/** The offset after the last LF or CR, or 0. */
function lastLineEnd(bytes: Buffer): number {
  return Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1
}

/** The start of the first line that is longer than `limit`, or `stop`. */
function overlongLine(bytes: Buffer, start: number, stop: number, limit: number): number {
  let line = start
  for (let at = start; at < stop; at++) {
    const byte = bytes[at] as number
    if (byte !== LF && byte !== CR) continue
    if (at - line > limit) return line
    line = at + 1
  }
  return stop
}
