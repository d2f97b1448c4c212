/** What is left of a provider's limits, from what its answers say: never more than was told and has come back since. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { HeaderAllowance } from './header-allowance.ts'

function allowance() {
  const clock = new FakeClock()
  const known = new HeaderAllowance(clock, () => undefined)
  const heard = (headers: Record<string, string>, sentAt = clock.monotonic()) => {
    known.begin(0, 0)
    known.end(0, 0, sentAt, headers)
  }
  return { clock, known, heard }
}

const requests = (remaining: number, limit = 60, reset = '60s') => ({
  'x-ratelimit-remaining-requests': String(remaining),
  'x-ratelimit-limit-requests': String(limit),
  'x-ratelimit-reset-requests': reset,
})

describe('an allowance', () => {
  it('knows nothing before an answer tells something', () => {
    const { known, heard } = allowance()
    heard({ 'content-type': 'application/json' })
    expect([known.told, known.shortMs(1e9, 1e9), known.left()]).toEqual([false, 0, []])
  })

  it('is short when nothing is left, until enough has come back', () => {
    const { clock, known, heard } = allowance()
    heard(requests(0))
    expect(known.shortMs(1, 0)).toBe(1000)
    clock.skip(999)
    expect(known.shortMs(1, 0)).toBeGreaterThan(0)
    clock.skip(1)
    expect(known.shortMs(1, 0)).toBe(0)
  })

  it('takes off what is under way, and gives it back when an answer tells anew or none comes', () => {
    const { clock, known, heard } = allowance()
    heard(requests(2))
    known.begin(0, 0)
    expect(known.shortMs(1, 0)).toBe(0)
    const sentAt = clock.monotonic()
    known.begin(0, 0)
    expect(known.shortMs(1, 0)).toBeGreaterThan(0)
    known.end(0, 0, sentAt)
    expect(known.shortMs(1, 0)).toBe(0)
    known.end(0, 0, sentAt, requests(0))
    expect(known.shortMs(1, 0)).toBeGreaterThan(0)
  })

  it('believes the answer to the latest request', () => {
    const { clock, known, heard } = allowance()
    clock.skip(100)
    heard(requests(0), 90)
    heard(requests(50), 10)
    expect(known.left()).toEqual([{ name: 'requests', left: 0 }])
  })

  it('counts input, and what the answer may have, by what each limit counts', () => {
    const { known, heard } = allowance()
    heard({
      'anthropic-ratelimit-input-tokens-remaining': '1000',
      'anthropic-ratelimit-input-tokens-limit': '80000',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-15T12:01:00Z',
      'anthropic-ratelimit-output-tokens-remaining': '1',
      'anthropic-ratelimit-output-tokens-limit': '16000',
      'anthropic-ratelimit-output-tokens-reset': '2026-01-15T12:01:00Z',
    })
    expect(known.shortMs(1000, 64_000)).toBe(0)
    expect(known.shortMs(1001, 0)).toBeGreaterThan(0)
    heard({ 'x-ratelimit-remaining-tokens': '1000' })
    expect(known.shortMs(900, 100)).toBe(0)
    expect(known.shortMs(900, 101)).toBe(60_000)
  })

  it('forgets what has no reset after a while, and takes a limit of -1 for none', () => {
    const { clock, known, heard } = allowance()
    heard({ 'x-ratelimit-remaining-requests': '0' })
    clock.skip(9_999)
    expect(known.shortMs(1, 0)).toBe(1)
    clock.skip(1)
    expect([known.shortMs(1, 0), known.left()]).toEqual([0, []])
    heard({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-limit-tokens': '-1' })
    expect(known.shortMs(1e6, 0)).toBe(0)
  })

  it('is never stuck, whatever headers say: in the end it suffices, or all of the limit would not', () => {
    const text = fc.oneof(fc.nat().map(String), fc.constantFrom('', '-1', '1m0s', '0s', 'soon', '2026-01-15T12:00:09Z'))
    fc.assert(
      fc.property(text, text, text, fc.nat(1e6), (remaining, limit, reset, input) => {
        const { clock, known, heard } = allowance()
        heard({
          'x-ratelimit-remaining-tokens': remaining,
          'x-ratelimit-limit-tokens': limit,
          'x-ratelimit-reset-tokens': reset,
        })
        const wait = known.shortMs(input, 0)
        expect(wait).toBeGreaterThanOrEqual(0)
        clock.skip(1e13)
        const limited = /^\d+$/.test(limit) && input > Number(limit)
        if (!limited) expect(known.shortMs(input, 0)).toBe(0)
      }),
    )
  })

  it('has as much under way as before when all that began has ended', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 30 }), (sizes) => {
        const { known, heard } = allowance()
        heard({ 'x-ratelimit-remaining-tokens': '500', 'x-ratelimit-remaining-requests': '1' })
        for (const [input, output] of sizes) known.begin(input, output)
        for (const [input, output] of sizes.toReversed()) known.end(input, output, 0)
        expect([known.shortMs(500, 0), known.shortMs(501, 0) > 0]).toEqual([0, true])
      }),
    )
  })
})
