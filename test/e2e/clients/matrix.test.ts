/**
 * Every client library in front of every provider protocol: text, tools, results of tools and images, complete and streamed in
 * pieces that end anywhere. What the provider hears is what the client meant, and what the client shows is what the provider said.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../../src/builtins.gen.ts'
import type { ChatDialect } from '../../../src/kernel/dialect.ts'
import { sampled } from '../../../src/kernel/testing/depth.ts'
import type { ChatRequest, ChatResponse } from '../../../src/model/chat.ts'
import type { Part } from '../../../src/model/part.ts'
import { plays } from '../../harness/codec-provider.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { startUpstream } from '../../harness/upstream.ts'
import type { Upstream } from '../../harness/upstream.ts'
import { aiSdkClients } from './ai-sdk-clients.ts'
import { anthropicClient } from './anthropic-client.ts'
import type { Ask, Client, Gate } from './client.ts'
import { googleClient } from './google-client.ts'
import { ollamaClient } from './ollama-client.ts'
import { openaiChatClient, openaiCompletionsClient, openaiResponsesClient } from './openai-clients.ts'

/** How a provider of each protocol is configured; `{url}` is where it listens. */
const providers: Readonly<Record<string, string>> = {
  'openai-chat': 'use: openai-compatible, base_url: "{url}/v1"',
  'openai-responses': 'use: openai, base_url: "{url}/v1", credentials: sk-test, protocol: openai-responses',
  'anthropic-messages': 'use: anthropic, base_url: "{url}", credentials: sk-ant-test',
  gemini: 'use: gemini, base_url: "{url}", credentials: key-test, protocol: gemini',
  'bedrock-converse': 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key-test',
  'cohere-chat': 'use: cohere, base_url: "{url}", credentials: key-test',
  'ollama-chat': 'use: ollama, base_url: "{url}"',
}

const chatDialects = (dialects as readonly unknown[] as readonly ChatDialect[]).filter(
  ({ id, operation }) => operation === 'chat' && id in providers,
)
const weather = {
  name: 'get_weather',
  description: 'The weather of a place.',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
    additionalProperties: false,
  },
}
/** One white pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8Dwn4EIwDiqkL4KAbBMC/0QJ1vjAAAAAElFTkSuQmCC'
const said = 'Grüße from "Zürich" 👩‍🚀:\n\tit is 21 °C.'

const answer = (parts: readonly Part[], calls = false): ChatResponse => ({
  id: 'answer_1',
  model: 'served-model',
  created: 1_760_000_000,
  choices: [{ index: 0, parts, finish: { reason: calls ? 'tool-calls' : 'stop' } }],
  usage: { input: { total: 21 }, output: { total: 13 } },
})

let gateway: Gateway
const upstreams = new Map<string, Upstream>()
let clients: readonly Client[] = []

beforeAll(async () => {
  const entries: string[] = []
  for (const { id } of chatDialects) {
    const upstream = await startUpstream()
    upstreams.set(id, upstream)
    entries.push(`  p-${id}: { ${(providers[id] ?? '').replace('{url}', upstream.url)} }`)
  }
  gateway = await startGateway(`providers:\n${entries.join('\n')}\nretries: { rounds: 0 }`)
  const gate: Gate = { url: gateway.url, key: clientKey }
  clients = [
    openaiChatClient(gate),
    openaiResponsesClient(gate),
    openaiCompletionsClient(gate),
    anthropicClient(gate),
    googleClient(gate),
    ollamaClient(gate),
    ...aiSdkClients(gate),
  ]
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
})

/** What the provider made of the request. */
const textOf = (parts: readonly Part[]): string =>
  parts
    .map((part) => (part.type === 'text' ? part.text : part.type === 'tool-result' ? textOf(part.content) : ''))
    .join('')

const partsOf = ({ messages }: ChatRequest): Part[] => messages.flatMap(({ parts }) => parts)

interface Heard {
  request?: ChatRequest
}

function playing(dialect: ChatDialect, given: ChatResponse, heard: Heard): Upstream {
  const upstream = upstreams.get(dialect.id)
  if (upstream === undefined) throw new Error(`nothing plays ${dialect.id}`)
  upstream.answer(
    plays(() => given, {
      chunk: 61,
      heard: (request) => {
        heard.request = request
      },
    }),
  )
  return upstream
}

