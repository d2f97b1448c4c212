/** What every driver of the counter store must do, as tests that each driver runs against its real counters. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetPeriods, periodStart } from '../../model/budget-period.ts'
import type { BudgetPeriod } from '../../model/key.ts'
import type { BudgetHold, BudgetLimit, Charge, CounterStore, Taken } from '../../stores/counter-store.ts'

const start = Date.UTC(2025, 0, 31, 23, 59)
const dayMs = 86_400_000

/** `open` gives a store that has counted nothing yet. */
export function describeCounterStore(name: string, open: () => Promise<CounterStore & Partial<AsyncDisposable>>): void {
  describe(`counter store: ${name}`, () => {
    it('grants a limit at once when it is whole, and then one by one as it refills', async () => {
      const store = await open()
      const charge = bucket('a', 3, 60_000)
      for (let n = 2; n >= 0; n--) {
        expect(await store.take([charge], start)).toEqual({
          ok: true,
          states: [{ limit: 3, remaining: n, resetMs: (3 - n) * 20_000 }],
        })
      }
      const refused = {
        ok: false,
        states: [{ limit: 3, remaining: 0, resetMs: 60_000 }],
        refusedBy: 0,
        retryAfterMs: 20_000,
      }
      expect(await store.take([charge], start)).toEqual(refused)
      expect(await store.take([charge], start + 19_999)).toMatchObject({ ok: false, retryAfterMs: 1 })
      expect(await store.take([charge], start + 20_000)).toMatchObject({ ok: true })
      expect(await store.take([charge], start + 20_000)).toMatchObject({ ok: false })
      expect((await store.take([{ ...charge, cost: 0 }], start + 10 * dayMs)).states).toEqual([
        { limit: 3, remaining: 3, resetMs: 0 },
      ])
    })

    it('takes from all buckets or from none', async () => {
      const store = await open()
      const wide = bucket('wide', 10, 1000)
      const narrow = bucket('narrow', 1, 1000)
      expect((await store.take([wide, narrow], start)).ok).toBe(true)
      const refused = await store.take([wide, narrow], start)
      expect(refused).toMatchObject({ ok: false, refusedBy: 1, retryAfterMs: 1000 })
      expect(refused.states.map(({ remaining }) => remaining)).toEqual([9, 0])
    })

    it('never grants more than a bucket ever holds, and says that waiting does not help', async () => {
      const store = await open()
      const charge = bucket('a', 5, 1000, 6)
      expect(await store.take([charge], start)).toMatchObject({
        ok: false,
        retryAfterMs: Infinity,
        states: [{ remaining: 5 }],
      })
      expect((await store.take([{ ...charge, cost: 5 }], start)).ok).toBe(true)
    })

    it('gives back what was estimated too high and lets owe what was estimated too low', async () => {
      const store = await open()
      const charge = bucket('a', 100, 60_000, 80)
      await store.take([charge], start)
      await store.adjust([{ ...charge, cost: -30 }], start)
      expect((await store.take([{ ...charge, cost: 0 }], start)).states[0]?.remaining).toBe(50)
      await store.adjust([{ ...charge, cost: 110 }], start)
      expect(await store.take([{ ...charge, cost: 1 }], start)).toMatchObject({
        ok: false,
        retryAfterMs: 36_600,
        states: [{ remaining: 0 }],
      })
      await store.adjust([{ ...charge, cost: -1e12 }], start)
      expect((await store.take([{ ...charge, cost: 0 }], start)).states).toEqual([
        { limit: 100, remaining: 100, resetMs: 0 },
      ])
    })

    it('counts by exact cell rate, whatever comes when', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 97 }),
          fc.constantFrom(1000, 60_000, 86_400_000),
          fc.array(
            fc.record({ wait: fc.oneof(fc.nat(50), fc.nat(90_000)), cost: fc.nat(40), isAdjustment: fc.boolean() }),
            { maxLength: 40 },
          ),
          async (count, periodMs, events) => {
            const store = await open()
            const reference = new ExactCells(count, periodMs)
            let now = start
            for (const { wait, cost, isAdjustment } of events) {
              now += wait
              const charge = bucket('a', count, periodMs, isAdjustment ? cost - 20 : cost)
              if (isAdjustment) {
                await store.adjust([charge], now)
                reference.adjust(charge.cost, now)
              } else expect(await store.take([charge], now)).toEqual(reference.take(cost, now))
            }
          },
        ),
        { numRuns: 60 },
      )
    })

    it('tells truly how much remains and how long to wait', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ wait: fc.nat(5000), cost: fc.integer({ min: 1, max: 6 }) }), { maxLength: 20 }),
          async (events) => {
            const store = await open()
            const charge = bucket('a', 7, 10_000)
            let now = start
            for (const { wait, cost } of events) {
              now += wait
              await store.take([{ ...charge, cost }], now)
            }
            const { states } = await store.take([{ ...charge, cost: 0 }], now)
            const { remaining, resetMs } = states[0]!
            if (remaining > 0) expect((await store.take([{ ...charge, cost: remaining }], now)).ok).toBe(true)
            const next = await store.take([charge], now)
            expect(next.ok).toBe(false)
            expect((await store.take([charge], now + next.retryAfterMs! - 1)).ok).toBe(false)
            const whole = await store.take([{ ...charge, cost: 0 }], now + next.retryAfterMs!)
            expect(whole.states[0]?.remaining).toBe(1)
            expect((await store.take([charge], now + next.retryAfterMs!)).ok).toBe(true)
            expect(resetMs).toBeLessThanOrEqual(10_000)
          },
        ),
        { numRuns: 40 },
      )
    })

    it('does not let a clock that is set back refill anything twice', async () => {
      const store = await open()
      const charge = bucket('a', 2, 1000)
      expect((await store.take([charge], start + 5000)).ok).toBe(true)
      expect((await store.take([charge], start)).ok).toBe(true)
      expect((await store.take([charge], start)).ok).toBe(false)
      expect((await store.take([charge], start + 5499)).ok).toBe(false)
      expect((await store.take([charge], start + 5500)).ok).toBe(true)
    })

    it('holds money in every budget or in none, and puts the true cost in its place', async () => {
      const store = await open()
      const limits: BudgetLimit[] = [
        { per: 'total', usd: 1000 },
        { per: 'day', usd: 100 },
      ]
      const first = await store.hold('k', limits, 60, start)
      expect(first.ok).toBe(true)
      expect(await store.hold('k', limits, 41, start)).toEqual({ ok: false, limit: { per: 'day', usd: 100 }, left: 40 })
      await settle(store, first, 25)
      expect((await store.hold('k', limits, 75, start)).ok).toBe(true)
      expect(await store.hold('k', limits, 1, start)).toMatchObject({ ok: false, left: 0 })
      expect((await store.hold('other', limits, 100, start)).ok).toBe(true)
    })

    it('settles a hold once, and lets a cost above it count in full', async () => {
      const store = await open()
      const limits: BudgetLimit[] = [{ per: 'month', usd: 100 }]
      const hold = await store.hold('k', limits, 10, start)
      await settle(store, hold, 90)
      await settle(store, hold, 90)
      expect(await store.hold('k', limits, 11, start)).toEqual({ ok: false, limit: limits[0], left: 10 })
      const last = await store.hold('k', limits, 10, start)
      await settle(store, last, 500)
      expect(await store.hold('k', limits, 1, start)).toEqual({ ok: false, limit: limits[0], left: 0 })
      expect((await store.hold('k', limits, 0, start)).ok).toBe(false)
    })

    it('counts a cost that is no amount as what was held', async () => {
      const store = await open()
      const limits: BudgetLimit[] = [{ per: 'total', usd: 100 }]
      for (const nonsense of [Number.NaN, -5, Infinity, 0.5])
        await settle(store, await store.hold('k', limits, 20, start), nonsense)
      expect(await store.hold('k', limits, 21, start)).toMatchObject({ ok: false, left: 20 })
    })

    it('refuses to hold what is no amount', async () => {
      const store = await open()
      for (const nonsense of [Number.NaN, -1, Infinity, 0.5, 2 ** 60]) {
        await expect((async () => store.hold('k', [{ per: 'day', usd: 1 }], nonsense, start))()).rejects.toThrow(
          RangeError,
        )
      }
    })

    it('begins budgets anew with the day and the month, and charges a hold to the period it began in', async () => {
      const store = await open()
      const limits: BudgetLimit[] = [
        { per: 'day', usd: 10 },
        { per: 'month', usd: 15 },
        { per: 'total', usd: 100 },
      ]
      const overnight = await store.hold('k', limits, 10, start)
      expect((await store.hold('k', limits, 1, start)).ok).toBe(false)
      const february = start + 60_000
      const next = await store.hold('k', limits, 10, february)
      expect(next.ok).toBe(true)
      await settle(store, overnight, 9)
      expect(await store.hold('k', limits, 1, february)).toMatchObject({ ok: false, limit: { per: 'day' }, left: 0 })
      await settle(store, next, 10)
      expect(await store.hold('k', limits, 6, february + dayMs)).toMatchObject({
        ok: false,
        limit: { per: 'month' },
        left: 5,
      })
      expect(await store.hold('k', [{ per: 'total', usd: 100 }], 82, february + dayMs)).toMatchObject({
        ok: false,
        left: 81,
      })
    })

    it('goes on from what was spent before', async () => {
      const store = await open()
      const spend = (period: BudgetPeriod, cost: number, at = start) => ({
        keyId: 'k',
        period,
        start: periodStart(period, at),
        cost,
        tokens: 0,
      })
      await store.seed([spend('day', 5), spend('month', 50), spend('total', 500)], start)
      const left = async (per: BudgetPeriod): Promise<unknown> => {
        const answer = await store.hold('k', [{ per, usd: 1000 }], 1000, start)
        return answer.ok || answer.left
      }
      expect([await left('day'), await left('month'), await left('total')]).toEqual([995, 950, 500])
      await store.spend('k', 7, start)
      expect([await left('day'), await left('month'), await left('total')]).toEqual([988, 943, 493])
      await store.spend('k', 1, start - dayMs)
      expect([await left('day'), await left('month'), await left('total')]).toEqual([988, 942, 492])
    })

    it('never lets spent and held exceed a budget together, whatever the order of holds and settlements', async () => {
      const event = fc.oneof(
        fc.record({
          kind: fc.constant('hold' as const),
          nano: fc.nat(60),
          wait: fc.oneof(fc.constant(0), fc.nat(dayMs)),
        }),
        fc.record({
          kind: fc.constant('settle' as const),
          which: fc.nat(),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        fc.record({ kind: fc.constant('spend' as const), nano: fc.nat(10) }),
      )
      const budgets = fc.array(fc.record({ per: fc.constantFrom(...budgetPeriods), usd: fc.nat(200) }), {
        minLength: 1,
        maxLength: 3,
      })
      await fc.assert(
        fc.asyncProperty(budgets, fc.array(event, { maxLength: 60 }), async (limits, events) => {
          const store = await open()
          const open_: { hold: BudgetHold; nano: number; at: number }[] = []
          const spent: { nano: number; at: number }[] = []
          let now = start
          const used = (per: BudgetPeriod): number =>
            [...open_, ...spent]
              .filter(({ at }) => periodStart(per, at) === periodStart(per, now))
              .reduce((sum, { nano }) => sum + nano, 0)
          for (const step of events) {
            if (step.kind === 'hold') {
              now += step.wait
              const answer = await store.hold('k', limits, step.nano, now)
              const fits = limits.every(({ per, usd }) => used(per) + step.nano <= usd)
              expect(answer.ok).toBe(fits)
              if (answer.ok) open_.push({ hold: answer.hold, nano: step.nano, at: now })
            } else if (step.kind === 'spend') {
              await store.spend('k', step.nano, now)
              spent.push({ nano: step.nano, at: now })
            } else {
              const [settled] = open_.splice(step.which % Math.max(1, open_.length), 1)
              if (settled === undefined) continue
              const actual = Math.floor(settled.nano * step.share)
              await store.settle(settled.hold, actual)
              spent.push({ nano: actual, at: settled.at })
            }
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}

function bucket(id: string, count: number, periodMs: number, cost = 1): Charge {
  return { id, count, periodMs, cost }
}

async function settle(
  store: CounterStore,
  answer: Awaited<ReturnType<CounterStore['hold']>>,
  actual: number,
): Promise<void> {
  if (!answer.ok) throw new Error('nothing was held')
  await store.settle(answer.hold, actual)
}

/** The algorithm as it is published, by theoretical arrival times, in whole multiples of 1/count milliseconds. */
class ExactCells {
  readonly #count: bigint
  readonly #periodMs: bigint
  #arrival = 0n

  constructor(count: number, periodMs: number) {
    this.#count = BigInt(count)
    this.#periodMs = BigInt(periodMs)
  }

  take(cost: number, now: number): Taken {
    const at = BigInt(now) * this.#count
    const burst = this.#periodMs * this.#count
    const from = this.#arrival > at ? this.#arrival : at
    const next = from + BigInt(cost) * this.#periodMs
    const ok = next <= at + burst || cost === 0
    if (ok && cost > 0) this.#arrival = next
    const owed = (this.#arrival > at ? this.#arrival : at) - at
    const room = burst - owed
    const state = {
      limit: Number(this.#count),
      remaining: room > 0n ? Number(room / this.#periodMs) : 0,
      resetMs: Number((owed + this.#count - 1n) / this.#count),
    }
    if (ok) return { ok, states: [state] }
    const excess = next - at - burst
    const wait = BigInt(cost) > this.#count ? Infinity : Number((excess + this.#count - 1n) / this.#count)
    return { ok, states: [state], refusedBy: 0, retryAfterMs: wait }
  }

  adjust(cost: number, now: number): void {
    const at = BigInt(now) * this.#count
    const from = this.#arrival > at ? this.#arrival : at
    const next = from + BigInt(cost) * this.#periodMs
    const most = at + this.#periodMs * this.#count * 10n
    this.#arrival = next < at ? at : cost > 0 && next > most ? (from > most ? from : most) : next
  }
}
