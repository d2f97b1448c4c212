/** However requests and retries come, retries stay a share of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { RetryBudgets, retryWindow } from './retry-budgets.ts'

const take = (
  times: number,
  allowance: ReturnType<RetryBudgets['of']>,
  budget: { ratio: number; minPerSecond: number },
) => Array.from({ length: times }, () => allowance.take(budget)).filter(Boolean).length

describe('a retry budget', () => {
  it('lets a share of the requests of the last seconds be asked again, and a few in any case', () => {
    const budgets = new RetryBudgets(new FakeClock())
    const one = budgets.of('one')
    for (let request = 0; request < 100; request += 1) one.asked()
    expect(take(60, one, { ratio: 0.2, minPerSecond: 1 })).toBe(30)
    expect(budgets.refused()).toEqual(new Map([['one', 30]]))
    expect(take(60, budgets.of('two'), { ratio: 0.2, minPerSecond: 1 })).toBe(10)
  })

  it('forgets what is longer ago, and no sooner', () => {
    const clock = new FakeClock()
    const one = new RetryBudgets(clock).of('one')
    const budget = { ratio: 0, minPerSecond: 1 }
    expect(take(20, one, budget)).toBe(10)
    clock.skip((retryWindow - 1) * 1000)
    expect(take(20, one, budget)).toBe(0)
    clock.skip(1000)
    expect(take(20, one, budget)).toBe(10)
    clock.skip(1e9)
    expect(take(20, one, budget)).toBe(10)
  })

  it('never lets more through in any window than its share', () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 3000 }), asked: fc.nat(5), again: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new FakeClock()
        const one = new RetryBudgets(clock).of('one')
        const log: { second: number; asked: number; again: number }[] = []
        for (const { ms, asked, again } of steps) {
          clock.skip(ms)
          for (let count = 0; count < asked; count += 1) one.asked()
          const taken = take(again, one, { ratio: 0.2, minPerSecond: 0.5 })
          log.push({ second: Math.floor(clock.monotonic() / 1000), asked, again: taken })
          const recent = log.filter(({ second }) => second > Math.floor(clock.monotonic() / 1000) - retryWindow)
          const total = (of: 'asked' | 'again') => recent.reduce((sum, entry) => sum + entry[of], 0)
          if (taken > 0) expect(total('again')).toBeLessThanOrEqual(0.2 * total('asked') + 0.5 * retryWindow + 1e-6)
        }
      }),
    )
  })
})
