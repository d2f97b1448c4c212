/** The gateway's own side of HTTP: keys, headers, request ids, models, token counts, and what it writes down. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey } from '../harness/gateway.ts'
import { json, stream } from '../harness/upstream.ts'
import { protocols, providerNames, setUp, ways } from './way.ts'
import type { Protocol, Setup } from './way.ts'
import { message, textBlock } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

let setup: Setup
beforeAll(async () => {
  setup = await setUp({
    openai: 'models: [gpt-5.1, gpt-5.1-mini], prices: { input: 2, output: 10 }',
    anthropic: 'models: [claude-sonnet-4-5], prices: { input: 3, output: 15 }',
    yaml: `
aliases: { fast: oai/gpt-5.1-mini }
keys:
  - { name: test, secret: ${clientKey} }
  - { name: narrow, secret: narrow-key-0123456789, models: ["claude/*"] }`,
  })
})
afterAll(() => setup[Symbol.asyncDispose]())

const models = { openai: 'oai/gpt-5.1', anthropic: 'claude/claude-sonnet-4-5' } as const
const surfaces = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const

function answerPlainly(): void {
  setup.upstreams.openai.answer(json(completion({ text: 'Hi.' }), 200, { 'x-request-id': 'req_from_openai' }))
  setup.upstreams.anthropic.answer(
    json(message({ content: [textBlock('Hi.')] }), 200, { 'request-id': 'req_from_anthropic' }),
  )
}

async function post(
  protocol: Protocol,
  headers: Record<string, string>,
  model: string = models[protocol],
): Promise<Response> {
  const response = await fetch(setup.gateway.url + surfaces[protocol], {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: 'Hi.' }] }),
  })
  await response.arrayBuffer()
  return response
}

describe('a key', () => {
  const spellings: [string, Record<string, string>][] = [
    ['authorization', { authorization: `Bearer ${clientKey}` }],
    ['authorization in another case', { Authorization: `bearer  ${clientKey} ` }],
    ['x-api-key', { 'x-api-key': clientKey }],
    ['api-key', { 'api-key': clientKey }],
  ]
  it.each(spellings)('is taken from %s on both surfaces, and goes no further', async (_, headers) => {
    answerPlainly()
    for (const protocol of protocols) {
      expect((await post(protocol, headers)).status).toBe(200)
      expect(JSON.stringify(setup.upstreams[protocol].received.at(-1)?.headers)).not.toContain(clientKey)
    }
  })

  it('is asked for when there is none', async () => {
    for (const protocol of protocols) {
      const response = await post(protocol, {})
      expect(response.status).toBe(401)
      expect(response.headers.get('x-sluicegate-fault')).toBe('missing_key')
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it('may be kept from models', async () => {
    const key = { authorization: 'Bearer narrow-key-0123456789' }
    answerPlainly()
    expect((await post('openai', key)).status).toBe(403)
    expect((await post('openai', key, models.anthropic)).status).toBe(200)
  })
})

describe('the headers of an answer', () => {
  it.each(ways)('tell the $client SDK what happened at the provider of $upstream', async ({ client, upstream }) => {
    answerPlainly()
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const model = models[upstream]
    const { data, response } =
      client === 'openai'
        ? await setup.openai.chat.completions.create({ model, messages }).withResponse()
        : await setup.anthropic.messages.create({ model, messages, max_tokens: 5 }).withResponse()
    const { headers } = response
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-request-id')).toMatch(/^ex_[0-9a-z]+$/)
    expect(headers.get('request-id')).toBe(headers.get('x-request-id'))
    // Each SDK reads its own one of the two.
    expect((data as { _request_id?: string })._request_id).toBe(headers.get('x-request-id'))
    expect(headers.get('x-sluicegate-provider')).toBe(providerNames[upstream])
    expect(headers.get('x-sluicegate-model')).toBe(model.split('/')[1])
    expect(headers.get('x-sluicegate-attempts')).toBe('1')
    expect(Number(headers.get('x-sluicegate-overhead-ms'))).toBeGreaterThanOrEqual(0)
    // 21 tokens in and 9 out, at dollars per million.
    expect(headers.get('x-sluicegate-cost-usd')).toBe(upstream === 'openai' ? '0.000132' : '0.000198')
    const record = await setup.gateway.lastRecord()
    expect(record).toMatchObject({
      requestId: headers.get('x-request-id'),
      surface: `POST ${surfaces[client]}`,
      operation: 'chat',
      keyName: 'test',
      modelAsked: model,
      deployment: model,
      provider: providerNames[upstream],
      stream: false,
      usage: { input: { total: 21 }, output: { total: 9 } },
      cost: upstream === 'openai' ? 132_000 : 198_000,
      finish: 'stop',
      status: 200,
      outcome: 'ok',
      attempts: [{ deployment: model, status: 200, upstreamRequestId: `req_from_${upstream}` }],
    })
    expect(record?.modelServed).toMatch(upstream === 'openai' ? /^gpt-5.1-20/ : /^claude-sonnet-4-5-20/)
  })

  it('leave who is behind a request to the record, in either protocol', async () => {
    answerPlainly()
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const behind = { user: 'user-7' } as object
    await setup.openai.chat.completions.create({ model: models.anthropic, messages, ...behind })
    await setup.anthropic.messages.create({
      model: models.anthropic,
      messages,
      max_tokens: 5,
      metadata: { user_id: 'user-8' },
    })
    expect((await setup.gateway.records()).slice(-2).map(({ endUser }) => endUser)).toEqual(['user-7', 'user-8'])
  })

  it('keep the id that the client gave, unless it is none', async () => {
    answerPlainly()
    const key = { authorization: `Bearer ${clientKey}` }
    const given = await post('openai', { ...key, 'x-request-id': 'my-id/7:a=b' })
    expect(given.headers.get('x-request-id')).toBe('my-id/7:a=b')
    expect((await setup.gateway.lastRecord())?.requestId).toBe('my-id/7:a=b')
    const odd = await post('openai', { ...key, 'x-request-id': 'not an id <script>' })
    expect(odd.headers.get('x-request-id')).toMatch(/^ex_/)
  })

  it('are there for streams too, but for the cost, which the record has', async () => {
    setup.upstreams.openai.answer(stream([chunkStream({ text: 'Hi.' })]))
    const { data, response } = await setup.openai.chat.completions
      .create({
        model: models.openai,
        messages: [{ role: 'user', content: 'Hi.' }],
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse()
    await Array.fromAsync(data)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('x-sluicegate-provider')).toBe('oai')
    expect(response.headers.get('x-sluicegate-cost-usd')).toBeNull()
    expect(await setup.gateway.lastRecord()).toMatchObject({ cost: 132_000, stream: true, finish: 'stop' })
  })
})

describe('the list of models', () => {
  it('through the OpenAI SDK', async () => {
    const ids = (await Array.fromAsync(setup.openai.models.list())).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['fast', 'oai/gpt-5.1', 'oai/gpt-5.1-mini', 'claude/claude-sonnet-4-5']))
    expect(await setup.openai.models.retrieve('oai/gpt-5.1')).toMatchObject({
      id: 'oai/gpt-5.1',
      object: 'model',
      owned_by: 'oai',
    })
    await expect(setup.openai.models.retrieve('oai-gpt-9')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })

  it('through the Anthropic SDK, page by page', async () => {
    const all = await Array.fromAsync(setup.anthropic.models.list({ limit: 1 }))
    const ids = (await Array.fromAsync(setup.openai.models.list())).map(({ id }) => id)
    expect(all.map(({ id }) => id)).toEqual(ids)
    expect(all[0]).toMatchObject({ type: 'model', display_name: all[0]?.id })
    expect(await setup.anthropic.models.retrieve(models.anthropic)).toMatchObject({
      id: models.anthropic,
      type: 'model',
    })
    await expect(setup.anthropic.models.retrieve('nothing')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('is the key’s own', async () => {
    const narrow = new OpenAI({ baseURL: `${setup.gateway.url}/v1`, apiKey: 'narrow-key-0123456789', maxRetries: 0 })
    const ids = (await Array.fromAsync(narrow.models.list())).map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(0)
    expect(ids.filter((id) => !id.startsWith('claude/'))).toEqual([])
    await expect(narrow.models.retrieve('oai/gpt-5.1')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  })
})

describe('counting tokens through the Anthropic SDK', () => {
  const messages = [{ role: 'user', content: 'The quick brown fox jumps over the lazy dog.' } as const]
  const tools = [{ name: 'now', input_schema: { type: 'object' as const, properties: {} } }]

  it('is the provider’s own count where it has one', async () => {
    setup.upstreams.anthropic.answer(json({ input_tokens: 403 }))
    const { data, response } = await setup.anthropic.messages
      .countTokens({ model: models.anthropic, messages, tools, system: 'Be brief.' })
      .withResponse()
    expect(data.input_tokens).toBe(403)
    expect(response.headers.get('x-sluicegate-estimated')).toBeNull()
    const { path, body } = setup.upstreams.anthropic.received.at(-1) ?? {}
    expect(path).toBe('/v1/messages/count_tokens')
    expect(JSON.parse(body?.toString() ?? '')).toEqual({
      model: 'claude-sonnet-4-5',
      messages,
      tools,
      system: 'Be brief.',
    })
    expect(await setup.gateway.lastRecord()).toMatchObject({
      operation: 'count-tokens',
      status: 200,
      outcome: 'ok',
    })
  })

  it('is the gateway’s estimate, and says so, where it has none', async () => {
    const before = setup.upstreams.openai.received.length
    const { data, response } = await setup.anthropic.messages
      .countTokens({ model: models.openai, messages, tools })
      .withResponse()
    expect(data.input_tokens).toBeGreaterThan(10)
    expect(data.input_tokens).toBeLessThan(60)
    expect(response.headers.get('x-sluicegate-estimated')).toBe('true')
    expect(setup.upstreams.openai.received.length).toBe(before)
  })
})
