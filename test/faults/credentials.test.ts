/** Several credentials of one provider: they share the work, and one that is refused or used up is left alone until it may be asked again. */
import { APIError, OpenAI } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const answer = (text: string, model: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model,
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
})
const refusal = (message: string, code: string) => ({ error: { message, type: 'invalid_request_error', code } })

const keys = ['sk-first-0001', 'sk-second-0002', 'sk-third-0003'] as const
const yaml = (url: string, credentials: readonly string[] = keys) => `
providers:
  pool: { use: openai-compatible, base_url: "${url}/v1", credentials: [${credentials.join(', ')}], models: [a, b], prices: { input: 1, output: 1 } }
  spare: { use: openai-compatible, base_url: "${url}/v1", credentials: sk-spare-0009, models: [a] , prices: { input: 1, output: 1 } }
routers: { both: { strategy: fallback, targets: [pool/a, spare/a] } }
retries: { rounds: 0 }`

let upstream: Upstream
let gateway: Gateway
let clock: FakeClock
let client: OpenAI
/** What keys are answered with, if not well. */
let troubles: Map<string, Answer>

beforeEach(async () => {
  upstream = await startUpstream()
  clock = new FakeClock()
  troubles = new Map()
  gateway = await startGateway(yaml(upstream.url), { clock })
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  upstream.answer((response, request) => {
    const key = keyOf(request)
    const { model } = JSON.parse(request.body.toString()) as { model: string }
    return (troubles.get(`${key} ${model}`) ?? troubles.get(key) ?? json(answer(`from ${key}`, model)))(
      response,
      request,
    )
  })
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const keyOf = ({ headers }: { headers: Record<string, unknown> }): string =>
  String(headers['authorization']).replace('Bearer ', '')

async function ask(model = 'pool/a'): Promise<string> {
  const { choices } = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hello' }] })
  return choices[0]?.message.content ?? ''
}

/** Asks that often, and tells which keys the provider saw meanwhile. */
async function seen(times: number, model?: string): Promise<string[]> {
  const from = upstream.received.length
  for (let time = 0; time < times; time += 1) await ask(model)
  return upstream.received.slice(from).map((request) => keyOf(request))
}

const [first, second, third] = keys

describe('the credentials of one provider', () => {
  it('are used in turn', async () => {
    expect(await seen(5)).toEqual([first, second, third, first, second])
  })

  it('that has used up its limit is left alone for as long as the provider says, for that model', async () => {
    troubles.set(`${second} a`, json(refusal('slow down', 'rate_limit_exceeded'), 429, { 'retry-after': '20' }))
    expect(await seen(6)).toEqual([first, second, third, third, first, third, first])
    expect(await seen(2, 'pool/b')).toEqual([first, second])
    troubles.clear()
    await clock.advance(19_900)
    expect(await seen(3)).not.toContain(second)
    await clock.advance(200)
    expect(await seen(3)).toContain(second)
  })

  it('is told by reset headers too', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m30s' }
    troubles.set(first, json(refusal('slow down', 'rate_limit_exceeded'), 429, headers))
    await ask()
    troubles.clear()
    await clock.advance(89_000)
    expect(await seen(4)).not.toContain(first)
    await clock.advance(1001)
    expect(await seen(3)).toContain(first)
  })

  it('that is refused is left alone for all models, each time longer, and used again when it works', async () => {
    troubles.set(first, json(refusal('Incorrect API key provided', 'invalid_api_key'), 401))
    expect(await seen(1)).toEqual([first, second])
    expect(await seen(4, 'pool/b')).not.toContain(first)
    await clock.advance(5001)
    expect((await seen(3)).filter((key) => key === first)).toHaveLength(1)
    await clock.advance(5001)
    expect(await seen(3)).not.toContain(first)
    await clock.advance(5001)
    troubles.clear()
    expect((await seen(3)).filter((key) => key === first)).toHaveLength(1)
    expect((await seen(3)).filter((key) => key === first)).toHaveLength(1)
  })

  it('that may not use one model is used for the others', async () => {
    troubles.set(`${first} a`, json(refusal('no access to this model', 'forbidden'), 403))
    await seen(1)
    expect(await seen(4)).not.toContain(first)
    expect(await seen(3, 'pool/b')).toContain(first)
  })

  it('are asked all the same when all of them rest, and the next target before that', async () => {
    const limited = json(refusal('slow down', 'rate_limit_exceeded'), 429, { 'retry-after': '30' })
    for (const key of keys) troubles.set(key, limited)
    expect(await seen(1, 'both')).toEqual([first, second, third, 'sk-spare-0009'])
    expect(await seen(2, 'both')).toEqual(['sk-spare-0009', 'sk-spare-0009'])
    const error: unknown = await ask('pool/a').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ status: 429 })
    troubles.clear()
    expect(await ask('pool/a')).toMatch(/^from sk-/)
  })

  it('are forgotten to rest when the configuration is loaded again', async () => {
    troubles.set(first, json(refusal('Incorrect API key provided', 'invalid_api_key'), 401))
    await seen(1)
    troubles.clear()
    gateway.reload(yaml(upstream.url))
    expect(await seen(3)).toContain(first)
  })

  it('are told of by number: in the record, the log and the metrics, and never by themselves', async () => {
    troubles.set(second, json(refusal(`Incorrect API key provided: ${second}`, 'invalid_api_key'), 401))
    await seen(2)
    const [, record] = await gateway.records()
    expect(record?.attempts).toMatchObject([
      { credential: 2, fault: 'provider_authentication' },
      { credential: 3, status: 200 },
    ])
    const line = gateway.log.find(({ msg }) => String(msg).startsWith('a credential rests'))
    expect(line).toMatchObject({
      provider: 'pool',
      credential: 2,
      credentials: 3,
      fault: 'provider_authentication',
      rest_ms: 5000,
    })
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain('sluicegate_resting_credentials{provider="pool"} 1')
    for (const key of keys) expect(`${JSON.stringify(gateway.log)}${JSON.stringify(record)}`).not.toContain(key)
  })
})
