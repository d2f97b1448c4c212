// Keeps the last bytes of a stream while it passes through, for what is only told at its end (usage, finish, an error).

const NOTHING = new Uint8Array(0)
/** What memory begins with: many streams are short. */
const FIRST_BYTES = 1024

/**
 * Copies what it is given into memory of its own, never more than twice the limit, and moves what it keeps to the front when that is
 * full. Holding references to the chunks would copy nothing, but keep whatever they are cut from, and cost more to keep account of.
 */
export class ByteTail {
  readonly #limit: number
  #memory: Uint8Array = NOTHING
  #used = 0

  /** `limit` is the number of bytes to keep. */
  constructor(limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError('the limit must be a whole number of bytes')
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    const kept = chunk.length > this.#limit ? chunk.subarray(chunk.length - this.#limit) : chunk
    if (this.#used + kept.length > this.#memory.length) this.#makeRoom(kept.length)
    this.#memory.set(kept, this.#used)
    this.#used += kept.length
  }

  /** The last bytes pushed: as many as the limit, or all if there were fewer. A copy. */
  bytes(): Uint8Array {
    return this.#memory.slice(Math.max(0, this.#used - this.#limit), this.#used)
  }

  /** For so many bytes, which are no more than the limit. */
  #makeRoom(bytes: number): void {
    const from = Math.max(0, this.#used - this.#limit)
    const needed = this.#used - from + bytes
    const most = 2 * this.#limit
    if (this.#memory.length < most && needed > this.#memory.length) {
      const larger = new Uint8Array(Math.min(most, Math.max(needed, 2 * this.#memory.length, FIRST_BYTES)))
      larger.set(this.#memory.subarray(from, this.#used))
      this.#memory = larger
    } else this.#memory.copyWithin(0, from, this.#used)
    this.#used -= from
  }
}
