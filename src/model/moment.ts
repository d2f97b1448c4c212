/** Times as people write them: a span, a day, a moment. */

const dayMs = 86_400_000
const units = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', dayMs],
  ['w', 7 * dayMs],
  ['y', 365 * dayMs],
])

/** `12h`, `30d`, `4w`, `1y` in milliseconds; undefined when it is no such distance. */
export function span(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,6})([mhdwy])$/.exec(text) ?? []
  const factor = units.get(unit)
  return factor === undefined ? undefined : Number(amount) * factor
}

/** A date (its first moment in UTC) or a time with its offset, in Unix milliseconds; undefined when it is neither. */
export function moment(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text)
  const at = match === null ? Number.NaN : Date.parse(text)
  // Date.parse lets 2026-02-30 roll over into March.
  const daysInMonth = new Date(Date.UTC(Number(match?.[1]), Number(match?.[2]), 0)).getUTCDate()
  return Number.isNaN(at) || Number(match?.[3]) > daysInMonth ? undefined : at
}
