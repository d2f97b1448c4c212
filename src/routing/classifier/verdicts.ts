/** What a classifier remembers: verdicts on texts that come again, a bounded number, and the vectors of its examples. */

export class Verdicts {
  readonly #most: number
  /** Text to target; the one that was asked for last stands last. */
  readonly #known = new Map<string, string>()
  /** One list of vectors for each target, in their order. */
  vectors: readonly (readonly (readonly number[])[])[] | undefined
  /** Somebody has the examples' vectors made. */
  learning: Promise<unknown> | undefined

  constructor(most: number) {
    this.#most = most
  }

  find(text: string): string | undefined {
    const verdict = this.#known.get(text)
    if (verdict === undefined) return undefined
    this.#known.delete(text)
    this.#known.set(text, verdict)
    return verdict
  }

  keep(text: string, target: string): void {
    if (this.#most === 0) return
    if (this.#known.size >= this.#most && !this.#known.has(text)) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    this.#known.set(text, target)
  }

  get size(): number {
    return this.#known.size
  }
}

/** The cosine of the angle between two vectors; 0 where one of them has no direction, or they are of two kinds. */
export function similarity(one: readonly number[], other: readonly number[]): number {
  if (one.length !== other.length) return 0
  let product = 0
  let squares = 0
  let otherSquares = 0
  for (let at = 0; at < one.length; at += 1) {
    const a = one[at] ?? 0
    const b = other[at] ?? 0
    product += a * b
    squares += a * a
    otherSquares += b * b
  }
  const length = Math.sqrt(squares) * Math.sqrt(otherSquares)
  return length > 0 ? Math.max(-1, Math.min(1, product / length)) : 0
}
