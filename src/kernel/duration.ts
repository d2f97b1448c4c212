/** Durations as people write them (`30s`, `1m30s`, `500ms`), in milliseconds. */
import { ScalarError } from './scalar-error.ts'

const unitMs = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** What a timer of Node can hold: 2^31 − 1 milliseconds, close to 25 days. */
export const maxDurationMs = 2 ** 31 - 1

const hint = 'write a number with ms, s, m, h or d: `500ms`, `30s`, `1m30s`'

/** A hundred years: longer than anything is kept. */
const longestRetentionMs = 36_525 * 86_400_000

/** Milliseconds; throws a ScalarError. A bare 0 is taken, any other bare number is not, because its unit would be a guess. */
export function parseDuration(value: string | number): number {
  const ms = parseSpan(value)
  if (ms > maxDurationMs) throw new ScalarError('is longer than 24 days', 'timers cannot run longer than `24d`')
  return ms
}

/** The same for how long something is kept, which no timer waits for. */
export function parseRetention(value: string | number): number {
  const ms = parseSpan(value)
  if (ms > longestRetentionMs) throw new ScalarError('is longer than a hundred years')
  return ms
}

function parseSpan(value: string | number): number {
  const text = String(value).trim()
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) throw new ScalarError('is not a duration', hint)
  let total = 0
  let previous = Infinity
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    const factor = unitMs.get(unit) ?? 0
    if (factor >= previous)
      throw new ScalarError('is not a duration', 'write the largest unit first, each once: `1h30m`')
    previous = factor
    total += Number(amount) * factor
  }
  const rounded = Math.round(total)
  if (Math.abs(total - rounded) > 1e-6) throw new ScalarError('is finer than a millisecond', hint)
  return rounded
}

/** The shortest exact spelling: 90000 → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0'
  let rest = ms
  let text = ''
  for (const [unit, factor] of [...unitMs].reverse()) {
    const count = Math.floor(rest / factor)
    if (count > 0) text += `${count}${unit}`
    rest -= count * factor
  }
  return text
}
