/** What every driver of the usage store must do, as tests that each driver runs against its real database. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { budgetPeriods, periodStart } from '../../model/budget-period.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { Reservation } from '../../model/reservation.ts'
import type { Spend, UsageQuery, UsageRow, UsageStore } from '../../stores/usage-store.ts'

export interface UsageStoreFixture extends AsyncDisposable {
  readonly store: UsageStore
  /** A connection of its own to the same data, as another process would have. */
  readonly other: UsageStore
}

const start = Date.UTC(2025, 0, 31, 22)
const hour = 3_600_000

/** `open` gives an empty store each time. */
export function describeUsageStore(name: string, open: () => Promise<UsageStoreFixture>): void {
  describe(`usage store: ${name}`, () => {
    it('begins at the beginning of the journal and keeps the position with the records', async () => {
      await using fixture = await open()
      expect(fixture.store.position()).toEqual({ segment: 0, offset: 0 })
      fixture.store.ingest([sampleRecord(1)], { segment: 3, offset: 4096 })
      expect(fixture.store.position()).toEqual({ segment: 3, offset: 4096 })
      expect(fixture.other.position()).toEqual({ segment: 3, offset: 4096 })
      expect(fixture.other.list({ limit: 9 })).toEqual([sampleRecord(1)])
    })

    it('counts a record once, however often it is taken in', async () => {
      await using fixture = await open()
      const record = sampleRecord(1)
      fixture.store.ingest([record, record], { segment: 1, offset: 1 })
      fixture.other.ingest([record, sampleRecord(2)], { segment: 1, offset: 2 })
      expect(fixture.store.list({ limit: 9 }).map(({ id }) => id)).toEqual([sampleRecord(2).id, record.id])
      expect(fixture.store.summarize({ groupBy: 'none' })).toMatchObject([
        { requests: 2, cost: 2n * BigInt(record.cost!) },
      ])
      expect(fixture.store.spends(record.at).map(({ cost }) => cost)).toEqual([2, 2, 2].map((n) => n * record.cost!))
    })

    it('adds spends by UTC day, month and all time, and tells those that contain an instant', async () => {
      await using fixture = await open()
      const records = [0, 1, 2, 3].map((n) => sampleRecord(n, { at: start + n * hour, cost: 10 ** n }))
      fixture.store.ingest(records, { segment: 1, offset: 1 })
      const spends = (at: number, keyId?: string): Record<string, number> =>
        Object.fromEntries(fixture.store.spends(at, keyId).map((spend) => [spend.period, spend.cost]))
      expect(spends(start)).toEqual({ day: 11, month: 11, total: 1111 })
      expect(spends(start + 2 * hour)).toEqual({ day: 1100, month: 1100, total: 1111 })
      expect(spends(start + 40 * 24 * hour)).toEqual({ total: 1111 })
      expect(spends(start, 'key_other')).toEqual({})
      expect(fixture.store.spends(start, 'key_1').map((spend) => [spend.start, spend.tokens])).toEqual(
        expect.arrayContaining([
          [0, 6000],
          [Date.UTC(2025, 0, 1), 3000],
          [Date.UTC(2025, 0, 31), 3000],
        ]),
      )
    })

    it('does not charge a key for an exchange that had none', async () => {
      await using fixture = await open()
      const { keyId: _none, ...record } = sampleRecord(1)
      fixture.store.ingest([record], { segment: 1, offset: 1 })
      expect(fixture.store.spends(record.at)).toEqual([])
      expect(fixture.store.summarize({ groupBy: 'key' })).toMatchObject([{ group: '', requests: 1 }])
    })

    it('lists newest first or oldest first and turns pages by id without gap or repetition, for all keys and for one', async () => {
      await using fixture = await open()
      const records = Array.from({ length: 25 }, (_, n) => sampleRecord(n, { keyId: n % 3 === 0 ? 'key_a' : 'key_b' }))
      fixture.store.ingest(records.toReversed(), { segment: 1, offset: 1 })
      for (const keyId of [undefined, 'key_a', 'key_b']) {
        const seen: string[] = []
        let before: string | undefined
        for (;;) {
          const page = fixture.store.list({ limit: 4, ...(before && { before }), ...(keyId && { keyId }) })
          if (page.length === 0) break
          seen.push(...page.map(({ id }) => id))
          before = page.at(-1)?.id
        }
        const expected = records.filter((record) => keyId === undefined || record.keyId === keyId).map(({ id }) => id)
        expect(seen).toEqual(expected.toReversed())
        const forwards: string[] = []
        for (let after: string | undefined = ''; after !== undefined; after = forwards.at(-1)) {
          const page = fixture.store.list({ limit: 4, after, ...(keyId && { keyId }) })
          if (page.length === 0) break
          forwards.push(...page.map(({ id }) => id))
        }
        expect(forwards).toEqual(expected)
      }
    })

    it('tells failures, unknown costs and cached tokens apart', async () => {
      await using fixture = await open()
      const { cost: _cost, ...unpriced } = sampleRecord(2, { unpriced: true })
      fixture.store.ingest([sampleRecord(1), unpriced, sampleRecord(3, { outcome: 'cut', status: 200 })], {
        segment: 1,
        offset: 1,
      })
      expect(fixture.store.summarize({ groupBy: 'none' })).toEqual([
        {
          group: '',
          requests: 3,
          failed: 1,
          inputTokens: 3000,
          cachedTokens: 1200,
          outputTokens: 1500,
          cost: 246_912n,
          unpriced: 1,
        },
      ])
    })

    it('sums beyond the range of a double without losing a nano-USD', async () => {
      await using fixture = await open()
      const records = [1, 2, 3].map((n) => sampleRecord(n, { cost: Number.MAX_SAFE_INTEGER }))
      fixture.store.ingest(records, { segment: 1, offset: 1 })
      expect(fixture.store.summarize({ groupBy: 'key' })[0]?.cost).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER))
      expect(fixture.store.spends(records[0]!.at)[0]?.cost).toBe(Number.MAX_SAFE_INTEGER)
    })

    it('summarizes any span by any group as adding the records up one by one would', async () => {
      await using fixture = await open()
      const records = fc.sample(recordArbitrary, { numRuns: 150, seed: 7 }).map((record, n) => sampleRecord(n, record))
      for (let n = 0; n < records.length; n += 40)
        fixture.store.ingest(records.slice(n, n + 40), { segment: 1, offset: n })
      fc.assert(
        fc.property(queryArbitrary, (query) => {
          expect(fixture.store.summarize(query)).toEqual(expectedRows(records, query))
        }),
        { numRuns: 60 },
      )
    })

    it('sums up each way through routers, by whole hours', async () => {
      await using fixture = await open()
      const [one, other] = ['main:weighted > a/m', 'main:weighted > b/m']
      const records = [
        sampleRecord(1, { at: start, route: one, durationMs: 100.9, cost: 5 }),
        sampleRecord(2, { at: start + 10, route: one, durationMs: 300, outcome: 'fault', cost: 0 }),
        sampleRecord(3, { at: start + hour, route: one, durationMs: 50, cost: 7, keyId: 'key_9' }),
        sampleRecord(4, { at: start + hour, route: other, durationMs: 20, cost: 1, unpriced: true }),
        sampleRecord(5, { at: start + hour }),
      ]
      fixture.store.ingest(records.slice(0, 2), { segment: 1, offset: 1 })
      fixture.store.ingest(records.slice(1), { segment: 1, offset: 2 })
      const sums = { requests: 3, failed: 1, answers: 2, answerMs: 150, cost: 12n, unpriced: 0 }
      const others = { requests: 1, failed: 0, answers: 1, answerMs: 20, cost: 1n, unpriced: 1 }
      expect(fixture.other.routes({})).toEqual([
        { route: one, ...sums },
        { route: other, ...others },
      ])
      expect(fixture.store.routes({ from: start + hour + 5 })).toMatchObject([{ requests: 1 }, { requests: 1 }])
      expect(fixture.store.routes({ to: start + hour })).toMatchObject([{ requests: 2 }])
      expect(fixture.store.routes({ keyId: 'key_9' })).toMatchObject([{ route: one, requests: 1 }])
    })

    it('holds reservations until their record comes, in whatever order', async () => {
      await using fixture = await open()
      fixture.store.ingest([], { segment: 1, offset: 1 }, [
        sampleReservation(1),
        sampleReservation(2),
        sampleReservation(3),
      ])
      fixture.store.ingest([sampleRecord(2)], { segment: 1, offset: 2 }, [sampleReservation(3)])
      expect(fixture.other.heldReservations()).toEqual([sampleReservation(1), sampleReservation(3)])
      fixture.store.ingest([sampleRecord(1)], { segment: 1, offset: 3 }, [sampleReservation(2), sampleReservation(1)])
      expect(fixture.store.heldReservations()).toEqual([sampleReservation(3)])
    })

    it('takes all of a batch or nothing', async () => {
      await using fixture = await open()
      fixture.store.ingest([sampleRecord(1)], { segment: 1, offset: 1 })
      const cyclic: Record<string, unknown> = { ...sampleRecord(3) }
      cyclic['extra'] = cyclic
      expect(() =>
        fixture.store.ingest([sampleRecord(2), cyclic as unknown as ExchangeRecord], { segment: 1, offset: 2 }),
      ).toThrow()
      expect(fixture.store.position()).toEqual({ segment: 1, offset: 1 })
      expect(fixture.store.list({ limit: 9 })).toHaveLength(1)
      expect(fixture.store.summarize({ groupBy: 'none' })).toMatchObject([{ requests: 1 }])
    })

    it('stores a record whose figures are nonsense rather than being blocked by it', async () => {
      await using fixture = await open()
      const record = sampleRecord(1, {
        cost: Number.NaN,
        usage: { input: { total: -5, cacheRead: 1.5 }, output: { total: 1e300 } },
        modelServed: '\u0000💥',
      })
      fixture.store.ingest([record], { segment: 1, offset: 1 })
      expect(fixture.store.summarize({ groupBy: 'model' })).toMatchObject([
        { group: '\u0000💥', inputTokens: 0, cachedTokens: 1, cost: 0n },
      ])
    })

    it('forgets old records in bounded steps, keeping sums and spends', async () => {
      await using fixture = await open()
      const records = Array.from({ length: 10 }, (_, n) => sampleRecord(n, { at: start + n * hour }))
      fixture.store.ingest(records, { segment: 1, offset: 1 })
      expect(fixture.store.prune(start + 6 * hour, 4)).toBe(4)
      expect(fixture.store.prune(start + 6 * hour, 4)).toBe(2)
      expect(fixture.store.prune(start + 6 * hour, 4)).toBe(0)
      expect(fixture.store.list({ limit: 99 })).toHaveLength(4)
      expect(fixture.store.summarize({ groupBy: 'none' })).toMatchObject([{ requests: 10 }])
      expect(fixture.store.spends(start).find(({ period }) => period === 'total')?.cost).toBe(
        10 * sampleRecord(0).cost!,
      )
    })
  })
}

