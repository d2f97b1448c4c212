/**
 * The four ways through the gateway: a client's SDK on one side, a provider's protocol on the other. Here a case of the table is
 * sent on one of them, and what each side saw is handed back.
 */
import Anthropic from '@anthropic-ai/sdk'
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages'
import OpenAI from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import { expect } from 'vitest'
import type { JsonObject } from '../../src/model/json.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { foldChunks, shownByAnthropic, shownByOpenai } from './shown.ts'
import type { Shown } from './shown.ts'

export type Protocol = 'openai' | 'anthropic'
export const protocols: readonly Protocol[] = ['openai', 'anthropic']

export interface Way {
  readonly client: Protocol
  readonly upstream: Protocol
}

export const ways: readonly Way[] = protocols.flatMap((client) => protocols.map((upstream) => ({ client, upstream })))

/** What clients send, in each one's own terms; the model is filled in. */
export type OpenaiAsk = Omit<ChatCompletionCreateParamsNonStreaming, 'model' | 'stream'> & {
  readonly extra?: JsonObject
}
export type AnthropicAsk = Omit<MessageCreateParamsNonStreaming, 'model' | 'stream'> & { readonly extra?: JsonObject }

export interface Setup extends AsyncDisposable {
  readonly gateway: Gateway
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  readonly upstreams: Readonly<Record<Protocol, Upstream>>
}

/** The names the providers have in the configuration, and the secrets they are called with. */
export const providerNames = { openai: 'oai', anthropic: 'claude' } as const
export const secrets = { openai: 'sk-upstream-openai', anthropic: 'sk-upstream-anthropic' } as const

export interface SetupOptions {
  /** More of the configuration, beside `providers` and `retries`. */
  readonly yaml?: string
  /** More members of each provider, as the inside of a flow map. */
  readonly openai?: string
  readonly anthropic?: string
}

export async function setUp({ yaml = '', openai = '', anthropic = '' }: SetupOptions = {}): Promise<Setup> {
  const upstreams = { openai: await startUpstream(), anthropic: await startUpstream() }
  const gateway = await startGateway(`
providers:
  ${providerNames.openai}: { use: openai, base_url: "${upstreams.openai.url}/v1", credentials: ${secrets.openai}, ${openai} }
  ${providerNames.anthropic}: { use: anthropic, base_url: "${upstreams.anthropic.url}", credentials: ${secrets.anthropic}, ${anthropic} }
retries: { rounds: 1, base_delay: 0ms }
circuit_breaker: { enabled: false }
${yaml}`)
  return {
    gateway,
    upstreams,
    openai: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await Promise.all([upstreams.openai.close(), upstreams.anthropic.close()])
    },
  }
}

/** What a client got: the answer as its SDK shows it, and the response's head. */
export interface Got {
  readonly shown: Shown
  readonly model: string
  /** Unix seconds; OpenAI's protocol alone tells it. */
  readonly created?: number
  readonly response: Response
}

export async function askOpenai(client: OpenAI, model: string, { extra, ...ask }: OpenaiAsk): Promise<Got> {
  const { data, response } = await client.chat.completions.create({ ...ask, ...extra, model }).withResponse()
  return { shown: shownByOpenai(data), model: data.model, created: data.created, response }
}

export async function streamOpenai(client: OpenAI, model: string, { extra, ...ask }: OpenaiAsk): Promise<Got> {
  const params = { ...ask, ...extra, model, stream: true, stream_options: { include_usage: true } } as const
  const { data, response } = await client.chat.completions.create(params).withResponse()
  const [forUs, forHelper] = data.tee()
  const [chunks, helped] = await Promise.all([
    Array.fromAsync(forUs),
    ChatCompletionStream.fromReadableStream(forHelper.toReadableStream()).finalChatCompletion(),
  ])
  const folded = foldChunks(chunks)
  // The SDK's own way of putting chunks together must come to the same.
  const { content, refusal } = helped.choices[0]?.message ?? {}
  const mine = folded.choices[0]?.message
  expect([content ?? '', refusal ?? null]).toEqual([mine?.content ?? '', mine?.refusal ?? null])
  return { shown: shownByOpenai(folded), model: folded.model, created: folded.created, response }
}

export async function askAnthropic(client: Anthropic, model: string, { extra, ...ask }: AnthropicAsk): Promise<Got> {
  const { data, response } = await client.messages.create({ ...ask, ...extra, model }).withResponse()
  return { shown: shownByAnthropic(data), model: data.model, response }
}

export async function streamAnthropic(client: Anthropic, model: string, { extra, ...ask }: AnthropicAsk): Promise<Got> {
  const { data, response } = await client.messages.stream({ ...ask, ...extra, model }).withResponse()
  const message = await data.finalMessage()
  return { shown: shownByAnthropic(message), model: message.model, response }
}
