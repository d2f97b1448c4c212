/** Canaries rise by their schedule, are taken back when they do worse and not when they do as well, and go on where they were after a reload. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StrategyProblem, noPlace } from '../../kernel/strategy.ts'
import type { StrategyEvent, StrategyPlace, StrategyTarget } from '../../kernel/strategy.ts'
import { seeded } from '../../kernel/seeded.ts'
import { sampleContext, sampleQuery, sampleTarget } from '../../kernel/testing/strategy-fixtures.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import { failsMore, isLarger, upperTail } from './significance.ts'
import { canary } from './index.ts'

const minute = 60_000
const targets = [sampleTarget('old', {}), sampleTarget('new', {})]
const steps = [
  { share: 1, for: '10m' },
  { share: 10, for: '30m' },
  { share: 50, for: '1h' },
]

interface Behaviour {
  readonly fails: number
  readonly ms: number
}

/** A router with a clock of its own, whose targets behave as they are told to. */
function trial(options: object, behaviours: Readonly<Record<string, Behaviour>> = {}, seed = 1) {
  const events: StrategyEvent[] = []
  let kept: unknown
  const place: StrategyPlace = {
    ...noPlace,
    router: 'r',
    keep: <S>(create: () => S) => (kept ??= create()) as S,
    tell: (event) => void events.push(event),
  }
  const compile = () => canary.compile(targets, canary.options.parse(options), place)
  let order = compile()
  const random = seeded(seed)
  const counts = { old: 0, new: 0 }
  let now = 0
  const ask = (user?: string): string => {
    const settle: ((record: ExchangeRecord) => void)[] = []
    const query = sampleQuery({
      ...(user !== undefined && { endUser: user }),
      whenSettled: (callback) => void settle.push(callback),
    })
    const [first] = order(query, sampleContext({ random, now })) as readonly StrategyTarget[]
    const id = first?.id === 'new' ? 'new' : 'old'
    counts[id] += 1
    const { fails, ms } = behaviours[id] ?? { fails: 0, ms: 100 }
    const took = ms * (0.5 + random())
    const attempt = {
      deployment: id,
      durationMs: took,
      ...(random() < fails && { fault: 'provider_error' }),
    }
    for (const callback of settle)
      callback({ attempts: [attempt], stream: false, at: now, durationMs: took } as unknown as ExchangeRecord)
    return id
  }
  return {
    events,
    counts,
    ask,
    at: (time: number) => void (now = time),
    run: (requests: number, overMs = 0) => {
      const from = now
      for (let index = 1; index <= requests; index += 1) {
        ask()
        now = from + (overMs * index) / requests
      }
      return counts
    },
    reload: () => void (order = compile()),
    order: () =>
      (order(sampleQuery(), sampleContext({ random, now })) as readonly StrategyTarget[]).map(({ id }) => id),
  }
}

describe('a ramp', () => {
  it('gives each step its share for its time, and then all', () => {
    const { run, at, order, events } = trial({ steps })
    run(1, 0)
    for (const [from, length, share] of [
      [0, 9, 0.01],
      [11, 28, 0.1],
      [41, 58, 0.5],
    ] as const) {
      const stage = trial({ steps }, {}, from + 3)
      stage.ask()
      stage.at(from * minute)
      stage.counts.new = stage.counts.old = 0
      stage.run(4000, length * minute)
      // 10.83 is exceeded once in a thousand runs, at one degree of freedom.
      const expected = 4000 * share
      expect((stage.counts.new - expected) ** 2 / (expected * (1 - share))).toBeLessThan(10.83)
    }
    run(4000, 101 * minute)
    expect(order()).toEqual(['new', 'old'])
    at(1000 * minute)
    expect(order()).toEqual(['new', 'old'])
    expect(events.map((event) => event.kind === 'canary' && event.state)).toEqual(['ramping', 'promoted'])
  })

  it('rises steadily, and a user that has seen the new target keeps it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 10 }), fc.string(), (minutes, user) => {
        const { ask, at } = trial({ from: 0, to: 100, over: '100m', sticky: 'user' })
        at(0)
        ask(user)
        const seen = minutes
          .toSorted((a, b) => a - b)
          .map((time) => {
            at(time * minute)
            return ask(user)
          })
        expect(seen.join(' ')).toMatch(/^(?:old ?)*(?:new ?)*$/)
      }),
    )
  })

  it('waits with all requests until enough of them were seen', () => {
    const { ask, at, run, events } = trial({ from: 0, to: 100, over: '10m' })
    ask()
    at(11 * minute)
    ask()
    expect(events).toHaveLength(1)
    run(60)
    expect(events).toHaveLength(2)
  })

  it('goes on after a reload, and begins anew only with other settings', () => {
    const { run, at, reload, order } = trial({ steps: [{ share: 0, for: '1h' }, { share: 100 }] })
    run(10)
    at(61 * minute)
    reload()
    expect(order()).toEqual(['new', 'old'])
  })

  it.each([
    [{}, /needs `steps`, or `over`/],
    [{ steps: [{ share: 1 }, { share: 2 }] }, /lasts for ever/],
    [{ steps, over: '1h' }, /besides `steps`/],
  ])('%j is refused', (options, message) => {
    expect(() => trial(options)).toThrow(message)
    expect(() => trial(options)).toThrow(StrategyProblem)
  })

  it('needs two targets', () => {
    const place = noPlace
    expect(() => canary.compile([...targets, ...targets], canary.options.parse({ steps }), place)).toThrow(
      /must be two/,
    )
  })
})

