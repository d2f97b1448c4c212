/** Reset headers as services spell them; only what is used up asks for a pause. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './retry-after.ts'

const date = 'Fri, 27 Nov 2026 10:00:00 GMT'
const at = Date.parse(date)

describe('rate limit headers', () => {
  it.each([
    ['a duration', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    ['fractions', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '7.66s' }, 7660],
    ['milliseconds', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12ms' }, 12],
    ['hours', { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1h2m3s' }, 3_723_000],
    ['seconds', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '41' }, 41_000],
    [
      'fractions of a second, by the day',
      { 'x-ratelimit-remaining-requests-day': '0', 'x-ratelimit-reset-requests-day': '33011.382867' },
      33_011_383,
    ],
    [
      'a date',
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-11-27T10:00:30Z',
      },
      30_000,
    ],
    ['a Unix time', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(at / 1000 + 9) }, 9000],
    ['a Unix time in milliseconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(at + 1500) }, 1500],
    ['the name of the draft', { 'ratelimit-remaining': '0', 'ratelimit-reset': '5' }, 5000],
    [
      'several, of which the last one counts',
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '2s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '9s',
      },
      9000,
    ],
  ])('tell a pause by %s', (_name, headers, expected) => {
    expect(retryAfterMs({ date, ...headers })).toBe(expected)
  })

  it.each([
    ['something is left', { 'x-ratelimit-remaining-requests': '3', 'x-ratelimit-reset-requests': '20ms' }],
    ['what is left is not told', { 'x-ratelimit-reset': '60' }],
    [
      'there is no limit',
      {
        'x-ratelimit-limit-tokens': '-1',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '0',
      },
    ],
    ['they cannot be read', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }],
  ])('ask for none where %s', (_name, headers) => {
    expect(retryAfterMs({ date, ...headers })).toBeUndefined()
  })

  it('come after what retry-after says', () => {
    const headers = { 'retry-after': '3', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' }
    expect(retryAfterMs(headers)).toBe(3000)
  })

  it('never make a pause that is negative or no number', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 4 }), (reset, remaining) => {
        const wait = retryAfterMs({
          'x-ratelimit-remaining': remaining,
          'x-ratelimit-reset': reset,
          'ratelimit-remaining': '0',
          'ratelimit-reset': reset,
        })
        expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true)
      }),
    )
  })
})
