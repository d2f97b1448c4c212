/**
 * The canonical chat request and response: blocks in messages, several choices, every setting any chat protocol knows. Codecs
 * decode into it and encode from it; it knows no protocol itself.
 */
import type { Finish } from './finish.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { Node } from './node.ts'
import type { CacheMark, Part } from './part.ts'
import type { SafetyVerdict } from './safety.ts'
import type { Usage } from './usage.ts'

/** `developer` outranks `system` in newer OpenAI models; `tool` carries results where a protocol has a role of its own for them. */
export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

export interface Message extends Node {
  readonly role: Role
  readonly parts: readonly Part[]
  /** The participant's name. */
  readonly name?: string
  /** The member of the request that held it, when that was not `messages`: `system`. */
  readonly apart?: string
  /** Where it stood within the conversation, for clients that know no `messages`: `input[3]`. */
  readonly place?: string
}

export interface FunctionTool extends Node {
  readonly type: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments; absent means none. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly cache?: CacheMark
}

/** A tool that takes free text, perhaps constrained by a grammar. */
export interface CustomTool extends Node {
  readonly type: 'custom'
  readonly name: string
  readonly description?: string
  readonly format?: JsonValue
}

/** A tool the provider runs itself, in the words of the dialect `origin`. */
export interface ServerTool extends Node {
  readonly type: 'server'
  readonly origin: string
  readonly name: string
  readonly value: JsonObject
}

export type Tool = FunctionTool | CustomTool | ServerTool

export type ToolChoice =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'tool'; readonly name: string; readonly kind?: 'custom' }
  /** Only the named tools; `required` when one of them must be called. */
  | {
      readonly mode: 'allowed'
      readonly names: readonly string[]
      readonly required: boolean
      readonly raw: JsonValue
      readonly origin: string
    }

export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly name?: string
      readonly description?: string
      readonly schema: JsonObject
      readonly strict?: boolean
    }

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface ReasoningSettings {
  readonly effort?: ReasoningEffort
  /** Tokens the model may think. */
  readonly budget?: number
  /** `adaptive`: the model decides how much to think. */
  readonly mode?: 'enabled' | 'disabled' | 'adaptive'
  /** Whether the thinking is shown: `omitted`, `summarized`, … in the provider's word. */
  readonly display?: string
}

export interface ChatRequest extends Node {
  readonly model: string
  readonly messages: readonly Message[]
  readonly stream: boolean
  /** The client asked for usage at the end of the stream. Absent where the protocol always tells it. */
  readonly streamUsage?: boolean
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  /** How many choices; absent means one. */
  readonly n?: number
  /** `top` alternatives for each token. */
  readonly logprobs?: { readonly enabled: boolean; readonly top?: number }
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly format?: OutputFormat
  readonly reasoning?: ReasoningSettings
  /** `low`, `medium`, `high`: how wordy the answer is. */
  readonly verbosity?: string
  /** The client's own id of the person behind the request. */
  readonly endUser?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly serviceTier?: string
  /** Output modalities where they are more than text: `text`, `audio`. */
  readonly modalities?: readonly string[]
}

export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[] | null
  readonly top?: readonly {
    readonly token: string
    readonly logprob: number
    readonly bytes?: readonly number[] | null
  }[]
}

export interface Logprobs {
  readonly content?: readonly TokenLogprob[]
  readonly refusal?: readonly TokenLogprob[]
}

export interface Choice extends Node {
  readonly index: number
  readonly parts: readonly Part[]
  readonly finish?: Finish
  readonly logprobs?: Logprobs
}

export interface ChatResponse extends Node {
  readonly id: string
  readonly model: string
  /** Unix seconds. */
  readonly created?: number
  readonly choices: readonly Choice[]
  readonly usage?: Usage
  readonly serviceTier?: string
  /** What the provider's safety checks said of the prompt and of each choice. */
  readonly safety?: readonly SafetyVerdict[]
}
