/** Reloads and draining in the middle of traffic: whatever had begun ends well, and whoever comes next meets what is in force then. */
import { request as httpRequest } from 'node:http'
import { Agent, fetch } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import { startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { anthropic, openai, protocols } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'
import { authorized } from './stage.ts'

let upstream: Upstream
let gateway: Gateway
let agent: Agent
let gates: (() => void)[]

beforeEach(async () => {
  upstream = await startUpstream()
  agent = new Agent({ connections: 400 })
  gates = []
})

afterEach(async () => {
  await agent.destroy()
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const base = (): string => `
providers:
  openai: { base_url: "${upstream.url}/v1", credentials: k }
  anthropic: { base_url: "${upstream.url}", credentials: k }`

/** The first half of a stream; the rest when the gate is opened. */
const gated: Answer = async (response, { path }) => {
  const protocol = path.includes('messages') ? anthropic : openai
  const events = protocol.events(['first half, ', 'second half'])
  const half = Math.ceil(events.length / 2)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(events.slice(0, half).join(''))
  await new Promise<void>((resolve) => {
    gates.push(resolve)
  })
  response.end(events.slice(half).join(''))
}

const openGates = (): void => {
  for (const open of gates.splice(0)) open()
}

function ask(
  protocol: Protocol,
  model: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof fetch>>> {
  return fetch(`${gateway.url}${protocol.path}`, {
    method: 'POST',
    dispatcher: agent,
    headers: { ...authorized, ...headers },
    body: protocol.request(model, more),
  })
}

/** Streams that have begun, and wait at their gates. */
async function begin(count: number, model = 'live', headers: Record<string, string> = {}): Promise<Promise<string>[]> {
  const before = upstream.received.length
  const answers = Array.from({ length: count }, (_, index) =>
    ask(index % 2 === 0 ? openai : anthropic, model, { stream: true }, headers),
  )
  const responses = await Promise.all(answers)
  for (const { status } of responses) expect(status).toBe(200)
  expect(upstream.received.length - before).toBe(count)
  while (gates.length < count) await settle()
  return responses.map((response, index) =>
    response.text().then((text) => (index % 2 === 0 ? openai : anthropic).textOf(text)),
  )
}

describe('a reload under load', () => {
  it('fails none of 200 running streams, and new requests take the new way', async () => {
    upstream.answer(gated)
    gateway = await startGateway(`${base()}\naliases: { live: openai/before }`)
    const running = await begin(200)
    // Nothing of the old way is left: neither the provider's name nor the alias.
    gateway.reload(
      `providers: { other: { use: openai-compatible, base_url: "${upstream.url}/v1", credentials: k2 } }\naliases: { live: other/after }`,
    )
    upstream.answer(json(openai.answer('new way')))
    const fresh = await ask(openai, 'live')
    expect(fresh.headers.get('x-sluicegate-provider')).toBe('other')
    expect(openai.textOf(await fresh.text())).toBe('new way')
    expect(upstream.received.at(-1)?.headers.authorization).toBe('Bearer k2')
    const gone = await ask(openai, 'openai/before')
    expect(gone.status).toBe(404)
    await gone.text()
    openGates()
    expect(new Set(await Promise.all(running))).toEqual(new Set(['first half, second half']))
    const records = await gateway.records()
    expect(records.filter(({ outcome, provider }) => outcome === 'ok' && provider === 'openai')).toHaveLength(200)
    expect(records.filter(({ provider }) => provider === 'other')).toHaveLength(1)
  })

  it('again and again, with requests of every kind in between: each is answered by one plan or the other', async () => {
    upstream.answer((response, request) => {
      const { model } = JSON.parse(request.body.toString()) as { model: string }
      return json(openai.answer(model))(response, request)
    })
    const config = (round: number): string => `${base()}\naliases: { live: openai/plan-${round} }`
    gateway = await startGateway(config(0))
    const texts: Promise<string>[] = []
    for (let round = 1; round <= 40; round += 1) {
      for (let index = 0; index < 10; index += 1)
        texts.push(ask(openai, 'live').then(async (response) => openai.textOf(await response.text())))
      await settle()
      gateway.reload(config(round))
    }
    for (const text of await Promise.all(texts)) expect(text).toMatch(/^plan-\d+$/)
    expect(gateway.app.plan.revision).toBe(41)
    expect(await gateway.records()).toHaveLength(400)
  })

  it('that takes a key away lets its running requests end, and refuses it from then on', async () => {
    upstream.answer(gated)
    const keys = (names: string[]): string =>
      `keys: [${names.map((name) => `{ name: ${name}, secret: secret-of-${name}-0123456789 }`).join(', ')}]`
    const alias = 'aliases: { live: openai/x }'
    gateway = await startGateway(`${base()}\n${alias}\n${keys(['one', 'two'])}`)
    const running = await begin(2, 'live', { authorization: 'Bearer secret-of-two-0123456789' })
    gateway.reload(`${base()}\n${alias}\n${keys(['one'])}`)
    const refused = await ask(openai, 'live', {}, { authorization: 'Bearer secret-of-two-0123456789' })
    expect(refused.status).toBe(401)
    await refused.text()
    openGates()
    expect(await Promise.all(running)).toEqual(['first half, second half', 'first half, second half'])
  })

  it('of a configuration that cannot be used changes nothing', async () => {
    upstream.answer(json(openai.answer('as before')))
    gateway = await startGateway(`${base()}\naliases: { live: openai/x }`)
    expect(() => gateway.reload(`${base()}\naliases: { live: nobody/x }`)).toThrow()
    expect(() => gateway.reload('providers: { openai: { credentials: [] }')).toThrow()
    const response = await ask(openai, 'live')
    expect(openai.textOf(await response.text())).toBe('as before')
    expect(gateway.app.plan.revision).toBe(1)
  })
})

describe('draining', () => {
  /** One request on a connection of its own. */
  const get = (path: string): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${gateway.url}${path}`, { agent: false }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
      request.on('error', reject).end()
    })

  it('lets running streams end, refuses new requests in words, and is then over', async () => {
    upstream.answer(gated)
    gateway = await startGateway(`${base()}\naliases: { live: openai/x }`)
    const running = await begin(50)
    // One that was open before, and is used again.
    await using kept = await rawClient(gateway.url)
    kept.send(rawRequest('GET', '/health'))
    expect((await kept.response()).status).toBe(200)

    let over = false
    const drained = gateway.app.drain().then(() => {
      over = true
    })
    expect(gateway.app.server.draining).toBe(true)
    expect(await get('/ready')).toEqual({ status: 503, body: '{"status":"unready","reason":"draining"}' })
    expect((await get('/health')).status).toBe(200)
    for (const protocol of protocols) {
      const response = await ask(protocol, 'live')
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(response.headers.get('connection')).toBe('close')
      expect(response.headers.get('x-sluicegate-fault')).toBe('draining')
      expect(protocol.errorIn(await response.json())?.message).toContain('shutting down')
    }
    await settle()
    expect(over).toBe(false)
    openGates()
    expect(new Set(await Promise.all(running))).toEqual(new Set(['first half, second half']))
    await drained
    await kept.closed
    await expect(get('/ready')).rejects.toThrow('ECONNREFUSED')
    expect(gateway.app.server.connections).toBe(0)
    const records = await gateway.records()
    expect(records).toHaveLength(50)
    expect(records.every(({ outcome }) => outcome === 'ok')).toBe(true)
  })

  it('an idle gateway is over at once', async () => {
    gateway = await startGateway(base())
    await using idle = await rawClient(gateway.url)
    idle.send(rawRequest('GET', '/health'))
    await idle.response()
    await using silent = await rawClient(gateway.url)
    await gateway.app.drain()
    await Promise.all([idle.closed, silent.closed])
    expect(gateway.app.server.connections).toBe(0)
  })

  it('waits no longer than server.drain_timeout: what still runs is cut, and on record once', async () => {
    upstream.answer(gated)
    gateway = await startGateway(`${base()}\naliases: { live: openai/x }\nserver: { port: 0, drain_timeout: 50ms }`)
    const running = await begin(4)
    const ends = Promise.allSettled(running)
    await gateway.app.drain()
    expect((await ends).every(({ status }) => status === 'rejected')).toBe(true)
    for (const { closed } of upstream.received) await closed
    const records = await gateway.records()
    expect(records).toHaveLength(4)
    for (const { outcome, usage } of records) expect([outcome, usage?.estimated]).toEqual(['client-gone', true])
  })

  it('can be hurried by a second call', async () => {
    upstream.answer(gated)
    gateway = await startGateway(`${base()}\naliases: { live: openai/x }`)
    const running = Promise.allSettled(await begin(2))
    const patient = gateway.app.drain()
    await settle()
    await gateway.app.server.drain(0)
    await patient
    await running
    expect(await gateway.records()).toHaveLength(2)
  })
})

it('more requests at a time than server.max_in_flight are refused, and probes are not counted', async () => {
  upstream.answer(gated)
  gateway = await startGateway(`${base()}\naliases: { live: openai/x }\nserver: { port: 0, max_in_flight: 4 }`)
  const running = await begin(4)
  for (const protocol of protocols) {
    const response = await ask(protocol, 'live')
    expect(response.status).toBe(503)
    expect(response.headers.get('x-sluicegate-fault')).toBe('overloaded')
    expect(protocol.errorIn(await response.json())?.message).toContain('server.max_in_flight')
  }
  for (const path of ['/health', '/ready', '/v1/models']) {
    const response = await fetch(`${gateway.url}${path}`, { dispatcher: agent, headers: authorized })
    expect(response.status).toBe(200)
    await response.text()
  }
  openGates()
  await Promise.all(running)
  const response = await begin(1)
  openGates()
  expect(await response[0]).toBe('first half, second half')
})
