/** Headers in the spelling of each protocol. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anthropicHeaders, formatDuration, openaiHeaders } from './rate-limit-headers.ts'

const states = {
  requests: { limit: 60, remaining: 59, resetMs: 1000 },
  tokens: { limit: 150_000, remaining: 149_984, resetMs: 360_000 },
}

describe('rate limit headers', () => {
  it("are written as OpenAI's clients read them", () => {
    expect(openaiHeaders(states)).toEqual({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    })
  })

  it("are written as Anthropic's clients read them", () => {
    expect(anthropicHeaders(states, Date.UTC(2025, 0, 31, 23, 59, 58, 1))).toEqual({
      'anthropic-ratelimit-requests-limit': '60',
      'anthropic-ratelimit-requests-remaining': '59',
      'anthropic-ratelimit-requests-reset': '2025-02-01T00:00:00Z',
      'anthropic-ratelimit-tokens-limit': '150000',
      'anthropic-ratelimit-tokens-remaining': '149984',
      'anthropic-ratelimit-tokens-reset': '2025-02-01T00:05:59Z',
    })
  })

  it('tell only of limits that there are', () => {
    expect(openaiHeaders({})).toEqual({})
    expect(Object.keys(anthropicHeaders({ tokens: states.tokens }, 0))).toHaveLength(3)
  })

  it('write durations that mean what they were made from, rounded up to milliseconds', () => {
    expect([0, 0.2, 17, 999, 1000, 8640, 60_000, 3_600_000, 86_399_500].map(formatDuration)).toEqual([
      '0s',
      '1ms',
      '17ms',
      '999ms',
      '1s',
      '8.64s',
      '1m0s',
      '1h0m0s',
      '23h59m59.5s',
    ])
    fc.assert(
      fc.property(fc.nat(864_000_000), (milliseconds) => {
        const parts = formatDuration(milliseconds).matchAll(/([\d.]+)(h|ms|m|s)/g)
        const unit = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
        const read = [...parts].reduce(
          (sum, [, amount, name]) => sum + Number(amount) * unit[name as keyof typeof unit],
          0,
        )
        expect(Math.round(read)).toBe(milliseconds)
      }),
    )
  })
})
