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
import { compactAtProvider } from './stages/compact-at-provider.ts'
import { detach } from './stages/detach.ts'
import { logContent } from './stages/log-content.ts'
import type { LoggedContent } from './stages/log-content.ts'
import type { BackgroundRuns } from './responses/background.ts'
import type { Mirrors } from './mirror/mirrors.ts'
import type { Memory } from './responses/memory.ts'
import type { OwnedModels } from './owned-models.ts'
import type { VideoJobs } from './videos/video-jobs.ts'
import { openPassage } from './stages/open-passage.ts'
import { passOn } from './stages/pass-on.ts'
import { receive } from './stages/receive.ts'
import { recall, remember } from './stages/remember.ts'
import { reserve } from './stages/reserve.ts'
import type { ReserveContext } from './stages/reserve.ts'
import { resolve } from './stages/resolve.ts'
import { videoStages } from './stages/keep-video.ts'
import { settle } from './stages/settle.ts'
import type { SettleContext } from './stages/settle.ts'
import { warmUp } from './stages/warm-up.ts'

export interface PipelineContext extends SettleContext, ReserveContext {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly authRequired: () => boolean
  readonly limiter: KeyLimiter
  readonly tokenCounter: TokenCounter
  readonly memory: Memory
  readonly background: BackgroundRuns
  readonly videos: VideoJobs
  readonly mirrors: Mirrors
  readonly ownedModels: OwnedModels
  readonly media?: MediaFetcher
  /** Set when prompts and answers are to be logged. */
  readonly logContent?: (content: LoggedContent) => void
}

export interface Pipeline {
  readonly chat: Run
  /** Chat with a memory of earlier turns. */
  readonly responses: Run
  /** Chat that makes one item of a conversation: nothing of it is remembered. */
  readonly compact: Run
  readonly countTokens: Run
  /** One question and one answer, without a memory or anything that stands in: vectors, ranks. */
  readonly plain: Run
  /** Orders for films, whose jobs are kept; and for those to be made anew. */
  readonly video: Run
  readonly remix: Run
  /** Counting with a memory of earlier turns. */
  readonly countInput: Run
  /** What is done for a client without a model: its files, its jobs. On record, and within the key's limits. */
  readonly errand: (work: Run) => Run
  /** What is for a provider's own path. */
  readonly pass: Run
}

export function createPipeline(context: PipelineContext): Pipeline {
  const { clock } = context
  const known = authenticate(context.keys, context.authRequired)
  const received: readonly Stage[] = [
    settle(context),
    ...(context.logContent === undefined ? [] : [logContent(context.logContent)]),
    receive(clock),
  ]
  const resolved = resolve(context.ownedModels)
  const taken: readonly Stage[] = [...received, resolved]
  const admitted = admit(context.limiter, clock)
  const reserved = reserve(context)
  const call = callProvider(context, context.mirrors)
  const counted = countTokens(context.tokenCounter)
  const { outer, inner } = detach(context.background)
  const { keep, recall: recallVideo, stay } = videoStages(context.videos)
  return {
    chat: compose([known, ...taken, admitted, reserved, call]),
    responses: compose([
      known,
      outer,
      ...taken,
      remember(context.memory),
      admitted,
      warmUp(clock),
      reserved,
      inner,
      call,
    ]),
    compact: compose([known, ...taken, compactAtProvider, recall(context.memory), admitted, reserved, call]),
    countTokens: compose([known, ...taken, admitted, counted, call]),
    plain: compose([known, ...taken, admitted, reserved, call]),
    video: compose([known, ...taken, admitted, reserved, keep, call]),
    remix: compose([known, ...received, recallVideo, resolved, stay, admitted, reserved, keep, call]),
    errand: (work) => compose([known, settle(context), admitted, { name: 'perform', run: work }]),
    pass: compose([known, settle(context), openPassage, admitted, reserved, passOn(clock)]),
    countInput: compose([known, ...taken, recall(context.memory), admitted, counted, call]),
  }
}
