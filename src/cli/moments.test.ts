/** Points in time on the command line. */
import { describe, expect, it } from 'vitest'
import { CliError } from './cli-error.ts'
import { formatDay, formatMoment, parseExpiry, parseSince } from './moments.ts'

const now = Date.UTC(2026, 10, 21, 12)
const hour = 3_600_000

describe('moments', () => {
  it('reads distances ahead and back', () => {
    expect(parseExpiry('12h', now)).toBe(now + 12 * hour)
    expect(parseExpiry('30d', now)).toBe(now + 30 * 24 * hour)
    expect(parseExpiry('1y', now)).toBe(now + 365 * 24 * hour)
    expect(parseSince('90m', now)).toBe(now - 1.5 * hour)
    expect(parseSince('4w', now)).toBe(now - 28 * 24 * hour)
    expect(parseSince('900y', now)).toBe(0)
  })

  it('reads dates as their first moment in UTC, and times with their offset', () => {
    expect(parseExpiry('2027-01-31', now)).toBe(Date.UTC(2027, 0, 31))
    expect(parseSince('2026-01-31T12:00:00+02:00', now)).toBe(Date.UTC(2026, 0, 31, 10))
    expect(parseSince('2026-01-31 12:00Z', now)).toBe(Date.UTC(2026, 0, 31, 12))
  })

  it('refuses what is no moment, and ends that are over', () => {
    for (const text of [
      '',
      'soon',
      '5',
      '5 d',
      '-1d',
      '2026-02-30',
      '2026-13-01',
      '2026-01-01T12:00',
      '1.5h',
      '9999999d',
    ]) {
      expect(() => parseSince(text, now)).toThrow(CliError)
      expect(() => parseExpiry(text, now)).toThrow(CliError)
    }
    expect(() => parseExpiry('2026-11-21', now)).toThrow(/over already/)
    expect(() => parseExpiry('0d', now)).toThrow(/over already/)
  })

  it('shows them in UTC', () => {
    expect([formatDay(now), formatMoment(now + 1234)]).toEqual(['2026-11-21', '2026-11-21 12:00:01'])
  })
})
