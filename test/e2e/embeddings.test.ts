/**
 * Embeddings through the gateway: the official libraries of every protocol in front of providers of each, played from their side of the
 * wire, and of the simulator.
 */
import { GoogleGenAI } from '@google/genai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import type { EmbeddingCreateParams } from 'openai/resources/embeddings'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../harness/upstream.ts'
import { embeddingClients } from './clients/embedding-clients.ts'

type Json = Record<string, unknown>

let upstream: Upstream
let gateway: Gateway
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  openai: { use: openai, base_url: "${upstream.url}/v1", credentials: up-1 }
  local: { use: openai-compatible, base_url: "${upstream.url}/v1" }
  gemini: { use: gemini, base_url: "${upstream.url}", credentials: up-2 }
  ollama: { use: ollama, base_url: "${upstream.url}" }
  cohere: { use: cohere, base_url: "${upstream.url}", credentials: up-3 }
  voyage: { use: voyage, base_url: "${upstream.url}", credentials: up-4 }
  bedrock: { use: bedrock, base_url: "${upstream.url}", credentials: up-5 }
  vertex: { use: vertex, base_url: "${upstream.url}", project: p, location: global, credentials: up-6 }
  mistral: { use: mistral, base_url: "${upstream.url}", credentials: up-7 }
  nvidia: { use: nvidia-nim, base_url: "${upstream.url}", credentials: up-8 }
  sim: {}
retries: { rounds: 1, base_delay: 0ms }
routers:
  spare: { strategy: fallback, targets: [local/first, openai/text-embedding-3-small] }
`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.splice(0)
  upstream.answer(provider)
})

/** What the played models make of a text: its length and its first letter, in numbers that a 32-bit float holds. */
const vectorOf = (text: string): number[] => [text.length / 16, (text.codePointAt(0) ?? 0) / 1024, -0.5]
const packed = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64')
/** A token for every letter, so that the sum over parts is known. */
const tokensOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0)

const bodyOf = ({ body }: Received): Json => JSON.parse(body.toString()) as Json
const textIn = (content: unknown): string =>
  ((content as Json)['parts'] as Json[]).map(({ text }) => String(text)).join('')

/** A provider of whichever protocol it is called in. */
const provider: Answer = (response, received) => {
  if (received.method !== 'POST') return json({}, 404)(response, received)
  const body = bodyOf(received)
  const answer = (value: unknown): void => void json(value)(response, received)
  if (received.path.endsWith('/embeddings')) {
    const { input } = body
    const texts = (Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]).map((each) =>
      typeof each === 'string' ? each : (each as number[]).map((code) => String.fromCodePoint(code)).join(''),
    )
    const total = tokensOf(texts)
    const data = texts.map((text, index) => {
      const vector = vectorOf(text)
      return { object: 'embedding', index, embedding: body['encoding_format'] === 'base64' ? packed(vector) : vector }
    })
    answer({ object: 'list', data, model: body['model'], usage: { prompt_tokens: total, total_tokens: total } })
  } else if (received.path.endsWith(':batchEmbedContents')) {
    const texts = (body['requests'] as Json[]).map(({ content }) => textIn(content))
    const usageMetadata = { promptTokenCount: tokensOf(texts) }
    answer({ embeddings: texts.map((text) => ({ values: vectorOf(text) })), usageMetadata })
  } else if (typeof body['inputText'] === 'string') {
    const text = body['inputText']
    answer({ embedding: vectorOf(text), inputTextTokenCount: tokensOf([text]) })
  } else if (Array.isArray(body['texts'])) {
    const texts = body['texts'] as string[]
    const meta = { api_version: { version: '2' }, billed_units: { input_tokens: tokensOf(texts) } }
    const floats = texts.map(vectorOf)
    const kinds = (body['embedding_types'] ?? []) as string[]
    const embeddings = kinds.includes('base64')
      ? { base64: floats.map(packed) }
      : kinds.length > 0
        ? { float: floats }
        : floats
    answer({
      id: 'up',
      response_type: kinds.length > 0 ? 'embeddings_by_type' : 'embeddings_floats',
      embeddings,
      texts,
      meta,
    })
  } else if (received.path.endsWith(':predict')) {
    const texts = (body['instances'] as Json[]).map(({ content }) => String(content))
    const statistics = (text: string): Json => ({ truncated: false, token_count: tokensOf([text]) })
    answer({
      predictions: texts.map((text) => ({ embeddings: { statistics: statistics(text), values: vectorOf(text) } })),
    })
  } else if (received.path.endsWith(':embedContent')) {
    answer({ embedding: { values: vectorOf(textIn(body['content'])) } })
  } else {
    const { input } = body
    const texts = (Array.isArray(input) ? input : [input]) as string[]
    const more = { total_duration: 5_000_000, load_duration: 1_000_000, prompt_eval_count: tokensOf(texts) }
    answer({ model: body['model'], embeddings: texts.map(vectorOf), ...more })
  }
}

/** The answers to the next questions; the lists of models that the gateway asks for in between are none. */
function nextAnswers(...answers: Answer[]): void {
  upstream.answer((response, received) =>
    (received.method === 'POST' ? (answers.shift() ?? provider) : provider)(response, received),
  )
}

const openaiOf = (apiKey = clientKey): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
const googleOf = (): GoogleGenAI => new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } })
const ollamaOf = (): Ollama => new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${clientKey}` } })

