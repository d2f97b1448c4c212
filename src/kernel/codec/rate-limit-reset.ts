/**
 * When a rate limit that is used up is there again, from the headers that tell of it. There is no standard that is followed: names are
 * `x-ratelimit-reset-tokens`, `anthropic-ratelimit-tokens-reset`, `x-ratelimit-reset`, `ratelimit-reset`, and values are durations
 * (`6m0s`, `12ms`), seconds, dates or Unix times. https://developers.openai.com/api/docs/guides/rate-limits and
 * https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
type Headers = Readonly<Record<string, string>>

/** Milliseconds until all limits that have nothing left are there again; undefined where none is told to have nothing left. */
export function limitResetMs(headers: Headers): number | undefined {
  let longest: number | undefined
  for (const name in headers) {
    if (!name.includes('ratelimit') || !name.includes('reset')) continue
    if (!isUsedUp(headers, name)) continue
    const ms = untilMs(headers[name] ?? '', headers)
    if (ms !== undefined && (longest === undefined || ms > longest)) longest = ms
  }
  return longest
}

export interface LimitTold {
  readonly of: 'requests' | 'tokens'
  readonly left: number
  /** Milliseconds until it is there again. */
  readonly resetMs: number
}

/** What an answer tells of limits that count requests or tokens; undefined where it tells nothing. */
export function limitsTold(headers: Headers): LimitTold[] | undefined {
  let told: LimitTold[] | undefined
  for (const name in headers) {
    if (!name.includes('ratelimit') || !name.includes('remaining')) continue
    // How much will be written nobody knows, but something has to be left of it: as of requests, one at least.
    const of = name.includes('output-tokens')
      ? 'requests'
      : name.includes('token')
        ? 'tokens'
        : name.includes('request')
          ? 'requests'
          : undefined
    const text = headers[name]?.trim() ?? ''
    if (
      of === undefined ||
      !/^\d+$/.test(text) ||
      headers[name.replace('remaining', 'limit')]?.startsWith('-') === true
    )
      continue
    const resetMs = untilMs(headers[name.replace('remaining', 'reset')] ?? '', headers)
    if (resetMs !== undefined) (told ??= []).push({ of, left: Number(text), resetMs })
  }
  return told
}

/** Azure tells a limit of -1, and nothing left of it, where there is none. */
function isUsedUp(headers: Headers, reset: string): boolean {
  const left = headers[reset.replace('reset', 'remaining')]?.trim()
  const limit = headers[reset.replace('reset', 'limit')]?.trim() ?? ''
  return left !== undefined && /^0+(?:\.0*)?$/.test(left) && !limit.startsWith('-')
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const duration = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/
/** Numbers beyond these are no counts of seconds any more but Unix times, in seconds or milliseconds. */
const unixSeconds = 1e9
const unixMilliseconds = 1e11

function untilMs(value: string, headers: Headers): number | undefined {
  const text = value.trim()
  if (duration.test(text)) {
    let total = 0
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
      total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
    return Math.ceil(total)
  }
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text)
    if (number < unixSeconds) return Math.ceil(number * 1000)
    return fromNow(number < unixMilliseconds ? number * 1000 : number, headers)
  }
  const date = /\d{4}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : fromNow(date, headers)
}

/** By the clock of whoever told it, where that is known. */
function fromNow(at: number, headers: Headers): number {
  const told = Date.parse(headers['date'] ?? '')
  return Math.max(0, Math.ceil(at - (Number.isNaN(told) ? Date.now() : told)))
}
