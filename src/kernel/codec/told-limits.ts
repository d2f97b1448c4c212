/**
 * What services say of their rate limits with every answer, before anything is refused: how much is left, of how much, until when.
 * OpenAI, and who follows it: https://developers.openai.com/api/docs/guides/rate-limits#rate-limits-in-headers
 * Azure, which tells no reset; its requests are counted over 1 or 10 seconds, its tokens over a minute:
 * https://learn.microsoft.com/en-us/azure/ai-services/openai/how-to/quota
 * Cerebras, by the day and the minute: https://inference-docs.cerebras.ai/support/rate-limits
 * Anthropic: https://platform.claude.com/docs/en/api/rate-limits#response-headers (all read on 2026-11-27)
 */
import { untilMs } from './rate-limit-reset.ts'

type Headers = Readonly<Record<string, string>>

/** What is counted. `tokens` are those of the input and those that the answer may have. */
export type LimitedUnit = 'requests' | 'tokens' | 'input_tokens' | 'output_tokens'

interface LimitHeaders {
  /** As metrics call it. */
  readonly name: string
  readonly unit: LimitedUnit
  readonly remaining: string
  readonly limit: string
  readonly reset: string
  /** Milliseconds after which what was told is of no use any more, where no reset is told. */
  readonly lasts: number
}

export interface ToldLimit {
  readonly name: string
  readonly unit: LimitedUnit
  readonly remaining: number
  /** Undefined where it is not told. */
  readonly limit: number | undefined
  /** Milliseconds from the answer until all of it is there again. */
  readonly resetMs: number
}

const minute = 60_000

const openai = (name: string, unit: LimitedUnit, lasts: number): LimitHeaders => {
  const spelled = name.replace('_', '-')
  return {
    name,
    unit,
    remaining: `x-ratelimit-remaining-${spelled}`,
    limit: `x-ratelimit-limit-${spelled}`,
    reset: `x-ratelimit-reset-${spelled}`,
    lasts,
  }
}

const anthropic = (name: string, unit: LimitedUnit): LimitHeaders => {
  const prefix = `anthropic-ratelimit-${name.replace('_', '-')}`
  return {
    name,
    unit,
    remaining: `${prefix}-remaining`,
    limit: `${prefix}-limit`,
    reset: `${prefix}-reset`,
    lasts: minute,
  }
}

const known: readonly LimitHeaders[] = [
  openai('requests', 'requests', 10_000),
  openai('tokens', 'tokens', minute),
  openai('requests_day', 'requests', minute),
  openai('tokens_minute', 'tokens', minute),
  anthropic('requests', 'requests'),
  anthropic('tokens', 'tokens'),
  anthropic('input_tokens', 'input_tokens'),
  anthropic('output_tokens', 'output_tokens'),
]

/** Asked of every answer, so it looks and makes nothing. */
export function tellsLimits(headers: Headers): boolean {
  for (const { remaining } of known) if (headers[remaining] !== undefined) return true
  return false
}

/** `now`: Unix time at which they came. */
export function toldLimits(headers: Headers, now: number): ToldLimit[] {
  const told: ToldLimit[] = []
  for (const { name, unit, remaining, limit, reset, lasts } of known) {
    const left = amount(headers[remaining])
    const whole = headers[limit]
    // Azure tells a limit of -1, and nothing left of it, where there is none.
    if (left === undefined || whole?.trim().startsWith('-') === true) continue
    const resetMs = untilMs(headers[reset] ?? '', headers, now) ?? lasts
    told.push({ name, unit, remaining: left, limit: amount(whole), resetMs })
  }
  return told
}

function amount(text: string | undefined): number | undefined {
  const value = text?.trim() ?? ''
  return /^\d{1,15}(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}