const recordArbitrary = fc.record({
  at: fc.integer({ min: start, max: start + 6 * hour }),
  keyId: fc.constantFrom('key_a', 'key_b'),
  provider: fc.constantFrom('openai', 'anthropic'),
  modelServed: fc.constantFrom('one', 'two', 'three'),
  cost: fc.integer({ min: 0, max: 1_000_000 }),
  outcome: fc.constantFrom('ok' as const, 'fault' as const),
})

const queryArbitrary: fc.Arbitrary<UsageQuery> = fc
  .record(
    {
      from: fc.integer({ min: start - hour, max: start + 7 * hour }),
      to: fc.integer({ min: start - hour, max: start + 7 * hour }),
      keyId: fc.constantFrom('key_a', 'key_c'),
      groupBy: fc.constantFrom('model' as const, 'provider' as const, 'key' as const, 'day' as const, 'none' as const),
    },
    { requiredKeys: ['groupBy'] },
  )
  .map((query) => query as UsageQuery)

function expectedRows(records: readonly ExchangeRecord[], query: UsageQuery): UsageRow[] {
  const rows = new Map<string, UsageRow>()
  for (const record of records) {
    if (record.at < (query.from ?? 0) || record.at >= (query.to ?? Infinity)) continue
    if (query.keyId !== undefined && record.keyId !== query.keyId) continue
    const groups = {
      model: record.modelServed!,
      provider: record.provider!,
      key: record.keyId!,
      day: new Date(record.at).toISOString().slice(0, 10),
      none: '',
    }
    const group = groups[query.groupBy]
    const row = rows.get(group) ?? {
      group,
      requests: 0,
      failed: 0,
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      cost: 0n,
      unpriced: 0,
    }
    rows.set(group, {
      ...row,
      requests: row.requests + 1,
      failed: row.failed + (record.outcome === 'ok' ? 0 : 1),
      inputTokens: row.inputTokens + 1000,
      cachedTokens: row.cachedTokens + 400,
      outputTokens: row.outputTokens + 500,
      cost: row.cost + BigInt(record.cost!),
    })
  }
  return [...rows.values()].sort((a, b) => (a.group < b.group ? -1 : 1))
}

