/** How long something is left alone after it failed: as long as was told, else longer each time it fails again. */

/** Milliseconds, where nothing was told. */
export interface RestLengths {
  readonly first: number
  readonly most: number
}

/** Nobody is asked to wait longer than this, whatever a header says. */
const longest = 24 * 3_600_000

export class Rest {
  /** Monotonic time. */
  #until = 0
  #failures = 0

  /** Whether anything happened since it last worked. */
  get begun(): boolean {
    return this.#failures > 0
  }

  /** Milliseconds that are left of it. */
  msAt(now: number): number {
    return Math.max(0, this.#until - now)
  }

  /**
   * Its length in milliseconds, or undefined where it rests already: requests under way fail together, and that is one failure.
   * Only what they were told may make it longer.
   */
  begin(now: number, { first, most }: RestLengths, toldMs: number | undefined): number | undefined {
    const rests = this.#until > now
    if (rests) {
      if (toldMs !== undefined) this.#until = Math.max(this.#until, now + Math.min(toldMs, longest))
      return undefined
    }
    this.#failures += 1
    const length = Math.min(toldMs ?? Math.min(most, first * 2 ** (this.#failures - 1)), longest)
    this.#until = now + length
    return length > 0 ? length : undefined
  }

  end(): void {
    this.#until = 0
    this.#failures = 0
  }
}
