// Keeps the last bytes of a stream while it passes through, for what is only told at its end (usage, finish, an error).

/** What a held chunk costs beside its bytes: the view object and its slot. A round guess, which bounds tiny chunks. */
const CHUNK_OVERHEAD_BYTES = 256
/** As large as the buffers that a socket reads into. */
const READ_BUFFER_BYTES = 64 * 1024
const NOTHING = new Uint8Array(0)

/**
 * Holds references to the chunks and in the usual case copies nothing. What would keep much more memory alive than the
 * limit is copied: a chunk as long as the limit, one cut from a huge buffer, and, all together, many that are tiny or
 * each keep a read buffer alive. Memory stays below four times the limit plus a few read buffers, and near the limit
 * when chunks are as large as their buffers. Chunks must not be changed once pushed.
 */
export class ByteTail {
  readonly #limit: number
  #chunks: Uint8Array[] = []
  /** The chunks before this index are dropped. */
  #first = 0
  #length = 0
  /** The memory kept alive: overheads, and the buffers behind the chunks, counted once per run of chunks that share one. */
  #keptAlive = 0

  /** `limit` is the number of bytes to keep. */
  constructor(limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError('the limit must be a whole number of bytes')
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    const limit = this.#limit
    if (chunk.length === 0) return
    if (chunk.length >= limit) {
      this.#restart(new Uint8Array(chunk.subarray(chunk.length - limit)))
      return
    }
    const held = chunk.buffer.byteLength > limit + READ_BUFFER_BYTES ? new Uint8Array(chunk) : chunk
    const previous = this.#chunks.at(-1)
    this.#keptAlive += CHUNK_OVERHEAD_BYTES + (previous?.buffer === held.buffer ? 0 : held.buffer.byteLength)
    this.#chunks.push(held)
    this.#length += held.length
    this.#dropOld()
    if (this.#keptAlive > 4 * limit + READ_BUFFER_BYTES) this.#restart(this.bytes())
  }

  /** The last bytes pushed: as many as the limit, or all if there were fewer. A copy. */
  bytes(): Uint8Array {
    const tail = new Uint8Array(Math.min(this.#length, this.#limit))
    let end = tail.length
    for (let index = this.#chunks.length - 1; end > 0; index--) {
      const chunk = this.#chunks[index] as Uint8Array
      const part = chunk.length > end ? chunk.subarray(chunk.length - end) : chunk
      end -= part.length
      tail.set(part, end)
    }
    return tail
  }

  #dropOld(): void {
    for (;;) {
      const oldest = this.#chunks[this.#first] as Uint8Array
      if (this.#length - oldest.length < this.#limit) break
      this.#length -= oldest.length
      this.#chunks[this.#first++] = NOTHING
      const shared = this.#chunks[this.#first]?.buffer === oldest.buffer
      this.#keptAlive -= CHUNK_OVERHEAD_BYTES + (shared ? 0 : oldest.buffer.byteLength)
    }
    // Moving the rest down only once it is the smaller half keeps a push at constant cost on average.
    if (this.#first > 16 && this.#first * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    }
  }

  #restart(bytes: Uint8Array): void {
    this.#chunks = [bytes]
    this.#first = 0
    this.#length = bytes.length
    this.#keptAlive = CHUNK_OVERHEAD_BYTES + bytes.length
  }
}
