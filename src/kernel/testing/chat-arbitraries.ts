/**
 * Arbitrary canonical chat requests, responses and event streams, as any dialect could have decoded them: what every encoder must
 * take without throwing. `other` stands for a dialect that no codec here knows.
 */
import fc from 'fast-check'
import type { ChatEvent } from '../../model/chat-event.ts'
import type {
  ChatRequest,
  ChatResponse,
  Choice,
  Message,
  OutputFormat,
  ReasoningEffort,
  Tool,
  ToolChoice,
} from '../../model/chat.ts'
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import type { MediaSource } from '../../model/media.ts'
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'

export const otherDialect = 'x-other'

/** An arbitrary whose members may each be left out. */
function optional<T extends object>(members: { [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> }): fc.Arbitrary<
  Partial<T>
> {
  return fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>
}

const words: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => `w${text.replaceAll('\0', '0')}.`)
const name: fc.Arbitrary<string> = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,12}$/)
const callId: fc.Arbitrary<string> = fc.stringMatching(/^call_[a-z0-9]{8,12}$/)
/** JSON has no negative zero. */
const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map((value) => value + 0)
const base64: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))
const plainJson: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,6}$/),
  fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
)
const schema: fc.Arbitrary<JsonObject> = plainJson.map((properties) => ({
  type: 'object',
  properties: Object.fromEntries(Object.keys(properties).map((key) => [key, { type: 'string' }])),
}))
const extra = fc.option(fc.constant({ [otherDialect]: { x_field: 1 } }), { nil: undefined, freq: 4 })

const withExtra = <T extends object>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.tuple(arbitrary, extra).map(([value, more]) => (more === undefined ? value : { ...value, extra: more }))

const media = (mediaType: string): fc.Arbitrary<MediaSource> =>
  fc.oneof(
    base64.map((data) => ({ kind: 'base64' as const, mediaType, data })),
    base64.map((data) => ({ kind: 'base64' as const, data })),
    name.map((path) => ({ kind: 'url' as const, url: `https://media.example/${path}` })),
    name.map((id) => ({ kind: 'file-id' as const, id, origin: otherDialect })),
  )

export const textPartArbitrary: fc.Arbitrary<TextPart> = withExtra(
  fc
    .tuple(
      words,
      optional<Pick<TextPart, 'citations' | 'cache'>>({
        citations: fc.array(
          fc.record({
            url: fc.constant('https://source.example/'),
            title: words,
            start: fc.constant(0),
            end: fc.constant(2),
            origin: fc.constant(otherDialect),
            raw: plainJson,
          }),
          { maxLength: 2 },
        ),
        cache: fc.constantFrom({}, { ttl: '5m' as const }, { ttl: '1h' as const }),
      }),
    )
    .map(([text, more]) => ({ type: 'text' as const, text, ...more })),
)

export const toolCallArbitrary: fc.Arbitrary<ToolCallPart> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('tool-call' as const),
      id: callId,
      name,
      arguments: plainJson.map((value) => JSON.stringify(value)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('tool-call' as const),
      id: callId,
      name,
      arguments: fc.constantFrom('', '{"cut', '[1]', 'null'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('tool-call' as const),
      id: callId,
      name,
      arguments: words,
      kind: fc.constant('custom' as const),
    }),
  },
)

const reasoning: fc.Arbitrary<ReasoningPart> = fc.oneof(
  fc
    .tuple(
      words,
      fc.constantFrom('anthropic-messages', 'openai-chat', otherDialect),
      optional<Pick<ReasoningPart, 'signature' | 'summary'>>({ signature: base64, summary: fc.boolean() }),
    )
    .map(([text, origin, more]) => ({ type: 'reasoning' as const, text, origin, ...more })),
  fc
    .tuple(base64, fc.constantFrom('anthropic-messages', otherDialect))
    .map(([encrypted, origin]) => ({ type: 'reasoning' as const, text: '', encrypted, origin })),
)

