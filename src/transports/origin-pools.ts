/**
 * One pool of connections per origin, and no more origins than a bound: what lies idle longest is closed first. A pool with calls in
 * flight is never closed, so the bound can be passed by as many origins as are being called at the same moment.
 */
export interface OriginPool<Pool> {
  readonly pool: Pool
  /** Calls under way. */
  inFlight: number
}

export interface PoolHandling<Pool> {
  /** Nobody uses it. */
  close(pool: Pool): void
  /** Calls under way fail with the error. */
  destroy(pool: Pool, error: Error): void | Promise<void>
  /** Origins. */
  readonly most: number
}

export class OriginPools<Pool> {
  /** By origin; the least recently used first. */
  readonly #pools = new Map<string, OriginPool<Pool>>()
  readonly #open: (origin: string) => Pool
  readonly #handling: PoolHandling<Pool>

  /** `open` throws when the origin is none. */
  constructor(open: (origin: string) => Pool, handling: PoolHandling<Pool>) {
    this.#open = open
    this.#handling = handling
  }

  get size(): number {
    return this.#pools.size
  }

  *all(): Generator<Pool> {
    for (const { pool } of this.#pools.values()) yield pool
  }

  /** The origin's pool with one more call in flight; give it back with `release`. Throws when the origin is not http(s). */
  acquire(origin: string): OriginPool<Pool> {
    let entry = this.#pools.get(origin)
    if (entry === undefined) {
      entry = { pool: this.#open(origin), inFlight: 0 }
      this.#pools.set(origin, entry)
      this.#trim(entry)
    } else if (this.#pools.size > 1) {
      this.#pools.delete(origin)
      this.#pools.set(origin, entry)
    }
    entry.inFlight++
    return entry
  }

  release(entry: OriginPool<Pool>): void {
    entry.inFlight--
    if (this.#pools.size > this.#handling.most) this.#trim(undefined)
  }

  async destroy(error: Error): Promise<void> {
    const ends: (void | Promise<void>)[] = []
    for (const { pool } of this.#pools.values()) ends.push(this.#handling.destroy(pool, error))
    this.#pools.clear()
    for (const end of ends) await end
  }

  #trim(newcomer: OriginPool<Pool> | undefined): void {
    for (const [origin, entry] of this.#pools) {
      if (this.#pools.size <= this.#handling.most) return
      if (entry.inFlight > 0 || entry === newcomer) continue
      this.#pools.delete(origin)
      this.#handling.close(entry.pool)
    }
  }
}
