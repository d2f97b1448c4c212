/** Clients that leave: the provider is let go at once, and exactly one record tells what was consumed by then. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../src/kernel/testing/fake-clock.ts'
import type { ExchangeRecord } from '../../src/model/record.ts'
import { clientKey } from '../harness/gateway.ts'
import { anthropic, openai, protocols, ways } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import type { RawClient } from '../harness/raw-http.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { authorized, openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
let ids = 0

beforeAll(async () => {
  stage = await openStage()
})

afterAll(() => stage[Symbol.asyncDispose]())

const nextId = (): string => `gone-${++ids}`

const requestText = (protocol: Protocol, model: string, id: string, more: Record<string, unknown> = {}): string =>
  rawRequest('POST', protocol.path, { ...authorized, 'x-request-id': id }, protocol.request(model, more))

async function recordsOf(id: string): Promise<ExchangeRecord[]> {
  await stage.gateway.idle()
  return stage.recordsOf(id)
}

/**
 * Milliseconds of this thread until then. Whoever waits turns the loop, so that a timer takes its time of it; what other processes take
 * of the machine's does not count.
 */
async function ownTimeUntil(happened: Promise<void>): Promise<number> {
  const state = { over: false }
  void happened.then(() => {
    state.over = true
  })
  const before = process.threadCpuUsage()
  while (!state.over) await settle()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

const silent: Answer = () => {}

/** The head and these pieces; what follows never comes. */
const begun =
  (pieces: readonly string[], contentType = 'text/event-stream'): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType })
    for (const piece of pieces) response.write(piece)
  }

const ways_of_leaving: [string, (client: RawClient) => void][] = [
  ['closes its connection', (client) => void client.socket.destroy()],
  ['resets its connection', (client) => void client.socket.resetAndDestroy()],
]

