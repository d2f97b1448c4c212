/**
 * Moderation through the gateway: OpenAI's official library in front of services of every protocol, of chat models that stand in, and of
 * the simulator.
 */
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const poor = 'key-with-little-0001'
let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  const at = (use: string, more = '') => `{ use: ${use}, base_url: "${upstream.url}", credentials: up-${use}${more} }`
  gateway = await startGateway(`
providers:
  openai: { use: openai, base_url: "${upstream.url}/v1", credentials: up-openai }
  own: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  mistral: ${at('mistral', ', prices: { input: 0.1 }')}
  safety: ${at('azure-content-safety', ', prices: { request: 0.00075 }')}
  perspective: ${at('perspective')}
  sim: {}
models:
  guard: { moderate: { llama_guard: own/llama-guard-4-12b } }
  judged: { moderate: { judge: openai/gpt-4o-mini } }
retries: { rounds: 0 }
routers:
  spare: { strategy: fallback, targets: [mistral/mistral-moderation-latest, safety/text, guard] }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.00001, per: day } }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.splice(0)
  upstream.answer(service)
})

/** What the services of every protocol find: violence in what says so, hatred in nothing. */
const isViolent = (text: string): boolean => text.includes('kill')

/** A service of whichever protocol it is called in. */
const service: Answer = (response, request) => {
  if (request.method !== 'POST') return json({}, 404)(response, request)
  const body = JSON.parse(request.body.toString()) as Record<string, unknown>
  const answer = (value: unknown): void => void json(value)(response, request)
  if (request.path.startsWith('/contentsafety')) {
    const severity = isViolent(body['text'] as string) ? 5 : 0
    const categoriesAnalysis = [
      { category: 'Hate', severity: 0 },
      { category: 'Violence', severity },
    ]
    answer({ blocklistsMatch: [], categoriesAnalysis })
  } else if (request.path.startsWith('/v1alpha1')) {
    const { text } = body['comment'] as { text: string }
    const score = (value: number) => ({ summaryScore: { value, type: 'PROBABILITY' } })
    answer({ attributeScores: { TOXICITY: score(0.1), THREAT: score(isViolent(text) ? 0.9 : 0.1) }, languages: ['en'] })
  } else if (request.path.endsWith('/chat/completions')) {
    answer(chatAnswer(body))
  } else {
    const input = body['input'] as string | (string | { text?: string })[]
    const texts =
      typeof input === 'string' ? [input] : input.map((item) => (typeof item === 'string' ? item : item.text))
    const mistral = request.headers.authorization === 'Bearer up-mistral'
    const results = texts.map((text = '') => {
      const violent = isViolent(text)
      const [word, harmless] = mistral ? ['violence_and_threats', 'law'] : ['violence', 'hate']
      return {
        ...(!mistral && { flagged: violent }),
        categories: { [word]: violent, [harmless]: mistral },
        category_scores: { [word]: violent ? 0.9 : 0.1, [harmless]: mistral ? 1 : 0 },
      }
    })
    answer({ id: 'up-1', model: body['model'], results, ...(mistral && { usage: { prompt_tokens: 12 } }) })
  }
}

/** Llama Guard where only a user speaks, a judge where there are instructions. */
function chatAnswer(body: Record<string, unknown>): unknown {
  const messages = body['messages'] as { role: string; content: unknown }[]
  const violent = isViolent(JSON.stringify(messages.at(-1)?.content))
  const schema = (body['response_format'] as { json_schema: { schema: { required: string[] } } } | undefined)
    ?.json_schema
  const marks = schema?.schema.required.map((category) => [category, category === 'violence' && violent ? 90 : 10])
  const content =
    marks === undefined ? (violent ? '\n\nunsafe\nS1,S6' : '\n\nsafe') : JSON.stringify(Object.fromEntries(marks))
  return {
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: body['model'],
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 200, completion_tokens: 5, total_tokens: 205 },
  }
}

const clientOf = (apiKey = clientKey) => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
const moderate = (model: string | undefined, input: OpenAI.ModerationCreateParams['input'], key?: string) =>
  clientOf(key).moderations.create({ input, ...(model !== undefined && { model }) })
const asked = () => upstream.received.filter(({ method }) => method === 'POST')
const bodies = () => asked().map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>)
const lastRecord = () => gateway.lastRecord()

describe.each([
  ['openai/omni-moderation-latest', '/v1/moderations', 0, 0.9],
  ['mistral/mistral-moderation-latest', '/v1/moderations', undefined, 0.9],
  ['safety/text', '/contentsafety/text:analyze?api-version=2024-09-01', 1_500_000, 5 / 7],
  ['perspective/comments', '/v1alpha1/comments:analyze', 0, 0.9],
  ['guard', '/v1/chat/completions', undefined, 1],
  ['judged', '/v1/chat/completions', 2 * (200 * 150 + 5 * 600), 0.9],
])('%s', (model, path, cost, score) => {
  it('judges each of several texts, in their order', async () => {
    const { results } = await moderate(model, ['I will kill them.', 'A fine day.'])
    expect(results.map(({ flagged }) => flagged)).toEqual([true, false])
    expect(results[0]?.categories).toMatchObject({ violence: true, hate: false })
    expect(results[0]?.category_scores.violence).toBeCloseTo(score, 10)
    expect(asked()[0]?.path).toBe(path)
    const record = await lastRecord()
    expect(record).toMatchObject({ surface: 'POST /v1/moderations', operation: 'moderate', outcome: 'ok' })
    if (cost !== undefined) expect(record?.cost).toBe(cost)
  })

  it('judges a single text', async () => {
    const { results, id } = await moderate(model, 'A fine day.')
    expect(results).toHaveLength(1)
    expect(results[0]?.flagged).toBe(false)
    expect(id).not.toBe('')
  })

  it('has its errors told in OpenAI’s words', async () => {
    const told = { message: 'no such thing', error: { message: 'no such thing', code: 400 } }
    upstream.next(json(told, 400))
    await expect(moderate(model, 'a')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('no such thing') as unknown,
    })
  })

  it('is taken for what it is when it answers with something else', async () => {
    upstream.next(json({ verdict: 'fine' }))
    await expect(moderate(model, 'a')).rejects.toMatchObject({ status: 502 })
    expect(await lastRecord()).toMatchObject({ outcome: 'fault', fault: 'provider_malformed' })
  })
})

describe('what a service says in its own words', () => {
  it.each([
    ['mistral/mistral-moderation-latest', { categories: { law: true, violence_and_threats: true } }],
    ['safety/text', { categoriesAnalysis: [{}, { category: 'Violence', severity: 5 }] }],
    ['perspective/comments', { attributeScores: { THREAT: { summaryScore: { value: 0.9 } } } }],
    ['guard', { verdict: 'unsafe', hazards: ['S1', 'S6'] }],
  ])('is told beside OpenAI’s: %s', async (model, raw) => {
    const { results } = await moderate(model, 'kill')
    expect(results[0]).toMatchObject({ raw })
    expect(Object.keys(results[0]?.categories ?? {})).toHaveLength(13)
  })

  it('of matters that harm nobody flags nothing', async () => {
    const { results } = await moderate('mistral/mistral-moderation-latest', 'May I sue?')
    expect(results[0]).toMatchObject({ flagged: false, raw: { categories: { law: true } } })
  })
})

describe('a model that is not named', () => {
  it('is the one that the configuration says, which is OpenAI’s if it says none', async () => {
    const { model } = await moderate(undefined, 'a')
    expect(model).toBe('omni-moderation-latest')
    expect(bodies()).toEqual([{ model: 'omni-moderation-latest', input: 'a' }])
    expect(await lastRecord()).toMatchObject({ modelAsked: 'omni-moderation-latest', provider: 'openai', cost: 0 })
    await using other = await startGateway('providers: { sim: }\nmoderation: { model: sim/text }')
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${other.url}/v1`, maxRetries: 0 })
    expect((await client.moderations.create({ input: 'a bomb' })).results[0]?.flagged).toBe(true)
    expect(await other.lastRecord()).toMatchObject({ modelAsked: 'sim/text' })
  })

  it('and cannot be found is told by the name that was looked for', async () => {
    await using other = await startGateway('providers: { sim: }')
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${other.url}/v1`, maxRetries: 0 })
    await expect(client.moderations.create({ input: 'a' })).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('omni-moderation-latest') as unknown,
    })
  })
})

describe('pictures', () => {
  const image_url = { url: 'data:image/png;base64,iVBORw0KGgo=' }
  const parts: OpenAI.ModerationCreateParams['input'] = [
    { type: 'text', text: 'kill' },
    { type: 'image_url', image_url },
  ]

  it('reach a service that judges them, and are one input together with their text', async () => {
    upstream.next(json({ id: 'x', model: 'm', results: [{ flagged: false, categories: {}, category_scores: {} }] }))
    const { results } = await moderate('openai/omni-moderation-latest', parts)
    expect(results).toHaveLength(1)
    expect(bodies()[0]).toEqual({ model: 'omni-moderation-latest', input: parts })
  })

  it('are shown to Llama Guard', async () => {
    expect((await moderate('guard', parts)).results[0]?.flagged).toBe(true)
    const { messages } = (bodies()[0] ?? {}) as { messages: { content: unknown }[] }
    expect(messages[0]?.content).toEqual([
      { type: 'text', text: 'kill' },
      { type: 'image_url', image_url },
    ])
  })

  it('are refused for a service that would judge the text alone', async () => {
    await expect(moderate('safety/text', parts)).rejects.toMatchObject({
      status: 400,
      code: 'not_expressible',
      param: 'input[0][1]',
    })
    expect(asked()).toHaveLength(0)
  })
})

it('passes through as it came where the service speaks the protocol, but for the model', async () => {
  const body = '{ "input":[ "a\\u0062"],"model":"own/m", "odd":1.0 }'
  const answer = '{ "id":"x","results":[ {"flagged":false,"categories":{"later":true},"odd":1.0}] }'
  upstream.next((response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(answer))
  const response = await fetch(`${gateway.url}/v1/moderations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body,
  })
  expect(await response.text()).toBe(answer)
  expect(asked()[0]?.body.toString()).toBe(body.replace('own/m', 'm'))
})

