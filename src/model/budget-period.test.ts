/** The calendar's laws: periods are half-open, touch each other without gap, and are the civil ones of UTC. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { periodEnd, periodStart } from './budget-period.ts'

describe('budget periods', () => {
  it('begin a day at midnight and a month on its first day, in UTC', () => {
    const at = Date.UTC(2024, 1, 29, 23, 59, 59, 999)
    expect(new Date(periodStart('day', at)).toISOString()).toBe('2024-02-29T00:00:00.000Z')
    expect(new Date(periodStart('month', at)).toISOString()).toBe('2024-02-01T00:00:00.000Z')
    expect(new Date(periodEnd('day', at) ?? 0).toISOString()).toBe('2024-03-01T00:00:00.000Z')
    expect(new Date(periodEnd('month', at) ?? 0).toISOString()).toBe('2024-03-01T00:00:00.000Z')
    expect(new Date(periodEnd('month', Date.UTC(2024, 11, 31)) ?? 0).toISOString()).toBe('2025-01-01T00:00:00.000Z')
    expect(periodStart('total', at)).toBe(0)
    expect(periodEnd('total', at)).toBeUndefined()
  })

  it('contain the instant they are asked for, and begin where the one before ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800_000 }),
        fc.constantFrom('day' as const, 'month' as const),
        (at, period) => {
          const start = periodStart(period, at)
          const end = periodEnd(period, at) ?? Number.NaN
          expect(start).toBeLessThanOrEqual(at)
          expect(at).toBeLessThan(end)
          expect(periodStart(period, end)).toBe(end)
          expect(periodStart(period, end - 1)).toBe(start)
        },
      ),
    )
  })
})
