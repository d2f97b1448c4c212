/** How strategies spread requests: every target once in every order, and first as often as they promise. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strategies } from '../builtins.gen.ts'
import { noPlace } from '../kernel/strategy.ts'
import type { Ordered, Strategy, StrategyQuery, StrategyTarget } from '../kernel/strategy.ts'
import { seeded } from '../kernel/seeded.ts'
import { sampleContext, sampleQuery, sampleTarget } from '../kernel/testing/strategy-fixtures.ts'
import type { SampleFigures } from '../kernel/testing/strategy-fixtures.ts'
import { consistentHash } from './consistent-hash.ts'
import { cost } from './cost.ts'
import { fallback } from './fallback.ts'
import { health } from './health.ts'
import { latency } from './latency.ts'
import { leastBusy } from './least-busy.ts'
import { mirror } from './mirror.ts'
import { optimized } from './optimized.ts'
import { powerOfTwo } from './power-of-two.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { throughput } from './throughput.ts'
import { weighted } from './weighted.ts'
import { weightedRoundRobin } from './weighted-round-robin.ts'

const targetsOf = <C>(options: readonly C[]): StrategyTarget<C>[] =>
  options.map((each, index) => sampleTarget(`t${index}`, each))

/** One deployment each, with what is known of it. */
const known = <C, O>(strategy: Strategy<C, O>, figures: readonly SampleFigures[]): StrategyTarget<C>[] =>
  figures.map((each, index) => sampleTarget(`t${index}`, strategy.targetOptions.parse({}), each))

interface Setting {
  readonly options?: unknown
  readonly random?: () => number
}

/** The strategies here decide at once. */
function choosing<C, O>(
  strategy: Strategy<C, O>,
  targets: readonly StrategyTarget<C>[],
  { options = {}, random: draw = () => 0 }: Setting = {},
): (turn: number, query?: StrategyQuery) => readonly StrategyTarget<C>[] {
  const order = strategy.compile(targets, strategy.options.parse(options), noPlace)
  return (turn, query = sampleQuery()) => {
    const ordered = order(query, sampleContext({ random: draw, turn })) as
      | readonly StrategyTarget<C>[]
      | Ordered<StrategyTarget<C>>
    return 'targets' in ordered ? ordered.targets : ordered
  }
}

const idsOf = (targets: readonly StrategyTarget[]): string => targets.map(({ id }) => id).join(' ')

