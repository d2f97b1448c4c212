/** The share of recent events that were of a kind, newer ones weighing more; the same forward decay as in `QuantileSketch`. */

const longestExponent = 64

export class DecayedRatio {
  readonly #halfLife: number
  #landmark: number
  #hits = 0
  #all = 0

  /** Milliseconds. */
  constructor(halfLife: number, now: number) {
    this.#halfLife = halfLife
    this.#landmark = now
  }

  add(hit: boolean, now: number): void {
    const exponent = (now - this.#landmark) / this.#halfLife
    let weight = 2 ** exponent
    if (exponent >= longestExponent) {
      this.#hits /= weight
      this.#all /= weight
      this.#landmark = now
      weight = 1
    }
    this.#all += weight
    if (hit) this.#hits += weight
  }

  /** Undefined before anything happened. */
  get value(): number | undefined {
    return this.#all === 0 ? undefined : this.#hits / this.#all
  }

  /** How many events it is made of, each counted less the older it is. */
  weight(now: number): number {
    return this.#all / 2 ** ((now - this.#landmark) / this.#halfLife)
  }
}