/** Record number `n`: ids ascend with `n`; 1000 input tokens (400 cached), 500 output tokens, 123456 nano-USD. */
export function sampleRecord(n: number, overrides: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    id: `ex_${String(n).padStart(8, '0')}`,
    requestId: `req_${n}`,
    at: start,
    surface: 'openai-chat',
    operation: 'chat',
    keyId: 'key_1',
    keyName: 'prod',
    modelAsked: 'fast',
    deployment: 'openai/gpt-4o',
    provider: 'openai',
    modelServed: 'gpt-4o',
    stream: false,
    attempts: [
      { deployment: 'openai/gpt-4o', provider: 'openai', model: 'gpt-4o', startedMs: 0.5, durationMs: 20, status: 200 },
    ],
    usage: { input: { total: 1000, cacheRead: 400 }, output: { total: 500 } },
    cost: 123_456,
    durationMs: 21.5,
    overheadMs: 0.25,
    status: 200,
    outcome: 'ok',
    ...overrides,
  }
}

/** The reservation that `sampleRecord(n)` settles. */
export function sampleReservation(n: number, overrides: Partial<Reservation> = {}): Reservation {
  const { id, requestId, at, surface, operation, stream } = sampleRecord(n)
  return {
    id,
    requestId,
    at,
    surface,
    operation,
    stream,
    keyId: 'key_1',
    modelAsked: 'fast',
    nano: 500_000,
    ...overrides,
  }
}

/** What the records of one key add up to, for comparison with `spends`. */
export function spendOf(records: readonly ExchangeRecord[], keyId: string, at: number): Spend[] {
  return budgetPeriods.map((period) => {
    const begun = periodStart(period, at)
    const mine = records.filter((record) => record.keyId === keyId && periodStart(period, record.at) === begun)
    return {
      keyId,
      period,
      start: begun,
      cost: mine.reduce((sum, record) => sum + (record.cost ?? 0), 0),
      tokens: mine.reduce(
        (sum, record) => sum + (record.usage?.input.total ?? 0) + (record.usage?.output.total ?? 0),
        0,
      ),
    }
  })
}