describe('a canary that does worse', () => {
  const half = { steps: [{ share: 50 }] }
  const well = { fails: 0.01, ms: 100 }

  it.each([
    ['fails always', { fails: 1, ms: 100 }, 100],
    ['fails often', { fails: 0.2, ms: 100 }, 800],
    ['is half as quick', { fails: 0.01, ms: 200 }, 400],
  ])('and %s is taken back, and not asked again', (_what, worse, within) => {
    const { run, order, events, counts } = trial(half, { old: well, new: worse })
    run(within)
    const change = events.at(-1)
    expect(change).toMatchObject({ kind: 'canary', target: 'new', state: 'rolled_back' })
    expect(order()).toEqual(['old'])
    const before = counts.new
    run(200)
    expect(counts.new).toBe(before)
  })

  it('is not taken back where that is not wanted', () => {
    const { run, events } = trial({ ...half, rollback: false }, { old: well, new: { fails: 1, ms: 100 } })
    run(500)
    expect(events).toHaveLength(1)
  })

  it('and is no worse than chance would have it stays, however often it is looked at', () => {
    let taken = 0
    for (let seed = 1; seed <= 200; seed += 1) {
      const { run, events } = trial(
        { ...half, rollback: { confidence: 0.95, error_increase: 0, latency_increase: 0 } },
        { old: { fails: 0.1, ms: 100 }, new: { fails: 0.1, ms: 100 } },
        seed,
      )
      run(400)
      if (events.length > 1) taken += 1
    }
    // 5 % of 200 are 10; 20 and more come once in three hundred runs at the very worst.
    expect(taken).toBeLessThan(20)
  })

  it('is not held to account for requests that were wrong in themselves', () => {
    let settle: ((record: ExchangeRecord) => void) | undefined
    const events: StrategyEvent[] = []
    const order = canary.compile(targets, canary.options.parse({ steps: [{ share: 100 }] }), {
      ...noPlace,
      router: 'r',
      tell: (event) => void events.push(event),
    })
    for (let index = 0; index < 200; index += 1) {
      void order(sampleQuery({ whenSettled: (callback) => (settle = callback) }), sampleContext())
      const attempts = [{ deployment: 'new', durationMs: 1, fault: 'provider_rejected_request' }]
      settle?.({ attempts, stream: false, at: 0, durationMs: 1 } as unknown as ExchangeRecord)
    }
    expect(events).toHaveLength(1)
  })
})

describe('the tests of significance', () => {
  it('agree with tables', () => {
    expect(upperTail(0)).toBeCloseTo(0.5, 6)
    expect(upperTail(1.959964)).toBeCloseTo(0.025, 6)
    expect(upperTail(3.090232)).toBeCloseTo(0.001, 6)
    expect(upperTail(-1.644854)).toBeCloseTo(0.95, 6)
    // Of 100 each, 10 and 20 fail: z is 1.816 with the correction.
    expect(failsMore([10, 20], [100, 100])).toBeCloseTo(0.0371, 3)
    // U is 23 of 25: z is 2.089 with the correction, by the normal approximation.
    expect(isLarger([1, 2, 3, 4, 6], [5, 7, 8, 9, 4.5])).toBeCloseTo(0.0184, 3)
  })

  it('find nothing in what is the same, and are surer the more there is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 }), (values) => {
        expect(isLarger(values, values)).toBeGreaterThan(0.4)
        expect(
          isLarger(
            values,
            values.map((value) => value + 2000),
          ),
        ).toBeLessThanOrEqual(isLarger(values, values))
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1000 }), fc.double({ min: 0.01, max: 0.4, noNaN: true }), (n, rate) => {
        const failures = Math.floor(n * rate)
        expect(failsMore([failures, failures], [n, n])).toBe(1)
        expect(failsMore([failures, 2 * failures + 2], [n, n])).toBeGreaterThanOrEqual(
          failsMore([10 * failures, 20 * failures + 20], [10 * n, 10 * n]) - 1e-9,
        )
      }),
    )
  })
})
