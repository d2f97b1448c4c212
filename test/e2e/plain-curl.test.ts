/** Requests as the examples of other projects' documentation send them with curl: every surface, and no more headers than curl's own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway('providers: { sim: {} }')
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** curl sends this type with `-d` unless it is told another. */
const curl = async (path: string, body: object, headers: Record<string, string> = {}) => {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const bearer = { authorization: `Bearer ${clientKey}` }

describe('a plain curl', () => {
  it('gets a Gemini stream as one JSON array, with its key in the URL', async () => {
    const contents = [{ parts: [{ text: 'Hi' }] }]
    const url = `/v1beta/models/sim/text:streamGenerateContent?key=${clientKey}`
    const { status, type, text } = await curl(url, { contents })
    expect([status, type]).toEqual([200, 'application/json'])
    const chunks = JSON.parse(text) as { candidates: { content: { parts: { text: string }[] } }[] }[]
    expect(chunks.length).toBeGreaterThan(2)
    const streamed = chunks.map(({ candidates }) => candidates[0]?.content.parts[0]?.text ?? '').join('')
    const plain = await curl(`/v1beta/models/sim/text:generateContent?key=${clientKey}`, { contents })
    expect(plain.text).toContain(JSON.stringify(streamed).slice(1, -1))
  })

  it('gets the same as events when it asks for them', async () => {
    const url = `/v1beta/models/sim/text:streamGenerateContent?alt=sse&key=${clientKey}`
    const { type, text } = await curl(url, { contents: [{ parts: [{ text: 'Hi' }] }] })
    expect(type).toMatch(/^text\/event-stream/)
    expect(text).toMatch(/^data: \{"candidates"/)
  })

  it('gets an error inside the array when the provider fails half-way', async () => {
    const url = `/v1beta/models/${encodeURIComponent('sim/fault?cut=5')}:streamGenerateContent?key=${clientKey}`
    const { status, text } = await curl(url, { contents: [{ parts: [{ text: 'Hi' }] }] })
    expect(status).toBe(200)
    const chunks = JSON.parse(text) as object[]
    expect(chunks.at(-1)).toMatchObject({ error: { code: 502 } })
    expect(chunks.length).toBeGreaterThan(1)
  })

  it('gets JSON lines from Ollama’s surface without asking for a stream, and one answer from the other', async () => {
    const chat = await curl('/api/chat', { model: 'sim/text', messages: [{ role: 'user', content: 'Hi' }] }, bearer)
    expect(chat.type).toMatch(/^application\/x-ndjson/)
    const lines = chat.text.trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: true, done_reason: 'stop' })
    const generate = await curl('/api/generate', { model: 'sim/text', prompt: 'Hi', stream: false }, bearer)
    expect(JSON.parse(generate.text)).toMatchObject({ done: true })
  })

  it.each([
    ['/v1/completions', { model: 'sim/text', prompt: 'Hi' }],
    ['/v1/responses', { model: 'sim/text', input: 'Hi' }],
    ['/v1/chat/completions', { model: 'sim/text', messages: [{ role: 'user', content: 'Hi' }] }],
  ])('gets an answer at %s', async (path, body) => {
    expect((await curl(path, body, bearer)).status).toBe(200)
  })
})

describe('lists of models', () => {
  const get = async (path: string, headers: Record<string, string> = bearer) =>
    (await (await fetch(gateway.url + path, { headers })).json()) as {
      models?: Record<string, unknown>[]
      nextPageToken?: string
    }

  it('come in Google’s shape, in pages', async () => {
    const first = await get('/v1beta/models?pageSize=2', { 'x-goog-api-key': clientKey })
    expect(first.models).toHaveLength(2)
    const token = first.nextPageToken ?? ''
    const second = await get(`/v1beta/models?pageSize=2&pageToken=${token}`)
    expect(second.models?.[0]?.['name']).not.toBe(first.models?.[0]?.['name'])
    expect(await get('/v1beta/models/sim/text')).toMatchObject({ name: 'models/sim/text' })
  })

  it('come in Ollama’s shape', async () => {
    const { models } = await get('/api/tags')
    expect(models?.map(({ name }) => name)).toContain('sim/text')
    expect(await get('/api/version')).toHaveProperty('version')
    const shown = await curl('/api/show', { model: 'sim/text' }, bearer)
    expect(JSON.parse(shown.text)).toHaveProperty('details')
    const unknown = await curl('/api/show', { model: 'nobody/knows' }, bearer)
    expect([unknown.status, JSON.parse(unknown.text)]).toEqual([
      404,
      { error: expect.stringContaining('nobody/knows') as string },
    ])
  })
})