const clients = embeddingClients(() => gateway)
const models = [
  'openai/text-embedding-3-small',
  'local/bge-m3',
  'gemini/gemini-embedding-001',
  'ollama/embeddinggemma',
  'cohere/embed-v4.0',
  'voyage/voyage-3.5',
  'bedrock/amazon.titan-embed-text-v2:0',
  'bedrock/cohere.embed-v4:0',
  'vertex/text-embedding-005',
] as const
const ways = clients.flatMap((client) => models.map((model) => ({ name: client.name, model, client })))
const asked = (): Received[] => upstream.received.filter(({ method }) => method === 'POST')

describe('every library in front of every provider', () => {
  it.each(ways)('gets its vectors in order: $name, $model', async ({ client, model }) => {
    const texts = ['one', 'Grüß Gott', 'a third text']
    const { vectors, tokens } = await client.embed(model, texts)
    expect(vectors).toEqual(texts.map(vectorOf))
    if (tokens !== undefined) expect(tokens).toBe(tokensOf(texts))
    const [record] = (await gateway.records()).slice(-1)
    expect(record).toMatchObject({
      operation: 'embed',
      outcome: 'ok',
      modelAsked: model,
      usage: { input: { total: tokensOf(texts) }, output: { total: 0 } },
    })
    // Titan makes one vector in one call.
    expect(asked()).toHaveLength(model.includes('titan') ? texts.length : 1)
    const { path, body } = asked()[0] ?? { path: '', body: '' }
    const bare = model.slice(model.indexOf('/') + 1)
    const told = path.includes(`models/${bare}:`) || path.includes(`model/${encodeURIComponent(bare)}/`)
    expect(told || JSON.parse(body.toString()).model === bare).toBe(true)
    expect(body.toString()).not.toContain(model)
  })

  it.each(ways)('gets one vector of one text: $name, $model', async ({ client, model }) => {
    const { vectors } = await client.embed(model, ['alone'])
    expect(vectors).toEqual([vectorOf('alone')])
  })

  it.each(clients)('gets vectors of the simulator: $name', async (client) => {
    const { vectors } = await client.embed('sim/fast', ['one', 'two'])
    expect(vectors.map(({ length }) => length)).toEqual([1536, 1536])
    const [, two] = vectors
    expect((await client.embed('sim/fast', ['two'])).vectors[0]?.map(Math.fround)).toEqual(two?.map(Math.fround))
  })
})

