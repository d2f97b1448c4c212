/**
 * What a request or an answer means, apart from how a dialect spells it: the facts that a client would miss if they were gone, as plain
 * values that can be compared.
 */
import type { ChatRequest, ChatResponse, Choice, Tool } from '../../src/model/chat.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { JsonValue } from '../../src/model/json.ts'
import type { MediaSource } from '../../src/model/media.ts'
import type { Part } from '../../src/model/part.ts'
import { budgetForEffort } from '../../src/model/reasoning-levels.ts'

/** One thing said in a conversation, in the order of saying. */
export type Said = readonly [kind: string, ...what: unknown[]]

/** Texts that follow each other from one side count as one, and white space between them as none. */
export function conversationOf({ messages }: ChatRequest): Said[] {
  return joined(messages.flatMap(({ role, parts }) => parts.flatMap((part) => saidIn(part, sideOf(role)))))
}

/** What stands in the conversation as text, call or result, without anything else. */
export const wordsOf = (said: readonly Said[]): Said[] =>
  joined(said.filter(([kind]) => kind === 'text' || kind === 'call' || kind === 'result'))

const sideOf = (role: string): string => (role === 'developer' ? 'system' : role === 'tool' ? 'user' : role)

function joined(said: readonly Said[]): Said[] {
  const kept: Said[] = []
  for (const one of said) {
    const last = kept.at(-1)
    if (one[0] !== 'text') kept.push(one)
    else if (last?.[0] === 'text' && last[1] === one[1])
      kept[kept.length - 1] = ['text', one[1], `${String(last[2])}${String(one[2])}`]
    else if (one[2] !== '') kept.push(one)
  }
  return kept
}

const dense = (text: string): string => text.replaceAll(/\s+/g, '')

function saidIn(part: Part, side: string): Said[] {
  switch (part.type) {
    case 'text':
      return [['text', side, dense(part.text)]]
    case 'refusal':
      return [['refusal', dense(part.text)]]
    case 'reasoning':
      return [['reasoning', dense(part.text), part.signature, part.encrypted]]
    case 'tool-call':
      return [['call', part.id, part.name, argumentsOf(part.arguments, part.kind)]]
    case 'tool-result':
      return [['result', part.callId, ...joined(part.content.flatMap((inner) => saidIn(inner, 'result')))]]
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return [[part.type, sourceOf(part.source)]]
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      return [[part.type]]
  }
}

const sourceOf = (source: MediaSource | undefined): string => {
  if (source === undefined) return ''
  if (source.kind === 'base64') return source.data
  return source.kind === 'url' ? source.url : source.kind === 'file-id' ? source.id : dense(source.text)
}

/** Objects compared as objects, since some protocols carry no text; an empty text is an empty object. */
function argumentsOf(text: string, kind: 'custom' | undefined): unknown {
  if (kind === 'custom') return text
  if (text.trim() === '') return {}
  try {
    const value = JSON.parse(text) as JsonValue
    return isJsonObject(value) ? value : 'no object'
  } catch {
    return 'no object'
  }
}

/** The settings of a request and its tools, by name; what is not set is absent. */
export function settingsOf(request: ChatRequest): Record<string, unknown> {
  const {
    model: _model,
    messages,
    stream: _stream,
    streamUsage: _usage,
    tools,
    reasoning,
    toolChoice,
    format,
    ...rest
  } = request
  const { extra: _extra, form: _form, ...settings } = rest
  return {
    ...settings,
    ...(tools !== undefined && { tools: tools.map(toolOf) }),
    ...(toolChoice !== undefined && {
      toolChoice:
        'names' in toolChoice
          ? { names: toolChoice.names, required: toolChoice.required }
          : { ...toolChoice, kind: undefined },
    }),
    ...(format !== undefined && { format: format.type === 'json-schema' ? schemaOf(format) : format.type }),
    ...(reasoning !== undefined && { reasoning: reasoningOf(reasoning) }),
    names: messages.flatMap(({ name }) => name ?? []),
    cache: cacheMarksIn(request),
    detail: messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'image' ? (part.detail ?? []) : [])),
    ),
    errors: messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'tool-result' && part.isError === true ? part.callId : [])),
    ),
  }
}

/** A description may stand beside the schema or in it. */
function schemaOf({ schema, description }: Extract<ChatRequest['format'], { type: 'json-schema' }>): unknown {
  return description === undefined ? schema : { ...schema, description }
}

const noParameters = { type: 'object', properties: {} }

function toolOf(tool: Tool): unknown {
  if (tool.type === 'function') {
    const { name, description, parameters = noParameters, strict = false } = tool
    return { name, description, parameters, strict }
  }
  return tool.type === 'custom'
    ? { name: tool.name, description: tool.description, format: tool.format }
    : { name: tool.name, value: tool.value }
}

/** An effort and the budget that stands for it are the same. */
function reasoningOf({ effort, budget, mode }: NonNullable<ChatRequest['reasoning']>): unknown {
  if (effort === 'none' || mode === 'disabled' || budget === 0) return 'off'
  return effort === undefined ? (budget ?? mode) : budgetForEffort(effort)
}

function cacheMarksIn({ messages, tools = [] }: ChatRequest): number {
  const marked = messages.flatMap(({ parts }) => parts.filter(({ cache }) => cache !== undefined))
  return marked.length + tools.filter((tool) => tool.type === 'function' && tool.cache !== undefined).length
}

/** Everything that an answer says, by name. */
export function answerOf(answer: ChatResponse): Record<string, unknown> {
  const { choices, usage, serviceTier, safety } = answer
  return {
    ...Object.fromEntries(
      choices.flatMap((choice) =>
        Object.entries(choiceOf(choice)).map(([key, value]) => [`${key} ${choice.index}`, value]),
      ),
    ),
    ...(usage !== undefined && {
      input: usage.input.total,
      output: usage.output.total,
      cacheRead: usage.input.cacheRead ?? 0,
      cacheWrite: usage.input.cacheWrite ?? 0,
      cacheWrite1h: usage.input.cacheWrite1h ?? 0,
      reasoningTokens: usage.output.reasoning ?? 0,
      audioTokens: [usage.input.audio ?? 0, usage.output.audio ?? 0],
      imageTokens: [usage.input.image ?? 0, usage.output.image ?? 0],
      serverTools: Object.values(usage.serverTools ?? {}),
    }),
    serviceTier,
    safety: (safety ?? [])
      .filter(({ blocked }) => blocked)
      .map(({ of, choice, ratings }) => [
        of,
        choice,
        ratings.filter(({ blocked }) => blocked).map(({ category }) => category),
      ]),
  }
}

function choiceOf({ parts, finish, logprobs }: Choice): Record<string, unknown> {
  const text = (type: Part['type']): string =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  const of = (type: Part['type']): Said[] =>
    parts.flatMap((part) => (part.type === type ? saidIn(part, 'assistant') : []))
  return {
    text: text('text'),
    refusal: text('refusal'),
    reasoning: text('reasoning'),
    proof: parts.flatMap((part) => (part.type === 'reasoning' ? (part.encrypted ?? (part.signature || [])) : [])),
    calls: of('tool-call'),
    callNames: of('tool-call').map((call) => call.slice(0, 3)),
    images: of('image'),
    audio: of('audio'),
    serverCalls: parts.flatMap((part) => (part.type === 'server-tool-call' ? part.name : [])),
    citations: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).map(({ url, title, quote }) => ({ url, title, quote })) : [],
    ),
    finish: finish?.reason,
    sequence: finish?.sequence,
    logprobs: logprobs?.content,
  }
}
