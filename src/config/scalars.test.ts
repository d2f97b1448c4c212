/** Durations, sizes and rate limits: what is written exactly is read exactly, and everything else is refused with a way out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, maxDurationMs, parseDuration, parseRetention } from '../kernel/duration.ts'
import { parseRateLimit } from './rate-limit.ts'
import { ScalarError } from '../kernel/scalar-error.ts'
import { flag, integer, moment, usd } from './scalars.ts'
import { formatSize, parseSize } from './size.ts'

const refusal = (parse: () => unknown): string | undefined => {
  try {
    parse()
  } catch (error) {
    return error instanceof ScalarError ? error.message : `threw ${String(error)}`
  }
  return undefined
}

describe('durations', () => {
  it('read back what they write, for every millisecond a timer can hold', () => {
    expect(() => parseDuration('30d')).toThrow('longer than 24 days')
    expect(parseRetention('30d')).toBe(30 * 86_400_000)
    expect(() => parseRetention('40000d')).toThrow('longer than a hundred years')
    fc.assert(fc.property(fc.integer({ min: 0, max: maxDurationMs }), (ms) => parseDuration(formatDuration(ms)) === ms))
  })

  it('add up their parts', () => {
    const unit = fc.constantFrom(['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000]) as fc.Arbitrary<
      [string, number]
    >
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), unit, (count, [name, factor]) => {
        expect(parseDuration(`${count}${name}`)).toBe(count * factor)
      }),
    )
    expect(parseDuration('1d2h3m4s5ms')).toBe(93_784_005)
    expect(parseDuration(' 1.5s ')).toBe(1500)
    expect(parseDuration(0)).toBe(0)
    expect(parseDuration('0')).toBe(0)
  })

  it.each([
    '',
    '30',
    30,
    '-1s',
    '1 s',
    '1s30',
    '30s1m',
    '1s1s',
    '1w',
    's',
    '1e3s',
    '١s',
    'Infinity',
    '0.1ms',
    '25d',
    `${'9'.repeat(400)}s`,
  ])('refuse %j', (text) => {
    expect(refusal(() => parseDuration(text))).toMatch(/^(is|must) /)
  })

  it('never throw anything but a ScalarError, and never exceed what a timer holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.smhd ]{0,12}$/)), (text) => {
        const message = refusal(() => {
          const ms = parseDuration(text)
          expect(Number.isSafeInteger(ms) && ms >= 0 && ms <= maxDurationMs).toBe(true)
        })
        expect(message ?? 'is').not.toMatch(/^threw/)
      }),
    )
  })
})

describe('sizes', () => {
  it('read back what they write', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes))
  })

  it('know both kinds of thousand', () => {
    expect([1024, '1024', '1024B', '1KiB', '1kB', '1.5 MiB', '2GB'].map(parseSize)).toEqual([
      1024, 1024, 1024, 1024, 1000, 1_572_864, 2_000_000_000,
    ])
  })

  it.each(['', '-1', '1.5', '1.0001KiB', '32mib', '32M', 'MiB', '1 2', '0x10', '1e9', '9'.repeat(30)])(
    'refuse %j',
    (text) => {
      expect(refusal(() => parseSize(text))).toMatch(/^is /)
    },
  )
})

describe('rate limits', () => {
  it('read count and period, however the number is grouped', () => {
    const period = fc.constantFrom(
      ['s', 'second'],
      ['sec', 'second'],
      ['min', 'minute'],
      ['m', 'minute'],
      ['hour', 'hour'],
      ['d', 'day'],
    )
    fc.assert(
      fc.property(fc.integer({ min: 1 }), period, (count, [written, per]) => {
        expect(parseRateLimit(`${count}/${written ?? ''}`)).toEqual({ count, per })
      }),
    )
    expect(parseRateLimit('1_000_000 / day')).toEqual({ count: 1_000_000, per: 'day' })
    expect([parseRateLimit('20k/h'), parseRateLimit('2M/d')]).toEqual([
      { count: 20_000, per: 'hour' },
      { count: 2_000_000, per: 'day' },
    ])
  })

  it.each([
    '',
    '600',
    600,
    '600/',
    '/min',
    '0/min',
    '-1/min',
    '1.5/min',
    '600/week',
    '600/MIN',
    '1__0/s',
    `${'9'.repeat(20)}/s`,
  ])('refuse %j', (text) => {
    expect(refusal(() => parseRateLimit(text))).toMatch(/^(is|allows) /)
  })
})

describe('other scalars', () => {
  it('read numbers and flags from text too, because environment variables are text', () => {
    expect([integer(0).parse(8080), integer(0).parse('8080'), integer(0).parse('10_000')]).toEqual([8080, 8080, 10_000])
    expect([true, 'true', false, 'false'].map((value) => flag.parse(value))).toEqual([true, true, false, false])
  })

  it('refuse what is nearly a number or a flag', () => {
    for (const value of [1.5, '1.5', '0x10', '1e3', '', ' ', -1, '-1', 2 ** 53, Number.NaN]) {
      expect(integer(0).safeParse(value).success).toBe(false)
    }
    for (const value of [0, 1, 'yes', 'TRUE', '']) expect(flag.safeParse(value).success).toBe(false)
  })

  it('read money exactly', () => {
    expect([usd.parse(0.1), usd.parse('0.0375'), usd.parse(25), usd.parse('1e-7')]).toEqual([
      100_000_000, 37_500_000, 25_000_000_000, 100,
    ])
    for (const value of [-1, '1e-10', 'ten', '', 1e300]) expect(usd.safeParse(value).success).toBe(false)
  })

  it('read dates that exist, in UTC unless they say otherwise', () => {
    expect(moment.parse('2027-01-31')).toBe(Date.UTC(2027, 0, 31))
    expect(moment.parse('2028-02-29')).toBe(Date.UTC(2028, 1, 29))
    expect(moment.parse('2027-01-31T12:00:00+02:00')).toBe(Date.UTC(2027, 0, 31, 10))
    for (const text of [
      '2027-02-29',
      '2027-02-30T00:00:00Z',
      '2027-13-01',
      '2027-01-31T12:00:00',
      '31.1.2027',
      'tomorrow',
      '',
    ]) {
      expect(moment.safeParse(text).success).toBe(false)
    }
  })
})
