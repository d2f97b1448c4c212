/** Moderation in every protocol's terms at once: what is to be judged, and how much of what kind of harm is in it, by OpenAI's categories. */
import type { JsonObject, JsonValue } from './json.ts'
import type { Node } from './node.ts'
import type { Usage } from './usage.ts'

/** https://developers.openai.com/api/reference/resources/moderations */
export const moderationCategories = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

export type ModerationCategory = (typeof moderationCategories)[number]

export interface ModerationText extends Node {
  readonly type: 'text'
  readonly text: string
}

export interface ModerationImage extends Node {
  readonly type: 'image'
  /** A URL, or a data URI. */
  readonly url: string
}

/** What no other dialect could say. */
export interface OpaqueModerationPart extends Node {
  readonly type: 'opaque'
  readonly origin: string
  readonly value: JsonValue
}

export type ModerationPart = ModerationText | ModerationImage | OpaqueModerationPart

/** What is judged as one. */
export interface ModerationInput extends Node {
  readonly parts: readonly ModerationPart[]
}

export interface ModerationRequest extends Node {
  /** Empty where the client left it to the service. */
  readonly model: string
  readonly inputs: readonly ModerationInput[]
}

export interface ModerationVerdict {
  readonly flagged: boolean
  /** From 0 to 1. Without a score where the service only says yes or no. */
  readonly score?: number
}

export interface ModerationResult extends Node {
  readonly flagged: boolean
  /** Categories that the service does not know are not there. */
  readonly categories: Readonly<Partial<Record<ModerationCategory, ModerationVerdict>>>
  /** What the service said in its own words, where those are not OpenAI's. */
  readonly raw?: JsonObject
}

export interface ModerationResponse extends Node {
  readonly id?: string
  /** Empty where the provider does not name it. */
  readonly model: string
  /** One for each input, in their order. */
  readonly results: readonly ModerationResult[]
  readonly usage?: Usage
}
