/** NLP Cloud behind the gateway, asked by official SDKs: text that is generated, and a chatbot, neither of which streams. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import OpenAI from 'openai'
import { settle } from '../../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { sdkClients } from '../../harness/sdk-clients.ts'
import type { Heard } from '../../harness/sdk-clients.ts'
import { json, startUpstream } from '../../harness/upstream.ts'
import type { Upstream } from '../../harness/upstream.ts'

const secret = 'nlp_cloud_secret_token'

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  nlp-cloud: { base_url: "${upstream.url}", credentials: ${secret} }
  emulated: { use: nlp-cloud, base_url: "${upstream.url}", credentials: ${secret}, supports: { tools: emulated } }
  chat: { use: nlp-cloud, base_url: "${upstream.url}", credentials: ${secret}, protocol: nlp-cloud-chatbot }
retries: { rounds: 0 }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.length = 0
})

const asked = () => {
  const request = upstream.received.at(-1)
  return {
    line: `${request?.method} ${request?.path}`,
    authorization: request?.headers.authorization,
    accept: request?.headers.accept,
    body: JSON.parse(request?.body.toString() ?? '') as unknown,
  }
}

async function lastRecord() {
  while (gateway.app.server.inFlight > 0) await settle()
  return gateway.lastRecord()
}

describe.each(['openai-chat', 'anthropic-messages'])('a client of %s', (dialect) => {
  const ask = async (model: string, stream: boolean, tools = false): Promise<Heard> => {
    const client = sdkClients({ url: gateway.url, key: clientKey }).find((one) => one.dialect === dialect)
    if (client === undefined) throw new Error(`there is no client of ${dialect}`)
    return client.ask(model, stream, tools)
  }

  it.each([false, true])('has text generated, with the tokens that it took (streamed: %s)', async (stream) => {
    upstream.answer(json({ generated_text: 'Something.', nb_generated_tokens: 3, nb_input_tokens: 5 }))
    expect(await ask('nlp-cloud/dolphin', stream)).toMatchObject({ text: 'Something.', input: 5, output: 3 })
    expect(asked()).toMatchObject({
      line: 'POST /v1/gpu/dolphin/generation',
      authorization: `Token ${secret}`,
      accept: 'application/json',
      body: { text: 'Say something.', remove_input: true, length_no_input: true },
    })
    expect(await lastRecord()).toMatchObject({
      outcome: 'ok',
      stream,
      usage: { input: { total: 5 }, output: { total: 3 } },
    })
  })

  it.each([false, true])('has a chatbot answer, whose tokens are estimated (streamed: %s)', async (stream) => {
    upstream.answer(
      json({ response: 'Hello there.', history: [{ input: 'Say something.', response: 'Hello there.' }] }),
    )
    expect((await ask('chat/chatdolphin', stream)).text).toBe('Hello there.')
    expect(asked()).toMatchObject({ line: 'POST /v1/gpu/chatdolphin/chatbot', body: { input: 'Say something.' } })
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'ok', usage: { estimated: true } })
    expect(record?.usage?.output.total).toBeGreaterThan(0)
  })

  it.each([
    [429, 429, { 'retry-after': '9' }],
    [503, 503, {}],
    [400, 400, {}],
    [404, 404, {}],
    [401, 502, {}],
  ])('is told of a status %i as %i, and nothing of the key', async (status, told, headers) => {
    upstream.answer(json({ detail: `Not now, ${secret}.` }, status, headers))
    const { error } = await ask('nlp-cloud/dolphin', true)
    expect(error).toMatchObject({ official: true, status: told, ...(status === 429 && { retryAfter: '9' }) })
    expect(error?.message).not.toContain(secret)
    expect(JSON.stringify([gateway.log, await gateway.records()])).not.toContain(secret)
  })

  it('is told where there is no answer in what came', async () => {
    upstream.answer(json('{"generated_text": "half'))
    for (const stream of [false, true])
      expect((await ask('nlp-cloud/dolphin', stream)).error).toMatchObject({ official: true, status: 502 })
  })

  it('is refused tools, clearly', async () => {
    const { error } = await ask('nlp-cloud/dolphin', false, true)
    expect(error?.status).toBe(400)
    expect(error?.message).toContain('tools')
    expect(upstream.received).toEqual([])
  })
})

it('describes tools in words where the configuration says so', async () => {
  upstream.answer(json({ generated_text: 'No tool is needed.', nb_generated_tokens: 4, nb_input_tokens: 50 }))
  const client = sdkClients({ url: gateway.url, key: clientKey }).find((one) => one.dialect === 'openai-chat')
  expect(await client?.ask('emulated/dolphin', false, true)).toMatchObject({ text: 'No tool is needed.' })
  expect(JSON.stringify(asked().body)).toContain('get_weather')
})

it('tells the client what a chatbot cannot be told', async () => {
  upstream.answer(json({ response: 'Ho.' }))
  const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
  const { response } = await openai.chat.completions
    .create({
      model: 'chat/chatdolphin',
      max_completion_tokens: 5,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, image] }],
    })
    .withResponse()
  const lost = response.headers.get('x-sluicegate-lost')
  expect(lost).toContain('tokens')
  expect(lost).toContain('messages[0].content[1]')
})
