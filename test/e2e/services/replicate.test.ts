/**
 * Replicate behind the gateway, asked by official SDKs: a service that makes predictions, answers questions about them and streams them as
 * its documentation says. Several calls are one answer, and one account of it.
 */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { sdkClients } from '../../harness/sdk-clients.ts'
import type { Heard, SdkClient } from '../../harness/sdk-clients.ts'
import { json, startUpstream, stream } from '../../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../../harness/upstream.ts'

const secret = 'r8_secret_of_replicate'
const llama = 'replicate/meta/meta-llama-3-70b-instruct'
const metrics = { input_token_count: 14, output_token_count: 3, predict_time: 0.5 }

let upstream: Upstream
let elsewhere: Upstream
let gateway: Gateway
let openai: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  elsewhere = await startUpstream()
  gateway = await startGateway(`
providers:
  replicate: { base_url: "${upstream.url}", credentials: ${secret} }
retries: { rounds: 0 }`)
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([upstream.close(), elsewhere.close()])
})
beforeEach(() => {
  upstream.received.length = 0
})

const urls = () => ({
  get: `${upstream.url}/v1/predictions/p1`,
  cancel: `${upstream.url}/v1/predictions/p1/cancel`,
  stream: `${upstream.url}/v1/stream/p1`,
})
const prediction = (status: string, more: object = {}) => ({
  id: 'p1',
  model: 'meta/meta-llama-3-70b-instruct',
  version: 'hidden',
  input: {},
  logs: '',
  output: null,
  error: null,
  status,
  created_at: '2026-11-08T16:19:34.765994Z',
  urls: urls(),
  ...more,
})
const succeeded = () => prediction('succeeded', { output: ['Once', ' upon', ' a time'], metrics })

/** Answers by what is asked: making, asking, listening, canceling. */
function plays(answers: { made: Answer; got?: Answer; heard?: Answer }): Answer {
  return (response, request) => {
    if (request.path.endsWith('/cancel')) return json(prediction('canceled'))(response, request)
    if (request.path.endsWith('/stream/p1')) return (answers.heard ?? json({ detail: 'gone' }, 404))(response, request)
    if (request.method === 'GET') return (answers.got ?? json({ detail: 'gone' }, 404))(response, request)
    return answers.made(response, request)
  }
}
const lines = (): string[] => upstream.received.map(({ method, path }) => `${method} ${path}`)
const bodyOf = (request: Received | undefined): unknown => JSON.parse(request?.body.toString() ?? '')

/** Once nothing is under way for clients any more. */
async function lastRecord() {
  while (gateway.app.server.inFlight > 0) await settle()
  return gateway.lastRecord()
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle()
}

const clientOf = (dialect: string): SdkClient => {
  const found = sdkClients({ url: gateway.url, key: clientKey }).find((one) => one.dialect === dialect)
  if (found === undefined) throw new Error(`there is no client of ${dialect}`)
  return found
}

describe.each(['openai-chat', 'anthropic-messages'])('a client of %s', (dialect) => {
  const ask = (streamed: boolean, model = llama): Promise<Heard> => clientOf(dialect).ask(model, streamed, false)
  const expected = { text: 'Once upon a time', input: 14, output: 3 }

  it('has its answer when the prediction ends, and the tokens that it took', async () => {
    upstream.answer(plays({ made: json(prediction('starting'), 201), got: json(succeeded()) }))
    expect(await ask(false)).toMatchObject(expected)
    expect(lines()).toEqual(['POST /v1/models/meta/meta-llama-3-70b-instruct/predictions', 'GET /v1/predictions/p1'])
    expect(bodyOf(upstream.received[0])).toMatchObject({ input: { prompt: 'Say something.' } })
    expect(upstream.received[0]?.headers['prefer']).toBe('wait=5')
    for (const { headers } of upstream.received) expect(headers.authorization).toBe(`Bearer ${secret}`)
    expect(await lastRecord()).toMatchObject({
      outcome: 'ok',
      provider: 'replicate',
      usage: { input: { total: 14 }, output: { total: 3 } },
      attempts: [{ status: 200 }],
    })
  })

  it('has its answer at once where the prediction had ended by then', async () => {
    upstream.answer(plays({ made: json(succeeded(), 201) }))
    expect(await ask(false)).toMatchObject(expected)
    expect(lines()).toHaveLength(1)
  })

  it('hears it as a stream', async () => {
    const pieces = [
      'event: output\ndata: Once\n\n',
      'event: output\ndata:  upon\n\nevent: out',
      'put\ndata:  a time\n\n',
    ]
    upstream.answer(
      plays({
        made: json(prediction('starting'), 201),
        heard: stream([...pieces, 'event: done\ndata: {}\n\n']),
        got: json(succeeded()),
      }),
    )
    expect(await ask(true)).toMatchObject(expected)
    expect(lines().slice(1)).toEqual(['GET /v1/stream/p1', 'GET /v1/predictions/p1'])
    expect(await lastRecord()).toMatchObject({
      outcome: 'ok',
      stream: true,
      usage: { input: { total: 14 }, output: { total: 3 } },
    })
  })

  it('is told why a prediction failed', async () => {
    upstream.answer(plays({ made: json(prediction('failed', { error: 'CUDA out of memory' }), 201) }))
    const { error } = await ask(false)
    expect(error).toMatchObject({ official: true, status: 502 })
    expect(error?.message).toContain('CUDA out of memory')
  })

  it('is told to wait as long as the service wants', async () => {
    upstream.answer(json({ detail: 'Request was throttled. Expected available in 7 seconds.' }, 429))
    expect((await ask(false)).error).toMatchObject({ official: true, status: 429, retryAfter: '7' })
  })

  it('hears nothing of the key, whatever is wrong with it', async () => {
    upstream.answer(json({ detail: `Invalid token ${secret}` }, 401))
    const { error } = await ask(false)
    expect(error?.status).toBe(502)
    expect(error?.message).not.toContain(secret)
    expect(JSON.stringify([gateway.log, await gateway.records()])).not.toContain(secret)
  })

  it('is refused tools, clearly', async () => {
    const { error } = await clientOf(dialect).ask(llama, false, true)
    expect(error).toMatchObject({ official: true, status: 400 })
    expect(error?.message).toContain('tools')
    expect(lines()).toEqual([])
  })
})

