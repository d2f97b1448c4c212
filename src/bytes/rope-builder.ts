/**
 * Gathers bytes that arrive bit by bit into a rope: large pieces as they are, small ones copied together. Its memory stays within a
 * small multiple of what has arrived, however small the pieces are, and nothing is set aside for what was merely announced.
 */
import { ByteRope } from './byte-rope.ts'

/** A piece from here on is kept as it came. */
const largePiece = 16 * 1024
const smallestBlock = 4 * 1024
const largestBlock = 64 * 1024
const noBlock = Buffer.alloc(0)

export class RopeBuilder {
  readonly #pieces: Uint8Array[] = []
  /** Where small pieces go. */
  #block: Buffer = noBlock
  #used = 0
  #length = 0

  /** The piece must stay as it is. */
  add(piece: Uint8Array): void {
    const fitting = Math.min(piece.length, this.#block.length - this.#used)
    if (fitting > 0) this.#copy(piece.subarray(0, fitting))
    if (fitting === piece.length) return
    const rest = piece.subarray(fitting)
    this.#closeBlock()
    if (rest.length >= largePiece) {
      this.#pieces.push(rest)
      this.#length += rest.length
      return
    }
    const size = Math.min(largestBlock, Math.max(smallestBlock, this.#length, rest.length))
    this.#block = Buffer.allocUnsafeSlow(size)
    this.#copy(rest)
  }

  build(): ByteRope {
    this.#closeBlock()
    return new ByteRope(this.#pieces)
  }

  #copy(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#used)
    this.#used += bytes.length
    this.#length += bytes.length
  }

  #closeBlock(): void {
    if (this.#used > 0) this.#pieces.push(this.#block.subarray(0, this.#used))
    this.#block = noBlock
    this.#used = 0
  }
}