describe('a request in its provider’s own protocol', () => {
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
      body,
    })

  it('keeps every byte but the model’s name, and so does the answer', async () => {
    const answer = '{ "object":"list","data":[ {"index":0,"embedding":[0.10,1e-3]}],"model":"bge","odd": 1.0 }'
    upstream.answer(json(answer))
    const body = (model: string): string => `{ "input" : ["a\\u0062"],"model":"${model}", "late_chunking":true,"x":1.0}`
    const response = await post('/v1/embeddings', body('local/bge-m3'))
    expect(await response.text()).toBe(answer)
    expect(asked()[0]?.body.toString()).toBe(body('bge-m3'))
  })

  it('goes where its shape belongs at Gemini, under either version, with the name of the model put right in it', async () => {
    const item = {
      model: 'models/gemini/gemini-embedding-001',
      content: { parts: [{ text: 'a' }] },
      autoTruncate: true,
    }
    await post('/v1/models/gemini/gemini-embedding-001:batchEmbedContents', JSON.stringify({ requests: [item] }))
    await post('/v1beta/models/gemini/gemini-embedding-001:embedContent', JSON.stringify({ content: item.content }))
    await post('/v1beta/models/gemini/gemini-embedding-001:embedContent', JSON.stringify(item))
    const model = 'models/gemini-embedding-001'
    expect(asked().map((one) => [one.path, bodyOf(one)])).toEqual([
      [`/v1beta/${model}:batchEmbedContents`, { requests: [{ ...item, model }] }],
      [`/v1beta/${model}:embedContent`, { content: item.content }],
      [`/v1beta/${model}:embedContent`, { ...item, model }],
    ])
  })
})

describe('a service that does not know packed numbers', () => {
  it('has them packed for OpenAI’s library, which asks for that by itself', async () => {
    upstream.answer(
      json({ object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: [0.5, 1] }] }),
    )
    const { data } = await openaiOf().embeddings.create({ model: 'local/bge-m3', input: 'a' })
    expect(Array.from(data[0]?.embedding ?? [])).toEqual([0.5, 1])
  })
})

describe('settings', () => {
  it('of Gemini reach Gemini, and are told as lost where there are none', async () => {
    const config = { taskType: 'RETRIEVAL_DOCUMENT', title: 'Moons', outputDimensionality: 64 }
    const ask = (model: string) => googleOf().models.embedContent({ model, contents: 'x', config })
    await ask('gemini/gemini-embedding-001')
    expect(bodyOf(asked()[0] as Received)).toMatchObject({ requests: [config] })
    const answer = await ask('openai/text-embedding-3-small')
    expect(bodyOf(asked()[1] as Received)).toEqual({ model: 'text-embedding-3-small', input: ['x'], dimensions: 64 })
    expect(answer.sdkHttpResponse?.headers?.['x-sluicegate-lost']).toBe('title, taskType')
  })

  it('of OpenAI reach Gemini and Ollama as far as those have them', async () => {
    const ask = (model: string) =>
      openaiOf().embeddings.create({ model, input: 'x', dimensions: 64, user: 'u-1' }).withResponse()
    const { response } = await ask('ollama/embeddinggemma')
    expect(response.headers.get('x-sluicegate-lost')).toBe('user')
    expect(bodyOf(asked()[0] as Received)).toEqual({ model: 'embeddinggemma', input: ['x'], dimensions: 64 })
    await ask('gemini/gemini-embedding-001')
    const item = { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'x' }] }, outputDimensionality: 64 }
    expect(bodyOf(asked()[1] as Received)).toEqual({ requests: [item] })
    expect(await gateway.lastRecord()).toMatchObject({ endUser: 'u-1', lost: ['user'] })
  })

  it('say what vectors are for, in the words of each service', async () => {
    const config = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 }
    const ask = (model: string) => googleOf().models.embedContent({ model, contents: 'x', config })
    const words = [
      ['cohere/embed-v4.0', { input_type: 'search_query', output_dimension: 256, texts: ['x'] }],
      ['voyage/voyage-3.5', { input_type: 'query', output_dimension: 256, input: ['x'] }],
      ['nvidia/nv-embedqa-e5-v5', { input_type: 'query', dimensions: 256, input: ['x'] }],
      ['vertex/text-embedding-005', { instances: [{ content: 'x', task_type: 'RETRIEVAL_QUERY' }] }],
    ] as const
    for (const [model, body] of words) {
      const { sdkHttpResponse } = await ask(model)
      expect(bodyOf(asked().at(-1) as Received)).toMatchObject(body)
      expect(sdkHttpResponse?.headers?.['x-sluicegate-lost']).toBeUndefined()
    }
    const { response } = await openaiOf()
      .embeddings.create({ model: 'cohere/embed-v4.0', input: 'x', input_type: 'passage' } as EmbeddingCreateParams)
      .withResponse()
    expect(bodyOf(asked().at(-1) as Received)).toMatchObject({ input_type: 'search_document' })
    expect(response.headers.get('x-sluicegate-lost')).toBeNull()
  })

  it('of OpenAI’s clients are spelled as the service wants them, although it speaks their protocol', async () => {
    await openaiOf().embeddings.create({ model: 'mistral/codestral-embed', input: 'x', dimensions: 64 })
    const { dimensions, output_dimension: spelled } = bodyOf(asked()[0] as Received)
    expect([dimensions, spelled]).toEqual([undefined, 64])
  })

  it('as tokens in place of texts reach who takes them, and are refused elsewhere', async () => {
    const input = [[97, 98]]
    const { data } = await openaiOf().embeddings.create({ model: 'local/bge-m3', input })
    expect(Array.from(data[0]?.embedding ?? [])).toEqual(vectorOf('ab'))
    const refused = openaiOf().embeddings.create({ model: 'gemini/gemini-embedding-001', input })
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'not_expressible', param: 'input[0]' })
  })
})