const mediaPart: fc.Arbitrary<Part> = fc.oneof(
  media('image/png').map((source) => ({ type: 'image' as const, source })),
  base64.map((data) => ({
    type: 'audio' as const,
    source: { kind: 'base64' as const, mediaType: 'audio/wav', data },
    format: 'wav',
  })),
  media('video/mp4').map((source) => ({ type: 'video' as const, source })),
  fc
    .tuple(
      fc.oneof(
        media('application/pdf'),
        words.map((text) => ({ kind: 'text' as const, text, mediaType: 'text/plain' })),
      ),
      fc.boolean(),
    )
    .map(([source, citable]) => ({
      type: 'file' as const,
      source,
      filename: 'a.pdf',
      title: 'A',
      context: 'about it',
      citable,
    })),
)

const opaque: fc.Arbitrary<Part> = plainJson.map((value) => ({
  type: 'opaque' as const,
  origin: otherDialect,
  value: { ...value, type: 'x_block' },
}))

const userPart: fc.Arbitrary<Part> = fc.oneof({ weight: 4, arbitrary: textPartArbitrary }, mediaPart, opaque)

const assistantPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: textPartArbitrary },
  { weight: 2, arbitrary: reasoning },
  words.map((text) => ({ type: 'refusal' as const, text })),
  opaque,
  callId.map((id) => ({
    type: 'server-tool-call' as const,
    id,
    name: 'search',
    arguments: '{}',
    origin: otherDialect,
  })),
  callId.map((id) => ({
    type: 'server-tool-result' as const,
    callId: id,
    value: { type: 'found' },
    origin: otherDialect,
  })),
)

const toolResult = (call: ToolCallPart): fc.Arbitrary<ToolResultPart> =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 3, arbitrary: textPartArbitrary }, mediaPart), { maxLength: 3 }),
      fc.option(fc.boolean(), { nil: undefined }),
    )
    .map(([content, isError]) => ({
      type: 'tool-result' as const,
      callId: call.id,
      content,
      ...(isError !== undefined && { isError }),
    }))

/** A turn: the user speaks, the assistant answers, perhaps calls tools, and gets their results in one of the ways dialects have. */
const turn: fc.Arbitrary<Message[]> = fc
  .tuple(
    fc.array(userPart, { minLength: 1, maxLength: 3 }),
    fc.array(assistantPart, { maxLength: 3 }),
    fc.uniqueArray(toolCallArbitrary, { maxLength: 3, selector: (call) => call.id }),
    fc.boolean(),
    extra,
  )
  .chain(([user, said, calls, ownRole, more]) =>
    fc.tuple(...calls.map(toolResult)).map((results): Message[] => {
      const assistant: Part[] = [...said, ...calls]
      const answers: Message[] =
        results.length === 0
          ? []
          : ownRole
            ? results.map((result) => ({ role: 'tool', parts: [result] }))
            : [{ role: 'user', parts: [...results, { type: 'text', text: 'go on' }] }]
      return [
        { role: 'user', parts: user, ...(more !== undefined && { extra: more }) },
        ...(assistant.length === 0 ? [] : [{ role: 'assistant' as const, parts: assistant }]),
        ...answers,
      ]
    }),
  )

const tool: fc.Arbitrary<Tool> = withExtra(
  fc.oneof(
    fc
      .tuple(
        name,
        optional<{ description: string; parameters: JsonObject; strict: boolean; cache: { ttl?: '5m' | '1h' } }>({
          description: words,
          parameters: schema,
          strict: fc.boolean(),
          cache: fc.constant({ ttl: '5m' as const }),
        }),
      )
      .map(([toolName, more]) => ({ type: 'function' as const, name: toolName, ...more })),
    name.map((toolName) => ({
      type: 'custom' as const,
      name: toolName,
      description: 'free text',
      format: { type: 'text' },
    })),
    name.map((toolName) => ({
      type: 'server' as const,
      origin: otherDialect,
      name: toolName,
      value: { type: 'x_search', name: toolName },
    })),
  ),
)

const toolChoice: fc.Arbitrary<ToolChoice> = fc.oneof(
  fc.constantFrom<ToolChoice>({ mode: 'auto' }, { mode: 'none' }, { mode: 'required' }),
  name.map((toolName) => ({ mode: 'tool' as const, name: toolName })),
  name.map((toolName) => ({ mode: 'tool' as const, name: toolName, kind: 'custom' as const })),
  fc.tuple(name, fc.boolean()).map(([toolName, required]) => ({
    mode: 'allowed' as const,
    names: [toolName],
    required,
    raw: {},
    origin: otherDialect,
  })),
)

