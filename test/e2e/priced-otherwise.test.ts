/** Services that tell of what they did in other units than they are paid by: their answers are paid for all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { boundary, formOf, wavOf } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  oai: { use: openai-compatible, base_url: "${upstream.url}/v1", discover: never }
  google: { use: gemini, base_url: "${upstream.url}", credentials: k }
prices:
  oai/by-time: { units: { audio_ms: 0.001 } }
  oai/by-token: { input: 1000, input_audio: 2000, output: 1000 }
  oai/by-character: { units: { characters: 0.01 } }
  google/vectors: { input: 1000 }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const tokens = { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 }, output_tokens: 45 }

async function transcribe(model: string, usage: object) {
  upstream.answer(json({ text: 'Hello there.', usage }))
  const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: new Uint8Array(
      formOf([
        { name: 'model', value: model },
        { name: 'file', value: wavOf(2), file: 'a.wav', type: 'audio/wav' },
      ]),
    ),
  })
  expect(response.status).toBe(200)
  await response.text()
  return gateway.lastRecord()
}

async function post(path: string, body: object, answer: Answer) {
  upstream.answer(answer)
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}` },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  return gateway.lastRecord()
}

it('sound that is paid by its length and told in tokens', async () => {
  const record = await transcribe('oai/by-time', tokens)
  // $0.001 for each of 2,000 milliseconds.
  expect(record).toMatchObject({ cost: 2_000_000_000, usage: { input: { total: 14 }, output: { total: 45 } } })
  expect(record).not.toHaveProperty('unpriced')
})

it('sound that is paid by tokens and told in seconds', async () => {
  const record = await transcribe('oai/by-token', { type: 'duration', seconds: 2 })
  expect(record?.usage).toMatchObject({ units: { audio_ms: 2000 } })
  expect(record?.cost).toBeGreaterThan(10_000_000)
  expect(record).not.toHaveProperty('unpriced')
  expect((await transcribe('oai/by-token', { type: 'duration', seconds: 4 }))?.cost).toBeGreaterThan(record?.cost ?? 0)
})

it('speech that is paid by the character and told in tokens', async () => {
  const events = [
    { type: 'speech.audio.delta', audio: 'AAAA' },
    { type: 'speech.audio.done', usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 } },
  ]
  const record = await post(
    '/v1/audio/speech',
    { model: 'oai/by-character', voice: 'alloy', input: 'Five!', stream_format: 'sse' },
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
    },
  )
  expect(record).toMatchObject({ cost: 50_000_000 })
})

it('vectors whose tokens nobody told, by the texts and not by the request around them', async () => {
  const record = await post(
    '/v1/embeddings',
    { model: 'google/vectors', input: 'hi', encoding_format: 'base64', dimensions: 3 },
    json({ embedding: { values: [1, 2, 3] }, embeddings: [{ values: [1, 2, 3] }] }),
  )
  expect(record).toMatchObject({ usage: { input: { total: 1 }, estimated: true }, cost: 1_000_000 })
})
