/**
 * Times in RFC 3339, as `Date.toISOString` spells them. Under load many are written within one second, so what they have in common
 * is made once: taking a date apart costs more than all the rest of a log line.
 */

let second = -1
let spelled = ''

/** `2025-06-15T12:00:00Z` for Unix seconds. */
export function isoSecond(seconds: number): string {
  return `${start(seconds)}Z`
}

/** `2025-06-15T12:00:00.123Z` for Unix milliseconds. */
export function isoTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const seconds = Math.floor(whole / 1000)
  return `${start(seconds)}.${String(whole - seconds * 1000).padStart(3, '0')}Z`
}

function start(seconds: number): string {
  if (seconds !== second) {
    spelled = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length)
    second = seconds
  }
  return spelled
}
