/** Rate limits as people write them (`600/min`, `1_000_000/day`). */
import type { LimitPeriod, RateLimit } from '../model/key.ts'
import { ScalarError } from '../kernel/scalar-error.ts'

const periods = new Map<string, LimitPeriod>([
  ['s', 'second'],
  ['sec', 'second'],
  ['second', 'second'],
  ['m', 'minute'],
  ['min', 'minute'],
  ['minute', 'minute'],
  ['h', 'hour'],
  ['hour', 'hour'],
  ['d', 'day'],
  ['day', 'day'],
])

const hint = 'write a whole number, a slash and second, minute, hour or day: `600/min`'

/** Throws a ScalarError. `k` and `M` after the number stand for thousands and millions; underscores may group digits. */
export function parseRateLimit(value: string | number): RateLimit {
  const match = /^(\d+(?:_\d+)*)(k|M)?\s*\/\s*([a-z]+)$/.exec(String(value).trim())
  const per = periods.get(match?.[3] ?? '')
  if (match === null || per === undefined) throw new ScalarError('is not a rate limit', hint)
  const count = Number(match[1]?.replaceAll('_', '')) * (match[2] === 'M' ? 1_000_000 : match[2] === 'k' ? 1000 : 1)
  if (!Number.isSafeInteger(count)) throw new ScalarError('is larger than can be counted', hint)
  if (count === 0) throw new ScalarError('allows nothing at all', 'leave the key out, or take the models away from it')
  return { count, per }
}
