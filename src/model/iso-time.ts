/**
 * Times in RFC 3339, as `Date.toISOString` spells them. Under load many are written within one second, so what they have in common
 * is made once: taking a date apart costs more than all the rest of a log line. A few seconds are kept, because an answer tells of
 * limits that are whole again at different ones.
 */

/** A power of two. */
const kept = 16
const seconds: number[] = Array.from({ length: kept }, () => -1)
const spelled: string[] = Array.from({ length: kept }, () => '')

/** `2025-06-15T12:00:00Z` for Unix seconds. */
export function isoSecond(second: number): string {
  return `${start(second)}Z`
}

/** `2025-06-15T12:00:00.123Z` for Unix milliseconds. */
export function isoTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  const second = Math.floor(whole / 1000)
  return `${start(second)}.${String(whole - second * 1000).padStart(3, '0')}Z`
}

function start(second: number): string {
  const place = second & (kept - 1)
  if (seconds[place] !== second) {
    spelled[place] = new Date(second * 1000).toISOString().slice(0, -'.000Z'.length)
    seconds[place] = second
  }
  return spelled[place] ?? ''
}
