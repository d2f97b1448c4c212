/** What is owed after a restart is what would be owed without one, but for the hour in which it was used. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Gcra } from '../../stores/drivers/memory/gcra.ts'
import { owedOf } from './past-use.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

it('is as much as a bucket that was never stopped would owe, or at most an hour’s drain more', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(24 * hour - 1), tokens: fc.integer({ min: 1, max: 300 }) }), { maxLength: 30 }),
      fc.integer({ min: 24, max: 5000 }),
      (uses, count) => {
        const ordered = uses.toSorted((a, b) => a.at - b.at)
        const bucket = { id: 'b', count, periodMs: 24 * hour }
        const gcra = new Gcra()
        const hours = new Map<number, number>()
        for (const { at, tokens } of ordered) {
          gcra.adjust([{ ...bucket, cost: tokens }], start + at)
          const of = Math.floor(at / hour)
          hours.set(of, (hours.get(of) ?? 0) + tokens)
        }
        const now = start + 24 * hour
        const use = [...hours].map(([of, tokens]) => ({ until: start + (of + 1) * hour, requests: 0, tokens }))
        const owed = owedOf(use, 'tokens', bucket, now)
        const [state] = gcra.take([{ ...bucket, cost: 0 }], now).states
        const really = Math.max(0, count - (state?.remaining ?? 0))
        if (really < count) expect(owed).toBeGreaterThanOrEqual(really - 1)
        expect(owed).toBeLessThanOrEqual(
          Math.max(really, 0) + count / 24 + ordered.reduce((sum, { tokens }) => sum + tokens, 0),
        )
      },
    ),
  )
})

it('is nothing where nothing was used, or all of it has come back', () => {
  const bucket = { count: 240, periodMs: 24 * hour }
  expect(owedOf([], 'requests', bucket, start)).toBe(0)
  expect(owedOf([{ until: start, requests: 10, tokens: 0 }], 'requests', bucket, start)).toBe(10)
  expect(owedOf([{ until: start, requests: 10, tokens: 0 }], 'requests', bucket, start + hour)).toBe(0)
})
