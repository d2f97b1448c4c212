/** A provider refuses one input of several: the client hears which, and nothing of the request is paid for. */
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
beforeAll(async () => {
  upstream = await startUpstream()
  const at = (use: string) => `{ use: ${use}, base_url: "${upstream.url}", credentials: up-${use} }`
  gateway = await startGateway(`
providers: { openai: ${at('openai')}, cohere: ${at('cohere')}, gemini: ${at('gemini')} }
retries: { rounds: 1, base_delay: 0ms }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

it.each([
  ['openai/text-embedding-3-small', { error: { message: 'input[1] is too long', param: 'input' } }],
  ['cohere/embed-v4.0', { message: 'texts[1] is too long' }],
  [
    'gemini/gemini-embedding-001',
    { error: { code: 400, message: 'requests[1] is too long', status: 'INVALID_ARGUMENT' } },
  ],
])('with one input is the client’s to know, and nothing of the request is paid for: %s', async (model, refusal) => {
  upstream.answer((response, request) =>
    (request.method === 'POST' ? json(refusal, 400) : json({}, 404))(response, request),
  )
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  const asked = client.embeddings.create({ model, input: ['fine', 'x'.repeat(100), 'fine'] })
  await expect(asked).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('[1] is too long') as string,
  })
  const record = (await gateway.records()).at(-1)
  expect(record).toMatchObject({ outcome: 'fault', fault: 'provider_rejected' })
  expect(record?.attempts).toHaveLength(1)
  expect(record).not.toHaveProperty('usage')
})
