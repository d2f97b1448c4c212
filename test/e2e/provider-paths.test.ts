/**
 * Providers' own paths through the gateway, with the clients that their users have: OpenAI's and Anthropic's SDKs with another base URL.
 * What can be metered is priced by its model, all else by the request, and keys are held to what they may.
 */
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasShortPath } from '../../src/http/pass-through/pass-paths.ts'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { eventStream, message, textBlock } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

const secrets = {
  all: 'key-for-everything-0123456789',
  one: 'key-for-one-model-0123456789',
  some: 'key-for-openai-alone-0123456789',
  budget: 'key-with-a-budget-0123456789',
  poor: 'key-with-little-left-0123456789',
  quota: 'key-with-a-quota-0123456789',
}

let openaiUp: Upstream
let anthropicUp: Upstream
let gateway: Gateway

const yaml = (): string => `
providers:
  openai:
    base_url: ${openaiUp.url}/v1
    credentials: sk-proj-upstream-one
    prices: { input: 1000, output: 2000 }
    pass_through: { enabled: true, price: { request: 0.01 } }
  claude:
    use: anthropic
    base_url: ${anthropicUp.url}
    credentials: sk-ant-upstream
    prices: { input: 1000, output: 2000 }
    pass_through: { enabled: true }
  google:
    use: gemini
    base_url: ${openaiUp.url}
    credentials: g-upstream
    prices: { input: 1000, output: 2000 }
    pass_through: { enabled: true }
  narrow:
    use: openai
    base_url: ${openaiUp.url}/v1
    credentials: sk-proj-narrow
    pass_through: { enabled: true, paths: ["GET /v1/files*", "/v1/chat/completions"] }
  several:
    use: openai
    base_url: ${openaiUp.url}/v1
    credentials: [sk-proj-a, sk-proj-b]
    pass_through: { enabled: true }
  models:
    use: openai
    base_url: ${openaiUp.url}/v1
    credentials: sk-proj-models
    pass_through: { enabled: true }
  closed:
    use: openai
    base_url: ${openaiUp.url}/v1
    credentials: sk-proj-closed
keys:
  - { name: all, secret: ${secrets.all} }
  - { name: one, secret: ${secrets.one}, models: [openai/gpt-5.1, "openai/gpt-*"] }
  - { name: some, secret: ${secrets.some}, models: ["openai/*"] }
  - { name: budget, secret: ${secrets.budget}, budget: { usd: 100000, per: total } }
  - { name: poor, secret: ${secrets.poor}, budget: { usd: 0.005, per: total } }
  - { name: quota, secret: ${secrets.quota}, limits: { tokens: 100/day, requests: 5/day } }
`

beforeAll(async () => {
  openaiUp = await startUpstream()
  anthropicUp = await startUpstream()
  gateway = await startGateway(yaml())
})
afterEach(() => {
  gateway.reload(yaml())
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([openaiUp.close(), anthropicUp.close()])
})

const openai = (apiKey: string, provider = 'openai'): OpenAI =>
  new OpenAI({ baseURL: `${gateway.url}/${provider}/v1`, apiKey, maxRetries: 0, logLevel: 'off' })
const anthropic = (apiKey: string): Anthropic =>
  new Anthropic({ baseURL: `${gateway.url}/claude`, apiKey, maxRetries: 0, logLevel: 'off' })

async function lastRecord() {
  const record = await gateway.lastRecord()
  if (record === undefined) throw new Error('there is no record')
  return record
}

const file = { id: 'file-1', object: 'file', bytes: 3, created_at: 1, filename: 'a.jsonl', purpose: 'batch' }
const messages = [{ role: 'user' as const, content: 'Hello' }]

