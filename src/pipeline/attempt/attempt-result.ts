/** What an attempt is given, and what comes of it. */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reply } from '../../kernel/reply.ts'
import type { Fault } from '../../model/fault.ts'
import type { Usage } from '../../model/usage.ts'
import type { Lane } from './lanes.ts'
import type { Prepared } from './outbound.ts'

export interface Success {
  readonly ok: true
  readonly reply: Reply
}

export interface Failure {
  readonly ok: false
  readonly fault: Fault
  /** Another target may do better. */
  readonly failOver: boolean
  /** The same target may do better later. */
  readonly retry: boolean
  /** The provider's own error, to be passed on as it is when nothing better comes. */
  readonly verbatim?: Reply
  /** What the provider answered, if it did. */
  readonly status?: number | undefined
  /** There was a whole answer, and it has to be paid for, but it was not what had been asked for. */
  readonly unfit?: Usage
}

export type AttemptResult = Success | Failure

export interface AttemptInput {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly prepared: Prepared
  readonly clock: Clock
  /** Monotonic time at which the whole exchange must be over. */
  readonly deadlineAt: number
  /** Fetches what answers name by URL, where that is wanted otherwise. */
  readonly media?: MediaFetcher | undefined
  /** Set where others are under way beside it. */
  readonly lane?: Lane
  /** An answer that a filter stopped is none: somebody else can be asked. */
  readonly watchFilter?: boolean
}
