/**
 * What a target can take of the things that its protocol has words for. Protocols promise more than services keep: a dialect states
 * what holds in general, a provider's offer what differs at that provider, the configuration what differs for one server or model.
 */

import type { TranscriptFormat } from '../model/transcription.ts'

/** Media that a message can hold by URL. */
export type MediaKind = 'image' | 'audio' | 'video' | 'file'

/** Settings of a request that some services refuse rather than ignore. */
export const settings = [
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'stop',
  'n',
  'parallel_tool_calls',
  'reasoning',
  'verbosity',
  'metadata',
  'user',
  'service_tier',
] as const

export type Setting = (typeof settings)[number]

export interface Traits {
  /** `emulated`: described in the prompt and read from the text. `none`: a request with tools is refused. Default `native`. */
  readonly tools?: 'native' | 'emulated' | 'none'
  /** How an answer is held to a JSON schema: by the service, by a tool it must call, or by words in the prompt. Default `native`. */
  readonly structuredOutput?: 'native' | 'tool' | 'prompt'
  /** Kinds of media whose URLs the service fetches by itself; others are fetched for it. Default none. */
  readonly mediaUrls?: readonly MediaKind[]
  /** Knows the limit of an answer by OpenAI's older name alone, `max_tokens`. Default false. */
  readonly olderMaxTokens?: boolean
  readonly maxTemperature?: number
  readonly maxStops?: number
  /** Knows the role `developer`; otherwise such messages are sent as `system`. Default true. */
  readonly developerRole?: boolean
  /** Takes system messages between others; otherwise they are moved to the beginning. Default true. */
  readonly systemAnywhere?: boolean
  /** Wants user and assistant to take turns; otherwise messages of one role may follow each other. Default false. */
  readonly alternatingRoles?: boolean
  /** Settings that it refuses. */
  readonly leaveOut?: readonly Setting[]
  /** Has marks for what the provider should keep in its prompt cache. Default false. */
  readonly cacheMarks?: boolean
  /** The forms of transcripts that it writes, and streams none; others are made of those. Default all, and streams. */
  readonly transcripts?: readonly TranscriptFormat[]
}
