/** The two protocols as tests speak them: requests, answers, streams and errors of each, in the shapes that the real services have. */
import { SseReader } from '../../src/bytes/sse-reader.ts'
import type { SseEvent } from '../../src/bytes/sse-reader.ts'

export type ProtocolName = 'openai' | 'anthropic'

export interface ToldError {
  readonly type: unknown
  readonly code: unknown
  readonly message: string
}

export interface Protocol {
  readonly name: ProtocolName
  /** Where clients call it, and where providers are called. */
  readonly path: string
  request(model: string, more?: Readonly<Record<string, unknown>>): string
  /** A complete answer. */
  answer(text: string): Record<string, unknown>
  /** The events of a streamed answer, one for each piece of text between what begins and ends it. */
  events(pieces: readonly string[]): string[]
  errorAnswer(type: string, message: string, code?: string): Record<string, unknown>
  errorEvent(type: string, message: string): string
  /** What an error answer or the data of an error event says; undefined when it is none of this protocol. */
  errorIn(json: unknown): ToldError | undefined
  /** The text of an answer, complete or streamed. */
  textOf(body: string): string
}

type Json = Record<string, unknown>

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const asText = (value: unknown): string => (typeof value === 'string' ? value : '')
const first = (value: unknown): Json => asObject(Array.isArray(value) ? value[0] : undefined)
const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`

export function eventsOf(body: string | Uint8Array): SseEvent[] {
  const reader = new SseReader()
  return [...reader.push(typeof body === 'string' ? Buffer.from(body) : body), ...reader.end()]
}

const isStream = (body: string): boolean => !body.startsWith('{')
/** Whatever cannot be read is left out: what it says is up to the test. */
function jsonEvents(body: string): Json[] {
  return eventsOf(body).flatMap((event) => {
    try {
      return [asObject(JSON.parse(event.data))]
    } catch {
      return []
    }
  })
}

const chunk = (delta: Json, finish: string | null = null): Json => ({
  id: 'chatcmpl-upstream',
  object: 'chat.completion.chunk',
  created: 1_760_000_000,
  model: 'upstream-model',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
})

export const openai: Protocol = {
  name: 'openai',
  path: '/v1/chat/completions',
  request: (model, more = {}) =>
    JSON.stringify({ model, messages: [{ role: 'user', content: 'Say something.' }], ...more }),
  answer: (text) => ({
    id: 'chatcmpl-upstream',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'upstream-model',
    choices: [
      { index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
  }),
  events: (pieces) => [
    data(chunk({ role: 'assistant', content: '' })),
    ...pieces.map((content) => data(chunk({ content }))),
    data(chunk({}, 'stop')),
    data({ ...chunk({}), choices: [], usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 } }),
    'data: [DONE]\n\n',
  ],
  errorAnswer: (type, message, code) => ({ error: { message, type, param: null, code: code ?? null } }),
  errorEvent: (type, message) => data({ error: { message, type, param: null, code: null } }),
  errorIn(json) {
    const { error } = asObject(json)
    const { message, type, code } = asObject(error)
    return typeof message === 'string' && type !== undefined && code !== undefined ? { type, code, message } : undefined
  },
  textOf(body) {
    if (!isStream(body)) return String(asObject(first(asObject(JSON.parse(body))['choices'])['message'])['content'])
    return jsonEvents(body)
      .map(({ choices }) => asText(asObject(first(choices)['delta'])['content']))
      .join('')
  },
}

const event = (json: Json): string => `event: ${String(json['type'])}\ndata: ${JSON.stringify(json)}\n\n`
const usage = (output: number): Json => ({
  input_tokens: 9,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
})

export const anthropic: Protocol = {
  name: 'anthropic',
  path: '/v1/messages',
  request: (model, more = {}) =>
    JSON.stringify({ model, max_tokens: 200, messages: [{ role: 'user', content: 'Say something.' }], ...more }),
  answer: (text) => ({
    id: 'msg_upstream',
    type: 'message',
    role: 'assistant',
    model: 'upstream-model',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: usage(5),
  }),
  events: (pieces) => [
    event({
      type: 'message_start',
      message: { ...anthropic.answer(''), content: [], stop_reason: null, usage: usage(1) },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...pieces.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    event({ type: 'content_block_stop', index: 0 }),
    event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: usage(5) }),
    event({ type: 'message_stop' }),
  ],
  errorAnswer: (type, message) => ({ type: 'error', error: { type, message }, request_id: 'req_upstream' }),
  errorEvent: (type, message) => event({ type: 'error', error: { type, message } }),
  errorIn(json) {
    const { type, error } = asObject(json)
    const { message, type: kind, details } = asObject(error)
    return type === 'error' && typeof message === 'string' && typeof kind === 'string'
      ? { type: kind, code: asObject(details)['error_code'], message }
      : undefined
  },
  textOf(body) {
    if (!isStream(body)) return String(first(asObject(JSON.parse(body))['content'])['text'])
    return jsonEvents(body)
      .map(({ delta }) => asText(asObject(delta)['text']))
      .join('')
  },
}

export const protocols: readonly Protocol[] = [openai, anthropic]

export interface Way {
  readonly client: Protocol
  readonly provider: Protocol
  /** The provider's name in the configuration of a stage. */
  readonly at: string
}

/** Every client's protocol with every provider's; `${client.name} at ${provider.name}` in names of tests. */
export const ways: readonly (readonly [string, Way])[] = protocols.flatMap((client) =>
  protocols.map((provider) => [`${client.name} → ${provider.name}`, { client, provider, at: provider.name }] as const),
)
