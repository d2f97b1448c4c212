/** Keeps hedges to a share of a router's requests: each request earns a part of one, and a hedge takes a whole one. */

/** Saved up in quiet times at most. */
const most = 10

export class HedgeAllowance {
  /** The first may be hedged, or a share would have to be earned before anything is known. */
  #saved = 1

  earn(share: number): void {
    this.#saved = Math.min(most, this.#saved + share)
  }

  /** False where nothing is left of it. */
  take(): boolean {
    // Parts of binary fractions: twenty times a twentieth is a little less than one.
    if (this.#saved < 1 - 1e-9) return false
    this.#saved -= 1
    return true
  }
}
