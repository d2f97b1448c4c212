/**
 * Long requests, as people paste whole files into: however they arrive, the provider gets them byte for byte but for the model's name,
 * and so does the next one when the first fails; where they have to be translated nothing of them is lost.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'
import { message, textBlock } from './wire/anthropic-wire.ts'
import { completion } from './wire/openai-wire.ts'

let first: Upstream
let second: Upstream
let claude: Upstream
let gateway: Gateway
beforeAll(async () => {
  first = await startUpstream()
  second = await startUpstream()
  claude = await startUpstream()
  first.answer(json(completion({ text: 'Hi.' })))
  second.answer(json(completion({ text: 'Hi.' })))
  claude.answer(json(message({ content: [textBlock('Hi.')] })))
  gateway = await startGateway(`
providers:
  first: { use: openai-compatible, base_url: "${first.url}/v1", credentials: k, models: [m] }
  second: { use: openai-compatible, base_url: "${second.url}/v1", credentials: k, models: [m] }
  claude: { use: anthropic-compatible, base_url: "${claude.url}/v1", credentials: k, models: [m] }
routers:
  both: { strategy: fallback, targets: [first/m, second/m] }
`)
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([first, second, claude].map((upstream) => upstream.close()))
})

const line = 'Line: "the quick" brown \\ fox\tjumps — über 🎈 the lazy dog.\n'
const text = line.repeat(6000)

/** Members before and behind the long one, so that the model's name may lie on either side of it. */
const bodies: Readonly<Record<string, (model: string) => string>> = {
  'with the model first': (model) => JSON.stringify({ model, messages: [{ role: 'user', content: text }], user: 'u' }),
  'with the model last': (model) => JSON.stringify({ messages: [{ role: 'user', content: text }], user: 'u', model }),
}

async function send(body: string, size: number): Promise<number> {
  await using client = await rawClient(gateway.url)
  const bytes = Buffer.from(body)
  client.send(
    rawRequest('POST', '/v1/chat/completions', {
      authorization: `Bearer ${clientKey}`,
      'content-type': 'application/json',
      'content-length': String(bytes.length),
    }),
  )
  for (let at = 0; at < bytes.length; at += size) {
    client.send(bytes.subarray(at, at + size))
    // So that the pieces arrive one by one.
    if (at % (size * 16) === 0) await new Promise(setImmediate)
  }
  return (await client.response()).status
}

describe.each(Object.entries(bodies))('a long request %s', (_name, bodyOf) => {
  it.each([777, 1448, 65_536, 1 << 20])('arrives byte for byte in pieces of %d bytes', async (size) => {
    expect(await send(bodyOf('first/m'), size)).toBe(200)
    expect(first.received.at(-1)?.body.equals(Buffer.from(bodyOf('m')))).toBe(true)
  })

  it('is the same for the next target when one fails', async () => {
    first.next((response) => void response.writeHead(500).end('{}'))
    expect(await send(bodyOf('both'), 30_000)).toBe(200)
    for (const upstream of [first, second])
      expect(upstream.received.at(-1)?.body.equals(Buffer.from(bodyOf('m')))).toBe(true)
  })

  it('is translated whole', async () => {
    expect(await send(bodyOf('claude/m'), 50_000)).toBe(200)
    expect(claude.received.at(-1)?.body.toString()).toContain(JSON.stringify(text))
  })

  it('is refused at the byte where it breaks, wherever that was cut', async () => {
    const before = first.received.length
    const broken = bodyOf('first/m').replace(/🎈(?=[^🎈]*$)/u, '\\x')
    for (const size of [9999, 65_536]) expect(await send(broken, size)).toBe(400)
    expect(first.received.length).toBe(before)
  })
})
