/** What an answer tells of rate limits, in the spelling that the clients of each protocol read. */
import type { BucketState } from '../../stores/counter-store.ts'

export interface LimitStates {
  readonly requests?: BucketState | undefined
  readonly tokens?: BucketState | undefined
}

/**
 * `x-ratelimit-limit-requests`, `-remaining-requests`, `-reset-requests` and the same for tokens; resets are durations as OpenAI
 * writes them (`6m0s`): https://developers.openai.com/api/docs/guides/rate-limits#rate-limits-in-headers
 */
export function openaiHeaders(states: LimitStates): Record<string, string> {
  return headersOf(states, (kind, { limit, remaining, resetMs }) => ({
    [`x-ratelimit-limit-${kind}`]: String(limit),
    [`x-ratelimit-remaining-${kind}`]: String(remaining),
    [`x-ratelimit-reset-${kind}`]: formatDuration(resetMs),
  }))
}

/**
 * `anthropic-ratelimit-requests-limit`, `-remaining`, `-reset` and the same for tokens; resets are times in RFC 3339:
 * https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
export function anthropicHeaders(states: LimitStates, now: number): Record<string, string> {
  return headersOf(states, (kind, { limit, remaining, resetMs }) => ({
    [`anthropic-ratelimit-${kind}-limit`]: String(limit),
    [`anthropic-ratelimit-${kind}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${kind}-reset`]: formatTime(now + resetMs),
  }))
}

type Spell = (kind: 'requests' | 'tokens', state: BucketState) => Record<string, string>

function headersOf({ requests, tokens }: LimitStates, spell: Spell): Record<string, string> {
  return { ...(requests && spell('requests', requests)), ...(tokens && spell('tokens', tokens)) }
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
  return new Date(Math.ceil(at / 1000) * 1000).toISOString().replace('.000Z', 'Z')
}
