/**
 * A streamed chat answer as events. Parts of one choice may be open at once (parallel tool calls); a part that has ended gets no
 * more deltas. Folding the events gives the response that the same answer would have been without streaming.
 */
import type { Fault } from './fault.ts'
import type { Finish } from './finish.ts'
import type { JsonValue } from './json.ts'
import type { PerDialect } from './node.ts'
import type { Citation, Part } from './part.ts'
import type { TokenLogprob } from './chat.ts'
import type { SafetyVerdict } from './safety.ts'
import type { Usage } from './usage.ts'

export interface ResponseStart {
  readonly type: 'response-start'
  readonly id: string
  readonly model: string
  /** Unix seconds. */
  readonly created?: number
  readonly serviceTier?: string
  readonly extra?: PerDialect
  readonly form?: PerDialect
}

/** A part begins; `value` holds what is known by then (a tool call's id and name, perhaps a first piece of text). */
export interface PartStart {
  readonly type: 'part-start'
  readonly choice: number
  /** Position of the part within its choice, from 0. */
  readonly part: number
  readonly value: Part
}

/** Appended to the open part: each member to the field it names. */
export interface PartDelta {
  readonly type: 'part-delta'
  readonly choice: number
  readonly part: number
  /** To `text`, a call's `arguments`, or an audio part's base64 data. */
  readonly text?: string
  readonly transcript?: string
  /** Replaces what there was: signatures come whole. */
  readonly signature?: string
  readonly encrypted?: string
  readonly citation?: Citation
  /** Unix seconds; an audio part's lifetime. */
  readonly expiresAt?: number
}

export interface PartEnd {
  readonly type: 'part-end'
  readonly choice: number
  readonly part: number
}

export interface LogprobsDelta {
  readonly type: 'logprobs-delta'
  readonly choice: number
  readonly content?: readonly TokenLogprob[]
  readonly refusal?: readonly TokenLogprob[]
}

export interface ChoiceEnd {
  readonly type: 'choice-end'
  readonly choice: number
  readonly finish: Finish
  readonly extra?: PerDialect
}

/** What is known of the usage so far; each such event replaces the one before. */
export interface UsageUpdate {
  readonly type: 'usage-update'
  readonly usage: Usage
}

export type ChatEvent =
  | ResponseStart
  | PartStart
  | PartDelta
  | PartEnd
  | LogprobsDelta
  | ChoiceEnd
  | UsageUpdate
  /** Members of the response itself that came late (`service_tier`, a fingerprint). */
  | { readonly type: 'response-update'; readonly serviceTier?: string; readonly extra?: PerDialect }
  /** One verdict of the provider's safety checks; it replaces an earlier one of the same choice (or of the input). */
  | { readonly type: 'safety-update'; readonly verdict: SafetyVerdict }
  | { readonly type: 'response-end' }
  | { readonly type: 'ping' }
  | { readonly type: 'error'; readonly fault: Fault }
  /** An event of the dialect `origin` that no codec models. */
  | { readonly type: 'opaque-event'; readonly origin: string; readonly event?: string; readonly value: JsonValue }
