/** Names of models as clients bring them along: what they lead to, and what is said where they lead to nothing or to too much. */
import Anthropic from '@anthropic-ai/sdk'
import { OpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { anthropic, openai } from '../harness/protocols.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const everything = 'key-of-everything-0001'
const westOnly = 'key-of-the-west-0002'
const oneOnly = 'key-of-one-model-0003'

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer((response, request) =>
    json(request.path.endsWith('/messages') ? anthropic.answer('hello') : openai.answer('hello'))(response, request),
  )
  const entry = (use: string, models: string, base = '') =>
    `{ use: ${use}, base_url: "${upstream.url}${base}", credentials: k, models: [${models}], prices: { input: 1, output: 1 } }`
  gateway = await startGateway(`
providers:
  anthropic: ${entry('anthropic', 'claude-sonnet-4-5, claude-opus-4-1-20250805')}
  corporate: ${entry('openai', 'gpt-4o, gpt-4o-2024-08-06', '/v1')}
  east: ${entry('openai-compatible', 'Qwen/Qwen2.5-72B-Instruct', '/v1')}
  west: ${entry('openai-compatible', 'qwen-2.5-72b-instruct, llama-3.3-70b', '/v1')}
aliases: { best: anthropic/claude-sonnet-4.5 }
keys:
  - { name: all, secret: ${everything}, models: ["*"] }
  - { name: west, secret: ${westOnly}, models: ["west/*"] }
  - { name: one, secret: ${oneOnly}, models: [west/qwen-2.5-72b-instruct] }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const client = (apiKey = everything) => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'hello' }]

async function served(model: string, apiKey?: string): Promise<unknown> {
  const { response } = await client(apiKey).chat.completions.create({ model, messages }).withResponse()
  const asked = JSON.parse(upstream.received.at(-1)?.body.toString() ?? '{}') as { model?: string }
  expect(response.headers.get('x-sluicegate-model')).toMatch(new RegExp(`${asked.model ?? ''}$`))
  return asked.model
}

describe('a name', () => {
  it.each([
    ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['claude-4.5-sonnet', 'claude-sonnet-4-5'],
    ['anthropic:claude-opus-4-1', 'claude-opus-4-1-20250805'],
    ['best', 'claude-sonnet-4-5'],
    ['@openai/gpt-4o', 'gpt-4o'],
    ['openai/gpt-4o', 'gpt-4o'],
    ['GPT-4o-2024-08-06', 'gpt-4o-2024-08-06'],
    ['meta-llama/llama-3.3-70b', 'llama-3.3-70b'],
  ])('%s leads to %s', async (asked, model) => {
    expect(await served(asked)).toBe(model)
  })

  it('is understood in every protocol', async () => {
    const sdk = new Anthropic({ baseURL: gateway.url, apiKey: everything, maxRetries: 0 })
    await sdk.messages.create({ model: 'openai:gpt4o', max_tokens: 10, messages })
    expect(JSON.parse(upstream.received.at(-1)?.body.toString() ?? '')).toMatchObject({ model: 'gpt-4o' })
    expect(await client().models.retrieve('claude-sonnet-4.5')).toMatchObject({ owned_by: 'anthropic' })
  })

  it('that can mean several is refused with their names, and is the one that the key may use', async () => {
    const calls = upstream.received.length
    const error: unknown = await served('qwen2.5-72b-instruct').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ status: 400, code: 'ambiguous_model', param: 'model' })
    expect(String(error)).toContain('"east/Qwen/Qwen2.5-72B-Instruct" or "west/qwen-2.5-72b-instruct"')
    expect(upstream.received).toHaveLength(calls)
    expect(await served('qwen2.5-72b-instruct', westOnly)).toBe('qwen-2.5-72b-instruct')
  })

  it('that a key may not use stays closed to it in every spelling', async () => {
    for (const model of ['gpt-4o', 'openai/gpt-4o', '@openai/gpt4o', 'claude-sonnet-4.5', 'east/qwen2.5-72b-instruct'])
      await expect(served(model, westOnly)).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' })
  })

  it('that a key may not use stays closed to it beside another in a body, too', async () => {
    const ask = (key: string, more: object): Promise<unknown> =>
      client(key).chat.completions.create({ model: 'west/qwen-2.5-72b-instruct', messages, ...more })
    const calls = upstream.received.length
    for (const more of [{ models: ['dear'] }, { fallbacks: [{ model: 'dear' }] }, { preset: 'mine' }])
      await expect(ask(oneOnly, more)).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' })
    expect(upstream.received).toHaveLength(calls)
    for (const key of [everything, westOnly]) await ask(key, { models: ['dear'] })
  })

  it('that nobody has is told where to be had', async () => {
    const error: unknown = await served('gemini-2.5-pro').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(String(error)).toContain('It looks like a model of Google, which needs a provider that uses "gemini"')
  })
})