const format: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constantFrom<OutputFormat>({ type: 'text' }, { type: 'json' }),
  fc.tuple(schema, fc.boolean()).map(([value, strict]) => ({
    type: 'json-schema' as const,
    name: 'answer',
    description: 'd',
    schema: value,
    strict,
  })),
  schema.map((value) => ({ type: 'json-schema' as const, schema: value })),
)

const efforts: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

const settings = optional<Omit<ChatRequest, 'model' | 'messages' | 'stream' | 'extra' | 'form'>>({
  streamUsage: fc.boolean(),
  maxOutputTokens: fc.integer({ min: 1, max: 100_000 }),
  temperature: between(0, 2),
  topP: between(0, 1),
  topK: fc.integer({ min: 1, max: 100 }),
  presencePenalty: between(-2, 2),
  frequencyPenalty: between(-2, 2),
  seed: fc.integer(),
  stop: fc.array(words, { minLength: 1, maxLength: 6 }),
  n: fc.integer({ min: 1, max: 4 }),
  logprobs: fc.constantFrom({ enabled: true }, { enabled: true, top: 3 }, { enabled: false }),
  tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: (value) => value.name }),
  toolChoice,
  parallelToolCalls: fc.boolean(),
  format,
  reasoning: optional<{
    effort: ReasoningEffort
    budget: number
    mode: 'enabled' | 'disabled' | 'adaptive'
    display: string
  }>({
    effort: fc.constantFrom(...efforts),
    budget: fc.integer({ min: 0, max: 100_000 }),
    mode: fc.constantFrom('enabled', 'disabled', 'adaptive'),
    display: fc.constantFrom('omitted', 'summarized'),
  }),
  verbosity: fc.constantFrom('low', 'medium', 'high'),
  endUser: words,
  metadata: fc.constant({ team: 'a' }),
  serviceTier: fc.constantFrom('auto', 'default', 'flex', 'priority', 'standard_only'),
  modalities: fc.constantFrom(['text'], ['text', 'audio']),
})

export const chatRequestArbitrary: fc.Arbitrary<ChatRequest> = withExtra(
  fc
    .tuple(
      name,
      fc.boolean(),
      settings,
      fc.option(words, { nil: undefined }),
      fc.array(turn, { minLength: 1, maxLength: 3 }),
      fc.option(words, { nil: undefined }),
    )
    .map(([model, stream, more, system, turns, late]) => ({
      model,
      stream,
      ...more,
      messages: [
        ...(system === undefined
          ? []
          : [{ role: 'system' as const, parts: [{ type: 'text' as const, text: system }] }]),
        ...turns.flat(),
        ...(late === undefined ? [] : [{ role: 'developer' as const, parts: [{ type: 'text' as const, text: late }] }]),
        { role: 'user' as const, parts: [{ type: 'text' as const, text: 'the end' }] },
      ],
    })),
)

const reasons: readonly FinishReason[] = [
  'stop',
  'stop-sequence',
  'length',
  'context-window',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'error',
  'other',
]

const finish: fc.Arbitrary<Finish> = fc.tuple(fc.constantFrom(...reasons), fc.boolean()).map(([reason, raw]) => ({
  reason,
  ...(raw && { raw: `x_${reason}`, origin: otherDialect }),
  ...(reason === 'stop-sequence' && { sequence: 'END' }),
}))

const usage: fc.Arbitrary<Usage> = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.nat(100), fc.nat(100), fc.nat(100), fc.boolean())
  .map(([fresh, write, read, cacheWrite, thinking, detailed]) => ({
    input: { total: fresh + read + cacheWrite, ...(detailed && { cacheRead: read, cacheWrite }) },
    output: { total: write + thinking, ...(detailed && { reasoning: thinking }) },
    raw: { [otherDialect]: { tokens: 1 } },
  }))

const choice: fc.Arbitrary<Choice> = fc
  .tuple(
    fc.array(assistantPart, { maxLength: 4 }),
    fc.uniqueArray(toolCallArbitrary, { maxLength: 3, selector: (call) => call.id }),
    finish,
  )
  .map(([parts, calls, end]) => ({ index: 0, parts: [...parts, ...calls], finish: end }))