describe("OpenAI's own SDK with the gateway's address of the provider", () => {
  it('lists files, under the credential of the gateway', async () => {
    openaiUp.next(json({ object: 'list', data: [file], has_more: false }, 200, { 'x-request-id': 'req_up' }))
    const page = await openai(secrets.all).files.list({ limit: 7 })
    expect(page.data).toEqual([file])
    const sent = openaiUp.received.at(-1)
    expect(sent).toMatchObject({ method: 'GET', path: '/v1/files?limit=7' })
    expect(sent?.headers.authorization).toBe('Bearer sk-proj-upstream-one')
    expect(await lastRecord()).toMatchObject({
      surface: 'PASS GET',
      operation: 'pass',
      keyName: 'all',
      provider: 'openai',
      status: 200,
      outcome: 'ok',
      cost: 10_000_000,
      attempts: [{ provider: 'openai', status: 200, upstreamRequestId: 'req_up' }],
    })
  })

  it('lists fine-tuning jobs, uploads a file and reads its content', async () => {
    openaiUp.next(json({ object: 'list', data: [{ id: 'ftjob-1', object: 'fine_tuning.job' }], has_more: false }))
    const jobs = await openai(secrets.all).fineTuning.jobs.list()
    expect(jobs.data[0]?.id).toBe('ftjob-1')
    expect(openaiUp.received.at(-1)?.path).toBe('/v1/fine_tuning/jobs')

    openaiUp.next(json(file))
    const uploaded = await openai(secrets.all).files.create({
      file: new File(['{"a":1}\n'], 'a.jsonl'),
      purpose: 'batch',
    })
    expect(uploaded.id).toBe('file-1')
    const sent = openaiUp.received.at(-1)
    expect(sent?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(sent?.body.toString()).toContain('{"a":1}\n')
    expect((await lastRecord()).bytes?.received).toBe(sent?.body.length)

    openaiUp.next(
      (response) => void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end('raw\0bytes'),
    )
    const content = await openai(secrets.all).files.content('file-1')
    expect(await content.text()).toBe('raw\0bytes')
    expect((await lastRecord()).bytes).toEqual({ received: 0, sent: 9 })
  })

  it('prices a chat by the model that its body names, from the usage of its answer', async () => {
    openaiUp.next(json(completion({ text: 'Hi.' })))
    const answer = await openai(secrets.all).chat.completions.create({ model: 'gpt-5.1', messages })
    expect(answer.choices[0]?.message.content).toBe('Hi.')
    const sent = openaiUp.received.at(-1)
    expect(sent?.body.toString()).toBe(JSON.stringify({ model: 'gpt-5.1', messages }))
    expect(await lastRecord()).toMatchObject({
      surface: 'PASS POST',
      operation: 'pass',
      modelAsked: 'gpt-5.1',
      deployment: 'openai/gpt-5.1',
      usage: { input: { total: 21 }, output: { total: 9 } },
      // 21 tokens at $1000 and 9 at $2000 per million.
      cost: 39_000_000,
    })
  })

  it('prices a stream, whose usage it asks for where a budget depends on it and keeps to itself', async () => {
    openaiUp.next(stream([chunkStream({ text: 'Hi there.' })]))
    let text = ''
    const chunks = await openai(secrets.budget).chat.completions.create({ model: 'gpt-5.1', messages, stream: true })
    let told = 0
    for await (const chunk of chunks) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (chunk.usage !== undefined && chunk.usage !== null) told += 1
    }
    expect(text).toBe('Hi there.')
    expect(told).toBe(0)
    expect(JSON.parse(openaiUp.received.at(-1)?.body.toString() ?? '')).toMatchObject({
      stream_options: { include_usage: true },
    })
    const record = await lastRecord()
    expect(record).toMatchObject({ stream: true, usage: { output: { total: 9 } }, cost: 39_000_000, outcome: 'ok' })
  })

  it('passes a refusal on with its status, headers and words', async () => {
    openaiUp.next(
      json({ error: { message: 'No such File object', type: 'invalid_request_error', param: 'id', code: null } }, 404, {
        'x-odd': 'yes',
        'retry-after': '7',
      }),
    )
    const refused = openai(secrets.all).files.retrieve('file-2')
    await expect(refused).rejects.toMatchObject({ status: 404, message: '404 No such File object' })
    const error = (await refused.catch((caught: unknown) => caught)) as InstanceType<typeof OpenAI.APIError>
    expect((error.headers as Headers).get('x-odd')).toBe('yes')
    const record = await lastRecord()
    expect(record).toMatchObject({ status: 404, outcome: 'fault', fault: 'provider_not_found' })
    expect(record.cost).toBeUndefined()
  })

  it('tells nobody of a credential that was refused', async () => {
    openaiUp.next(json({ error: { message: 'Incorrect API key provided: sk-proj-upstream-one.' } }, 401))
    const error = (await openai(secrets.all)
      .files.list()
      .catch((caught: unknown) => caught)) as InstanceType<typeof OpenAI.APIError>
    expect(error.status).toBe(502)
    expect(JSON.stringify(error) + error.message).not.toContain('sk-proj')
  })

  it('does not follow redirects, and hands them on', async () => {
    openaiUp.next((response) => void response.writeHead(302, { location: 'https://elsewhere.example/file' }).end())
    const response = await fetch(`${gateway.url}/openai/v1/files/file-1/content`, {
      headers: { authorization: `Bearer ${secrets.all}` },
      redirect: 'manual',
    })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('https://elsewhere.example/file')
    const { length } = openaiUp.received
    expect(openaiUp.received[length - 1]?.path).toBe('/v1/files/file-1/content')
  })

  it('deletes, asks for heads, and has the longer form of the address', async () => {
    openaiUp.next((response) => void response.writeHead(204).end())
    const url = `${gateway.url}/passthrough/openai/v1/files/file-1`
    const headers = { 'x-api-key': secrets.all }
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(204)
    openaiUp.next((response) => void response.writeHead(200, { 'content-length': '42', etag: '"x"' }).end())
    const head = await fetch(url, { method: 'HEAD', headers })
    expect([head.headers.get('content-length'), head.headers.get('etag')]).toEqual(['42', '"x"'])
    expect(openaiUp.received.slice(-2).map(({ method, path }) => [method, path])).toEqual([
      ['DELETE', '/v1/files/file-1'],
      ['HEAD', '/v1/files/file-1'],
    ])
  })
})

