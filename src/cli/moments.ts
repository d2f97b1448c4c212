/** Points in time on the command line: written as a date or as a distance from now, shown in UTC as budgets and records count them. */
import { CliError } from './cli-error.ts'

const dayMs = 86_400_000
const units = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', dayMs],
  ['w', 7 * dayMs],
  ['y', 365 * dayMs],
])

/** `12h`, `30d`, `4w`, `1y` in milliseconds; undefined when it is no such distance. */
function distance(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,6})([mhdwy])$/.exec(text) ?? []
  const factor = units.get(unit)
  return factor === undefined ? undefined : Number(amount) * factor
}

/** A date (its first moment in UTC) or a time with its offset, in Unix milliseconds; undefined when it is neither. */
function moment(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text)
  const at = match === null ? Number.NaN : Date.parse(text)
  // Date.parse lets 2026-02-30 roll over into March.
  const daysInMonth = new Date(Date.UTC(Number(match?.[1]), Number(match?.[2]), 0)).getUTCDate()
  return Number.isNaN(at) || Number(match?.[3]) > daysInMonth ? undefined : at
}

/** When something shall end, in Unix milliseconds. Throws a CliError for what is no such moment, or is over. */
export function parseExpiry(text: string, now: number): number {
  const ahead = distance(text)
  const at = ahead === undefined ? moment(text) : now + ahead
  if (at === undefined) {
    throw new CliError(`"${text}" is neither a time from now nor a date`, {
      kind: 'usage',
      hint: 'write 12h, 30d, 4w or 1y, or a date: 2027-01-31, 2027-01-31T12:00:00Z',
    })
  }
  if (at <= now) throw new CliError(`${text} is over already`, { kind: 'usage' })
  return at
}

/** Since when to look, in Unix milliseconds. Throws a CliError. */
export function parseSince(text: string, now: number): number {
  const back = distance(text)
  const at = back === undefined ? moment(text) : Math.max(0, now - back)
  if (at === undefined) {
    throw new CliError(`"${text}" is neither a time until now nor a date`, {
      kind: 'usage',
      hint: 'write 12h, 7d, 4w or 1y, or a date: 2026-01-31, 2026-01-31T12:00:00Z',
    })
  }
  return at
}

/** `2026-11-21`. */
export function formatDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** `2026-11-21 02:17:45`, in UTC. */
export function formatMoment(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