it('goes on to the next service, and to a model that stands in', async () => {
  upstream.next(json({ message: 'busy' }, 429), json({ error: { code: '503', message: 'down' } }, 503))
  const { results } = await moderate('spare', 'kill')
  expect(results[0]?.flagged).toBe(true)
  expect(await lastRecord()).toMatchObject({
    deployment: 'own/llama-guard-4-12b',
    attempts: [{ status: 429 }, { status: 503 }, { status: 200 }],
  })
})

it('pays for the parts that were answered before one failed, where a service judges one text at a time', async () => {
  upstream.next(service, json({ error: { code: '429', message: 'busy' } }, 429))
  await expect(moderate('safety/text', ['a', 'b', 'c'])).rejects.toMatchObject({ status: 429 })
  expect(bodies().map(({ text }) => text)).toEqual(['a', 'b'])
  // What was answered is paid for.
  expect(await lastRecord()).toMatchObject({ outcome: 'fault', cost: 750_000 })
})

it('costs nothing where the service says so, for keys with a budget too', async () => {
  await moderate('openai/omni-moderation-latest', 'a', poor)
  expect(await lastRecord()).toMatchObject({ keyName: 'poor', cost: 0 })
  await expect(moderate('judged', 'a', poor)).rejects.toMatchObject({ status: 402 })
  await expect(moderate('own/m', 'a', poor)).rejects.toMatchObject({ status: 403, code: 'unpriced_model' })
})

it('tells a service that gives another number of verdicts than there were inputs', async () => {
  upstream.next(json({ id: 'x', model: 'm', results: [] }))
  await expect(moderate('mistral/m', ['a', 'b'])).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining('0 verdicts for 2 inputs') as unknown,
  })
})

it.each([
  ['no input', {}, 'input'],
  ['an empty list', { input: [] }, 'input'],
  ['a model that is none', { input: 'a', model: 7 }, 'model'],
])('refuses %s at once', async (_what, body, param) => {
  const response = await fetch(`${gateway.url}/v1/moderations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { param } })
  expect(asked()).toHaveLength(0)
})

it('works with the simulator, faults and all', async () => {
  const { results } = await moderate('sim/text', ['You are stupid.', 'A fine day.'])
  expect(results.map(({ flagged }) => flagged)).toEqual([true, false])
  expect(results[0]?.categories.harassment).toBe(true)
  expect(await lastRecord()).toMatchObject({ provider: 'sim', cost: 0 })
  await expect(moderate('sim/fault?status=429', 'a')).rejects.toMatchObject({ status: 429 })
})
