/** Lets a stream of JSON lines through in whole lines, for the same reason as `WholeEvents`: no half of one stands before an error. */
import { asBuffer } from '../../bytes/as-buffer.ts'
import type { StreamGate } from './stream-gate.ts'

const lineFeed = 0x0a
const none = Buffer.alloc(0)
/** A line longer than this goes through in pieces. */
const longestHeld = 65_536

export class WholeLines implements StreamGate {
  readonly separator = '\n'
  #held: Uint8Array[] = []
  #heldLength = 0
  #inPieces = false

  get atBoundary(): boolean {
    return !this.#inPieces
  }

  push(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes
    const end = asBuffer(bytes).lastIndexOf(lineFeed) + 1
    if (end > 0) this.#inPieces = false
    const out = end > 0 ? this.#release(bytes.subarray(0, end)) : none
    const rest = bytes.subarray(end)
    if (rest.length === 0) return out
    if (this.#inPieces) return rest
    this.#held.push(Buffer.from(rest))
    this.#heldLength += rest.length
    if (this.#heldLength <= longestHeld) return out
    this.#inPieces = true
    return out.length === 0 ? this.#release(none) : Buffer.concat([out, this.#release(none)])
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
}
