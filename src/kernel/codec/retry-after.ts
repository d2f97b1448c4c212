/** How long a provider asks to be left alone, in every spelling that its headers have for it. */
import { limitResetMs } from './rate-limit-reset.ts'

/**
 * Milliseconds from `retry-after-ms`, or `retry-after` in seconds or as a date, read against the answer's own date where it tells
 * one; else until what its rate limit headers tell as used up is there again. Header names are lower-case.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  return toldWait(headers) ?? limitResetMs(headers)
}

function toldWait(headers: Readonly<Record<string, string>>): number | undefined {
  const exact = headers['retry-after-ms']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(exact)) return Math.ceil(Number(exact))
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const date = Date.parse(text)
  if (!/[a-z]/i.test(text) || Number.isNaN(date)) return undefined
  const told = Date.parse(headers['date'] ?? '')
  return Math.max(0, date - (Number.isNaN(told) ? Date.now() : told))
}
