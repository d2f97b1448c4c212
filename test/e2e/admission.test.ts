/** Keys, limits, quotas, budgets and prices, as a client meets them over HTTP. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const usage = {
  prompt_tokens: 1000,
  completion_tokens: 500,
  total_tokens: 1500,
  prompt_tokens_details: { cached_tokens: 400 },
}
const answer = json({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage,
})
const providers = (): string => `providers:
  up: { use: openai, base_url: "${upstream.url}/v1", credentials: upstream-secret }
`
const secret = 'a-client-secret-0123456789'
const withKey = (rest: string): string => `${providers()}keys: [{ name: k, secret: ${secret}, ${rest} }]\n`

const openai = (gateway: Gateway, apiKey = secret): OpenAI =>
  new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
const ask = (gateway: Gateway, model = 'up/gpt-4o', extra: object = {}) =>
  openai(gateway)
    .chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }], ...extra })
    .withResponse()

describe('rate limits', () => {
  it('count down in the headers and refuse with the time to wait, in both protocols', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('limits: { requests: 3/min }'))
    const remaining: (string | null)[] = []
    for (let n = 0; n < 3; n += 1)
      remaining.push((await ask(gateway)).response.headers.get('x-ratelimit-remaining-requests'))
    expect(remaining).toEqual(['2', '1', '0'])

    const refused = (await ask(gateway).catch((error: unknown) => error)) as InstanceType<typeof OpenAI.RateLimitError>
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError)
    expect(refused.headers?.get('x-sluicegate-fault')).toBe('rate_limited')
    expect(Number(refused.headers?.get('retry-after'))).toBeGreaterThan(0)

    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: secret, maxRetries: 0 })
    const messages = anthropic.messages.create({
      model: 'up/gpt-4o',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    await expect(messages).rejects.toMatchObject({
      status: 429,
      error: { type: 'error', error: { type: 'rate_limit_error' } },
    })
  })

  it('hold tokens by estimate and put the true number in its place', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('limits: { tokens: 10000/day }'))
    await ask(gateway)
    const { response } = await ask(gateway, 'up/gpt-4o', { max_tokens: 1 })
    // 1,500 are gone for good, and the second request holds no more than its own few.
    const remaining = Number(response.headers.get('x-ratelimit-remaining-tokens'))
    expect(remaining).toBeGreaterThan(8300)
    expect(remaining).toBeLessThan(8500)
  })

  it('give back what a failed request had taken', async () => {
    upstream.answer(json({ error: { message: 'no', type: 'invalid_request_error' } }, 400))
    await using gateway = await startGateway(withKey('limits: { tokens: 1000/day }'))
    for (let n = 0; n < 8; n += 1) await expect(ask(gateway)).rejects.toMatchObject({ status: 400 })
  })
})

describe('budgets', () => {
  it('are never overrun, however many requests come at once', async () => {
    // The first waits for the second, so that there are two at once at least.
    const second = Promise.withResolvers<void>()
    let arrived = 0
    upstream.answer(async (response, request) => {
      arrived += 1
      if (arrived === 2) second.resolve()
      await second.promise
      await answer(response, request)
    })
    // One answer costs 600·$2.50/M + 400·$1.25/M + 500·$10/M = $0.007; 500 output tokens and the input are held at $0.00507….
    await using gateway = await startGateway(withKey('budget: { usd: 0.05, per: total }'))
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () => ask(gateway, 'up/gpt-4o', { max_tokens: 500 })),
    )
    const paid = results.filter(({ status }) => status === 'fulfilled').length
    const refused = results.filter(
      (result) => result.status === 'rejected' && (result.reason as { status: number }).status === 402,
    )
    expect(paid + refused.length).toBe(40)
    expect(paid).toBeGreaterThan(1)
    expect(arrived).toBe(paid)

    const records = await gateway.records()
    const spent = records.reduce((sum, { cost }) => sum + (cost ?? 0), 0)
    expect(spent).toBe(paid * 7_000_000)
    // The hold of each request bounds what can be begun: nothing was begun that did not fit beside what was held.
    expect(paid * 5_000_000).toBeLessThanOrEqual(50_000_000)
    await expect(ask(gateway, 'up/gpt-4o', { max_tokens: 4000 })).rejects.toMatchObject({
      status: 402,
      code: 'budget_exceeded',
    })
  })

  it('hold what a model is known to write at most where the client sets no limit', async () => {
    upstream.answer(answer)
    // 16,384 tokens of gpt-4o at $10/M are $0.16.
    await using poor = await startGateway(withKey('budget: { usd: 0.1, per: total }'))
    await expect(ask(poor, 'up/gpt-4o')).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' })
    await ask(poor, 'up/gpt-4o', { max_tokens: 500 })
    await using rich = await startGateway(withKey('budget: { usd: 0.2, per: total }'))
    await ask(rich, 'up/gpt-4o')
    expect(JSON.parse(upstream.received.at(-1)?.body.toString() ?? '')).not.toHaveProperty('max_tokens')
  })

  it('survive a restart', async () => {
    upstream.answer(answer)
    const config = withKey('budget: { usd: 0.02, per: month }')
    const first = await startGateway(config)
    await ask(first, 'up/gpt-4o', { max_tokens: 500 })
    await ask(first, 'up/gpt-4o', { max_tokens: 500 })
    await first.app[Symbol.asyncDispose]()
    await using second = await startGateway(config, { dir: first.dir })
    // $0.014 of $0.02 are spent: 500 more tokens fit, 700 do not.
    await expect(ask(second, 'up/gpt-4o', { max_tokens: 700 })).rejects.toMatchObject({ status: 402 })
    await ask(second, 'up/gpt-4o', { max_tokens: 500 })
  })

  it('refuse a model without a price, and take one that the configuration gives', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('budget: { usd: 1, per: day }'))
    const unknown = ask(gateway, 'up/model-of-nobody')
    await expect(unknown).rejects.toMatchObject({ status: 403, code: 'unpriced_model' })
    gateway.reload(
      withKey('budget: { usd: 1, per: day }').replace(
        'credentials: upstream-secret }',
        'credentials: upstream-secret, prices: { input: 1, output: 2 } }',
      ),
    )
    const { response } = await ask(gateway, 'up/model-of-nobody')
    expect(response.headers.get('x-sluicegate-cost-usd')).toBe('0.002')
  })

  it('make the gateway ask for usage in streams, without the client seeing it', async () => {
    const chunk = (delta: object, finish: string | null, more: object = {}): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`
    const last = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o', choices: [], usage })}\n\n`
    upstream.answer(
      stream([
        chunk({ role: 'assistant', content: 'Hel' }, null),
        chunk({ content: 'lo' }, null),
        chunk({}, 'stop'),
        last,
        'data: [DONE]\n\n',
      ]),
    )
    await using gateway = await startGateway(withKey('budget: { usd: 1, per: day }'))
    const before = upstream.received.length
    const answers = await openai(gateway).chat.completions.create({
      model: 'up/gpt-4o',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
    })
    const chunks = []
    for await (const piece of answers) chunks.push(piece)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Hello')
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true)
    expect(JSON.parse(upstream.received[before]?.body.toString() ?? '')).toMatchObject({
      stream_options: { include_usage: true },
    })
    expect(await gateway.lastRecord()).toMatchObject({
      cost: 7_000_000,
      usage: { input: { total: 1000, cacheRead: 400 }, output: { total: 500 } },
    })
  })
})

describe('keys', () => {
  it('reach only the models they may use, and see only those', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(`${withKey('models: ["up/gpt-4o*", fast]')}aliases: { fast: up/o3 }\n`)
    await ask(gateway, 'up/gpt-4o-mini')
    await ask(gateway, 'fast')
    await expect(ask(gateway, 'up/o3')).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' })
    await expect(ask(gateway, 'no-such-model')).rejects.toMatchObject({ status: 403 })
    const seen = (await openai(gateway).models.list()).data.map(({ id }) => id)
    expect(seen).toContain('fast')
    expect(seen).toContain('up/gpt-4o')
    // Virtual models choose among what the key may use.
    expect(seen.filter((id) => id !== 'fast' && !/^(?:up\/gpt-4o|router:)/.test(id))).toEqual([])
  })

  it('are out at once when a reload takes them away', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('models: ["*"]'))
    await ask(gateway)
    gateway.reload(`${providers()}keys: [{ name: other, secret: another-secret-0123456789 }]\n`)
    await expect(ask(gateway)).rejects.toMatchObject({ status: 401 })
  })
})

describe('pictures, however short what names them is', () => {
  const tiny = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const ten = <T>(part: T): T[] => Array.from({ length: 10 }, () => part)
  const post = (gateway: Gateway, path: string, body: string): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body,
    })
  const chat = (url: string): string =>
    JSON.stringify({
      model: 'up/gpt-4o',
      max_tokens: 5,
      messages: [{ role: 'user', content: ten({ type: 'image_url', image_url: { url } }) }],
    })
  const bodies: [string, string, string][] = [
    ['by their address', '/v1/chat/completions', chat('https://a.example/b.png')],
    ['in a few bytes', '/v1/chat/completions', chat(`data:image/png;base64,${tiny}`)],
    [
      'with escapes',
      '/v1/chat/completions',
      chat('https://a.example').replaceAll('image_url', String.raw`image\u005furl`),
    ],
    [
      'of Responses',
      '/v1/responses',
      JSON.stringify({
        model: 'up/gpt-4o',
        max_output_tokens: 16,
        input: [{ role: 'user', content: ten({ type: 'input_image', image_url: 'https://a.example/b.png' }) }],
      }),
    ],
    [
      'of Messages',
      '/v1/messages',
      JSON.stringify({
        model: 'up/gpt-4o',
        max_tokens: 5,
        messages: [
          { role: 'user', content: ten({ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }) },
        ],
      }),
    ],
    [
      'of Gemini',
      '/v1beta/models/up/gpt-4o:generateContent',
      JSON.stringify({
        generationConfig: { maxOutputTokens: 5 },
        contents: [
          { role: 'user', parts: ten({ fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b.png' } }) },
        ],
      }),
    ],
  ]

  it.each(bodies)('are held by what they may cost: %s', async (_how, path, body) => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('models: ["*"], budget: { usd: "0.1", per: total }'))
    const before = upstream.received.length
    const refused = await post(gateway, path, body)
    expect(refused.headers.get('x-sluicegate-fault')).toBe('budget_exceeded')
    expect(upstream.received).toHaveLength(before)
    const one = JSON.stringify({ model: 'up/gpt-4o', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] })
    expect((await post(gateway, '/v1/chat/completions', one)).status).toBe(200)
  })

  it('are held for more where a model takes many times as many tokens for them', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('models: ["*"], budget: { usd: "0.005", per: total }'))
    const content = [{ type: 'image_url' as const, image_url: { url: 'https://a.example/b.png' } }]
    const asked = { max_tokens: 5, messages: [{ role: 'user' as const, content }] }
    await expect(ask(gateway, 'up/gpt-4o-mini', asked)).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' })
    await ask(gateway, 'up/gpt-4o-mini', { max_tokens: 5 })
  })
})

describe('conversations without end', () => {
  it('are refused with what to do, unless the configuration allows them', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('models: ["*"]'))
    const messages = Array.from({ length: 10_000 }, () => ({ role: 'user' as const, content: 'again' }))
    await expect(ask(gateway, 'up/gpt-4o', { messages })).rejects.toMatchObject({
      status: 400,
      param: 'messages',
      message: expect.stringContaining('at most 5000 (limits.messages)') as string,
    })
    gateway.reload(`${withKey('models: ["*"]')}limits: { messages: 20000 }\n`)
    await ask(gateway, 'up/gpt-4o', { messages })
  })
})

describe('what is not logged', () => {
  const prompt = { messages: [{ role: 'user' as const, content: 'my secret plan' }] }

  it('is any prompt or answer, unless the configuration asks for it', async () => {
    upstream.answer(answer)
    await using quiet = await startGateway(withKey('models: ["*"]'))
    await ask(quiet, 'up/gpt-4o', prompt)
    expect(JSON.stringify(quiet.log)).toContain('exchange')
    expect(JSON.stringify(quiet.log)).not.toMatch(/my secret plan|Hello\./)
    await using telling = await startGateway(`${withKey('models: ["*"]')}logging: { content: true }\n`)
    await ask(telling, 'up/gpt-4o', prompt)
    expect(telling.log.find(({ msg }) => msg === 'content')).toMatchObject({
      request: expect.stringContaining('my secret plan') as string,
      response: expect.stringContaining('Hello.') as string,
      truncated: false,
    })
  })

  it('is any secret, of clients or of providers', async () => {
    upstream.answer(
      json({ error: { message: 'Incorrect API key provided: upstream-secret', type: 'invalid_request_error' } }, 401),
    )
    await using gateway = await startGateway(withKey('models: ["*"]'))
    const failed = (await ask(gateway).catch((error: unknown) => error)) as Error
    const everything = `${JSON.stringify(gateway.log)}${failed.message}${JSON.stringify(await gateway.records())}`
    expect(everything).not.toMatch(/upstream-secret|a-client-secret/)
  })
})

describe('metrics', () => {
  it('tell of requests, tokens, money and refusals', async () => {
    upstream.answer(answer)
    await using gateway = await startGateway(withKey('models: ["*"]'))
    await ask(gateway)
    await openai(gateway, 'wrong-key')
      .models.list()
      .catch(() => undefined)
    await openai(gateway, 'wrong-key')
      .chat.completions.create({ model: 'm', messages: [] })
      .catch(() => undefined)
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(text).toContain(
      'sluicegate_requests_total{surface="POST /v1/chat/completions",provider="up",model="gpt-4o",status="200",outcome="ok"} 1',
    )
    expect(text).toContain('sluicegate_tokens_total{provider="up",model="gpt-4o",kind="cached"} 400')
    expect(text).toContain('sluicegate_cost_usd_total{provider="up",model="gpt-4o"} 0.007')
    expect(text).toContain('sluicegate_refused_total{fault="invalid_key"} 2')
    expect(text).toMatch(/sluicegate_time_to_first_byte_seconds_bucket\{[^}]*le="\+Inf"\} 1/)
    expect(text).toMatch(/sluicegate_event_loop_delay_seconds \d/)
  })
})
