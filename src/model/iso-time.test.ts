/** Times are spelled exactly as the language itself spells them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoSecond, isoTime } from './iso-time.ts'

describe('times in RFC 3339', () => {
  it('are those of Date, whatever came before', () => {
    const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(time, fc.constantFrom(1_749_988_800_000, 1_749_988_800_999)), { maxLength: 6 }),
        (times) => {
          for (const at of times) {
            expect(isoTime(at)).toBe(new Date(at).toISOString())
            expect(isoTime(at + 0.9)).toBe(new Date(at).toISOString())
            const whole = Math.floor(at / 1000)
            expect(isoSecond(whole)).toBe(new Date(whole * 1000).toISOString().replace('.000Z', 'Z'))
          }
        },
      ),
    )
  })
})