export const chatResponseArbitrary: fc.Arbitrary<ChatResponse> = withExtra(
  fc
    .tuple(
      name,
      name,
      fc.array(choice, { minLength: 1, maxLength: 2 }),
      fc.option(usage, { nil: undefined }),
      fc.option(fc.constantFrom('default', 'priority', 'standard'), { nil: undefined }),
    )
    .map(([id, model, choices, used, serviceTier]) => ({
      id,
      model,
      created: 1_700_000_000,
      choices: choices.map((value, index) => ({ ...value, index })),
      ...(used !== undefined && { usage: used }),
      ...(serviceTier !== undefined && { serviceTier }),
    })),
)

/**
 * The events that tell `response` as a stream: each part's text in pieces, parts of a choice overlapping when `pick` says so.
 * `pick(n)` gives a number below n.
 */
export function chatEventsOf(response: ChatResponse, pick: (below: number) => number): ChatEvent[] {
  const events: ChatEvent[] = [
    {
      type: 'response-start',
      id: response.id,
      model: response.model,
      ...(response.created !== undefined && { created: response.created }),
    },
  ]
  for (const { index, parts, finish: end } of response.choices) {
    const queues = parts.map((part, at) => eventsOfPart(index, at, part, pick))
    let begun = 0
    for (;;) {
      const open = queues.slice(0, begun).filter((queue) => queue.length > 0)
      const mayBegin = begun < queues.length && (open.length === 0 || pick(3) === 0)
      if (mayBegin) {
        const event = queues[begun]?.shift()
        if (event !== undefined) events.push(event)
        begun++
        continue
      }
      const event = open[pick(open.length)]?.shift()
      if (event === undefined) break
      events.push(event)
    }
    if (pick(4) === 0) events.push({ type: 'ping' })
    events.push({ type: 'choice-end', choice: index, finish: end ?? { reason: 'stop' } })
  }
  if (response.usage !== undefined) events.push({ type: 'usage-update', usage: response.usage })
  events.push({ type: 'response-end' })
  return events
}

function eventsOfPart(choiceIndex: number, index: number, part: Part, pick: (below: number) => number): ChatEvent[] {
  const at = { choice: choiceIndex, part: index }
  const end: ChatEvent = { type: 'part-end', ...at }
  const grown = (text: string): ChatEvent[] =>
    piecesOf(text, pick).map((piece) => ({ type: 'part-delta', ...at, text: piece }))
  switch (part.type) {
    case 'text': {
      const { citations, ...start } = part
      const cited: ChatEvent[] = (citations ?? []).map((citation) => ({ type: 'part-delta', ...at, citation }))
      return [{ type: 'part-start', ...at, value: { ...start, text: '' } }, ...grown(part.text), ...cited, end]
    }
    case 'refusal':
      return [{ type: 'part-start', ...at, value: { ...part, text: '' } }, ...grown(part.text), end]
    case 'reasoning': {
      const { signature, ...start } = part
      const signed: ChatEvent[] = signature === undefined ? [] : [{ type: 'part-delta', ...at, signature }]
      return [{ type: 'part-start', ...at, value: { ...start, text: '' } }, ...grown(part.text), ...signed, end]
    }
    case 'tool-call':
    case 'server-tool-call':
      return [{ type: 'part-start', ...at, value: { ...part, arguments: '' } }, ...grown(part.arguments), end]
    default:
      return [{ type: 'part-start', ...at, value: part }, end]
  }
}

/** Pieces cut between whole characters. */
function piecesOf(text: string, pick: (below: number) => number): string[] {
  const pieces: string[] = []
  const characters = Array.from(text)
  while (characters.length > 0) pieces.push(characters.splice(0, 1 + pick(6)).join(''))
  return pieces
}

/** A response and a stream that tells it. */
export const chatStreamArbitrary: fc.Arbitrary<{
  readonly response: ChatResponse
  readonly events: readonly ChatEvent[]
}> = fc.tuple(chatResponseArbitrary, fc.infiniteStream(fc.nat(1_000_000))).map(([response, chance]) => ({
  response,
  events: chatEventsOf(response, (below) => (chance.next().value ?? 0) % below),
}))