describe('a request that is too large for one call', () => {
  const texts = Array.from({ length: 250 }, (_, index) => `text ${index}`)

  it('is sent in parts and answered as one', async () => {
    const { data, usage, model } = await openaiOf().embeddings.create({
      model: 'gemini/gemini-embedding-001',
      input: texts,
    })
    expect(data.map(({ embedding }) => Array.from(embedding))).toEqual(texts.map(vectorOf))
    expect(data.map(({ index }) => index)).toEqual([...texts.keys()])
    expect(usage.prompt_tokens).toBe(tokensOf(texts))
    expect(model).toBe('gemini/gemini-embedding-001')
    expect(asked().map((one) => (bodyOf(one)['requests'] as unknown[]).length)).toEqual([100, 100, 50])
    const record = await gateway.lastRecord()
    expect(record?.attempts).toHaveLength(3)
    expect(record).toMatchObject({ outcome: 'ok', usage: { input: { total: tokensOf(texts) } } })
    // $0.15 a million tokens.
    expect(record?.cost).toBe(tokensOf(texts) * 150)
  })

  it('is split in its own protocol, too, with its settings in every part', async () => {
    const requests = texts.map((text) => ({ content: { parts: [{ text }] }, taskType: 'CLUSTERING' }))
    const response = await fetch(`${gateway.url}/v1beta/models/gemini/gemini-embedding-001:batchEmbedContents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': clientKey },
      body: JSON.stringify({ requests }),
    })
    expect(await response.json()).toEqual({
      embeddings: texts.map((text) => ({ values: vectorOf(text) })),
      usageMetadata: { promptTokenCount: tokensOf(texts) },
    })
    expect(asked().map((one) => (bodyOf(one)['requests'] as Json[])[0]?.['taskType'])).toEqual(
      Array(3).fill('CLUSTERING'),
    )
  })

  it('keeps to base64 at OpenAI, whose limit is 2048', async () => {
    const input = Array.from({ length: 2050 }, (_, index) => String(index))
    const { data } = await openaiOf().embeddings.create({ model: 'openai/text-embedding-3-small', input })
    expect(data.map(({ embedding }) => Array.from(embedding))).toEqual(input.map(vectorOf))
    expect(asked().map((one) => [(bodyOf(one)['input'] as unknown[]).length, bodyOf(one)['encoding_format']])).toEqual([
      [2048, 'base64'],
      [2, 'base64'],
    ])
  })

  it('does not ask again for what it has when a part fails in a way that passes', async () => {
    nextAnswers(provider, json({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }, 503))
    const { data } = await openaiOf().embeddings.create({ model: 'gemini/gemini-embedding-001', input: texts })
    expect(data).toHaveLength(250)
    const record = await gateway.lastRecord()
    expect(record?.attempts.map(({ status }) => status)).toEqual([200, 503, 200, 200])
    expect(record?.usage?.input.total).toBe(tokensOf(texts))
  })

  it('is paid for as far as it came when it fails for good', async () => {
    nextAnswers(provider, json({ error: { code: 400, message: 'too long', status: 'INVALID_ARGUMENT' } }, 400))
    const failed = openaiOf().embeddings.create({ model: 'gemini/gemini-embedding-001', input: texts })
    await expect(failed).rejects.toMatchObject({ status: 400, message: expect.stringContaining('too long') })
    expect(await gateway.lastRecord()).toMatchObject({
      outcome: 'fault',
      usage: { input: { total: tokensOf(texts.slice(0, 100)) } },
    })
  })
})

describe('a client that leaves in the middle of a request in parts', () => {
  it('has the answered parts on its account, and the rest by estimate', async () => {
    const texts = Array.from({ length: 200 }, () => 'x'.repeat(30))
    const abort = new AbortController()
    nextAnswers(provider, () => abort.abort())
    const answer = openaiOf().embeddings.create(
      { model: 'gemini/gemini-embedding-001', input: texts },
      { signal: abort.signal },
    )
    await expect(answer).rejects.toThrow()
    const total = tokensOf(texts)
    await asked()[1]?.closed
    while (gateway.app.server.inFlight > 0) await settle()
    const record = await gateway.lastRecord()
    expect(record?.outcome).toBe('client-gone')
    expect(record?.attempts).toHaveLength(2)
    expect(record?.usage?.estimated).toBe(true)
    expect(record?.usage?.input.total).toBeGreaterThan(total / 2)
    expect(record?.usage?.input.total).toBeLessThan(total)
  })
})

describe('what goes wrong', () => {
  it('is told in the shape of the client’s protocol', async () => {
    upstream.answer(json({ error: { message: 'This model is not for that.', type: 'invalid_request_error' } }, 400))
    const told = expect.stringContaining('This model is not for that.')
    await expect(openaiOf().embeddings.create({ model: 'local/x', input: 'a' })).rejects.toMatchObject({
      status: 400,
      message: told,
    })
    await expect(googleOf().models.embedContent({ model: 'local/x', contents: 'a' })).rejects.toMatchObject({
      status: 400,
      message: told,
    })
    await expect(ollamaOf().embed({ model: 'local/x', input: 'a' })).rejects.toMatchObject({
      status_code: 400,
      error: 'This model is not for that.',
    })
  })

  it('at one target leads to the next', async () => {
    nextAnswers(json({ error: { message: 'down' } }, 500))
    const { data, response } = await openaiOf().embeddings.create({ model: 'spare', input: 'a' }).withResponse()
    expect(data.data).toHaveLength(1)
    expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
    expect(response.headers.get('x-sluicegate-cost-usd')).toBe('0.00000002')
  })

  it('is known when vectors are missing: nobody could tell whose they are', async () => {
    upstream.answer(json({ embeddings: [{ values: [1] }] }))
    const answer = openaiOf().embeddings.create({ model: 'gemini/gemini-embedding-001', input: ['a', 'b'] })
    await expect(answer).rejects.toMatchObject({ status: 502, code: 'provider_malformed' })
  })

  it('is known as well where the answer would be handed on as it is', async () => {
    const data = [{ object: 'embedding', index: 0, embedding: [1] }]
    upstream.answer(json({ object: 'list', data, model: 'x', usage: { prompt_tokens: 2, total_tokens: 2 } }))
    const answer = openaiOf().embeddings.create({ model: 'local/x', input: ['a', 'b'], encoding_format: 'float' })
    await expect(answer).rejects.toMatchObject({
      status: 502,
      code: 'provider_malformed',
      message: expect.stringContaining('1 vectors for 2 inputs'),
    })
  })

  it('is refused before anybody is asked', async () => {
    const client = openaiOf()
    await expect(client.embeddings.create({ model: 'local/x', input: [] })).rejects.toMatchObject({ param: 'input' })
    await expect(client.embeddings.create({ model: 'nobody', input: 'a' })).rejects.toMatchObject({ status: 404 })
    expect(asked()).toEqual([])
  })

  it('at a model that makes no vectors is told as such', async () => {
    await using other = await startGateway(`providers: { claude: { use: anthropic, credentials: k } }`)
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${other.url}/v1`, maxRetries: 0 })
    const answer = client.embeddings.create({ model: 'claude/claude-haiku-4-5', input: 'a' })
    await expect(answer).rejects.toMatchObject({ status: 400, code: 'operation_not_supported' })
  })
})

