/** Counts calls for faults that happen only so often: bounded, so that ever new model names do not fill the memory. */

export class CallCounter {
  readonly #counts = new Map<string, number>()
  readonly #limit: number

  constructor(limit = 4096) {
    this.#limit = limit
  }

  /** How many calls there were with this key before. */
  next(key: string): number {
    const count = this.#counts.get(key) ?? 0
    this.#counts.delete(key)
    this.#counts.set(key, count + 1)
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#limit) break
      this.#counts.delete(oldest)
    }
    return count
  }
}
