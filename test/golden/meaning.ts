/**
 * What a request or an answer means, apart from how a dialect spells it: the facts that a client would miss if they were gone, as plain
 * values that can be compared.
 */
import { isDeepStrictEqual } from 'node:util'
import { unsealReasoning } from '../../src/kernel/codec/reasoning-envelope.ts'
import type { ChatRequest, ChatResponse, Choice, OutputFormat, Tool } from '../../src/model/chat.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { JsonValue } from '../../src/model/json.ts'
import type { MediaSource } from '../../src/model/media.ts'
import type { Part, ReasoningPart } from '../../src/model/part.ts'
import { budgetForEffort } from '../../src/model/reasoning-levels.ts'

/** What was said in a conversation, by kind; each list in the order of saying. */
export interface Conversation {
  /** Texts with their speakers, calls and results, in one order. Texts that follow each other from one side count as one. */
  readonly words: readonly (readonly unknown[])[]
  /** Each text as it stood, without white space. */
  readonly texts: readonly string[]
  readonly calls: readonly (readonly unknown[])[]
  readonly results: readonly string[]
  readonly media: readonly string[]
  /** What is told about documents. */
  readonly contexts: readonly string[]
  readonly reasoning: readonly (readonly unknown[])[]
}

export function conversationOf({ messages }: Pick<ChatRequest, 'messages'>): Conversation {
  const said = messages.flatMap(({ role, parts }) => parts.map((part) => ({ side: sideOf(role), part })))
  const all = said.flatMap(({ part }) => (part.type === 'tool-result' ? [part, ...part.content] : [part]))
  return {
    words: joined(said.flatMap(({ side, part }) => wordsIn(part, side))),
    texts: all.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? dense(part.text) || [] : [])),
    calls: all.flatMap((part) => (part.type === 'tool-call' ? [callOf(part.id, part.name, part)] : [])),
    results: all.flatMap((part) => (part.type === 'tool-result' ? part.callId : [])),
    media: all.flatMap(mediaIn).sort(),
    contexts: all.flatMap((part) => (part.type === 'file' ? (part.context ?? []) : [])),
    reasoning: all.flatMap((part) =>
      part.type === 'reasoning' ? [[dense(part.text), part.signature ?? '', part.encrypted ?? '']] : [],
    ),
  }
}

const sideOf = (role: string): string => (role === 'developer' ? 'system' : role === 'tool' ? 'user' : role)

const dense = (text: string): string => text.replaceAll(/\s+/g, '')

function wordsIn(part: Part, side: string): unknown[][] {
  switch (part.type) {
    case 'text':
      return [['text', side, dense(part.text)]]
    case 'refusal':
      return [['refusal', dense(part.text)]]
    case 'tool-call':
      return [callOf(part.id, part.name, part)]
    case 'tool-result':
      return [['result', part.callId, ...joined(part.content.flatMap((inner) => wordsIn(inner, 'result')))]]
    default:
      return []
  }
}

function joined(words: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const kept: (readonly unknown[])[] = []
  for (const word of words) {
    const last = kept.at(-1)
    const goesOn = word[0] === 'text' && last?.[0] === 'text' && last[1] === word[1]
    if (goesOn) kept[kept.length - 1] = ['text', word[1], `${String(last[2])}${String(word[2])}`]
    else if (word[0] !== 'text' || word[2] !== '') kept.push(word)
  }
  return kept
}

/** By what they are made of: a protocol may have one word for all kinds of media. */
function mediaIn(part: Part): string[] {
  if (part.type !== 'image' && part.type !== 'video' && part.type !== 'audio' && part.type !== 'file') return []
  return [sourceOf(part.source)]
}

function sourceOf(source: MediaSource | undefined): string {
  switch (source?.kind) {
    case undefined:
      return ''
    case 'base64':
      return source.mediaType?.startsWith('text/') === true
        ? dense(Buffer.from(source.data, 'base64').toString())
        : source.data
    case 'url':
      return source.url
    case 'file-id':
      return source.id
    case 'text':
      return dense(source.text)
  }
}

type Call = Pick<Extract<Part, { type: 'tool-call' }>, 'arguments' | 'kind'>

/** Arguments compared as objects, since some protocols carry no text; an empty text is an empty object. */
function callOf(id: string, name: string, { arguments: text, kind }: Call): unknown[] {
  return ['call', id, name, kind === 'custom' ? text : text.trim() === '' ? {} : objectOf(text)]
}

function objectOf(text: string): unknown {
  try {
    const value = JSON.parse(text) as JsonValue
    return isJsonObject(value) ? value : 'no object'
  } catch {
    return 'no object'
  }
}

const settingMembers = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'stop',
  'n',
  'logprobs',
  'parallelToolCalls',
  'verbosity',
  'endUser',
  'metadata',
  'serviceTier',
  'modalities',
] as const satisfies readonly (keyof ChatRequest)[]