describe('an answer of many long vectors', () => {
  const list = (last: string): string =>
    `{"object":"list","data":[${Array.from(
      { length: 64 },
      (_, index) => `{"object":"embedding","index":${index},"embedding":[${'0.0123456789,'.repeat(1024)}${last}]}`,
    ).join(', ')}],"model":"x","usage":{"prompt_tokens":64,"total_tokens":64}}`
  const ask = () =>
    fetch(`${gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'local/x', input: Array.from({ length: 64 }, () => 'a') }),
    })

  it('is handed on to the byte', async () => {
    const text = list('-1.5e-7')
    upstream.answer((response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(text))
    const response = await ask()
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect((await response.text()) === text).toBe(true)
  })

  it('is none when one of its numbers is none', async () => {
    upstream.answer(
      (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(list('1.5.7')),
    )
    const response = await ask()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'provider_malformed' } })
  })
})

describe('usage that the provider does not tell', () => {
  it('is estimated, and marked so to the client and in the record', async () => {
    upstream.answer(json({ embeddings: [{ values: [1] }] }))
    const { data, response } = await openaiOf()
      .embeddings.create({ model: 'gemini/gemini-embedding-001', input: 'a few words' })
      .withResponse()
    expect(response.headers.get('x-sluicegate-estimated')).toBe('true')
    const record = await gateway.lastRecord()
    expect(record?.usage).toMatchObject({ estimated: true, input: { total: data.usage.prompt_tokens } })
    expect(data.usage.prompt_tokens).toBeGreaterThan(0)
  })
})

describe('the lists of models', () => {
  it('say who makes vectors', async () => {
    const headers = { authorization: `Bearer ${clientKey}` }
    const model = await fetch(`${gateway.url}/v1beta/models/sim/fast`, { headers })
    expect(await model.json()).toMatchObject({ supportedGenerationMethods: expect.arrayContaining(['embedContent']) })
    const { capabilities } = await ollamaOf().show({ model: 'sim/fast' })
    expect(capabilities).toContain('embedding')
  })
})

describe('a key', () => {
  const secret = 'an-embedding-secret-0123456789'
  const limited = (rest: string) =>
    startGateway(`
providers: { openai: { use: openai, base_url: "${upstream.url}/v1", credentials: up-1 } }
keys: [{ name: k, secret: ${secret}, ${rest} }]
`)
  const ask = (url: string, input: string | string[]) =>
    new OpenAI({ apiKey: secret, baseURL: `${url}/v1`, maxRetries: 0 }).embeddings
      .create({ model: 'openai/text-embedding-3-small', input })
      .withResponse()

  it('with a budget is held to it, by what vectors cost and nothing else', async () => {
    // $0.02 a million tokens: 40 tokens are 800 nano-USD.
    await using other = await limited('budget: { usd: 0.000002, per: total }')
    const { response } = await ask(other.url, 'x'.repeat(40))
    expect(response.headers.get('x-sluicegate-cost-usd')).toBe('0.0000008')
    await ask(other.url, 'y'.repeat(40))
    await expect(ask(other.url, 'z'.repeat(40))).rejects.toMatchObject({ status: 402, code: 'budget_exceeded' })
    expect((await other.records()).map(({ cost }) => cost ?? 0)).toEqual([800, 800, 0])
  })

  it('with a quota of tokens is held to that', async () => {
    await using other = await limited('limits: { tokens: 100/day }')
    const { response } = await ask(other.url, 'x'.repeat(40))
    expect(response.headers.get('x-ratelimit-remaining-tokens')).toBe('60')
    await expect(ask(other.url, 'y'.repeat(400))).rejects.toMatchObject({ status: 413 })
  })

  it('with a quota of tokens is not held to the bytes of a picture', async () => {
    await using other = await startGateway(`
providers: { gemini: { use: gemini, base_url: "${upstream.url}", credentials: up-1 } }
keys: [{ name: k, secret: ${secret}, limits: { tokens: 6000/day } }]
`)
    const inlineData = { mimeType: 'image/png', data: Buffer.alloc(60_000, 7).toString('base64') }
    const response = await fetch(`${other.url}/v1beta/models/gemini/gemini-embedding-2:embedContent?key=${secret}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: { parts: [{ text: 'a cat' }, { inlineData }] } }),
    })
    expect(response.status).toBe(200)
    expect(await other.lastRecord()).toMatchObject({ outcome: 'ok', usage: { estimated: true } })
  })

  it('that may use other models alone is refused', async () => {
    await using other = await limited('models: ["openai/gpt-*"]')
    await expect(ask(other.url, 'x')).rejects.toMatchObject({ status: 403, code: 'model_not_allowed' })
  })
})