/** How often each target came first. */
function firsts<C, O>(
  strategy: Strategy<C, O>,
  targets: readonly StrategyTarget<C>[],
  requests: number,
  { options = {}, seed = 7 }: { options?: unknown; seed?: number } = {},
): number[] {
  const choose = choosing(strategy, targets, { options, random: seeded(seed) })
  const counts = targets.map(() => 0)
  for (let turn = 0; turn < requests; turn += 1) {
    const at = targets.indexOf(choose(turn)[0] as StrategyTarget<C>)
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

/** Of counts against what was expected; with as many degrees of freedom as there are counts but one. */
const chiSquare = (counts: readonly number[], expected: readonly number[]): number =>
  counts.reduce((sum, count, index) => sum + (count - (expected[index] ?? 0)) ** 2 / (expected[index] ?? 1), 0)

const figures: fc.Arbitrary<SampleFigures> = fc.record(
  {
    inFlight: fc.nat(50),
    latency: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    ttft: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
    throughput: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
    errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    health: fc.integer({ min: 0, max: 100 }),
  },
  { requiredKeys: [] },
)

/** Options of those that cannot do without. */
const needed: Readonly<Record<string, unknown>> = { optimized: { metric: 'latency' } }
/** Those that cannot do without more than that have tests of their own. */
const takesOptions = (strategy: Strategy): boolean =>
  strategy.id !== 'canary' &&
  strategy.isShadow === undefined &&
  strategy.options.safeParse(needed[strategy.id] ?? {}).success

describe.each(
  (strategies as readonly Strategy[]).filter(takesOptions).map((strategy) => [strategy.id, strategy] as const),
)('%s', (_id, strategy) => {
  it('gives every target once, whatever chance, turn and signals say', () => {
    fc.assert(
      fc.property(fc.array(figures, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (all, seed, turn) => {
        const targets = known(strategy, all)
        const order = choosing(strategy, targets, { options: needed[strategy.id], random: seeded(seed) })(turn)
        expect(order.map(({ id }) => id).toSorted()).toEqual(targets.map(({ id }) => id).toSorted())
      }),
    )
  })

  it('changes nothing of what it is given', () => {
    const targets = known(strategy, [{ latency: 5 }, { latency: 3 }, {}])
    const before = [...targets]
    choosing(strategy, targets, { options: needed[strategy.id], random: seeded(3) })(2)
    expect(targets).toEqual(before)
  })
})

describe('fallback', () => {
  it('keeps the configured order', () => {
    expect(idsOf(choosing(fallback, known(fallback, [{}, {}, {}]))(5))).toBe('t0 t1 t2')
    expect(fallback.targetOptions.safeParse({ weight: 3 }).success).toBe(false)
  })
})

describe('random', () => {
  it('has each target first equally often, and each order', () => {
    const counts = firsts(random, known(random, [{}, {}, {}, {}]), 20_000)
    // 16.27 is exceeded once in a thousand runs, at three degrees of freedom.
    expect(chiSquare(counts, [5000, 5000, 5000, 5000])).toBeLessThan(16.27)
    const choose = choosing(random, known(random, [{}, {}, {}]), { random: seeded(11) })
    const orders = new Map<string, number>()
    for (let turn = 0; turn < 12_000; turn += 1) {
      const key = idsOf(choose(turn))
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
    const choose = choosing(roundRobin, known(roundRobin, [{}, {}, {}]))
    expect([0, 1, 2, 3].map((turn) => idsOf(choose(turn)))).toEqual(['t0 t1 t2', 't1 t2 t0', 't2 t0 t1', 't0 t1 t2'])
  })
})

describe('mirror', () => {
  const targets = targetsOf([{ shadow: true }, { shadow: false }, { shadow: true }, { shadow: false }])

  it('answers with all but its shadows, and has these asked for its share of the requests', () => {
    const draw = seeded(5)
    const order = mirror.compile(targets, { share: 0.25 }, noPlace)
    let mirrored = 0
    for (let turn = 0; turn < 4000; turn += 1) {
      const ordered = order(sampleQuery(), sampleContext({ random: draw, turn }))
      if (!('mirrors' in ordered)) expect(idsOf(ordered as StrategyTarget[])).toBe('t1 t3')
      else {
        mirrored += 1
        expect([idsOf(ordered.targets), idsOf(ordered.mirrors ?? [])]).toEqual(['t1 t3', 't0 t2'])
      }
    }
    expect(mirrored / 4000).toBeCloseTo(0.25, 1)
  })

  it.each([
    [[{ shadow: true }], 'has no target that answers'],
    [[{ shadow: false }], 'has no target with `shadow: true`'],
  ])('refuses %j', (options, message) => {
    expect(() => mirror.compile(targetsOf(options), { share: 1 }, noPlace)).toThrow(message)
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
        expect(choosing(weighted, targets, { random: seeded(seed) })(0).at(-1)?.id).toBe('t0')
      }),
    )
  })

  it('draws once for each subject where it is sticky, by weight among them all', () => {
    const targets = targetsOf([{ weight: 30 }, { weight: 70 }])
    const choose = choosing(weighted, targets, { options: { sticky: 'user' }, random: seeded(5) })
    const counts = [0, 0]
    for (let user = 0; user < 5000; user += 1) {
      const query = sampleQuery({ endUser: `user-${user}` })
      const [first] = choose(0, query)
      expect(choose(1, query)[0]).toBe(first)
      const at = first?.id === 't0' ? 0 : 1
      counts[at] = (counts[at] ?? 0) + 1
    }
    // 10.83 is exceeded once in a thousand runs, at one degree of freedom.
    expect(chiSquare(counts, [1500, 3500])).toBeLessThan(10.83)
  })

  it('cannot do with weights of nothing alone', () => {
    expect(() => weighted.compile(targetsOf([{ weight: 0 }, { weight: 0 }]), {}, noPlace)).toThrow(/weight/)
  })
})

describe('weighted_round_robin', () => {
  it('gives each exactly its turns in a period, and spreads them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.nat(1000),
        (weights, from) => {
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          fc.pre(total > 0)
          const choose = choosing(weightedRoundRobin, targetsOf(weights.map((weight) => ({ weight }))))
          const order = Array.from({ length: total }, (_, index) => choose(from + index)[0]?.id)
          expect(weights.map((_, index) => order.filter((id) => id === `t${index}`).length)).toEqual(weights)
        },
      ),
    )
    const choose = choosing(weightedRoundRobin, targetsOf([{ weight: 5 }, { weight: 1 }, { weight: 1 }]))
    expect(Array.from({ length: 7 }, (_, turn) => choose(turn)[0]?.id).join(' ')).toBe('t0 t0 t1 t0 t2 t0 t0')
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

describe('least_busy', () => {
  it('begins with the fewest requests under way for the weight, and takes turns among equals', () => {
    const busy = known(leastBusy, [{ inFlight: 4 }, { inFlight: 2 }, { inFlight: 3 }])
    expect(idsOf(choosing(leastBusy, busy)(0))).toBe('t1 t2 t0')
    const strong = sampleTarget('t3', { weight: 4 }, { inFlight: 7 })
    expect(choosing(leastBusy, [...busy, strong])(0)[0]?.id).toBe('t3')
    const idle = choosing(leastBusy, known(leastBusy, [{}, {}, {}]))
    expect([0, 1, 2, 3, 4, 5].map((turn) => idle(turn)[0]?.id)).toEqual(['t0', 't1', 't2', 't0', 't1', 't2'])
  })
})

describe('power_of_two', () => {
  it('hardly ever begins with the busiest, and with idle targets is as even as chance', () => {
    const counts = firsts(powerOfTwo, known(powerOfTwo, [{ inFlight: 9 }, {}, {}, {}]), 12_000)
    expect(counts[0]).toBe(0)
    const even = firsts(powerOfTwo, known(powerOfTwo, [{}, {}, {}, {}]), 20_000)
    expect(chiSquare(even, [5000, 5000, 5000, 5000])).toBeLessThan(16.27)
  })
})

describe('consistent_hash', () => {
  const ofUsers = (count: number, users: number): Map<string, string | undefined> => {
    const choose = choosing(
      consistentHash,
      known(
        consistentHash,
        Array.from({ length: count }, () => ({})),
      ),
      { options: { by: 'user' } },
    )
    return new Map(
      Array.from({ length: users }, (_, user) => [
        `user-${user}`,
        choose(0, sampleQuery({ endUser: `user-${user}` }))[0]?.id,
      ]),
    )
  }

  it('shares subjects out about evenly, and moves only the share of a target that comes', () => {
    const [five, six] = [ofUsers(5, 6000), ofUsers(6, 6000)]
    const shares = new Map<string | undefined, number>()
    for (const id of five.values()) shares.set(id, (shares.get(id) ?? 0) + 1)
    for (const share of shares.values()) expect(Math.abs(share - 1200)).toBeLessThan(360)
    const moved = [...five].filter(([user, id]) => six.get(user) !== id)
    expect(moved.every(([user]) => six.get(user) === 't5')).toBe(true)
    expect(moved.length).toBeGreaterThan(600)
    expect(moved.length).toBeLessThan(1400)
  })

  it('passes over a target that has more than its share under way', () => {
    const query = sampleQuery({ endUser: 'somebody' })
    const setting = { options: { by: 'user' } }
    const home = choosing(consistentHash, known(consistentHash, [{}, {}, {}]), setting)(0, query)[0]?.id ?? ''
    const busy = known(
      consistentHash,
      [0, 1, 2].map((at) => (`t${at}` === home ? { inFlight: 30 } : { inFlight: 3 })),
    )
    const order = choosing(consistentHash, busy, setting)(0, query)
    expect(order[0]?.id).not.toBe(home)
    expect(order.at(-1)?.id).toBe(home)
  })

  it.each([
    ['key', { key: { id: 'k', name: 'k', metadata: {} } }],
    ['session', { header: (name: string) => (name === 'x-session-id' ? 's' : undefined) }],
    ['session', { metadata: { session_id: 's' } }],
    ['header.x-team', { header: (name: string) => (name === 'x-team' ? 'a' : undefined) }],
    ['metadata.team', { metadata: { team: 'a' } }],
    ['prefix', { prefix: 'system:You are.' }],
  ] as const)('goes by %s', (by, differing) => {
    const choose = choosing(consistentHash, known(consistentHash, [{}, {}, {}, {}]), {
      options: { by },
      random: seeded(2),
    })
    const seen = new Set(Array.from({ length: 20 }, () => choose(0, sampleQuery(differing))[0]?.id))
    expect(seen.size).toBe(1)
    const anywhere = new Set(Array.from({ length: 40 }, () => choose(0, sampleQuery())[0]?.id))
    expect(anywhere.size).toBeGreaterThan(1)
  })
})

describe('latency', () => {
  const exact = { options: { explore: 0, tolerance: 0 } }

  it('begins with the quickest, and counts failures as time', () => {
    expect(
      idsOf(choosing(latency, known(latency, [{ latency: 80 }, { latency: 40 }, { latency: 60 }]), exact)(0)),
    ).toBe('t1 t2 t0')
    const failing = known(latency, [{ latency: 80 }, { latency: 40, errorRate: 0.6 }])
    expect(idsOf(choosing(latency, failing, exact)(0))).toBe('t0 t1')
  })

  it('asks whom it knows nothing of once, and not while it waits or after it failed', () => {
    expect(choosing(latency, known(latency, [{ latency: 5 }, {}]), exact)(0)[0]?.id).toBe('t1')
    expect(choosing(latency, known(latency, [{ latency: 5 }, { inFlight: 1 }]), exact)(0)[0]?.id).toBe('t0')
    expect(choosing(latency, known(latency, [{ latency: 5 }, { errorRate: 1 }]), exact)(0)[0]?.id).toBe('t0')
  })

  it('takes turns among those that are about as good, and looks at others now and then', () => {
    const targets = known(latency, [{ latency: 100 }, { latency: 105 }, { latency: 300 }])
    const counts = firsts(latency, targets, 20_000, { options: { explore: 0, tolerance: 0.1 } })
    expect(chiSquare(counts.slice(0, 2), [10_000, 10_000])).toBeLessThan(10.83)
    expect(counts[2]).toBe(0)
    const exploring = firsts(latency, targets, 20_000, { options: { explore: 0.1, tolerance: 0 } })
    expect(exploring[2]).toBeGreaterThan(800)
    expect(exploring[2]).toBeLessThan(1200)
  })
})

describe('throughput', () => {
  it('begins with the most tokens a second', () => {
    const order = choosing(throughput, known(throughput, [{ throughput: 30 }, { throughput: 90 }]), {
      options: { explore: 0, tolerance: 0 },
    })(0)
    expect(idsOf(order)).toBe('t1 t0')
  })
})

describe('health', () => {
  it('draws by the square of the score', () => {
    const counts = firsts(health, known(health, [{ health: 100 }, { health: 50 }]), 20_000)
    expect(chiSquare(counts, [16_000, 4000])).toBeLessThan(10.83)
  })
})

describe('cost', () => {
  const prices: Readonly<Record<string, number | undefined>> = { t0: 300, t1: 100, t2: undefined }
  const query = sampleQuery({ expectedCost: ({ id }) => prices[id] })

  it('begins with what this request costs the least at; unknown prices and floors come last', () => {
    expect(idsOf(choosing(cost, known(cost, [{}, {}, {}]))(0, query))).toBe('t1 t0 t2')
    const slow = known(cost, [{ latency: 50 }, { latency: 5000 }, { latency: 50 }])
    expect(idsOf(choosing(cost, slow, { options: { max_latency: 1000 } })(0, query))).toBe('t0 t2 t1')
    const ill = known(cost, [{ health: 90 }, { health: 10 }, {}])
    expect(idsOf(choosing(cost, ill, { options: { min_health: 50 } })(0, query))).toBe('t0 t2 t1')
  })
})

describe('optimized', () => {
  const windowed = (latencyMs: number, failures: number): SampleFigures => ({
    windows: { '1h': { requests: 10, answers: 10, latencyMs, failures } },
  })

  it('goes by the average over its window, among those that the filter lets through', () => {
    const targets = known(optimized, [windowed(500, 0), windowed(100, 5), windowed(300, 1)])
    const options = { metric: 'latency', window: '1h', explore: 0, tolerance: 0 }
    expect(idsOf(choosing(optimized, targets, { options })(0))).toBe('t1 t2 t0')
    const filtered = { ...options, filter: { error_rate: { max: 0.2 } } }
    expect(idsOf(choosing(optimized, targets, { options: filtered })(0))).toBe('t2 t0 t1')
    expect(idsOf(choosing(optimized, targets, { options: { ...options, sort: 'desc' } })(0))).toBe('t0 t2 t1')
  })
})