describe("Anthropic's SDK with the gateway's address of the provider", () => {
  it('has a message priced by its model, streamed and not', async () => {
    anthropicUp.next(json(message({ content: [textBlock('Hi.')] })))
    const answer = await anthropic(secrets.budget).messages.create({ model: 'claude-x', max_tokens: 50, messages })
    expect(answer.content[0]).toMatchObject({ type: 'text', text: 'Hi.' })
    const sent = anthropicUp.received.at(-1)
    expect(sent?.path).toBe('/v1/messages')
    expect(sent?.headers['x-api-key']).toBe('sk-ant-upstream')
    expect(sent?.headers.authorization).toBeUndefined()
    const { input_tokens: input, output_tokens: output } = answer.usage
    const cost = input * 1_000_000 + output * 2_000_000
    expect(await lastRecord()).toMatchObject({ deployment: 'claude/claude-x', operation: 'pass', cost })

    anthropicUp.next(stream([eventStream({ content: [textBlock('Hi.')] })]))
    const streamed = await anthropic(secrets.budget)
      .messages.stream({ model: 'claude-x', max_tokens: 50, messages })
      .finalMessage()
    expect(streamed.content[0]).toMatchObject({ type: 'text', text: 'Hi.' })
    expect(await lastRecord()).toMatchObject({ stream: true, cost, outcome: 'ok' })
  })

  it('gets the errors of the gateway in its own shape, for paths that are no message as well', async () => {
    const refused = anthropic(secrets.budget).beta.files.list()
    await expect(refused).rejects.toMatchObject({ status: 403, error: { type: 'error' } })
    await expect(refused).rejects.toThrow(/providers\.claude\.pass_through\.price/)
    expect(await lastRecord()).toMatchObject({ fault: 'unpriced_model', surface: 'PASS GET', attempts: [] })
    await expect(anthropic('sg-unknown-key-000000000000').beta.files.list()).rejects.toThrow(
      Anthropic.AuthenticationError,
    )
  })
})

