/** A key's several limits taken together, and headers that say what then happens. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key, KeyPolicy } from '../../model/key.ts'
import type { Admission } from '../../pipeline/stages/admit.ts'
import type { CounterStore } from '../../stores/counter-store.ts'
import { memoryCounterStore } from '../../stores/drivers/memory/counter-store.ts'
import { KeyLimits } from './key-limits.ts'

const now = Date.UTC(2025, 5, 15, 12)

function keyWith(policy: Omit<KeyPolicy, 'models'>, id = 'key_1'): Key {
  return { id, name: 'prod', policy: { models: ['*'], ...policy }, createdAt: 0 }
}

function admit(limits: KeyLimits, key: Key, tokens: number, at = now, dialect = 'openai-chat'): Admission {
  const admission = limits.admit(key, tokens, at, dialect)
  if (admission instanceof Promise) throw new Error('memory answers at once')
  return admission
}

describe('key limits', () => {
  it('admit while all limits allow it, and name the one that does not', () => {
    const limits = new KeyLimits(memoryCounterStore())
    const key = keyWith({ requests: [{ count: 2, per: 'minute' }], tokens: [{ count: 1000, per: 'minute' }] })
    expect(admit(limits, key, 900)).toMatchObject({ admitted: true, retryAfterMs: 0 })
    expect(admit(limits, key, 200)).toMatchObject({ admitted: false, exhausted: 'tokens', retryAfterMs: 6000 })
    expect(admit(limits, key, 100)).toMatchObject({ admitted: true })
    expect(admit(limits, key, 0)).toMatchObject({ admitted: false, exhausted: 'requests', retryAfterMs: 30_000 })
    expect(admit(limits, key, 5000)).toMatchObject({ admitted: false, exhausted: 'tokens', retryAfterMs: Infinity })
    expect(admit(limits, keyWith(key.policy, 'key_2'), 900).admitted).toBe(true)
  })

  it('take nothing from any limit when one refuses', () => {
    const limits = new KeyLimits(memoryCounterStore())
    const key = keyWith({ requests: [{ count: 5, per: 'second' }], tokens: [{ count: 10, per: 'day' }] })
    admit(limits, key, 10)
    for (let n = 0; n < 20; n++) expect(admit(limits, key, 1)).toMatchObject({ admitted: false, exhausted: 'tokens' })
    expect(admit(limits, key, 0)).toMatchObject({ headers: { 'x-ratelimit-remaining-requests': '3' } })
  })

  it('tell of the scarcest of several limits, in the spelling of the dialect', () => {
    const limits = new KeyLimits(memoryCounterStore())
    const key = keyWith({
      requests: [
        { count: 10, per: 'second' },
        { count: 5, per: 'day' },
      ],
    })
    expect(admit(limits, key, 0).headers).toEqual({
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '4',
      'x-ratelimit-reset-requests': '4h48m0s',
    })
    expect(admit(limits, key, 0, now, 'anthropic-messages').headers).toMatchObject({
      'anthropic-ratelimit-requests-remaining': '3',
      'anthropic-ratelimit-requests-reset': '2025-06-15T21:36:00Z',
    })
  })

  it('count the stricter of two limits for the same period, once', () => {
    const limits = new KeyLimits(memoryCounterStore())
    const key = keyWith({
      requests: [
        { count: 9, per: 'minute' },
        { count: 2, per: 'minute' },
        { count: 5, per: 'minute' },
      ],
    })
    expect([1, 2, 3].map(() => admit(limits, key, 0).admitted)).toEqual([true, true, false])
  })

  it('correct tokens once their number is known, up or down, and leave requests alone', () => {
    const limits = new KeyLimits(memoryCounterStore())
    const key = keyWith({ requests: [{ count: 100, per: 'minute' }], tokens: [{ count: 1000, per: 'minute' }] })
    const remaining = (): string | undefined => admit(limits, key, 0).headers['x-ratelimit-remaining-tokens']
    admit(limits, key, 600)
    limits.correct(key, 600, 100, now)
    expect(remaining()).toBe('900')
    limits.correct(key, 0, 1500, now)
    expect(remaining()).toBe('0')
    expect(admit(limits, key, 1)).toMatchObject({ admitted: false, retryAfterMs: 36_060 })
    expect(admit(limits, key, 0).headers['x-ratelimit-remaining-requests']).toBe('96')
  })

  it('admit exactly as many requests as the headers said remain', () => {
    const limitArbitrary = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      per: fc.constantFrom('second' as const, 'minute' as const, 'hour' as const),
    })
    fc.assert(
      fc.property(
        fc.array(limitArbitrary, { minLength: 1, maxLength: 3 }),
        fc.array(fc.nat(30_000), { minLength: 1, maxLength: 20 }),
        (requests, waits) => {
          const limits = new KeyLimits(memoryCounterStore())
          const key = keyWith({ requests })
          let at = now
          let last = admit(limits, key, 0, at)
          for (const wait of waits) last = admit(limits, key, 0, (at += wait))
          const remaining = Number(last.headers['x-ratelimit-remaining-requests'])
          for (let n = 0; n < remaining; n++) expect(admit(limits, key, 0, at).admitted).toBe(true)
          const refused = admit(limits, key, 0, at)
          expect(refused.admitted).toBe(false)
          expect(admit(limits, key, 0, at + refused.retryAfterMs - 1).admitted).toBe(false)
          expect(admit(limits, key, 0, at + refused.retryAfterMs).admitted).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('wait for counters that answer later, and tell of corrections that were lost', async () => {
    const memory = memoryCounterStore()
    const remote: CounterStore = {
      ...memory,
      take: (...args) => Promise.resolve(memory.take(...args)),
      adjust: () => Promise.reject(new Error('gone')),
    }
    const lost: unknown[] = []
    const limits = new KeyLimits(remote, (error) => lost.push(error))
    const key = keyWith({ tokens: [{ count: 10, per: 'minute' }] })
    await expect(limits.admit(key, 7, now, 'openai-chat')).resolves.toMatchObject({ admitted: true })
    await expect(limits.admit(key, 7, now, 'openai-chat')).resolves.toMatchObject({ admitted: false })
    limits.correct(key, 7, 9, now)
    await Promise.resolve()
    await Promise.resolve()
    expect(lost).toEqual([new Error('gone')])
  })
})
