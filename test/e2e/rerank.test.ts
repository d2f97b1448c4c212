/** Ranking documents through the gateway: Cohere's official library in both its versions in front of services of every protocol. */
import { CohereClient, CohereClientV2 } from 'cohere-ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  cohere: ${at('cohere', ', prices: { units: { searches: 0.002 } }')}
  jina: ${at('jina', ', prices: { input: 0.02 }')}
  voyage: ${at('voyage', ', prices: { input: 0.05 }')}
  tei: ${at('tei')}
  own: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  sim: {}
retries: { rounds: 0 }
routers: { spare: { strategy: fallback, targets: [jina/first, cohere/second] } }
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

/** A service of whichever protocol it is called in; it ranks by the scores above, and brings no documents back. */
const service: Answer = (response, request) => {
  if (request.method === 'GET') return json({}, 404)(response, request)
  const body = JSON.parse(request.body.toString()) as Record<string, unknown>
  const texts = (body['documents'] ?? body['texts']) as unknown[]
  const ranked = texts.map((_, index) => ({ index, score: scores[index] ?? 0 })).toSorted((a, b) => b.score - a.score)
  const named = ranked.map(({ index, score }) => ({ index, relevance_score: score }))
  const most = named.slice(0, (body['top_n'] ?? body['top_k'] ?? named.length) as number)
  if (request.path === '/rerank') return json(ranked)(response, request)
  if (request.path === '/v2/rerank')
    return json({ id: 'c-1', results: most, meta: { billed_units: { search_units: 1 } } })(response, request)
  if (request.headers.authorization === 'Bearer up-voyage')
    return json({ object: 'list', data: most, model: body['model'], usage: { total_tokens: 40 } })(response, request)
  return json({ model: body['model'], usage: { total_tokens: 40 }, results: most })(response, request)
}

const v1 = (token = clientKey) => new CohereClient({ token, environment: gateway.url, maxRetries: 0 })
const v2 = (token = clientKey) => new CohereClientV2({ token, environment: gateway.url, maxRetries: 0 })
const bodyOf = (): Record<string, unknown> => JSON.parse(upstream.received.at(-1)?.body.toString() ?? '{}')
const lastRecord = async () => (await gateway.records()).at(-1)

describe.each([
  ['cohere/rerank-v3.5', '/v2/rerank', { units: { searches: 1 } }, 2_000_000],
  ['jina/jina-reranker-v2', '/v1/rerank', { input: { total: 40 } }, 800],
  ['voyage/rerank-2.5', '/v1/rerank', { input: { total: 40 } }, 2000],
  ['tei/bge-reranker', '/rerank', { estimated: true }, undefined],
  ['own/reranker', '/v1/rerank', { input: { total: 40 } }, undefined],
])('%s', (model, path, usage, cost) => {
  it('ranks for the second version of the library', async () => {
    upstream.answer(service)
    const answer = await v2().rerank({ model, query: 'capital of France?', documents, topN: 2 })
    expect(answer.results).toEqual([
      { index: 2, relevanceScore: 0.97 },
      { index: 0, relevanceScore: 0.6 },
    ])
    expect(upstream.received.at(-1)).toMatchObject({ method: 'POST', path })
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
  expect(upstream.received.at(-1)?.body.toString()).toBe(body.replace('jina/r', 'r'))
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