it("prices what Google's SDK asks by the model in its path, streamed and not", async () => {
  const google = new GoogleGenAI({ apiKey: secrets.budget, httpOptions: { baseUrl: `${gateway.url}/google` } })
  const answer = {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi.' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 21, candidatesTokenCount: 9, totalTokenCount: 30 },
  }
  openaiUp.next(json(answer))
  const params = { model: 'gemini-x', contents: 'Hello' }
  expect((await google.models.generateContent(params)).text).toBe('Hi.')
  const sent = openaiUp.received.at(-1)
  expect([sent?.path, sent?.headers['x-goog-api-key']]).toEqual(['/v1/models/gemini-x:generateContent', 'g-upstream'])
  expect(await lastRecord()).toMatchObject({ deployment: 'google/gemini-x', cost: 39_000_000, stream: false })

  openaiUp.next(stream([`data: ${JSON.stringify(answer)}\r\n\r\n`]))
  let text = ''
  for await (const chunk of await google.models.generateContentStream(params)) text += chunk.text ?? ''
  expect([text, openaiUp.received.at(-1)?.path]).toEqual(['Hi.', '/v1/models/gemini-x:streamGenerateContent?alt=sse'])
  expect(await lastRecord()).toMatchObject({ deployment: 'google/gemini-x', cost: 39_000_000, stream: true })
})

it('leaves the paths of the gateway itself to it, whatever a provider is called', async () => {
  const response = await fetch(`${gateway.url}/nowhere`)
  const served = [...(await response.text()).matchAll(/[ ]\/([\w-]+)/g)].slice(1).map(([, first = '']) => first)
  expect(served).toEqual(expect.arrayContaining(['v1', 'v2', 'v1beta', 'api', 'health', 'metrics']))
  for (const first of served) expect([first, hasShortPath(first)]).toEqual([first, false])
})

