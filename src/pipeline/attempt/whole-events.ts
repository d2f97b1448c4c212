/**
 * Lets an event stream through in whole events. A reader can do nothing with half of one, but when the stream breaks off there the
 * half stands in the way of the error event that follows. Usual chunks end with an event and pass as they are.
 */
import { asBuffer } from '../../bytes/as-buffer.ts'
import type { StreamGate } from './stream-gate.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const none = Buffer.alloc(0)
/** An event longer than this goes through in pieces. */
const longestHeld = 65_536
/** So many bytes before a place show whether a blank line ends there. */
const longestBlank = 3

export class WholeEvents implements StreamGate {
  readonly separator = '\n\n'
  #held: Uint8Array[] = []
  #heldLength = 0
  /** The last bytes that came, as a blank line may be cut. */
  #last: Buffer = none
  #inPieces = false

  get atBoundary(): boolean {
    return !this.#inPieces
  }

  push(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes
    const end = this.#lastEnd(asBuffer(bytes))
    if (end === bytes.length) {
      this.#inPieces = false
      this.#last = none
      return this.#release(bytes)
    }
    if (end > 0) this.#inPieces = false
    const out = end > 0 ? this.#release(bytes.subarray(0, end)) : none
    const rest = asBuffer(bytes.subarray(end))
    this.#last = end > 0 ? tail(rest) : tail(Buffer.concat([this.#last, tail(rest)]))
    if (this.#inPieces) return rest
    this.#held.push(Buffer.from(rest))
    this.#heldLength += rest.length
    if (this.#heldLength <= longestHeld) return out
    this.#inPieces = true
    const held = this.#release(none)
    return out.length === 0 ? held : Buffer.concat([out, held])
  }

  rest(): Uint8Array {
    return this.#release(none)
  }

  #release(bytes: Uint8Array): Uint8Array {
    if (this.#heldLength === 0) return bytes
    const whole = Buffer.concat([...this.#held, bytes])
    this.#held = []
    this.#heldLength = 0
    return whole
  }

  /** Where the last event ends in these bytes; 0 where none does. */
  #lastEnd(bytes: Buffer): number {
    const end = lastBlankLine(bytes)
    if (end > 0 || this.#last.length === 0) return end
    const seam = Buffer.concat([this.#last, bytes.subarray(0, longestBlank)])
    return Math.max(0, lastBlankLine(seam) - this.#last.length)
  }
}

const tail = (bytes: Buffer): Buffer => bytes.subarray(Math.max(0, bytes.length - longestBlank))

/** The offset after the last blank line; lines end in LF, CR LF or CR. 0 where there is none. */
function lastBlankLine(bytes: Buffer): number {
  const { length } = bytes
  if (bytes[length - 1] === lineFeed) {
    const before = bytes[length - 2]
    if (before === lineFeed || (before === carriageReturn && bytes[length - 3] === lineFeed)) return length
  }
  return Math.max(after(bytes, '\n\n'), after(bytes, '\n\r\n'), after(bytes, '\r\r'))
}

function after(bytes: Buffer, blank: string): number {
  const at = bytes.lastIndexOf(blank, 'latin1')
  return at === -1 ? 0 : at + blank.length
}