describe.each(ways_of_leaving)('a client that %s', (_leaving, leave) => {
  it('before its head is whole leaves no trace', async () => {
    const before = (await stage.gateway.records()).length
    const client = await rawClient(stage.url)
    client.send('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthoriz')
    await settle()
    leave(client)
    await client.closed
    while (stage.gateway.app.server.connections > 0 && stage.gateway.app.server.inFlight > 0) await settle()
    expect(await stage.gateway.records()).toHaveLength(before)
  })

  it.each(protocols.map((protocol) => [protocol.name, protocol] as const))(
    'in the middle of its body is on record once (%s)',
    async (_name, protocol) => {
      const id = nextId()
      const whole = requestText(protocol, 'openai/x', id)
      const client = await rawClient(stage.url)
      client.send(whole.slice(0, -20))
      while (stage.gateway.app.server.inFlight === 0) await settle()
      leave(client)
      const records = await recordsOf(id)
      expect(records).toMatchObject([{ outcome: 'client-gone', fault: 'client_gone', status: 499, attempts: [] }])
    },
  )

  it('in the middle of its body without a key is on no record', async () => {
    const id = nextId()
    const client = await rawClient(stage.url)
    client.send(`POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\ncontent-length: 1000\r\n\r\n{`)
    await client.response()
    leave(client)
    expect(await recordsOf(id)).toEqual([])
  })

  describe.each(ways)('%s', (_name, { client: protocol, provider, at }) => {
    it.each([
      ['while a complete answer is waited for', silent, {}],
      ['in the middle of a complete answer', begun(['{"id":'], 'application/json'), {}],
      ['while a stream is waited for', silent, { stream: true }],
      ['before a stream has begun', begun([': hello\n\n']), { stream: true }],
    ] as const)('%s: the provider is let go, and nobody else is asked', async (_when, answer, more) => {
      const id = nextId()
      const router = stage.router([at, answer], [at, json(provider.answer('never asked'))])
      const client = await rawClient(stage.url)
      client.send(requestText(protocol, router.name, id, more))
      const request = await stage.called(router.targets[0] ?? '')
      await settle()
      leave(client)
      expect(await ownTimeUntil(request.closed)).toBeLessThan(100)
      const records = await recordsOf(id)
      expect(records).toMatchObject([
        { outcome: 'client-gone', fault: 'client_gone', status: 499, attempts: [{ fault: 'client_gone' }] },
      ])
      expect(stage.calls(router.targets[1] ?? '')).toHaveLength(0)
    })

    it('in the middle of a stream: the provider is let go, and what was written is estimated', async () => {
      const id = nextId()
      const events = provider.events(Array.from({ length: 40 }, (_, index) => `word number ${index} `))
      const model = stage.script(begun(events.slice(0, 30)))
      const client = await rawClient(stage.url)
      client.send(requestText(protocol, `${at}/${model}`, id, { stream: true }))
      const request = await stage.called(model)
      await client.until(/word number 20/)
      leave(client)
      expect(await ownTimeUntil(request.closed)).toBeLessThan(100)
      const [record, ...more] = await recordsOf(id)
      expect(more).toEqual([])
      expect(record).toMatchObject({
        outcome: 'client-gone',
        fault: 'client_gone',
        stream: true,
        usage: { estimated: true },
      })
      expect(record?.usage?.input.total).toBeGreaterThan(0)
      expect(record?.usage?.output.total).toBeGreaterThan(20)
      expect(record?.usage?.output.total).toBeLessThan(400)
    })

    it('behind the end of a stream, before the provider has closed it: the answer was whole', async () => {
      const id = nextId()
      const model = stage.script(begun(provider.events(['all of it'])))
      const client = await rawClient(stage.url)
      client.send(requestText(protocol, `${at}/${model}`, id, { stream: true }))
      await client.until(protocol === openai ? /\[DONE\]/ : /message_stop"\}/)
      leave(client)
      const records = await recordsOf(id)
      expect(records).toMatchObject([
        { outcome: 'ok', finish: 'stop', usage: { input: { total: 9 }, output: { total: 5 } } },
      ])
    })
  })
})

describe('the official SDKs', () => {
  it.each([
    ['openai', openai],
    ['anthropic', anthropic],
  ])('let the provider go when they are told to stop (%s)', async (at, protocol) => {
    const model = stage.script(begun(protocol.events(Array.from({ length: 20 }, () => 'and on ')).slice(0, 15)))
    let pieces = 0
    if (protocol === openai) {
      const sdk = new OpenAI({ baseURL: `${stage.url}/v1`, apiKey: clientKey, maxRetries: 0 })
      const events = await sdk.chat.completions.create({
        model: `${at}/${model}`,
        messages: [{ role: 'user', content: 'x' }],
        stream: true,
      })
      for await (const _ of events) if (++pieces === 4) break
    } else {
      const sdk = new Anthropic({ baseURL: stage.url, apiKey: clientKey, maxRetries: 0 })
      const events = await sdk.messages.create({
        model: `${at}/${model}`,
        max_tokens: 9,
        messages: [{ role: 'user', content: 'x' }],
        stream: true,
      })
      for await (const _ of events) if (++pieces === 4) break
    }
    const [request] = stage.calls(model)
    await request?.closed
    await stage.gateway.idle()
    const records = (await stage.gateway.records()).filter(({ deployment }) => deployment === `${at}/${model}`)
    expect(records).toMatchObject([{ outcome: 'client-gone', usage: { estimated: true } }])
  })
})

describe('a client that closes its own side of the connection', () => {
  it.each([
    ['while it waits', silent, {}],
    ['in the middle of a stream', begun(openai.events(['some ', 'more ']).slice(0, 3)), { stream: true }],
  ] as const)('%s is taken for gone, once, and its connection is closed', async (_when, answer, more) => {
    const id = nextId()
    const model = stage.script(answer)
    const client = await rawClient(stage.url, { allowHalfOpen: true })
    client.send(requestText(openai, `openai/${model}`, id, more))
    const request = await stage.called(model)
    if ('stream' in more) await client.until(/some/)
    client.socket.end()
    await request.closed
    await client.closed
    expect(await recordsOf(id)).toMatchObject([{ outcome: 'client-gone' }])
  })
})

describe('one connection', () => {
  it('answers requests that come at once, in their order, though the first takes longest', async () => {
    let release: (() => void) | undefined
    const slow = stage.script(async (response, request) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      await json(openai.answer('first'))(response, request)
    })
    const fast = stage.script(json(anthropic.answer('second')))
    const streaming = stage.script(stream(openai.events(['thi', 'rd'])))
    await using client = await rawClient(stage.url)
    client.send(
      requestText(openai, `openai/${slow}`, nextId()) +
        requestText(anthropic, `anthropic/${fast}`, nextId()) +
        requestText(openai, `openai/${streaming}`, nextId(), { stream: true }) +
        rawRequest('GET', '/health'),
    )
    await stage.called(fast)
    await stage.called(streaming)
    await settle()
    release?.()
    expect(openai.textOf((await client.response()).body.toString())).toBe('first')
    expect(anthropic.textOf((await client.response()).body.toString())).toBe('second')
    expect(openai.textOf((await client.response()).body.toString())).toBe('third')
    expect((await client.response()).body.toString()).toBe('{"status":"ok"}')
  })

  it('is closed with several requests under way: each is let go and on record', async () => {
    const models = [stage.script(silent), stage.script(silent), stage.script(begun(openai.events(['x']).slice(0, 2)))]
    const marks = models.map(() => nextId())
    const client = await rawClient(stage.url)
    client.send(
      models
        .map((model, index) => requestText(openai, `openai/${model}`, marks[index] ?? '', { stream: index === 2 }))
        .join(''),
    )
    const requests = await Promise.all(models.map((model) => stage.called(model)))
    await settle()
    client.socket.destroy()
    await Promise.all(requests.map(({ closed }) => closed))
    await stage.gateway.idle()
    for (const id of marks) expect(await stage.recordsOf(id)).toMatchObject([{ outcome: 'client-gone' }])
  })

  it('takes the next request after one that was refused before its body was read', async () => {
    const model = stage.script(json(openai.answer('second try')))
    await using client = await rawClient(stage.url)
    client.send(rawRequest('POST', '/v1/chat/completions', { 'content-type': 'application/json' }, openai.request('x')))
    client.send(requestText(openai, `openai/${model}`, nextId()))
    expect((await client.response()).status).toBe(401)
    expect(openai.textOf((await client.response()).body.toString())).toBe('second try')
  })

  it.each(['GARBAGE\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'GET / HTTP/9.9\r\n\r\n'])(
    'never mixes an answer to nonsense (%j) into an answer that is under way',
    async (nonsense) => {
      const id = nextId()
      let goOn: (() => void) | undefined
      const pieces = openai.events(['some ', 'more ', 'text'])
      const model = stage.script(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(pieces.slice(0, 3).join(''))
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        response.end(pieces.slice(3).join(''))
      })
      await using client = await rawClient(stage.url)
      client.send(requestText(openai, `openai/${model}`, id, { stream: true }))
      await client.until(/more/)
      client.send(nonsense)
      await settle()
      goOn?.()
      await client.closed
      expect(client.received.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1)
      expect(client.received.toString('latin1')).toContain('[DONE]')
      expect(await recordsOf(id)).toMatchObject([{ outcome: 'ok' }])
    },
  )

  it('is told once that a body breaks its chunks, and the exchange is on record once', async () => {
    const id = nextId()
    await using client = await rawClient(stage.url)
    client.send(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorized.authorization}\r\nx-request-id: ${id}\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`,
    )
    while (stage.gateway.app.server.inFlight === 0) await settle()
    client.send('zz\r\n')
    await client.closed
    const text = client.received.toString()
    expect(text.match(/HTTP\/1\.1 400/g)).toHaveLength(1)
    expect(await recordsOf(id)).toHaveLength(1)
  })
})
