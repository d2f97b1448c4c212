/**
 * Bytes in the pieces in which they came, read as one document. A long body is never joined where nobody needs it whole: the copy
 * would be a second body of fresh memory for each request, which costs more than reading across the cuts.
 */
import { asBuffer } from './as-buffer.ts'

const nothing = Buffer.alloc(0)

export class ByteRope {
  readonly length: number
  #pieces: readonly Buffer[]
  /** Where each piece begins. */
  #starts: readonly number[]

  constructor(pieces: readonly Uint8Array[]) {
    const starts: number[] = []
    let length = 0
    for (const piece of pieces) {
      starts.push(length)
      length += piece.length
    }
    this.length = length
    this.#pieces = pieces.map(asBuffer)
    this.#starts = starts
  }

  get isWhole(): boolean {
    return this.#pieces.length < 2
  }

  /** The byte at `at`; undefined past the end. */
  byte(at: number): number | undefined {
    const index = this.#indexOf(at)
    return this.#pieces[index]?.[at - (this.#starts[index] ?? 0)]
  }

  /** Views of the pieces between two offsets, in order. */
  views(start: number, end: number): Buffer[] {
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

  copyTo(target: Uint8Array): void {
    let at = 0
    for (const piece of this.#pieces) {
      target.set(piece, at)
      at += piece.length
    }
  }

  /** Whether the text, of characters below U+0100, occurs. */
  includes(text: string): boolean {
    const overlap = text.length - 1
    let before: Buffer = nothing
    for (const piece of this.#pieces) {
      if (piece.includes(text, 0, 'latin1')) return true
      if (overlap > 0 && !this.isWhole) {
        const seam = Buffer.concat([before, piece.subarray(0, overlap)])
        if (seam.includes(text, 0, 'latin1')) return true
        before = Buffer.from((piece.length < overlap ? seam : piece).subarray(-overlap))
      }
    }
    return false
  }

  /** All of it in one piece, which takes the place of the others. */
  whole(): Buffer {
    const [only] = this.#pieces
    if (this.#pieces.length === 1 && only !== undefined) return only
    const joined = Buffer.concat(this.#pieces)
    this.#pieces = [joined]
    this.#starts = [0]
    return joined
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