describe('who may', () => {
  const ask = (key: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...(init.headers as object) } })
  const faultOf = (response: Response): string | null => response.headers.get('x-sluicegate-fault')

  it('is no key that is held to some models, because a body could name any', async () => {
    const before = openaiUp.received.length
    for (const path of ['/openai/v1/files', '/openai/v1/chat/completions', '/passthrough/openai/v1/models/gpt-5.1']) {
      const response = await ask(secrets.one, path, { method: path.endsWith('ons') ? 'POST' : 'GET' })
      expect([response.status, faultOf(response)]).toEqual([403, 'pass_through_not_allowed'])
    }
    expect((await ask(secrets.some, '/claude/v1/files')).status).toBe(403)
    expect(openaiUp.received.length).toBe(before)
    openaiUp.next(json({ data: [] }))
    expect((await ask(secrets.some, '/openai/v1/files')).status).toBe(200)
  })

  it('is nobody without a key, and no key that is gone', async () => {
    expect((await fetch(`${gateway.url}/openai/v1/files`)).status).toBe(401)
    expect((await fetch(`${gateway.url}/passthrough/closed/v1/files`)).status).toBe(401)
    gateway.reload(yaml().replace(/ {2}- \{ name: some.*\n/, ''))
    const response = await ask(secrets.some, '/openai/v1/files')
    expect([response.status, faultOf(response)]).toEqual([401, 'invalid_key'])
  })

  it('is nobody where the provider is not enabled, or the path is not among those named', async () => {
    expect((await ask(secrets.all, '/closed/v1/files')).status).toBe(404)
    const response = await ask(secrets.all, '/passthrough/closed/v1/files')
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('pass_through.enabled')])
    openaiUp.next(json({ data: [] }))
    expect((await ask(secrets.all, '/narrow/v1/files?limit=1')).status).toBe(200)
    const before = openaiUp.received.length
    for (const [method, path] of [
      ['POST', '/narrow/v1/files'],
      ['DELETE', '/narrow/v1/files/x'],
      ['GET', '/narrow/v1/fine_tuning/jobs'],
      ['GET', '/narrow/v1%2Ffine_tuning/jobs'],
      ['GET', '/narrow/v1/Files'],
      ['GET', '/narrow/fine_tuning/files'],
    ] as const) {
      const refused = await ask(secrets.all, path, { method })
      expect([path, refused.status, faultOf(refused)]).toEqual([path, 403, 'pass_through_not_allowed'])
    }
    expect(openaiUp.received.length).toBe(before)
  })

  it("reaches a provider that is called like something of the gateway's own by the longer form", async () => {
    expect((await ask(secrets.all, '/models/v1/files')).status).toBe(404)
    openaiUp.next(json({ data: [] }))
    expect((await ask(secrets.all, '/passthrough/models/v1/files')).status).toBe(200)
    expect(openaiUp.received.at(-1)?.headers.authorization).toBe('Bearer sk-proj-models')
  })

  it('stays within its budget, its quota and its rate', async () => {
    const before = openaiUp.received.length
    const response = await ask(secrets.poor, '/openai/v1/files')
    expect([response.status, faultOf(response)]).toEqual([402, 'budget_exceeded'])
    expect(openaiUp.received.length).toBe(before)

    openaiUp.next(
      json(completion({ text: 'Hi.', usage: { prompt_tokens: 60, completion_tokens: 40, total_tokens: 100 } })),
    )
    const body = JSON.stringify({ model: 'gpt-5.1', messages, max_tokens: 20 })
    const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const first = await ask(secrets.quota, '/openai/v1/chat/completions', post)
    expect([first.status, first.headers.get('x-ratelimit-limit-requests')]).toEqual([200, '5'])
    await first.text()
    const second = await ask(secrets.quota, '/openai/v1/chat/completions', post)
    expect([second.status, faultOf(second)]).toEqual([429, 'quota_exceeded'])
    const background = await ask(secrets.budget, '/openai/v1/responses', {
      ...post,
      body: JSON.stringify({ model: 'gpt-5.1', input: 'x', background: true }),
    })
    expect([background.status, await background.text()]).toEqual([400, expect.stringContaining('/v1/responses')])
  })

  it('has no metered path unmetered by another spelling of it', async () => {
    for (const path of [
      '/chat/completions/',
      '/Chat/Completions',
      '/chat/%63ompletions',
      '/chat%2Fcompletions',
      '/chat/completions;x',
    ]) {
      openaiUp.next(json(completion({ text: 'Hi.' })))
      const response = await ask(secrets.all, `/openai/v1${path}`, {
        method: 'POST',
        body: JSON.stringify({ model: 'gpt-5.1', messages }),
      })
      expect([path, response.status]).toEqual([path, 200])
      await response.text()
      expect(openaiUp.received.at(-1)?.path).toBe(`/v1${path}`)
      expect(await lastRecord()).toMatchObject({ deployment: 'openai/gpt-5.1', cost: 39_000_000 })
    }
  })

  it('tries another credential where one is refused, but nothing else twice', async () => {
    openaiUp.next(json({ error: { message: 'bad key' } }, 401), json({ data: [] }))
    expect((await ask(secrets.all, '/several/v1/files')).status).toBe(200)
    expect(await lastRecord()).toMatchObject({ attempts: [{ status: 401 }, { status: 200 }] })
    openaiUp.next(json({ error: { message: 'broken' } }, 500))
    const before = openaiUp.received.length
    expect((await ask(secrets.all, '/several/v1/files', { method: 'POST', body: 'x' })).status).toBe(500)
    expect(openaiUp.received.length).toBe(before + 1)
  })
})

it('counts under labels that nobody can multiply', async () => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  const surfaces = new Set([...text.matchAll(/surface="([^"]*)"/g)].map(([, surface]) => surface))
  expect(surfaces).toEqual(new Set(['PASS DELETE', 'PASS GET', 'PASS HEAD', 'PASS POST']))
})
