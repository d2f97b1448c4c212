/** Members of answers, as far as they are what they should be. */
import type { JsonValue } from '../../../model/json.ts'

export const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const countOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** Unix seconds of a time that is told as seconds or as text. */
export function secondsOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return countOf(value) === undefined ? undefined : Math.floor(value)
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000)
}
