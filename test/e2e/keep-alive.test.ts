/** Streams whose clients are told that they go on: read by the official SDKs, with what comes before, within and in place of the answer. */
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { openai } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const events = openai.events(['Well', ', then', '.'])
const middle = Math.ceil(events.length / 2)
const clock = new FakeClock()
let gateway: Gateway
let upstream: Upstream
/** What is answered when the test says so. */
const asked: { go: () => void }[] = []
let answers: Answer[] = []

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer(async (response, request) => {
    const answer = answers.shift()
    if (answer === undefined) throw new Error('nothing to answer with')
    await new Promise<void>((resolve) => {
      asked.push({ go: resolve })
    })
    await answer(response, request)
  })
  gateway = await startGateway(
    `
providers: { up: { use: openai-compatible, base_url: "${upstream.url}/v1", models: [m, n] } }
routers: { two: { strategy: fallback, targets: [up/m, up/n] } }
streams: { keep_alive: 5s }
retries: { rounds: 0 }`,
    { clock },
  )
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const halves: Answer = async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(events.slice(0, middle).join(''))
  await new Promise<void>((resolve) => {
    asked.push({ go: resolve })
  })
  response.end(events.slice(middle).join(''))
}

/** Waits for the upstream's next step, lets ten seconds pass, and lets it go on. */
async function step(): Promise<void> {
  while (asked.length === 0)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  const [next] = asked.splice(0)
  await clock.advance(11_000)
  next?.go()
}

const message = [{ role: 'user' as const, content: 'hello' }]
const readers: Record<string, () => Promise<string>> = {
  async 'openai, chat'() {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model: 'two', messages: message, stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    return text
  },
  async 'openai, responses'() {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
    let text = ''
    for await (const event of await client.responses.create({ model: 'two', input: 'hello', stream: true }))
      if (event.type === 'response.output_text.delta') text += event.delta
    return text
  },
  async anthropic() {
    const client = new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0 })
    return await client.messages.stream({ model: 'two', max_tokens: 50, messages: message }).finalText()
  },
  async google() {
    const client = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } })
    let text = ''
    for await (const chunk of await client.models.generateContentStream({ model: 'two', contents: 'hello' }))
      text += chunk.text ?? ''
    return text
  },
}

describe.each(Object.entries(readers))('%s', (_client, read) => {
  it('reads over what comes before and within an answer', async () => {
    answers = [halves]
    const reading = read()
    await step()
    await step()
    expect(await reading).toBe('Well, then.')
  })

  it('is given another target as ever, and told of a failure within the stream', async () => {
    answers = [json(openai.errorAnswer('x', 'no'), 503), halves]
    const reading = read()
    await step()
    await step()
    await step()
    expect(await reading).toBe('Well, then.')
    answers = [json(openai.errorAnswer('x', 'no'), 503), json(openai.errorAnswer('x', 'no more'), 503)]
    const failing = read().catch((error: unknown) => String(error))
    await step()
    await step()
    expect(await failing).toMatch(/no more/)
    expect(await gateway.lastRecord()).toMatchObject({ outcome: 'fault', fault: 'provider_overloaded', status: 503 })
  })
})

describe('on the wire', () => {
  const request = (path: string, body: object): string =>
    rawRequest(
      'POST',
      path,
      { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      JSON.stringify(body),
    )

  it('comments stand between events, as often as nothing moves for so long, and times are those of the answer', async () => {
    answers = [halves]
    await using client = await rawClient(gateway.url)
    client.send(request('/v1/chat/completions', { model: 'up/m', stream: true, messages: message }))
    await step()
    await step()
    const { status, body, headers } = await client.response()
    expect(status).toBe(200)
    // Nobody knows yet who is going to answer.
    for (const name of ['model', 'provider', 'attempts', 'route'])
      expect(headers[`x-sluicegate-${name}`]).toBeUndefined()
    const told = body.toString().split('\n\n')
    expect(told.slice(0, 2)).toEqual([': keep-alive', ': keep-alive'])
    expect(told.filter((text) => text === ': keep-alive')).toHaveLength(4)
    expect(told.filter((text) => text.startsWith('data: ')).map((text) => `${text}\n\n`)).toEqual(events)
    const record = await gateway.lastRecord()
    expect(record?.firstByteMs).toBeGreaterThanOrEqual(11_000)
    expect(record).toMatchObject({ outcome: 'ok' })
  })

  it('what is not streamed, and protocols without words for it, are left alone', async () => {
    for (const [path, body] of [
      ['/v1/chat/completions', { model: 'up/m', messages: message }],
      ['/api/chat', { model: 'up/m', messages: message }],
    ] as const) {
      answers = [path === '/api/chat' ? halves : json(openai.answer('whole'))]
      await using client = await rawClient(gateway.url)
      client.send(request(path, body))
      await step()
      if (path === '/api/chat') await step()
      const { status, body: text } = await client.response()
      expect(status).toBe(200)
      expect(text.toString()).not.toContain('keep-alive')
    }
  })

  it('a client that leaves while it is told so lets the provider go', async () => {
    answers = [() => undefined]
    const client = await rawClient(gateway.url)
    client.send(request('/v1/chat/completions', { model: 'up/m', stream: true, messages: message }))
    await step()
    await client.until(/keep-alive/)
    client.socket.destroy()
    await gateway.idle()
    expect(await gateway.lastRecord()).toMatchObject({ outcome: 'client-gone' })
  })
})
