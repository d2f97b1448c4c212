/**
 * Bytes in the pieces in which they came, read as one document. A long body is never joined where nobody needs it whole: the copy
 * would be a second body of fresh memory for each request, which costs more than reading across the cuts.
 */
import { asBuffer } from './as-buffer.ts'

const nothing = Buffer.alloc(0)

const onlyStart: readonly number[] = [0]

export class ByteRope {
  readonly length: number
  /** All of it, once it is in one piece: most documents are short, and came so. */
  #only: Buffer | undefined
  #pieces: readonly Buffer[] = []
  /** Where each piece begins. */
  #starts: readonly number[] = onlyStart

  constructor(bytes: Uint8Array | readonly Uint8Array[]) {
    if (bytes instanceof Uint8Array) {
      this.length = bytes.length
      this.#only = asBuffer(bytes)
      return
    }
    const starts: number[] = []
    let length = 0
    for (const piece of bytes) {
      starts.push(length)
      length += piece.length
    }
    this.length = length
    this.#pieces = bytes.map(asBuffer)
    this.#starts = starts
  }

  /** The byte at `at`; undefined past the end. */
  byte(at: number): number | undefined {
    if (this.#only !== undefined) return this.#only[at]
    const index = this.#indexOf(at)
    return this.#pieces[index]?.[at - (this.#starts[index] ?? 0)]
  }

  /** Views of the pieces between two offsets, in order. */
  views(start: number, end: number): Buffer[] {
    if (this.#only !== undefined) return end > start ? [this.#only.subarray(start, end)] : []
    const views: Buffer[] = []
    for (let index = this.#indexOf(start); index < this.#pieces.length; index += 1) {
      const from = this.#starts[index] ?? 0
      if (from >= end) break
      const view = this.#pieces[index]?.subarray(Math.max(0, start - from), end - from)
      if (view !== undefined && view.length > 0) views.push(view)
    }
    return views
  }

  /** The bytes between two offsets: a view where one piece has them all, else a copy. */
  slice(start: number, end: number): Buffer {
    const views = this.views(start, end)
    const [only] = views
    return views.length === 1 && only !== undefined ? only : Buffer.concat(views)
  }

  /** The bytes between two offsets as text. */
  text(encoding: 'latin1' | 'utf8', start = 0, end = this.length): string {
    return this.#only === undefined
      ? this.slice(start, end).toString(encoding)
      : this.#only.toString(encoding, start, end)
  }

  copyTo(target: Uint8Array): void {
    if (this.#only !== undefined) {
      target.set(this.#only)
      return
    }
    let at = 0
    for (const piece of this.#pieces) {
      target.set(piece, at)
      at += piece.length
    }
  }

  /** Whether the text, of characters below U+0100, occurs. */
  includes(text: string): boolean {
    if (this.#only !== undefined) return this.#only.includes(text, 0, 'latin1')
    const overlap = text.length - 1
    let before: Buffer = nothing
    for (const piece of this.#pieces) {
      if (piece.includes(text, 0, 'latin1')) return true
      if (overlap > 0) {
        const seam = Buffer.concat([before, piece.subarray(0, overlap)])
        if (seam.includes(text, 0, 'latin1')) return true
        before = Buffer.from((piece.length < overlap ? seam : piece).subarray(-overlap))
      }
    }
    return false
  }

  /** All of it in one piece, which takes the place of the others. */
  whole(): Buffer {
    if (this.#only !== undefined) return this.#only
    const [first] = this.#pieces
    this.#only = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#starts = onlyStart
    return this.#only
  }

  /** The piece that has the offset. */
  #indexOf(at: number): number {
    const starts = this.#starts
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((starts[middle] ?? 0) <= at) low = middle
      else high = middle
    }
    return low
  }
}
