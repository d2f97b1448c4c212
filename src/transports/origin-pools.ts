/**
 * One connection pool per origin, and no more origins than a bound: what lies idle longest is closed first. A pool with calls in
 * flight is never closed, so the bound can be passed by as many origins as are being called at the same moment.
 */
import { Pool } from 'undici'

export interface OriginPool {
  readonly pool: Pool
  /** Calls under way. */
  inFlight: number
}

export class OriginPools {
  /** By origin; the least recently used first. */
  readonly #pools = new Map<string, OriginPool>()
  readonly #options: Pool.Options
  readonly #maxOrigins: number

  constructor(options: Pool.Options, maxOrigins: number) {
    this.#options = options
    this.#maxOrigins = maxOrigins
  }

  get size(): number {
    return this.#pools.size
  }

  /** The origin's pool with one more call in flight; give it back with `release`. Throws when the origin is not http(s). */
  acquire(origin: string): OriginPool {
    let entry = this.#pools.get(origin)
    if (entry === undefined) {
      entry = { pool: new Pool(origin, this.#options), inFlight: 0 }
      this.#pools.set(origin, entry)
      this.#trim(entry)
    } else if (this.#pools.size > 1) {
      this.#pools.delete(origin)
      this.#pools.set(origin, entry)
    }
    entry.inFlight++
    return entry
  }

  release(entry: OriginPool): void {
    entry.inFlight--
    if (this.#pools.size > this.#maxOrigins) this.#trim(undefined)
  }

  async destroy(error: Error): Promise<void> {
    const ends: Promise<void>[] = []
    for (const { pool } of this.#pools.values()) ends.push(pool.destroy(error))
    this.#pools.clear()
    for (const end of ends) await end
  }

  #trim(newcomer: OriginPool | undefined): void {
    for (const [origin, entry] of this.#pools) {
      if (this.#pools.size <= this.#maxOrigins) return
      if (entry.inFlight > 0 || entry === newcomer) continue
      this.#pools.delete(origin)
      void entry.pool.close()
    }
  }
}
