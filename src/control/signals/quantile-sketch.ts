/**
 * Quantiles of recent values in fixed memory: values are counted in bins whose bounds grow by a constant factor, and newer ones weigh
 * more. In place of making old weights smaller with every value, new ones are made larger (forward decay), so adding is one addition.
 */

/** Neighbouring bounds; a quantile is at most 4 % off. */
const growth = 1.08
const logGrowth = Math.log(growth)
/** Below it all is one bin; beyond the last bound, too. */
const smallest = 0.05
const bins = 256
/** Half-lives after which all weights are made small again, long before they overflow. */
const longestExponent = 64

/** How much may change before a quantile is looked up anew: strategies ask for it with every request. */
const staleAfterMs = 100

interface Cached {
  readonly quantile: number
  readonly value: number
  readonly at: number
  /** Of the total, when it was computed. */
  readonly added: number
}

export class QuantileSketch {
  readonly #halfLife: number
  readonly #weights = new Float64Array(bins)
  #landmark: number
  #total = 0
  #added = 0
  #cached: Cached | undefined

  /** `halfLife` in milliseconds: what is so old counts half. */
  constructor(halfLife: number, now: number) {
    this.#halfLife = halfLife
    this.#landmark = now
  }

  /** What several have seen, together. They must have the same half-life. */
  static merged(sketches: readonly QuantileSketch[], now: number): QuantileSketch | undefined {
    const [first] = sketches
    if (first === undefined) return undefined
    const whole = new QuantileSketch(first.#halfLife, now)
    for (const sketch of sketches) whole.#take(sketch)
    return whole
  }

  #take(other: QuantileSketch): void {
    const share = 2 ** ((other.#landmark - this.#landmark) / this.#halfLife)
    for (let bin = 0; bin < bins; bin += 1)
      this.#weights[bin] = (this.#weights[bin] ?? 0) + (other.#weights[bin] ?? 0) * share
    this.#total += other.#total * share
    this.#added += other.#added
  }

  add(value: number, now: number): void {
    const weight = this.#weightAt(now)
    const bin = binOf(value)
    this.#weights[bin] = (this.#weights[bin] ?? 0) + weight
    this.#total += weight
    this.#added += 1
  }

  /** How many values there are, each counted less the older it is. */
  weight(now: number): number {
    return this.#total / 2 ** ((now - this.#landmark) / this.#halfLife)
  }

  /** Undefined before there was a value. */
  quantile(quantile: number, now: number): number | undefined {
    if (this.#added === 0) return undefined
    const cached = this.#cached
    if (cached?.quantile === quantile && (cached.added === this.#added || this.#isFresh(cached, now)))
      return cached.value
    const value = this.#find(quantile)
    this.#cached = { quantile, value, at: now, added: this.#added }
    return value
  }

  /** While there are few values each of them counts. */
  #isFresh({ at, added }: Cached, now: number): boolean {
    return now - at < staleAfterMs && this.#added - added < Math.min(64, added / 16)
  }

  #find(quantile: number): number {
    const wanted = this.#total * Math.min(1, Math.max(0, quantile))
    let seen = 0
    let last = 0
    for (let bin = 0; bin < bins; bin += 1) {
      const weight = this.#weights[bin] ?? 0
      if (weight === 0) continue
      seen += weight
      if (seen >= wanted) return valueOf(bin)
      last = bin
    }
    // The sum, added up in another order, may be a little more than the parts.
    return valueOf(last)
  }

  #weightAt(now: number): number {
    const exponent = (now - this.#landmark) / this.#halfLife
    if (exponent < longestExponent) return 2 ** exponent
    const factor = 2 ** -exponent
    for (let bin = 0; bin < bins; bin += 1) this.#weights[bin] = (this.#weights[bin] ?? 0) * factor
    this.#total *= factor
    this.#landmark = now
    return 1
  }
}

const binOf = (value: number): number =>
  value <= smallest ? 0 : Math.min(bins - 1, Math.ceil(Math.log(value / smallest) / logGrowth))

/** In the middle of its bounds, as factors go. */
const valueOf = (bin: number): number => (bin === 0 ? smallest : smallest * growth ** (bin - 0.5))