const modelOf = (dialect: ChatDialect): string => `p-${dialect.id}/served-model`
const clientNames = [
  'openai, chat completions',
  'openai, responses',
  'openai, completions',
  'anthropic',
  '@google/genai',
  'ollama',
  'ai, openai responses',
  'ai, openai chat',
  'ai, anthropic',
  'ai, google',
]

describe.each(chatDialects)('a provider that speaks $id', (dialect) => {
  describe.each(clientNames)('asked by %s', (name) => {
    const turn = chatDialects.indexOf(dialect) + clientNames.indexOf(name)
    const clientOf = (): Client => {
      const client = clients.find((one) => one.name === name)
      if (client === undefined) throw new Error(`there is no client ${name}`)
      return client
    }
    const bare = name === 'openai, completions'
    const ways = ['ask', 'stream'] as const

    it.each(ways)('answers with text (%s)', async (way) => {
      const heard: Heard = {}
      playing(dialect, answer([{ type: 'text', text: said }]), heard)
      const asked: Ask = { model: modelOf(dialect), prompt: 'How warm is it? ☀', ...(!bare && { system: 'Be brief.' }) }
      const shown = await clientOf()[way](asked)
      expect(shown).toEqual({ text: said, calls: [], inputTokens: 21, outputTokens: 13 })
      const { request } = heard
      if (request === undefined) throw new Error('nothing was heard')
      expect(textOf(partsOf(request))).toContain('How warm is it? ☀')
      if (!bare) expect(textOf(partsOf(request))).toContain('Be brief.')
    })

    it.skipIf(bare).each(sampled(ways, 2, turn))('calls tools, several at once (%s)', async (way) => {
      const heard: Heard = {}
      const calls = [
        { city: 'Zürich', days: 2 },
        { city: 'Łódź "x"', days: 3 },
      ]
      playing(
        dialect,
        answer(
          calls.map((args, index) => ({
            type: 'tool-call',
            id: `call_${index}`,
            name: 'get_weather',
            arguments: JSON.stringify(args),
          })),
          true,
        ),
        heard,
      )
      const shown = await clientOf()[way]({ model: modelOf(dialect), prompt: 'Weather?', tools: [weather] })
      expect(shown.calls).toEqual(calls.map((args) => ({ name: 'get_weather', arguments: args })))
      expect(shown.outputTokens).toBe(13)
      expect(heard.request?.tools).toMatchObject([
        { type: 'function', name: 'get_weather', description: 'The weather of a place.' },
      ])
    })

    it.skipIf(bare).each(sampled(ways, 2, turn + 1))('is told what a tool gave (%s)', async (way) => {
      const heard: Heard = {}
      playing(dialect, answer([{ type: 'text', text: 'Warm.' }]), heard)
      const called = { id: 'call_a1', name: 'get_weather', arguments: { city: 'Bern' }, result: '21 °C and "sunny"' }
      const shown = await clientOf()[way]({ model: modelOf(dialect), prompt: 'Weather?', tools: [weather], called })
      expect(shown.text).toBe('Warm.')
      const parts = heard.request === undefined ? [] : partsOf(heard.request)
      const call = parts.find((part) => part.type === 'tool-call')
      const result = parts.find((part) => part.type === 'tool-result')
      expect(call?.name).toBe('get_weather')
      expect(JSON.parse(call?.arguments ?? '')).toEqual({ city: 'Bern' })
      expect(result?.callId).toBe(call?.id)
      expect(textOf(result?.content ?? [])).toContain('21 °C and')
    })

    it.skipIf(bare).each(sampled(ways, 2, turn))('is shown an image (%s)', async (way) => {
      const heard: Heard = {}
      playing(dialect, answer([{ type: 'text', text: 'White.' }]), heard)
      const shown = await clientOf()[way]({ model: modelOf(dialect), prompt: 'Which colour?', image: png })
      expect(shown.text).toBe('White.')
      const image =
        heard.request === undefined ? undefined : partsOf(heard.request).find(({ type }) => type === 'image')
      expect(image).toMatchObject({ source: { kind: 'base64', data: png } })
    })
  })
})
