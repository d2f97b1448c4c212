/**
 * The parts a message is made of: one union for everything any chat protocol can put into a turn, input and output alike.
 * Arguments of tool calls stay text, as models write them. What no codec models is an `opaque` part that knows its owner.
 */
import type { JsonValue } from './json.ts'
import type { MediaSource } from './media.ts'
import type { Node } from './node.ts'

/** A mark of the client that the prompt up to here should be cached by the provider. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h'
}

interface PartNode extends Node {
  readonly cache?: CacheMark
}

export interface Citation {
  readonly url?: string
  readonly title?: string
  /** The passage of the source that is cited. */
  readonly quote?: string
  /** Offsets into the text of the part that carries the citation, in UTF-16 code units. */
  readonly start?: number
  readonly end?: number
  /** Dialect id, and the citation as that dialect wrote it. */
  readonly origin: string
  readonly raw: JsonValue
}

export interface TextPart extends PartNode {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[]
}

export interface ImagePart extends PartNode {
  readonly type: 'image'
  readonly source: MediaSource
  /** How closely the model should look; OpenAI's `detail`. */
  readonly detail?: string
}

export interface AudioPart extends PartNode {
  readonly type: 'audio'
  /** Absent when an earlier answer's audio is only referred to by `id`. */
  readonly source?: MediaSource
  /** Container or codec as the protocols name it: `wav`, `mp3`, `pcm16`. */
  readonly format?: string
  readonly id?: string
  readonly transcript?: string
  /** Unix seconds. */
  readonly expiresAt?: number
}

export interface VideoPart extends PartNode {
  readonly type: 'video'
  readonly source: MediaSource
}

/** A document: PDF, plain text, or anything else a model can read as a file. */
export interface FilePart extends PartNode {
  readonly type: 'file'
  readonly source: MediaSource
  readonly filename?: string
  readonly title?: string
  /** What the client says about the document, besides its content. */
  readonly context?: string
  /** Whether the model should cite it. */
  readonly citable?: boolean
}

export interface RefusalPart extends PartNode {
  readonly type: 'refusal'
  readonly text: string
}

export interface ReasoningPart extends PartNode {
  readonly type: 'reasoning'
  readonly text: string
  /** The provider's proof that the text is its own; only that provider can use it. */
  readonly signature?: string
  /** Reasoning the provider shows to nobody (`redacted_thinking`, `encrypted_content`): text is then empty. */
  readonly encrypted?: string
  /** The text is a summary of the reasoning, not the reasoning itself. */
  readonly summary?: boolean
  /** Dialect id of the provider that wrote it. An encoder of another dialect drops it and says so. */
  readonly origin: string
}

export interface ToolCallPart extends PartNode {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** JSON text for functions, free text for custom tools; as the model wrote it, so it need not be valid. */
  readonly arguments: string
  /** Absent means a function. */
  readonly kind?: 'custom'
}

export interface ToolResultPart extends PartNode {
  readonly type: 'tool-result'
  readonly callId: string
  readonly content: readonly Part[]
  readonly isError?: boolean
}

/** A tool the provider runs itself (web search, code execution). */
export interface ServerToolCallPart extends PartNode {
  readonly type: 'server-tool-call'
  readonly id: string
  readonly name: string
  readonly arguments: string
  readonly origin: string
}

export interface ServerToolResultPart extends PartNode {
  readonly type: 'server-tool-result'
  readonly callId: string
  /** The block as its dialect wrote it. */
  readonly value: JsonValue
  readonly origin: string
}

/** A block no codec models, owned by the dialect `origin` and re-emitted by it alone. */
export interface OpaquePart extends PartNode {
  readonly type: 'opaque'
  readonly origin: string
  readonly value: JsonValue
}

export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | VideoPart
  | FilePart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | ServerToolCallPart
  | ServerToolResultPart
  | OpaquePart
