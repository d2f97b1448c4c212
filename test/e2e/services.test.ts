/**
 * Every service that speaks OpenAI's protocols behind one gateway: requests reach its path with its key, its refusals become faults
 * that tell nothing of the key, and its limits are told on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../src/builtins.gen.ts'
import type { Provider } from '../../src/kernel/provider.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { anthropic, openai } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const protocols: Readonly<Record<string, Protocol>> = { 'openai-chat': openai, 'anthropic-messages': anthropic }

/** Clouds want more than an address and a key. */
const isCloud = (driver: Provider): boolean => driver.problems !== undefined || driver.offersOf !== undefined

/** Each driver with the protocols that a client speaks and it does too. */
const services = (providers as readonly Provider[])
  .filter((driver) => driver.docs !== undefined && !isCloud(driver) && driver.id !== 'gemini')
  .flatMap((driver) =>
    driver.offers
      .filter((offer) => protocols[offer.dialect] !== undefined && offer.serves?.('a-model', undefined) !== false)
      .map((offer) => [`${driver.id} in ${offer.dialect}`, driver, offer.dialect, offer.path('m', false)] as const),
  )

const secretOf = (id: string): string => `sk-secret-of-${id}`

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  const entries = new Set(services.map(([, driver]) => driver.id))
  const lines = [...entries].map(
    (id) =>
      `  ${JSON.stringify(id)}: { base_url: "${upstream.url}/${id}", models: [a-model], credentials: ${secretOf(id)} }`,
  )
  gateway = await startGateway(['providers:', ...lines, 'retries: { rounds: 0 }'].join('\n'))
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const ask = (protocol: Protocol, id: string, more: Readonly<Record<string, unknown>> = {}): Promise<Response> =>
  fetch(`${gateway.url}${protocol.path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: protocol.request(`${id}/a-model`, more),
  })

describe.each(services)('%s', (_name, driver, dialect, path) => {
  const protocol = protocols[dialect] ?? openai
  const secret = secretOf(driver.id)

  it('is called at its path with its key, and answers', async () => {
    upstream.next(json(protocol.answer('well said')))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(200)
    expect(protocol.textOf(await response.text())).toBe('well said')
    const request = upstream.received.at(-1)
    const root = new URL(driver.baseUrl(driver.config.parse({ base_url: `${upstream.url}/${driver.id}` }))).pathname
    expect(request?.path).toBe(`${root}${path}`)
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ model: 'a-model' })
    const holders = Object.entries(request?.headers ?? {}).filter(([, value]) => String(value).includes(secret))
    expect(holders.map(([name]) => name)).toHaveLength(1)
    expect(['authorization', 'x-api-key']).toContain(holders[0]?.[0])
  })

  it('refuses a key without a word of it in answer, log and record', async () => {
    upstream.next(json(protocol.errorAnswer('authentication_error', `Incorrect API key: ${secret}`), 401))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(502)
    expect(response.headers.get('x-sluicegate-fault')).toBe('provider_authentication')
    expect(await response.text()).not.toContain(secret)
    expect(JSON.stringify(gateway.log)).not.toContain(secret)
  })

  it('streams, and its usage is on record', async () => {
    upstream.next(stream(protocol.events(['well', ' said'])))
    const response = await ask(protocol, driver.id, { stream: true })
    expect(response.status).toBe(200)
    expect(protocol.textOf(await response.text())).toBe('well said')
    const record = await gateway.lastRecord()
    expect(record).toMatchObject({
      provider: driver.id,
      stream: true,
      outcome: 'ok',
      usage: { input: { total: 9 }, output: { total: 5 } },
    })
    expect(record?.usage).not.toHaveProperty('estimated')
  })

  it.each([
    [404, 'provider_not_found', 404],
    [500, 'provider_error', 502],
    [503, 'provider_overloaded', 503],
  ])('has its %i told as %s', async (status, fault, told) => {
    upstream.next(json(protocol.errorAnswer('api_error', 'Not now'), status))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(status === 500 ? status : told)
    expect(response.headers.get('x-sluicegate-fault')).toBe(fault)
  })

  it('tells when its limit is there again, if only its headers say so', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '2m' }
    upstream.next(json(protocol.errorAnswer('rate_limit_error', 'Slow down'), 429, headers))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('120')
  })

  it('tells when it may be asked again', async () => {
    upstream.next(json(protocol.errorAnswer('rate_limit_error', 'Slow down'), 429, { 'retry-after': '7' }))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(429)
    expect(response.headers.get('x-sluicegate-fault')).toBe('provider_rate_limited')
    expect(response.headers.get('retry-after')).toBe('7')
  })

  it('has its refusal of a request told on', async () => {
    upstream.next(json(protocol.errorAnswer('invalid_request_error', 'a-model is not served'), 400))
    const response = await ask(protocol, driver.id)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('a-model is not served')
  })
})

it('keeps no key in any record', async () => {
  const records = await gateway.records()
  expect(records.length).toBeGreaterThan(services.length)
  expect(JSON.stringify(records)).not.toContain('sk-secret-of-')
})

describe('what a service adds to the protocol', () => {
  it('reaches clients that speak it', async () => {
    const more = { citations: ['https://a.example'], search_results: [{ title: 'A', url: 'https://a.example' }] }
    upstream.next(json({ ...openai.answer('cited'), ...more }))
    expect(await (await ask(openai, 'groq')).json()).toMatchObject(more)
  })

  it.each([
    ['deepseek', { thinking: { type: 'enabled' }, reasoning_effort: 'high', max_tokens: 9000 }],
    ['zai', { thinking: { type: 'enabled' }, max_tokens: 9000 }],
    ['siliconflow', { enable_thinking: true, max_tokens: 9000 }],
    ['cerebras', { reasoning_effort: 'high', max_completion_tokens: 9000 }],
  ])('is what %s is asked in, for a client of another protocol', async (id, members) => {
    upstream.next(json(openai.answer('thought')))
    const response = await fetch(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: `${id}/a-model`,
        input: 'Think',
        reasoning: { effort: 'high' },
        max_output_tokens: 9000,
      }),
    })
    expect(response.status).toBe(200)
    const { model: _model, messages: _messages, ...asked } = JSON.parse(upstream.received.at(-1)?.body.toString() ?? '')
    expect(asked).toEqual(members)
  })
})
