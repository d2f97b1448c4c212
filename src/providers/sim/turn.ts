/** What the simulator understands of a request, in whichever protocol it came: enough to answer it as a model would. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { badRequest } from './problem.ts'

export interface TurnTool {
  readonly name: string
  /** JSON Schema of the arguments. */
  readonly schema: JsonObject
  /** Takes free text instead of JSON. */
  readonly custom: boolean
}

export type TurnChoice =
  | { readonly mode: 'auto' | 'none' | 'required' }
  | { readonly mode: 'tool'; readonly name: string }

export type TurnFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly schema: JsonObject }

/** A piece of the prompt in its order: messages, tools, media. */
export interface PromptPiece {
  readonly text: string
  /** Tokens beside those of the text: media, and what frames a message. */
  readonly tokens: number
  /** The client marked the prompt up to here for caching. */
  readonly mark?: '5m' | '1h'
}

export interface Turn {
  readonly stream: boolean
  readonly prompt: readonly PromptPiece[]
  /** Text of the last user message. */
  readonly lastText: string
  /** Images and documents in the last user message. */
  readonly media: { readonly images: number; readonly files: number }
  /** What the tools gave, when that is what the model has to answer to now. */
  readonly results: readonly { readonly name: string; readonly text: string }[]
  readonly tools: readonly TurnTool[]
  readonly choice: TurnChoice
  readonly parallel: boolean
  readonly format: TurnFormat
  readonly maxTokens: number | undefined
  readonly stop: readonly string[]
  readonly n: number
  /** Alternatives per token; `undefined` without log probabilities. */
  readonly logprobs: number | undefined
  /** Tokens of thinking that the request asks for. */
  readonly reasoning: number
  readonly reasoningHidden: boolean
  readonly seed: number
  /** Usage at the end of a stream was asked for. */
  readonly streamUsage: boolean
  /** Thinking that the client gave back. */
  readonly thinking: readonly { readonly text: string; readonly signature: string }[]
}

/** Tokens that a picture costs, whatever its size; a document counts as one. */
export const mediaTokens = 258

/** Tokens that frame a message. */
export const frameTokens = 4

const efforts: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 16,
  low: 32,
  medium: 64,
  high: 128,
  xhigh: 256,
  max: 512,
}

/** Tokens of thinking for an effort; throws when it is none that any service knows. */
export function effortTokens(effort: string, param: string): number {
  const tokens = Object.hasOwn(efforts, effort) ? efforts[effort] : undefined
  if (tokens === undefined) throw badRequest(param, `${param} must be one of ${Object.keys(efforts).join(', ')}.`)
  return tokens
}

/** The member as text, or `undefined` when it is absent or null; throws when it is something else. */
export function optionalString(json: JsonObject, name: string): string | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw badRequest(name, `${name} must be a string.`)
  return value
}

/** The member where it is text, else nothing: for what only colours the answer. */
export function textMember(json: JsonObject, name: string): string {
  const value = json[name]
  return typeof value === 'string' ? value : ''
}

export function optionalBoolean(json: JsonObject, name: string): boolean | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw badRequest(name, `${name} must be a boolean.`)
  return value
}

export function optionalInteger(json: JsonObject, name: string, min: number, max = Infinity): number | undefined {
  const value = json[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw badRequest(
      name,
      `${name} must be an integer, ${min} or more${max === Infinity ? '' : ` and ${max} or less`}.`,
    )
  }
  return value
}

export function optionalList(json: JsonObject, name: string): readonly JsonValue[] {
  const value = json[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw badRequest(name, `${name} must be an array.`)
  return value
}

export function requiredMessages(json: JsonObject): readonly JsonValue[] {
  const { messages } = json
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest('messages', 'messages must be an array with at least one message.')
  return messages
}

/** A named choice must name a tool that is there. */
export function checkChoice(choice: TurnChoice, tools: readonly TurnTool[]): TurnChoice {
  if (choice.mode === 'tool' && !tools.some((tool) => tool.name === choice.name)) {
    throw badRequest(
      'tool_choice',
      `tool_choice names the tool ${JSON.stringify(choice.name)}, which is not among the tools.`,
    )
  }
  if (choice.mode === 'required' && tools.length === 0)
    throw badRequest('tool_choice', 'tool_choice asks for a tool, but there are no tools.')
  return choice
}
