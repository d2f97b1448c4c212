/** Pools stay bounded: the longest idle goes first, and one that is in use never goes. */
import { describe, expect, it } from 'vitest'
import { OriginPools } from './origin-pools.ts'

interface Pool {
  closed: boolean
}

const poolsOf = (most: number): OriginPools<Pool> =>
  new OriginPools<Pool>(() => ({ closed: false }), {
    close: (pool) => (pool.closed = true),
    destroy: (pool) => void (pool.closed = true),
    most,
  })

const origin = (n: number): string => `http://127.0.0.1:${9000 + n}`

describe('the pools', () => {
  it('are as many as origins were called, up to the bound, whatever comes', () => {
    const pools = poolsOf(3)
    for (let n = 0; n < 50; n++) pools.release(pools.acquire(origin(n)))
    expect(pools.size).toBe(3)
  })

  it('close the one that lies idle longest and keep those in use', () => {
    const pools = poolsOf(2)
    const busy = pools.acquire(origin(1))
    const second = pools.acquire(origin(2))
    pools.release(second)
    const third = pools.acquire(origin(3))
    expect(second.pool.closed).toBe(true)
    expect(busy.pool.closed).toBe(false)
    expect(third.pool.closed).toBe(false)
    expect(pools.acquire(origin(1))).toBe(busy)
  })

  it('pass the bound only while all are in use, and fall back below it', () => {
    const pools = poolsOf(2)
    const entries = [1, 2, 3, 4].map((n) => pools.acquire(origin(n)))
    expect(pools.size).toBe(4)
    for (const entry of entries) pools.release(entry)
    expect(pools.size).toBe(2)
    expect(entries.map(({ pool }) => pool.closed)).toEqual([true, true, false, false])
  })
})
