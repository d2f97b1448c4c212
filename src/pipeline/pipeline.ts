/**
 * The order of the stages, in one place. Authentication comes before settling, so that strangers cannot fill the journal; all that
 * follows is on record.
 */
import type { Clock, Random } from '../kernel/clock.ts'
import type { MediaFetcher } from '../kernel/media-fetcher.ts'
import type { Stage } from '../kernel/stage.ts'
import { compose } from './compose.ts'
import type { Run } from './compose.ts'
import { admit } from './stages/admit.ts'
import type { KeyLimiter } from './stages/admit.ts'
import { authenticate } from './stages/authenticate.ts'
import type { Keys } from './stages/authenticate.ts'
import { callProvider } from './stages/call-provider.ts'
import { countTokens } from './stages/count-tokens.ts'
import type { TokenCounter } from './stages/count-tokens.ts'
import { logContent } from './stages/log-content.ts'
import type { LoggedContent } from './stages/log-content.ts'
import { receive } from './stages/receive.ts'
import { reserve } from './stages/reserve.ts'
import type { ReserveContext } from './stages/reserve.ts'
import { resolve } from './stages/resolve.ts'
import { settle } from './stages/settle.ts'
import type { SettleContext } from './stages/settle.ts'

export interface PipelineContext extends SettleContext, ReserveContext {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly authRequired: () => boolean
  readonly limiter: KeyLimiter
  readonly tokenCounter: TokenCounter
  readonly media?: MediaFetcher
  /** Set when prompts and answers are to be logged. */
  readonly logContent?: (content: LoggedContent) => void
}

export interface Pipeline {
  readonly chat: Run
  readonly countTokens: Run
}

export function createPipeline(context: PipelineContext): Pipeline {
  const { clock } = context
  const before: readonly Stage[] = [
    authenticate(context.keys, context.authRequired),
    settle(context),
    ...(context.logContent === undefined ? [] : [logContent(context.logContent)]),
    receive(clock),
    resolve,
    admit(context.limiter, clock),
  ]
  const call = callProvider(context)
  return {
    chat: compose([...before, reserve(context), call]),
    countTokens: compose([...before, countTokens(context.tokenCounter), call]),
  }
}
