/** Ranking documents through the gateway: Cohere's official library in both its versions in front of services of every protocol. */
import { CohereClient, CohereClientV2 } from 'cohere-ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../harness/upstream.ts'

const poor = 'key-with-little-0001'
let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  const at = (use: string, more = '') => `{ use: ${use}, base_url: "${upstream.url}", credentials: up-${use}${more} }`
  gateway = await startGateway(`
providers:
  cohere: ${at('cohere', ', prices: { units: { searches: 0.002 } }')}
  jina: ${at('jina', ', prices: { input: 0.02 }')}
  voyage: ${at('voyage', ', prices: { input: 0.05 }')}
  tei: ${at('tei')}
  sglang: ${at('sglang')}
  nvidia: ${at('nvidia-nim')}
  bedrock: ${at('bedrock', ', prices: { units: { searches: 0.002 } }')}
  vertex: ${at('vertex', ', project: p, location: eu')}
  own: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  openai: { use: openai, base_url: "${upstream.url}/v1", credentials: up-openai }
  sim: {}
models:
  near: { rerank: { embeddings: openai/text-embedding-3-small } }
  near-apart: { rerank: { embeddings: voyage/voyage-3.5 } }
  near-sim: { rerank: { embeddings: sim/text } }
  judged: { rerank: { judge: openai/gpt-4o-mini, batch: 2 } }
aliases: { ranker: judged }
retries: { rounds: 0 }
routers:
  spare: { strategy: fallback, targets: [jina/first, cohere/second] }
  at-least-near: { strategy: fallback, targets: [cohere/first, near] }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: poor, secret: ${poor}, models: ["*"], budget: { usd: 0.003, per: day } }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const documents = ['Berlin is the capital of Germany.', 'Cats sleep a lot.', 'Paris is the capital of France.']
const scores = [0.6, 0.01, 0.97]

/** The first is the question's. */
const vectors = [
  [1, 0],
  [0.6, 0.8],
  [0, -1],
  [2, 0.2],
]

/** What models that are no rerankers answer when they stand in for one. */
const standsIn: Answer = (response, request) => {
  const body = JSON.parse(request.body.toString()) as Record<string, unknown>
  if (request.path.endsWith('/embeddings')) {
    const input = body['input'] as string[]
    const data = input.map((text, index) => {
      const embedding = vectors[1 + documents.indexOf(text)]
      return { object: 'embedding', index, embedding }
    })
    const tokens = { prompt_tokens: 10 * input.length, total_tokens: 10 * input.length }
    return json({ object: 'list', data, model: 'm', usage: tokens })(response, request)
  }
  const [, user] = body['messages'] as { content: string }[]
  const { documents: given } = JSON.parse(user?.content ?? '') as { documents: { document: number; text: string }[] }
  const marks = given
    .map(({ document, text }) => ({ document, mark: 100 * (scores[documents.indexOf(text)] ?? 0) }))
    .toReversed()
  const message = { role: 'assistant', content: JSON.stringify({ marks }) }
  return json({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  })(response, request)
}

/** A service of whichever protocol it is called in; it ranks by the scores above, and brings no documents back. */
const service: Answer = (response, request) => {
  if (request.method === 'GET') return json({}, 404)(response, request)
  const body = JSON.parse(request.body.toString()) as Record<string, unknown>
  const texts = (body['documents'] ?? body['texts'] ?? body['passages'] ?? body['records']) as unknown[]
  const ranked = texts.map((_, index) => ({ index, score: scores[index] ?? 0 })).toSorted((a, b) => b.score - a.score)
  const named = ranked.map(({ index, score }) => ({ index, relevance_score: score }))
  const most = named.slice(0, (body['top_n'] ?? body['top_k'] ?? named.length) as number)
  if (request.path === '/v1/ranking')
    return json({ rankings: ranked.map(({ index, score }) => ({ index, logit: score })) })(response, request)
  if (request.path.endsWith(':rank'))
    return json({ records: ranked.map(({ index, score }) => ({ id: String(index), score })) })(response, request)
  if (request.headers.authorization === 'Bearer up-sglang') return json(ranked)(response, request)
  if (request.path.endsWith('/invoke')) return json({ results: most })(response, request)
  if (request.path === '/rerank') return json(ranked)(response, request)
  if (request.path === '/v2/rerank')
    return json({ id: 'c-1', results: most, meta: { billed_units: { search_units: 1 } } })(response, request)
  if (request.headers.authorization === 'Bearer up-voyage')
    return json({ object: 'list', data: most, model: body['model'], usage: { total_tokens: 40 } })(response, request)
  return json({ model: body['model'], usage: { total_tokens: 40 }, results: most })(response, request)
}

const v1 = (token = clientKey) => new CohereClient({ token, environment: gateway.url, maxRetries: 0 })
const v2 = (token = clientKey) => new CohereClientV2({ token, environment: gateway.url, maxRetries: 0 })
/** The last question. Which models there are, the gateway may ask at any time. */
const lastAsked = (): Received | undefined => upstream.received.findLast(({ method }) => method === 'POST')
const bodyOf = (): Record<string, unknown> => JSON.parse(lastAsked()?.body.toString() ?? '{}')
const lastRecord = () => gateway.lastRecord()

describe.each([
  ['cohere/rerank-v3.5', '/v2/rerank', { units: { searches: 1 } }, 2_000_000],
  ['jina/jina-reranker-v2', '/v1/rerank', { input: { total: 40 } }, 800],
  ['voyage/rerank-2.5', '/v1/rerank', { input: { total: 40 } }, 2000],
  ['tei/bge-reranker', '/rerank', { estimated: true }, undefined],
  ['sglang/bge', '/v1/rerank', { estimated: true }, 0],
  ['nvidia/nvidia/llama-nemotron-rerank-1b-v2', '/v1/ranking', { estimated: true }, undefined],
  ['bedrock/amazon.rerank-v1:0', '/model/amazon.rerank-v1%3A0/invoke', { units: { searches: 1 } }, 2_000_000],
  [
    'vertex/semantic-ranker-512@latest',
    '/v1/projects/p/locations/global/rankingConfigs/default_ranking_config:rank',
    { estimated: true },
    undefined,
  ],
  ['own/reranker', '/v1/rerank', { input: { total: 40 } }, undefined],
])('%s', (model, path, usage, cost) => {
  it('ranks for the second version of the library', async () => {
    upstream.answer(service)
    const answer = await v2().rerank({ model, query: 'capital of France?', documents, topN: 2 })
    expect(answer.results).toEqual([
      { index: 2, relevanceScore: 0.97 },
      { index: 0, relevanceScore: 0.6 },
    ])
    expect(lastAsked()).toMatchObject({ path })
    const record = await lastRecord()
    expect(record).toMatchObject({ surface: 'POST /v2/rerank', operation: 'rerank', outcome: 'ok', usage })
    expect(record?.cost).toBe(cost)
    expect(record?.unpriced === true).toBe(cost === undefined)
  })

  it('ranks for the first version, with the documents', async () => {
    upstream.answer(service)
    const asked = { model, query: 'capital of France?', documents, topN: 1, returnDocuments: true }
    const answer = await v1().rerank(asked)
    // Cohere's own first version brings the documents itself.
    const document =
      model.startsWith('cohere') || model.startsWith('jina') || model.startsWith('own')
        ? {}
        : { document: { text: documents[2] } }
    expect(answer.results).toEqual([{ index: 2, relevanceScore: 0.97, ...document }])
  })

  it('has its errors told in words of Cohere’s protocol', async () => {
    upstream.next(json({ message: 'too many documents', detail: 'too many documents' }, 400))
    const error: unknown = await v2()
      .rerank({ model, query: 'q', documents })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ statusCode: 400, body: { message: expect.stringContaining('too many') as unknown } })
  })
})

it('passes through as it came where the service speaks the protocol, but for the model', async () => {
  upstream.answer(service)
  const body = '{ "model":"jina/r", "query":"q" ,"documents":["a",{"text":"b","from":"x"}], "odd":1.0 }'
  const response = await fetch(`${gateway.url}/v1/rerank`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(200)
  expect(lastAsked()?.body.toString()).toBe(body.replace('jina/r', 'r'))
})

it('asks each service in its own words', async () => {
  upstream.answer(service)
  const ask = (model: string) => v2().rerank({ model, query: 'q', documents: ['a', 'b'], topN: 1 })
  await ask('nvidia/m')
  expect(bodyOf()).toEqual({ model: 'm', query: { text: 'q' }, passages: [{ text: 'a' }, { text: 'b' }] })
  await ask('bedrock/cohere.rerank-v3-5:0')
  expect(bodyOf()).toEqual({ api_version: 2, query: 'q', documents: ['a', 'b'], top_n: 1 })
  await ask('vertex/semantic-ranker-512@latest')
  expect(bodyOf()).toEqual({
    model: 'semantic-ranker-512@latest',
    query: 'q',
    records: [
      { id: '0', content: 'a' },
      { id: '1', content: 'b' },
    ],
    topN: 1,
    ignoreRecordDetailsInResponse: true,
  })
})

it('says what a service has no words for, and refuses what would be a ranking of something else', async () => {
  upstream.answer(service)
  const { rawResponse } = await v2()
    .rerank({ model: 'voyage/rerank-2.5', query: 'q', documents, maxTokensPerDoc: 100 })
    .withRawResponse()
  expect(rawResponse.headers.get('x-sluicegate-lost')).toContain('max_tokens_per_doc')
  const picture = { image: 'https://example.com/cat.png' } as unknown as string
  await expect(v1().rerank({ model: 'voyage/r', query: 'q', documents: [picture] })).rejects.toMatchObject({
    statusCode: 400,
    body: { message: expect.stringContaining('documents[0]') as unknown },
  })
  expect(bodyOf()).not.toHaveProperty('image')
})

describe('a model that is no reranker', () => {
  const asked = () => upstream.received.filter(({ method }) => method === 'POST')
  const bodies = () => asked().map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>)

  it('ranks by its vectors: the nearer to the question, the better', async () => {
    upstream.answer(standsIn)
    upstream.received.splice(0)
    const answer = await v1().rerank({ model: 'near', query: 'capital?', documents, topN: 2, returnDocuments: true })
    expect(answer.results.map(({ index, document }) => [index, document?.text])).toEqual([
      [2, documents[2]],
      [0, documents[0]],
    ])
    expect(answer.results[0]?.relevanceScore).toBeCloseTo(2 / Math.hypot(2, 0.2), 10)
    expect(answer.results[1]?.relevanceScore).toBeCloseTo(0.6, 10)
    expect(bodies()).toEqual([{ model: 'text-embedding-3-small', input: ['capital?', ...documents] }])
    // 40 tokens at $0.02 a million.
    expect(await lastRecord()).toMatchObject({
      operation: 'rerank',
      outcome: 'ok',
      modelAsked: 'near',
      deployment: 'openai/text-embedding-3-small',
      usage: { input: { total: 40 } },
      cost: 800,
      attempts: [{ status: 200 }],
    })
  })

  it('is told which text is the question, where it makes other vectors of questions', async () => {
    upstream.answer(standsIn)
    upstream.received.splice(0)
    const { rawResponse, data } = await v2().rerank({ model: 'near-apart', query: 'q', documents }).withRawResponse()
    expect(data.results.map(({ index }) => index)).toEqual([2, 0, 1])
    expect(bodies().map(({ input, input_type: type }) => [input, type])).toEqual([
      [['q'], 'query'],
      [documents, 'document'],
    ])
    expect(rawResponse.headers.get('x-sluicegate-lost')).toBeNull()
    expect(await lastRecord()).toMatchObject({ usage: { input: { total: 40 } }, attempts: [{}, {}] })
  })

  it('ranks by its judgement, so many documents at a time, and every call is paid for', async () => {
    upstream.answer(standsIn)
    upstream.received.splice(0)
    const answer = await v2().rerank({ model: 'ranker', query: 'capital of France?', documents, maxTokensPerDoc: 9 })
    expect(answer.results).toEqual([
      { index: 2, relevanceScore: 0.97 },
      { index: 0, relevanceScore: 0.6 },
      { index: 1, relevanceScore: 0.01 },
    ])
    expect(asked()).toHaveLength(2)
    expect(bodies()[0]).toMatchObject({ model: 'gpt-4o-mini', response_format: { type: 'json_schema' } })
    // Two calls of 100 tokens in and 20 out, at $0.15 and $0.60 a million.
    expect(await lastRecord()).toMatchObject({
      usage: { input: { total: 200 }, output: { total: 40 } },
      cost: 2 * (100 * 150 + 20 * 600),
      attempts: [{ status: 200 }, { status: 200 }],
      lost: ['max_tokens_per_doc'],
    })
  })

  it('comes after a reranker that is down, as any other target does', async () => {
    upstream.answer(standsIn)
    upstream.next(json({ message: 'out of order' }, 503))
    const answer = await v2().rerank({ model: 'at-least-near', query: 'q', documents })
    expect(answer.results[0]?.index).toBe(2)
    expect(await lastRecord()).toMatchObject({
      deployment: 'openai/text-embedding-3-small',
      attempts: [{ deployment: 'cohere/first', status: 503 }, { status: 200 }],
    })
  })

  it.each([
    ['not JSON at all', 'I like the third one.'],
    ['a document too few', '{"marks":[{"document":1,"mark":3}]}'],
    ['marks that are none', '{"marks":[{"document":1,"mark":300},{"document":2,"mark":"1"}]}'],
  ])('that writes %s has failed, and its answers are paid for', async (_what, content) => {
    upstream.answer(standsIn)
    upstream.next((response, request) =>
      json({
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
      })(response, request),
    )
    await expect(v2().rerank({ model: 'judged', query: 'q', documents })).rejects.toMatchObject({ statusCode: 502 })
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'fault', fault: 'provider_malformed', cost: 27_000 })
    expect(record?.usage).toMatchObject({ input: { total: 100 }, output: { total: 20 } })
  })

  it('has its provider’s refusal told, and is asked no further', async () => {
    upstream.answer(standsIn)
    upstream.received.splice(0)
    upstream.next(json({ error: { message: 'too long for me', type: 'invalid_request_error' } }, 400))
    const error: unknown = await v2()
      .rerank({ model: 'judged', query: 'q', documents })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ statusCode: 400, body: { message: expect.stringContaining('too long') as unknown } })
    expect(asked()).toHaveLength(1)
  })

  it('whose vectors do not fit together has failed, and is paid for', async () => {
    upstream.answer(standsIn)
    upstream.next((response, request) => {
      const { input } = JSON.parse(request.body.toString()) as { input: string[] }
      const data = input.map((_, index) => ({ object: 'embedding', index, embedding: index === 0 ? [1] : [1, 0] }))
      const usage = { prompt_tokens: 40, total_tokens: 40 }
      return json({ object: 'list', data, model: 'm', usage })(response, request)
    })
    await expect(v2().rerank({ model: 'near', query: 'q', documents })).rejects.toMatchObject({ statusCode: 502 })
    expect(await lastRecord()).toMatchObject({ fault: 'provider_malformed', cost: 800 })
  })

  it('is let go as soon as its client is, with what it has answered on record', async () => {
    upstream.answer(standsIn)
    upstream.next(standsIn, () => {})
    const leaving = new AbortController()
    const first = upstream.arrival()
    const answer = fetch(`${gateway.url}/v2/rerank`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'judged', query: 'q', documents }),
      signal: leaving.signal,
    }).catch(() => 'left')
    await first
    const second = await upstream.arrival()
    leaving.abort()
    expect(await answer).toBe('left')
    await second.closed
    while (gateway.app.server.inFlight > 0) await settle()
    const record = await lastRecord()
    expect(record).toMatchObject({ outcome: 'client-gone', attempts: [{ status: 200 }, { fault: 'client_gone' }] })
    expect(record?.usage?.output.total).toBe(20)
  })

  it('serves nothing else under that name', async () => {
    const ask = (path: string, more: object) =>
      fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'near', ...more }),
      })
    const response = await ask('/v1/embeddings', { input: 'a' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'operation_not_supported' } })
  })

  it('holds money for all of its calls before the first', async () => {
    upstream.answer(standsIn)
    upstream.received.splice(0)
    const many = Array.from({ length: 40 }, (_, index) => `document ${index}`)
    await expect(v2(poor).rerank({ model: 'judged', query: 'q', documents: many })).rejects.toMatchObject({
      statusCode: 402,
    })
    expect(asked()).toHaveLength(0)
  })

  it('works with the simulator', async () => {
    const answer = await v2().rerank({ model: 'near-sim', query: documents[1] ?? '', documents })
    expect(answer.results[0]).toMatchObject({ index: 1 })
    expect(answer.results[0]?.relevanceScore).toBeCloseTo(1, 6)
    expect(await lastRecord()).toMatchObject({ provider: 'sim', cost: 0 })
  })
})

it('tells what the simulator has against a request', async () => {
  await expect(v2().rerank({ model: 'sim/text', query: '', documents })).rejects.toMatchObject({
    statusCode: 400,
    body: { message: expect.stringContaining('query must be a string that is not empty') as unknown },
  })
})

it('goes on to the next service, and pays the one that answered', async () => {
  upstream.answer(service)
  upstream.next(json({ detail: 'out of order' }, 503))
  const answer = await v2().rerank({ model: 'spare', query: 'q', documents })
  expect(answer.results).toHaveLength(3)
  expect(await lastRecord()).toMatchObject({
    deployment: 'cohere/second',
    cost: 2_000_000,
    attempts: [{ status: 503 }, { status: 200 }],
  })
})

it('holds money for the most that it can cost, by the search', async () => {
  upstream.answer(service)
  const many = Array.from({ length: 150 }, (_, index) => `document ${index}`)
  await expect(v2(poor).rerank({ model: 'cohere/r', query: 'q', documents: many })).rejects.toMatchObject({
    statusCode: 402,
  })
  await v2(poor).rerank({ model: 'cohere/r', query: 'q', documents })
  await expect(v2(poor).rerank({ model: 'cohere/r', query: 'q', documents })).rejects.toMatchObject({ statusCode: 402 })
  await expect(v2(poor).rerank({ model: 'tei/r', query: 'q', documents })).rejects.toMatchObject({ statusCode: 403 })
})

it.each([
  ['no documents', { query: 'q' }, 'documents'],
  ['an empty list', { query: 'q', documents: [] }, 'documents'],
  ['no question', { documents }, 'query'],
])('refuses %s at once', async (_what, more, param) => {
  const calls = upstream.received.length
  const response = await fetch(`${gateway.url}/v2/rerank`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'voyage/r', ...more }),
  })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain(param)
  expect(upstream.received).toHaveLength(calls)
})

it('takes a ranking that is none for an answer out of its protocol', async () => {
  upstream.next(json({ data: [{ index: 9, relevance_score: 1 }] }))
  await expect(v2().rerank({ model: 'voyage/r', query: 'q', documents })).rejects.toMatchObject({ statusCode: 502 })
  upstream.next((response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('[1'))
  await expect(v2().rerank({ model: 'tei/r', query: 'q', documents })).rejects.toMatchObject({ statusCode: 502 })
})

it('works with the simulator, which finds the document that has to do with the question', async () => {
  const answer = await v2().rerank({ model: 'sim/text', query: 'the capital of France', documents, topN: 1 })
  expect(answer.results[0]?.index).toBe(2)
  expect(await lastRecord()).toMatchObject({ provider: 'sim', cost: 0, usage: { units: { searches: 1 } } })
  const failing: unknown = await v1()
    .rerank({ model: 'sim/fault?status=429', query: 'q', documents })
    .catch((reason: unknown) => reason)
  expect(failing).toMatchObject({ statusCode: 429 })
})
