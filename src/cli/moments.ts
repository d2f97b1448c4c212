/** Points in time on the command line: written as a date or as a distance from now, shown in UTC as budgets and records count them. */
import { moment, span } from '../model/moment.ts'
import { CliError } from './cli-error.ts'

/** When something shall end, in Unix milliseconds. Throws a CliError for what is no such moment, or is over. */
export function parseExpiry(text: string, now: number): number {
  const ahead = span(text)
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
  const back = span(text)
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
