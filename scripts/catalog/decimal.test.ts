/** Dollars keep every digit that counts when their unit changes, and noise of binary fractions is no digit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUsd, parseUsd } from '../../src/model/money.ts'
import { usdText } from './decimal.ts'

describe('an amount of dollars', () => {
  it('comes to the same per token and per million tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000_000 }), (nano) => {
        const perMillion = formatUsd(nano)
        expect(usdText(Number(perMillion))).toBe(perMillion)
        // A price of that size per token, as sources write it.
        expect(usdText(Number(`${perMillion}e-6`), 6)).toBe(perMillion)
        expect(parseUsd(usdText(Number(perMillion)) ?? '')).toBe(nano)
      }),
    )
  })

  it('is rounded to what is counted', () => {
    expect(usdText(0.1 * 3)).toBe('0.3')
    expect(usdText(3e-7 * 0.7, 6)).toBe('0.21')
    expect(usdText(1.5e-9)).toBe('0.000000002')
    expect(usdText(1e-7, 6)).toBe('0.1')
    expect(usdText(1e21)).toBe('1000000000000000000000')
  })

  it('is unknown when it is zero, nothing, or no number', () => {
    for (const amount of [0, -1, 1e-12, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined])
      expect(usdText(amount)).toBeUndefined()
  })
})
