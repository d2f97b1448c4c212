/**
 * The schema pieces that sections are made of: each reads one kind of scalar, says in one sentence how it is written, and carries
 * an id, by which the JSON Schema and the documentation name it. Numbers and flags may come as text, as environment variables do.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import { checkNano, parseUsd } from '../model/money.ts'
import { parseDuration } from '../kernel/duration.ts'
import { scalar } from '../kernel/scalar.ts'
import { parseRateLimit } from './rate-limit.ts'
import { ScalarError } from '../kernel/scalar-error.ts'
import { parseSize } from './size.ts'

export const duration = scalar('a duration', parseDuration).meta({
  id: 'duration',
  description: 'A duration: a number with `ms`, `s`, `m`, `h` or `d`, or several of them: `500ms`, `30s`, `1m30s`.',
})

export { retention } from '../kernel/scalar.ts'

/** A duration that must not be 0. */
export const positiveDuration = scalar('a duration', (value) => {
  const ms = parseDuration(value)
  if (ms === 0) throw new ScalarError('must be longer than 0')
  return ms
}).meta({ id: 'positive_duration', description: 'A duration longer than 0: `500ms`, `30s`, `1m30s`.' })

export const size = scalar('a size', (value) => {
  const bytes = parseSize(value)
  if (bytes === 0) throw new ScalarError('must be larger than 0')
  return bytes
}).meta({
  id: 'size',
  description:
    'A size: bytes, or a number with `KiB`, `MiB`, `GiB` (powers of 1024) or `kB`, `MB`, `GB` (of 1000): `32MiB`.',
})

export const rateLimit = scalar('a rate limit', parseRateLimit).meta({
  id: 'rate_limit',
  description:
    'A rate limit: a whole number, perhaps with `k` or `M`, a slash, and `second`, `minute`, `hour` or `day`: `600/min`.',
})

function parseMoney(value: string | number, perUsd: number, about: string): number {
  let nano: number
  try {
    nano = checkNano(parseUsd(value) * perUsd)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ScalarError(`is not an amount of ${about}`, 'write decimal US dollars, no finer than a billionth: `0.25`')
  }
  if (nano < 0) throw new ScalarError('must not be negative')
  return nano
}

/** Nano-USD. */
export const usd = scalar('an amount of US dollars', (value) => parseMoney(value, 1, 'US dollars')).meta({
  id: 'usd',
  description: 'US dollars as a decimal number, exact to a billionth: `25`, `"0.0375"`.',
})

/** Nano-USD per million calls, from US dollars per call. */
export const usdPerCall = scalar('an amount of US dollars', (value) =>
  parseMoney(value, 1_000_000, 'US dollars per call'),
).meta({ id: 'usd_per_call', description: 'US dollars per call, as a decimal number.' })

/** ISO 8601; a date alone means its first moment, a time without an offset is refused. Unix milliseconds. */
export const moment = scalar('a date', (value) => {
  const text = String(value)
  const withTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const ms = withTime || /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse lets 2026-02-30 roll over into March.
  const day = Number(text.slice(8, 10))
  const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  if (Number.isNaN(ms) || day > daysInMonth) {
    throw new ScalarError('is not a date', 'write `2027-01-31` (UTC) or `2027-01-31T12:00:00Z`')
  }
  return ms
}).meta({
  id: 'moment',
  description: 'A date (`2027-01-31`: its first moment in UTC) or a time with its offset (`2027-01-31T12:00:00Z`).',
})

/** A whole number within bounds. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  return scalar('a whole number', (value) => {
    const number =
      typeof value === 'number' ? value : /^\d+(?:_\d+)*$/.test(value) ? Number(value.replaceAll('_', '')) : Number.NaN
    if (!Number.isSafeInteger(number)) throw new ScalarError('is not a whole number')
    if (number < least) throw new ScalarError(`must be at least ${least}`)
    if (number > most) throw new ScalarError(`must be at most ${most}`)
    return number
  }).meta({ integer: { minimum: least, maximum: most } })
}

/** True or false. */
export const flag = z
  .union([z.boolean(), z.string()], { error: () => 'expected true or false' })
  .transform((value, context) => {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    context.issues.push({ code: 'custom', message: 'is neither true nor false', input: value })
    return z.NEVER
  })
  .meta({ id: 'flag', description: '`true` or `false`.' })

/** Text that is not empty. */
export const filled = z.string().refine((text) => text.trim() !== '', { error: 'must not be empty' })

/** A name of a model, alias or router. */
export const routeName = z
  .string()
  .max(256)
  .regex(/^[^\s\p{Cc},]+$/u, { error: 'must not be empty or contain spaces, commas or control characters' })

/** One or several: always a list afterwards. */
export function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([z.array(item).min(1), item]).transform((value): z.output<T>[] => {
    return Array.isArray(value) ? value : [value]
  })
}

/** A network in CIDR notation. */
export const network = z
  .string()
  .refine((text) => isNetwork(text), { error: 'must be a network such as `10.1.0.0/16` or `fd00::/8`' })
  .meta({ id: 'network', description: 'A network in CIDR notation: `10.1.0.0/16`, `fd00::/8`.' })

function isNetwork(text: string): boolean {
  const match = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text)
  const family = isIP(match?.[1] ?? '')
  return family !== 0 && Number(match?.[2]) <= (family === 4 ? 32 : 128)
}
