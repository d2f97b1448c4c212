/**
 * Every chat protocol of the gateway as the benchmark of pairs needs it: where it is called, how a provider of it is configured, what a
 * client of it sends, and what a stream of a hundred chunks looks like in it. Written by the codecs themselves.
 */
import { dialects } from '../src/builtins.gen.ts'
import type { ChatDialect } from '../src/kernel/dialect.ts'
import { chatEventsOf } from '../src/kernel/testing/chat-arbitraries.ts'
import type { ChatEvent } from '../src/model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../src/model/chat.ts'

export interface Protocol {
  readonly dialect: ChatDialect
  /** Where clients call the gateway; undefined when it has no surface of the protocol. */
  readonly clientPath: ((model: string) => string) | undefined
  /** How a provider is configured, `{url}` being where it listens; undefined when no provider speaks it. */
  readonly provider: string | undefined
  /** What the path of a streaming call of a provider ends in. */
  readonly upstreamPath: string
}

const table: Readonly<Record<string, Omit<Protocol, 'dialect'>>> = {
  'openai-chat': {
    clientPath: () => '/v1/chat/completions',
    provider: 'use: openai-compatible, base_url: "{url}/v1", models: [served]',
    upstreamPath: '/v1/chat/completions',
  },
  'openai-responses': {
    clientPath: () => '/v1/responses',
    provider: 'use: openai, base_url: "{url}/v1", credentials: key, protocol: openai-responses, models: [served]',
    upstreamPath: '/v1/responses',
  },
  'anthropic-messages': {
    clientPath: () => '/v1/messages',
    provider: 'use: anthropic, base_url: "{url}", credentials: key, models: [served]',
    upstreamPath: '/v1/messages',
  },
  gemini: {
    clientPath: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    provider: 'use: gemini, base_url: "{url}", credentials: key, protocol: gemini, models: [served]',
    upstreamPath: '/v1beta/models/served:streamGenerateContent?alt=sse',
  },
  'openai-completions': {
    clientPath: () => '/v1/completions',
    provider: undefined,
    upstreamPath: '/v1/completions',
  },
  'ollama-chat': {
    clientPath: () => '/api/chat',
    provider: 'use: ollama, base_url: "{url}", models: [served]',
    upstreamPath: '/api/chat',
  },
  'bedrock-converse': {
    clientPath: undefined,
    provider: 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key, models: [served]',
    upstreamPath: '/model/served/converse-stream',
  },
  'cohere-chat': {
    clientPath: undefined,
    provider: 'use: cohere, base_url: "{url}", credentials: key, models: [served]',
    upstreamPath: '/v2/chat',
  },
}

export const protocols: readonly Protocol[] = (dialects as readonly unknown[] as readonly ChatDialect[]).flatMap(
  (dialect) => {
    const entry = table[dialect.id]
    return entry === undefined ? [] : [{ dialect, ...entry }]
  },
)

const request: ChatRequest = {
  model: 'bench',
  stream: true,
  messages: [
    {
      role: 'user',
      parts: [{ type: 'text', text: 'What does a fox do when it meets a lazy dog? Answer in one paragraph, please.' }],
    },
  ],
  maxOutputTokens: 1024,
}

/** What a client of the protocol sends to be streamed an answer by `model`. */
export function bodyOf({ dialect }: Protocol, model: string): Buffer {
  const { json } = dialect.request.encode(request, { model })
  // Kept out of the store, whose cost is not a matter of translation.
  return Buffer.from(JSON.stringify(dialect.id === 'openai-responses' ? { ...(json as object), store: false } : json))
}

const words = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog. ']
const pieces = Array.from({ length: 100 }, (_, index) => words[index % words.length] ?? '')
const answer: ChatResponse = {
  id: 'answer',
  model: 'served',
  created: 1_760_000_000,
  choices: [{ index: 0, parts: [{ type: 'text', text: '' }], finish: { reason: 'stop' } }],
  usage: { input: { total: 120 }, output: { total: 100 } },
}

/** The stream as a provider writes it: one write for each of a hundred words, and those that begin and end it. */
export function streamOf({ dialect }: Protocol): Buffer[] {
  const codec = dialect.stream
  if (codec === undefined) throw new Error(`${dialect.id} has no streams`)
  const encoder = codec.encoder({ model: 'served', streamUsage: true, answerId: 'answer' })
  const events = chatEventsOf(answer, () => 0).flatMap((event): ChatEvent[] =>
    event.type === 'part-end'
      ? [...pieces.map((text): ChatEvent => ({ type: 'part-delta', choice: 0, part: 0, text })), event]
      : [event],
  )
  return [...events.map((event) => encoder.push(event)), encoder.end()]
    .filter(({ length }) => length > 0)
    .map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece)))
}
