/** Searching a knowledge base of Bedrock with OpenAI's own client, through all that every request goes through. */
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { settle } from '../../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../../harness/gateway.ts'
import type { Gateway } from '../../harness/gateway.ts'
import { json, startUpstream } from '../../harness/upstream.ts'
import type { Upstream } from '../../harness/upstream.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const narrow = 'narrow-key-0123456789'
const limited = 'limited-key-0123456789'

let upstream: Upstream
let gateway: Gateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  aws: { use: bedrock-agents, region: us-east-1, base_url: "${upstream.url}", access_key_id: AKIDEXAMPLE, secret_access_key: "${secret}" }
aliases: { policies: aws/knowledge-base/KB12345678 }
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: narrow, secret: ${narrow}, models: ["other"] }
  - { name: limited, secret: ${limited}, models: ["*"], limits: { requests: 1/min } }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => {
  upstream.received.length = 0
  upstream.answer(json(retrieved))
})

const client = (apiKey: string): OpenAI => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 })
const retrieved = {
  retrievalResults: [
    {
      content: { type: 'TEXT', text: 'Returns are free.' },
      location: { type: 'S3', s3Location: { uri: 's3://policies/returns.pdf' } },
      score: 0.71,
      metadata: { year: 2024 },
    },
  ],
}

it.each(['policies', 'aws/knowledge-base/KB12345678'])('finds passages in %s', async (store) => {
  const page = await client(clientKey).vectorStores.search(store, {
    query: 'May I return it?',
    max_num_results: 3,
    filters: { type: 'eq', key: 'year', value: 2024 },
  })
  expect(page.data).toEqual([
    {
      file_id: 's3://policies/returns.pdf',
      filename: 'returns.pdf',
      score: 0.71,
      attributes: { year: 2024 },
      content: [{ type: 'text', text: 'Returns are free.' }],
    },
  ])
  const request = upstream.received.at(-1)
  expect(request?.path).toBe('/knowledgebases/KB12345678/retrieve')
  expect(request?.headers.authorization).toContain('/us-east-1/bedrock/aws4_request')
  expect(JSON.parse(request?.body.toString() ?? '')).toEqual({
    retrievalQuery: { text: 'May I return it?' },
    retrievalConfiguration: {
      vectorSearchConfiguration: { numberOfResults: 3, filter: { equals: { key: 'year', value: 2024 } } },
    },
  })
  while (gateway.app.server.inFlight > 0) await settle()
  expect(await gateway.lastRecord()).toMatchObject({
    surface: 'POST /v1/vector_stores/{model}/search',
    operation: 'search',
    outcome: 'ok',
    provider: 'aws',
    usage: { units: { searches: 1 }, estimated: true },
  })
})

it.each([
  ['a key that is none', 'no-such-key-0123456789', 401],
  ['a key that may not search there', narrow, 403],
])('refuses %s', async (_what, key, status) => {
  const asked = client(key).vectorStores.search('policies', { query: 'x' })
  await expect(asked).rejects.toMatchObject({ status })
  expect(upstream.received).toEqual([])
})

it('holds keys to their limits', async () => {
  const ask = () => client(limited).vectorStores.search('policies', { query: 'x' })
  await ask()
  await expect(ask()).rejects.toMatchObject({ status: 429 })
})

it('says what a store that is none is, and what a chat with it would be', async () => {
  await expect(client(clientKey).vectorStores.search('nowhere', { query: 'x' })).rejects.toMatchObject({ status: 404 })
  await expect(client(clientKey).vectorStores.search('policies', { query: ['a', 'b'] })).rejects.toMatchObject({
    status: 400,
  })
  const chat = client(clientKey).chat.completions.create({
    model: 'policies',
    messages: [{ role: 'user', content: 'x' }],
  })
  await expect(chat).rejects.toMatchObject({ status: 400 })
  expect(upstream.received).toEqual([])
})

it.each([
  [429, 'ThrottlingException', 429],
  [404, 'ResourceNotFoundException', 404],
  [403, 'AccessDeniedException', 502],
  [500, 'InternalServerException', 502],
])('tells of a status %i (%s) as %i, and nothing of the keys', async (status, type, told) => {
  upstream.answer(json({ message: `No: ${secret}` }, status, { 'x-amzn-errortype': type }))
  const error = await client(clientKey)
    .vectorStores.search('policies', { query: 'x' })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  expect(error).toMatchObject({ status: told })
  expect(JSON.stringify([String(error), gateway.log, await gateway.records()])).not.toContain(secret)
})

it('tells where what came is no result', async () => {
  upstream.answer(json({ results: [] }))
  await expect(client(clientKey).vectorStores.search('policies', { query: 'x' })).rejects.toMatchObject({ status: 502 })
})