it('asks for versions and deployments where they are', async () => {
  upstream.answer(plays({ made: json(succeeded(), 201) }))
  const ask = (model: string) => openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] })
  await ask('replicate/acme/llama:5c7d5dc6dd8b')
  await ask('replicate/deployments/acme/my-llama')
  expect(lines()).toEqual(['POST /v1/predictions', 'POST /v1/deployments/acme/my-llama/predictions'])
  expect(bodyOf(upstream.received[0])).toEqual({ input: { prompt: 'Hi' }, version: 'acme/llama:5c7d5dc6dd8b' })
  expect(bodyOf(upstream.received[1])).toEqual({ input: { prompt: 'Hi' } })
})

it('never takes the key to a host that is not the service’s', async () => {
  const evil = { ...urls(), get: `${elsewhere.url}/v1/predictions/p1`, stream: `${elsewhere.url}/v1/stream` }
  upstream.answer(plays({ made: json(prediction('starting', { urls: evil }), 201) }))
  for (const streamed of [false, true]) {
    const { error } = await clientOf('openai-chat').ask(llama, streamed, false)
    expect(error?.status).toBe(502)
    expect(error?.message).not.toContain(elsewhere.url)
  }
  await until(() => lines().filter((line) => line.endsWith('/cancel')).length === 2)
  expect(elsewhere.received).toEqual([])
})

describe('a client that leaves', () => {
  it('while the prediction is waited for has it canceled, and is on record once', async () => {
    upstream.answer(plays({ made: json(prediction('starting'), 201), got: json(prediction('processing')) }))
    const leaving = new AbortController()
    const asked = openai.chat.completions.create(
      { model: llama, messages: [{ role: 'user', content: 'Hi' }] },
      { signal: leaving.signal },
    )
    const left = asked.then(
      () => 'answered',
      () => 'left',
    )
    await until(() => lines().some((line) => line.startsWith('GET')))
    leaving.abort()
    expect(await left).toBe('left')
    await until(() => lines().at(-1) === 'POST /v1/predictions/p1/cancel')
    expect(await lastRecord()).toMatchObject({ outcome: 'client-gone', attempts: [{ fault: 'client_gone' }] })
  })

  it('in the middle of a stream has it canceled, and is charged for what it had', async () => {
    upstream.answer(
      plays({
        made: json(prediction('starting'), 201),
        heard: (response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('event: output\ndata: Once upon a time there was\n\n')
        },
      }),
    )
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0, logLevel: 'off' })
    const asked = anthropic.messages.stream({
      model: llama,
      max_tokens: 99,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    asked.on('error', () => {})
    asked.on('abort', () => {})
    for await (const event of asked) {
      if (event.type !== 'content_block_delta') continue
      asked.abort()
      break
    }
    await until(() => lines().at(-1) === 'POST /v1/predictions/p1/cancel')
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'client-gone', stream: true, usage: { estimated: true } })
    expect(record?.usage?.output.total).toBeGreaterThan(3)
  })
})