/** The settings of a request, its tools, and what is said about its parts, by name; what is not set is undefined or empty. */
export function settingsOf(request: ChatRequest): Record<string, unknown> {
  const { tools, toolChoice, format, reasoning, messages } = request
  const parts = messages.flatMap((message) => message.parts)
  return {
    ...Object.fromEntries(settingMembers.map((member) => [member, request[member]])),
    tools: tools?.map(toolOf),
    toolChoice: choiceOf(toolChoice),
    format: formatOf(format),
    reasoning: reasoningOf(reasoning),
    names: messages.flatMap(({ name }) => name ?? []),
    cache: [...parts, ...(tools ?? [])].filter((node) => 'cache' in node && node.cache !== undefined).length,
    detail: parts.flatMap((part) => (part.type === 'image' && part.detail !== 'auto' ? (part.detail ?? []) : [])),
    errors: parts.flatMap((part) => (part.type === 'tool-result' && part.isError === true ? part.callId : [])),
    citable: parts.flatMap((part) => (part.type === 'file' && part.citable === true ? true : [])),
    context: parts.flatMap((part) => (part.type === 'file' ? (part.context ?? []) : [])),
  }
}

function choiceOf(choice: ChatRequest['toolChoice']): unknown {
  if (choice === undefined) return undefined
  if (choice.mode === 'allowed') return { names: choice.names, required: choice.required }
  return choice.mode === 'tool' ? choice.name : choice.mode
}

/** A description may stand beside the schema or in it. What the schema is called matters to nobody. */
function formatOf(format: OutputFormat | undefined): unknown {
  if (format?.type !== 'json-schema') return format?.type
  const { schema, description } = format
  return description === undefined ? schema : { ...schema, description }
}

const noParameters = { type: 'object', properties: {} }

function toolOf(tool: Tool): unknown {
  const { name } = tool
  if (tool.type === 'server') return { name, value: tool.value }
  if (tool.type === 'custom') return { name, description: tool.description, format: tool.format }
  const { description, parameters = noParameters, strict = false } = tool
  return { name, description, parameters, strict }
}

/** An effort and the budget that stands for it are the same. */
function reasoningOf(reasoning: ChatRequest['reasoning']): unknown {
  if (reasoning === undefined) return undefined
  const { effort, budget, mode } = reasoning
  if (effort === 'none' || mode === 'disabled' || budget === 0) return 'off'
  return effort === undefined ? (budget ?? mode) : budgetForEffort(effort)
}

/** Whether everything that was asked is still asked for. */
export function isSameRequest(asked: ChatRequest, read: ChatRequest): boolean {
  const [said, heard] = [conversationOf(asked), conversationOf(read)]
  const after = settingsOf(read)
  return (
    Object.entries(settingsOf(asked)).every(([name, value]) => value === undefined || isSame(after[name], value)) &&
    isSame([heard.words, heard.media, heard.reasoning], [said.words, said.media, said.reasoning])
  )
}

/** Whether everything that was answered is still told. */
export function isSameAnswer(asked: ChatResponse, read: ChatResponse): boolean {
  const after = answerOf(read)
  return Object.entries(answerOf(asked)).every(([name, value]) => value === undefined || isSame(after[name], value))
}

const isSame = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other)

/** Everything that an answer says, by name and choice. */
export function answerOf(answer: ChatResponse): Record<string, unknown> {
  const { choices, usage, serviceTier, safety = [] } = answer
  const said = choices.flatMap((choice) =>
    Object.entries(saidIn(choice)).map(([key, value]) => [`${key} ${choice.index}`, value] as const),
  )
  const { input, output, serverTools = {} } = usage ?? { input: undefined, output: undefined }
  return {
    ...Object.fromEntries(said),
    input: input?.total,
    output: output?.total,
    cacheRead: input?.cacheRead ?? 0,
    cacheWrite: input?.cacheWrite ?? 0,
    cacheWrite1h: input?.cacheWrite1h ?? 0,
    reasoningTokens: output?.reasoning ?? 0,
    audioTokens: [input?.audio ?? 0, output?.audio ?? 0],
    imageTokens: [input?.image ?? 0, output?.image ?? 0],
    serverTools: Object.values(serverTools),
    serviceTier,
    safety: safety
      .filter(({ blocked }) => blocked)
      .map(({ of, choice, ratings }) => [
        of,
        choice,
        ...ratings.filter((rating) => rating.blocked).map((rating) => rating.category),
      ]),
  }
}

/** What a provider will ask for when the reasoning comes back; in an envelope of the gateway, or two, it is safe. */
function proofOf({ encrypted, signature }: Pick<ReasoningPart, 'encrypted' | 'signature'>): string[] {
  return [encrypted, signature].flatMap((proof) => {
    if (proof === undefined || proof === '') return []
    const sealed = unsealReasoning(proof)
    return sealed === undefined ? [proof] : proofOf(sealed)
  })
}

function saidIn({ parts, finish, logprobs }: Choice): Record<string, unknown> {
  const text = (type: Part['type']): string =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [callOf(part.id, part.name, part)] : []))
  return {
    text: text('text'),
    refusal: text('refusal'),
    reasoning: text('reasoning'),
    proof: parts.flatMap((part) => (part.type === 'reasoning' ? proofOf(part) : [])),
    calls,
    callNames: calls.map((call) => call.slice(0, 3)),
    media: parts.flatMap(mediaIn),
    transcript: parts.flatMap((part) => (part.type === 'audio' ? (part.transcript ?? []) : [])),
    serverCalls: parts.flatMap((part) => (part.type === 'server-tool-call' ? part.name : [])),
    citations: parts.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).map(({ url, title, quote }) => ({ url, title, quote })) : [],
    ),
    finish: finish?.reason,
    sequence: finish?.sequence,
    logprobs: logprobs?.content?.map(({ token, logprob, top = [] }) => [
      token,
      logprob,
      ...top.map((other) => other.token),
    ]),
  }
}
