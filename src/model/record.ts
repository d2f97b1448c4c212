/** The immutable account of a finished exchange: what the journal keeps, the database stores and every sink consumes. */
import type { CheckTier } from './check-tier.ts'
import type { FaultCode } from './fault.ts'
import type { FinishReason } from './finish.ts'
import type { NanoUsd } from './money.ts'
import type { ExchangeOperation } from './operation.ts'
import type { Usage } from './usage.ts'

export interface AttemptRecord {
  readonly deployment: string
  readonly provider: string
  /** The provider's own name of the model. */
  readonly model: string
  /** Which of the provider's credentials was used, counted from 1, where there are several. */
  readonly credential?: number
  /** Milliseconds from the start of the exchange. */
  readonly startedMs: number
  readonly durationMs: number
  readonly firstByteMs?: number
  readonly status?: number
  readonly fault?: FaultCode
  readonly message?: string
  /** It was let go before its end, because another that was asked beside it was quicker. */
  readonly outrun?: true
  /** The provider's id of the request, for its support. */
  readonly upstreamRequestId?: string
  /** It was asked by a router, which had to decide, and not for the answer. */
  readonly advice?: true
}

/** Of the answer that the client got, beside which the record has the figures of its own; and what the two have in common. */
export interface MirrorComparison {
  readonly deployment?: string
  readonly durationMs: number
  readonly firstByteMs?: number
  readonly outputTokens?: number
  /** Nano-USD. */
  readonly cost?: NanoUsd
  readonly finish?: FinishReason
  /** Characters of text, the client's first. Absent where the answers were no chat, were too long or could not be read. */
  readonly textLengths?: readonly [client: number, mirror: number]
  readonly sameText?: boolean
  /** The same tools in the same order with the same arguments; also where there were none. */
  readonly sameToolCalls?: boolean
}

/** `cut`: the answer had begun and broke off. `client-gone`: the client left first. `crashed`: found unfinished after a restart. */
export type Outcome = 'ok' | 'fault' | 'cut' | 'client-gone' | 'crashed'

export interface ExchangeRecord {
  /** Unique for ever; time-ordered. */
  readonly id: string
  /** What the client sees as `x-request-id`; its own if it sent one. */
  readonly requestId: string
  /** Unix milliseconds when the request's head had arrived. */
  readonly at: number
  readonly surface: string
  readonly operation: ExchangeOperation
  readonly keyId?: string
  readonly keyName?: string
  readonly endUser?: string
  readonly modelAsked?: string
  /** The deployment that answered, its provider and the provider's model name. */
  readonly deployment?: string
  readonly provider?: string
  readonly modelServed?: string
  /** Where the deployment processes requests, as far as it is known. */
  readonly region?: string
  /** Where the request had to be processed: `eu or uk`. */
  readonly residency?: string
  /** The routers on the way to that deployment: `main:weighted > fast:latency > openai/gpt-4o-mini`. */
  readonly route?: string
  readonly stream: boolean
  readonly attempts: readonly AttemptRecord[]
  readonly usage?: Omit<Usage, 'raw'>
  /** Nano-USD. Absent with `unpriced` when no price is known. */
  readonly cost?: NanoUsd
  readonly unpriced?: boolean
  /** Milliseconds from the request's head to the first and to the last byte of the answer. */
  readonly firstByteMs?: number
  readonly durationMs: number
  /** Time spent in the gateway itself, before the provider was called and after it answered. */
  readonly overheadMs: number
  /** Time spent waiting for room at targets whose number of requests at once is limited. */
  readonly queuedMs?: number
  readonly finish?: FinishReason
  /** What the provider's safety checks did, where they did anything: `output=blocked;categories="hate"`. */
  readonly safety?: string
  readonly status: number
  readonly outcome: Outcome
  readonly fault?: FaultCode
  readonly lost?: readonly string[]
  /** The id of the client's exchange that this one was made for, to see what another target answers; nobody pays for it. */
  readonly mirrorOf?: string
  readonly compared?: MirrorComparison
  /** The gateway asked it by itself, to see whether the deployment works. */
  readonly check?: Exclude<CheckTier, 'quick'>
  /** Of what was passed through: bytes of the request's body and of the answer's. */
  readonly bytes?: { readonly received: number; readonly sent: number }
}
