/** What is left by what providers tell, in their own headers. */
import { describe, expect, it } from 'vitest'
import { limitsTold } from '../../kernel/codec/rate-limit-reset.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { KnownLimits } from './known-limits.ts'

function knowing(headers: Record<string, string>) {
  const clock = new FakeClock()
  const limits = new KnownLimits(clock)
  limits.tell(limitsTold(headers) ?? [])
  return { clock, limits }
}

describe('known limits', () => {
  it.each([
    [
      'OpenAI',
      {
        'x-ratelimit-remaining-requests': '5',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-remaining-tokens': '100',
        'x-ratelimit-reset-tokens': '60s',
      },
    ],
    [
      'Anthropic',
      {
        date: 'Thu, 21 Aug 2025 12:41:00 GMT',
        'anthropic-ratelimit-input-tokens-remaining': '100',
        'anthropic-ratelimit-input-tokens-reset': '2025-08-21T12:42:00Z',
        'anthropic-ratelimit-tokens-remaining': '9000',
        'anthropic-ratelimit-tokens-reset': '2025-08-21T12:42:00Z',
      },
    ],
  ])('of %s have room for what fits, until they begin anew', (_name, headers) => {
    const { clock, limits } = knowing(headers)
    expect([limits.hasRoomFor(100), limits.hasRoomFor(101)]).toEqual([true, false])
    limits.took(60)
    expect([limits.hasRoomFor(40), limits.hasRoomFor(41)]).toEqual([true, false])
    clock.skip(60_000)
    expect([limits.hasRoomFor(1e9), limits.known]).toEqual([true, false])
  })

  it('do not hold the input against what is left to be written, of which something has to be left', () => {
    const told = (output: string) =>
      knowing({
        date: 'Thu, 21 Aug 2025 12:41:00 GMT',
        'anthropic-ratelimit-input-tokens-remaining': '80000',
        'anthropic-ratelimit-input-tokens-reset': '2025-08-21T12:42:00Z',
        'anthropic-ratelimit-output-tokens-remaining': output,
        'anthropic-ratelimit-output-tokens-reset': '2025-08-21T12:42:00Z',
      }).limits
    expect([told('16000').hasRoomFor(80_000), told('16000').hasRoomFor(80_001)]).toEqual([true, false])
    expect(told('0').hasRoomFor(1)).toBe(false)
  })

  it('count requests too', () => {
    const { limits } = knowing({ 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '20s' })
    limits.took(5)
    expect(limits.hasRoomFor(0)).toBe(false)
  })

  it.each([
    [{ 'x-ratelimit-remaining-tokens': '-1', 'x-ratelimit-reset-tokens': '0', 'x-ratelimit-limit-tokens': '-1' }],
    [{ 'x-ratelimit-remaining-tokens': '5' }],
    [{ 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': '5' }],
    [{ 'content-type': 'application/json' }],
  ])('are none where nothing usable is told: %j', (headers) => {
    expect(limitsTold(headers)).toBeUndefined()
  })
})
