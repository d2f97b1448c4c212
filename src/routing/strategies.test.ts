/** How strategies spread requests: every target once in every order, and first as often as they promise. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strategies } from '../builtins.gen.ts'
import type { Strategy, StrategyTarget } from '../kernel/strategy.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { weighted } from './weighted.ts'
import { weightedRoundRobin } from './weighted-round-robin.ts'

const query = { model: 'm', keyId: undefined, endUser: undefined }

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const targetsOf = <C>(options: readonly C[]): StrategyTarget<C>[] =>
  options.map((each, index) => ({ id: `t${index}`, options: each }))

/** How often each target came first. */
function firsts<C>(strategy: Strategy<C>, targets: readonly StrategyTarget<C>[], requests: number, seed = 7): number[] {
  const draw = seeded(seed)
  const counts = targets.map(() => 0)
  for (let turn = 0; turn < requests; turn += 1) {
    const [first] = strategy.order(targets, query, { random: draw, now: 0, turn })
    const at = targets.findIndex((target) => target === first)
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

/** Of counts against what was expected; with as many degrees of freedom as there are counts but one. */
const chiSquare = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((sum, count, index) => sum + (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 1), 0)

describe.each((strategies as readonly Strategy[]).map((strategy) => [strategy.id, strategy] as const))(
  '%s',
  (_id, strategy) => {
    it('gives every target once, whatever chance and turn say', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }),
          fc.nat(),
          fc.nat(),
          (weights, seed, turn) => {
            const targets = targetsOf(weights.map((weight) => ({ weight })))
            const order = [...strategy.order(targets, query, { random: seeded(seed), now: 0, turn })]
            expect(order.map(({ id }) => id).toSorted()).toEqual(targets.map(({ id }) => id).toSorted())
          },
        ),
      )
    })
  },
)

describe('random', () => {
  it('has each target first equally often, and each order', () => {
    const counts = firsts(random, targetsOf([{}, {}, {}, {}]) as StrategyTarget<Record<string, never>>[], 20_000)
    // 16.27 is exceeded once in a thousand runs, at three degrees of freedom.
    expect(chiSquare(counts, [5000, 5000, 5000, 5000])).toBeLessThan(16.27)
    const draw = seeded(11)
    const orders = new Map<string, number>()
    for (let turn = 0; turn < 12_000; turn += 1) {
      const order = [
        ...random.order(targetsOf([{}, {}, {}]) as StrategyTarget<Record<string, never>>[], query, {
          random: draw,
          now: 0,
          turn,
        }),
      ]
      const key = order.map(({ id }) => id).join('')
      orders.set(key, (orders.get(key) ?? 0) + 1)
    }
    expect(orders.size).toBe(6)
    expect(
      chiSquare(
        [...orders.values()],
        Array.from({ length: 6 }, () => 2000),
      ),
    ).toBeLessThan(20.52)
  })
})

describe('round_robin', () => {
  it('begins with each in turn, and keeps the order of those behind', () => {
    const targets = targetsOf([{}, {}, {}]) as StrategyTarget<Record<string, never>>[]
    const order = (turn: number) =>
      [...roundRobin.order(targets, query, { random: () => 0, now: 0, turn })].map(({ id }) => id)
    expect([0, 1, 2, 3].map(order)).toEqual([
      ['t0', 't1', 't2'],
      ['t1', 't2', 't0'],
      ['t2', 't0', 't1'],
      ['t0', 't1', 't2'],
    ])
  })
})

describe('weighted', () => {
  it('draws by weight, which need not sum to a hundred', () => {
    const targets = targetsOf([{ weight: 70 }, { weight: 25.5 }, { weight: 4.5 }, { weight: 0 }])
    const counts = firsts(weighted, targets, 40_000)
    expect(counts[3]).toBe(0)
    // 13.82 is exceeded once in a thousand runs, at two degrees of freedom.
    expect(chiSquare(counts.slice(0, 3), [28_000, 10_200, 1800])).toBeLessThan(13.82)
  })

  it('keeps a target of weight 0 for the very end', () => {
    const targets = targetsOf([{ weight: 0 }, { weight: 1 }, { weight: 2 }])
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const order = [...weighted.order(targets, query, { random: seeded(seed), now: 0, turn: 0 })]
        expect(order.at(-1)?.id).toBe('t0')
      }),
    )
  })
})

describe('weighted_round_robin', () => {
  it('gives each exactly its turns in a period, and spreads them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.nat(1000),
        (weights, from) => {
          const targets = targetsOf(weights.map((weight) => ({ weight })))
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          const order = Array.from({ length: total }, (_, index) => {
            const [first] = weightedRoundRobin.order(targets, query, { random: () => 0, now: 0, turn: from + index })
            return first?.id
          })
          expect(weights.map((_, index) => order.filter((id) => id === `t${index}`).length)).toEqual(weights)
        },
      ),
    )
    const targets = targetsOf([{ weight: 5 }, { weight: 1 }, { weight: 1 }])
    const firstOf = (turn: number) =>
      [...weightedRoundRobin.order(targets, query, { random: () => 0, now: 0, turn })][0]?.id
    expect(Array.from({ length: 7 }, (_, turn) => firstOf(turn)).join(' ')).toBe('t0 t0 t1 t0 t2 t0 t0')
  })
})

describe('weights', () => {
  it.each([{ weight: -1 }, { weight: 'much' }, { weigth: 1 }, { weight: 2_000_000 }])('may not be %j', (options) => {
    expect(weighted.targetOptions.safeParse(options).success).toBe(false)
    expect(weightedRoundRobin.targetOptions.safeParse(options).success).toBe(false)
  })

  it('are 1 if not given', () => {
    expect(weighted.targetOptions.parse({})).toEqual({ weight: 1 })
    expect(weightedRoundRobin.targetOptions.parse({})).toEqual({ weight: 1 })
  })
})
