/** Holds the key to its rate limits and token quotas: taken before the provider is asked, corrected when the answer's size is known. */
import type { Clock } from '../../kernel/clock.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'
import { inputEstimateOf } from '../input-estimate.ts'

export interface Admission {
  readonly admitted: boolean
  /** Of what there was not enough, when not admitted. */
  readonly exhausted?: 'requests' | 'tokens'
  /** Milliseconds until it is worth trying again; Infinity when the request is larger than the limit itself. */
  readonly retryAfterMs: number
  /** What the answer tells of the limits, in the spelling of the client's protocol. */
  readonly headers: Readonly<Record<string, string>>
}

export interface KeyLimiter {
  /** Takes one request and so many tokens from all limits of the key, or nothing from any. */
  admit(key: Key, tokens: number, now: number, dialect: string): Admission | Promise<Admission>
  /** The request had taken `estimate` tokens; it really consumed `actual`. */
  correct(key: Key, estimate: number, actual: number, now: number): void
}

export function admit(limiter: KeyLimiter, clock: Clock): Stage {
  return {
    name: 'admit',
    run(exchange, next) {
      const { key } = exchange
      if (key === undefined || !isLimited(key)) return next()
      const estimate = inputEstimateOf(exchange) + expectedOutput(exchange)
      const take = (admission: Admission): Promise<Reply> => {
        exchange.limitHeaders = admission.headers
        if (!admission.admitted) throw refusal(key, admission)
        exchange.settlements.push(({ usage }) => {
          limiter.correct(key, estimate, usage === undefined ? 0 : usage.input.total + usage.output.total, clock.now())
        })
        return next()
      }
      const answer = limiter.admit(key, estimate, clock.now(), exchange.surface.dialect.id)
      return answer instanceof Promise ? answer.then(take) : take(answer)
    },
  }
}

const isLimited = ({ policy }: Key): boolean => (policy.requests?.length ?? 0) > 0 || (policy.tokens?.length ?? 0) > 0

/** What a request without a limit of its own is expected to write, for the estimate alone. */
const usualOutput = 256

const expectedOutput = ({ head, surface }: Exchange): number =>
  surface.operation === 'chat'
    ? (head.n ?? 1) * Math.min(head.maxOutputTokens ?? usualOutput, usualOutput)
    : (head.usualOutput ?? 0)

function refusal(key: Key, { exhausted, retryAfterMs }: Admission): Fault {
  if (retryAfterMs === Infinity) {
    return new Fault(
      'quota_exceeded',
      `The request alone is larger than the ${exhausted ?? 'token'} limit of the key "${key.name}".`,
      { status: 413 },
    )
  }
  const wait = `Try again in ${(retryAfterMs / 1000).toFixed(1)} s.`
  return exhausted === 'tokens'
    ? new Fault('quota_exceeded', `The key "${key.name}" has used up its tokens. ${wait}`, { retryAfterMs })
    : new Fault('rate_limited', `The key "${key.name}" has used up its rate limit. ${wait}`, { retryAfterMs })
}
