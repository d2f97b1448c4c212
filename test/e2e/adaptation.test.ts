/**
 * Requests fitted to their target, over HTTP: media fetched for targets that cannot, prompts marked for the provider's cache, and what
 * becomes of things that cannot be said, by key, by model and by the gateway's own rule.
 */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import { plays } from '../harness/codec-provider.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { listen, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const answer: ChatResponse = {
  id: 'answer_1',
  model: 'served',
  created: 1_760_000_000,
  choices: [{ index: 0, parts: [{ type: 'text', text: 'Fine.' }], finish: { reason: 'stop' } }],
  usage: { input: { total: 5 }, output: { total: 2 } },
}
const strictKey = 'strict-key-0123456789'
const quietKey = 'quiet-key-0123456789'
const longText = 'A stable instruction. '.repeat(400)

let media: Server
let mediaUrl: string
let upstream: Upstream
let gateway: Gateway
let heard: { request?: ChatRequest; body?: string } = {}

beforeAll(async () => {
  media = createServer((request, response) => {
    if (request.url === '/pixel.png') response.writeHead(200, { 'content-type': 'text/plain' }).end(png)
    else response.writeHead(404).end()
  })
  mediaUrl = `http://127.0.0.1:${await listen(media)}`
  upstream = await startUpstream()
  upstream.answer(
    plays(() => answer, {
      heard: (request, { body }) => {
        heard = { request, body: body.toString('utf8') }
      },
    }),
  )
  gateway = await startGateway(`
providers:
  local: { use: ollama, base_url: "${upstream.url}", prices: { input: 1, output: 1 } }
  bare: { use: openai-compatible, base_url: "${upstream.url}/v1", stream_usage: always, supports: { leave_out: [seed] } }
  claude: { use: anthropic, base_url: "${upstream.url}", credentials: sk-ant }
  narrow: { use: anthropic, base_url: "${upstream.url}", credentials: sk-ant, supports: { max_temperature: 1, leave_out: [seed], alternating_roles: true } }
models:
  cached: { deployments: [{ provider: claude, model: claude-sonnet-4-5 }], prompt_caching: auto }
  picky: { deployments: [{ provider: narrow, model: claude-sonnet-4-5 }], on_unsupported: refuse }
aliases: { also-picky: picky }
media: { allow: ["127.0.0.0/8"] }
retries: { rounds: 0 }
keys:
  - { name: test, secret: ${clientKey} }
  - { name: strict, secret: ${strictKey}, on_unsupported: refuse }
  - { name: quiet, secret: ${quietKey}, on_unsupported: drop }`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
  media.closeAllConnections()
  media.close()
})

const clientOf = (key: string): OpenAI => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 })
const client = (): OpenAI => clientOf(clientKey)

describe('an image named by URL', () => {
  const ask = (model: string, url: string) =>
    client().chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    })

  it('is fetched for a provider that takes no URLs, and is what its bytes say', async () => {
    await ask('local/llava', `${mediaUrl}/pixel.png`)
    const parts = heard.request?.messages.flatMap((message) => message.parts)
    expect(parts).toContainEqual(
      expect.objectContaining({
        type: 'image',
        source: { kind: 'base64', mediaType: 'image/png', data: png.toString('base64') },
      }),
    )
  })

  it('is fetched where both sides speak one protocol, which has a place for the URL, but the server does not', async () => {
    await ask('local/llava', `${mediaUrl}/pixel.png`)
    expect(upstream.received.at(-1)?.path).toBe('/v1/chat/completions')
    expect(heard.body).not.toContain('pixel.png')
  })

  it('goes as it is to a provider that fetches it by itself', async () => {
    await ask('claude/claude-sonnet-4-5', `${mediaUrl}/pixel.png`)
    expect(heard.body).toContain(`${mediaUrl}/pixel.png`)
  })

  it('that leads nowhere is the client’s fault, in words that help', async () => {
    await expect(ask('local/llava', `${mediaUrl}/gone.png`)).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/could not fetch .*gone\.png.*status 404.*base64/) as unknown,
    })
  })
})

describe('a long prompt without marks of its own', () => {
  const ask = (model: string) =>
    client().chat.completions.create({
      model,
      messages: [
        { role: 'system', content: longText },
        { role: 'user', content: 'Hello.' },
      ],
    })

  it('is marked for the provider’s cache where the model says so, and nowhere else', async () => {
    await ask('cached')
    expect(heard.body?.match(/"cache_control"/g)).toHaveLength(2)
    await ask('claude/claude-sonnet-4-5')
    expect(heard.body).not.toContain('cache_control')
  })

  it('is marked for clients of the same protocol too, whose bytes otherwise stay as they are', async () => {
    const body = {
      model: 'cached',
      max_tokens: 10,
      system: longText,
      messages: [{ role: 'user', content: 'Hello.' }],
      unknown_member: 1,
    }
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': clientKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(200)
    expect(heard.body?.match(/"cache_control"/g)).toHaveLength(2)
    expect(heard.body).toContain('unknown_member')
  })
})

describe('what a target cannot take', () => {
  const ask = (key: string, model: string, more: object = {}) =>
    clientOf(key)
      .chat.completions.create({
        model,
        messages: [
          { role: 'user', content: 'One.' },
          { role: 'user', content: 'Two.' },
        ],
        ...more,
      })
      .withResponse()

  it('is fitted and told by default', async () => {
    const { response } = await ask(clientKey, 'narrow/claude-sonnet-4-5', { seed: 7, temperature: 1.5 })
    expect(response.headers.get('x-sluicegate-lost')).toBe('seed, temperature')
    expect(heard.request).toMatchObject({ temperature: 1 })
    expect(heard.request?.messages).toHaveLength(1)
  })

  it('is fitted for a server of the client’s own protocol too; all else stays as it is', async () => {
    const messages = [
      { role: 'developer' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Hi.' },
    ]
    const more = { seed: 7, unknown_member: { kept: [1] } }
    await client().chat.completions.create({ model: 'bare/llama', messages, ...more })
    expect(JSON.parse(heard.body ?? '')).toEqual({
      model: 'llama',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi.' },
      ],
      unknown_member: { kept: [1] },
    })
    const stream = await client().chat.completions.create({ model: 'bare/llama', messages, stream: true })
    for await (const chunk of stream) expect(chunk.usage ?? null).toBeNull()
    const records = await gateway.records()
    expect(records.at(-1)?.usage).toEqual({ input: { total: 5 }, output: { total: 2 } })
  })

  it('is left out without a word for a key that asks for that', async () => {
    const { response } = await ask(quietKey, 'narrow/claude-sonnet-4-5', { seed: 7 })
    expect(response.headers.get('x-sluicegate-lost')).toBeNull()
  })

  it.each([
    [strictKey, 'narrow/claude-sonnet-4-5', 'the key'],
    [clientKey, 'picky', 'the model'],
    [clientKey, 'also-picky', 'an alias of the model'],
  ])('is refused where %s asking for %s says so: %s', async (key, model) => {
    await expect(ask(key, model, { seed: 7 })).rejects.toMatchObject({ status: 400, param: 'seed' })
    await expect(ask(key, model)).resolves.toBeDefined()
  })

  it('is what the key says where key and model disagree', async () => {
    await expect(ask(quietKey, 'picky', { seed: 7 })).resolves.toBeDefined()
  })
})
