/** By quality: the best first, the cheapest of those about as good, and the unknown last. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPlace } from '../kernel/strategy.ts'
import type { StrategyTarget } from '../kernel/strategy.ts'
import { taskOf } from '../kernel/task-of.ts'
import { sampleContext, sampleQuery, sampleTarget } from '../kernel/testing/strategy-fixtures.ts'
import { cost } from './cost.ts'
import { quality } from './quality.ts'

interface Sample {
  readonly mark?: number | undefined
  readonly price?: number | undefined
}

const none = sampleQuery().features

function orderOf(strategy: typeof quality | typeof cost, samples: readonly Sample[], options: object): string[] {
  const targets = samples.map(({ mark }, index) => {
    const target = sampleTarget(`t${index}`, strategy.targetOptions.parse({}))
    return { ...target, leaves: target.leaves.map((leaf) => ({ ...leaf, quality: () => mark })) }
  })
  const query = sampleQuery({ expectedCost: ({ id }) => samples[Number(id.slice(1))]?.price })
  const order = (strategy as typeof quality).compile(targets, strategy.options.parse(options) as never, noPlace)
  return (order(query, sampleContext()) as readonly StrategyTarget[]).map(({ id }) => id)
}

describe('quality', () => {
  it('begins with the best, and with the cheapest of those about as good', () => {
    const samples = [{ mark: 80, price: 9 }, { mark: 82, price: 20 }, { mark: 60, price: 1 }, { price: 0 }]
    expect(orderOf(quality, samples, {})).toEqual(['t0', 't1', 't2', 't3'])
    expect(orderOf(quality, samples, { tolerance: 0 })).toEqual(['t1', 't0', 't2', 't3'])
    expect(orderOf(quality, samples, { tolerance: 30 })).toEqual(['t2', 't0', 't1', 't3'])
    expect(orderOf(quality, samples, { tolerance: 30, min_quality: 70 })).toEqual(['t0', 't1', 't2', 't3'])
  })

  it('never puts a worse one before one that is better by more than the tolerance', () => {
    const sample = fc.record({
      mark: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      price: fc.nat(100),
    })
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 20 }),
        (samples, tolerance) => {
          const order = orderOf(quality, samples, { tolerance })
          expect(order.toSorted()).toEqual(samples.map((_sample, index) => `t${index}`).toSorted())
          const marks = order.map((id) => samples[Number(id.slice(1))]?.mark ?? -Infinity)
          expect(marks[0]).toBeGreaterThanOrEqual(Math.max(...marks) - tolerance)
        },
      ),
    )
  })
})

describe('cost', () => {
  it('has a floor of quality', () => {
    const samples = [{ mark: 80, price: 9 }, { mark: 30, price: 1 }, { price: 0 }]
    expect(orderOf(cost, samples, { min_quality: 50 })).toEqual(['t0', 't2', 't1'])
    expect(orderOf(cost, samples, {})).toEqual(['t2', 't1', 't0'])
  })
})

describe('a guess of the task', () => {
  it.each([
    ['translate this letter into French', 'translation'],
    ['Give me a summary of the text below', 'summarisation'],
    ['why does `def f(x): return x` fail in Python?', 'code'],
    ['prove that there are infinitely many primes', 'reasoning'],
    ['write a short poem about rain', 'writing'],
    ['how are you?', 'chat'],
    ['', 'chat'],
  ])('%s: %s', (text, task) => {
    expect(taskOf(sampleQuery({ text }))).toBe(task)
    expect(taskOf(sampleQuery({ text, features: { ...none, tools: true } }))).toBe('tools')
  })

  it('takes no longer for a hostile text', () => {
    const started = performance.now()
    taskOf(sampleQuery({ text: `select ${'a '.repeat(50_000)}write ${'b '.repeat(50_000)}` }))
    expect(performance.now() - started).toBeLessThan(200)
  })
})
