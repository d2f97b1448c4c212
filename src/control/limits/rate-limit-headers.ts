/** What an answer tells of rate limits, in the spelling that the clients of each protocol read. */
import { isoSecond } from '../../model/iso-time.ts'
import type { BucketState } from '../../stores/counter-store.ts'

export interface LimitStates {
  readonly requests?: BucketState | undefined
  readonly tokens?: BucketState | undefined
}

/**
 * `x-ratelimit-limit-requests`, `-remaining-requests`, `-reset-requests` and the same for tokens; resets are durations as OpenAI
 * writes them (`6m0s`): https://developers.openai.com/api/docs/guides/rate-limits#rate-limits-in-headers
 */
export function openaiHeaders({ requests, tokens }: LimitStates): Record<string, string> {
  const headers: Record<string, string> = {}
  if (requests !== undefined) {
    headers['x-ratelimit-limit-requests'] = String(requests.limit)
    headers['x-ratelimit-remaining-requests'] = String(requests.remaining)
    headers['x-ratelimit-reset-requests'] = formatDuration(requests.resetMs)
  }
  if (tokens !== undefined) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.limit)
    headers['x-ratelimit-remaining-tokens'] = String(tokens.remaining)
    headers['x-ratelimit-reset-tokens'] = formatDuration(tokens.resetMs)
  }
  return headers
}

/**
 * `anthropic-ratelimit-requests-limit`, `-remaining`, `-reset` and the same for tokens; resets are times in RFC 3339:
 * https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
export function anthropicHeaders({ requests, tokens }: LimitStates, now: number): Record<string, string> {
  const headers: Record<string, string> = {}
  if (requests !== undefined) {
    headers['anthropic-ratelimit-requests-limit'] = String(requests.limit)
    headers['anthropic-ratelimit-requests-remaining'] = String(requests.remaining)
    headers['anthropic-ratelimit-requests-reset'] = formatTime(now + requests.resetMs)
  }
  if (tokens !== undefined) {
    headers['anthropic-ratelimit-tokens-limit'] = String(tokens.limit)
    headers['anthropic-ratelimit-tokens-remaining'] = String(tokens.remaining)
    headers['anthropic-ratelimit-tokens-reset'] = formatTime(now + tokens.resetMs)
  }
  return headers
}

/** `0s`, `17ms`, `8.64s`, `6m0s`, `23h59m59.5s`. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.ceil(milliseconds)
  if (whole > 0 && whole < 1000) return `${whole}ms`
  const hours = Math.floor(whole / 3_600_000)
  const minutes = Math.floor(whole / 60_000) % 60
  const seconds = `${(whole % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** RFC 3339 in UTC, rounded up to whole seconds: by then it is true. */
function formatTime(at: number): string {
  return isoSecond(Math.ceil(at / 1000))
}
