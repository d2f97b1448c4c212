/** The WebSocket mode of the Responses API: with OpenAI's own client, and frame by frame. */
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { FakeClock } from '../../src/kernel/testing/fake-clock.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { chatTranscript, responsesService } from '../harness/transcript.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

type Json = Record<string, unknown>

const service = responsesService()
let chat: Upstream
let native: Upstream
let gateway: Gateway
const open: WebSocket[] = []

const config = (more = ''): string => `
providers:
  sim: {}
  chat: { use: openai-compatible, base_url: "${chat.url}/v1" }
  native: { use: openai, base_url: "${native.url}/v1", credentials: sk-native }
retries: { rounds: 0 }
${more}`

beforeAll(async () => {
  ;[chat, native] = await Promise.all([startUpstream(), startUpstream()])
  chat.answer(chatTranscript)
  native.answer(service.answer)
  gateway = await startGateway(config())
})

afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate()
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([chat.close(), native.close()])
})

const authorization = { authorization: `Bearer ${clientKey}` }

/** A connection, and the messages that come on it, one at a time. */
class Connection {
  readonly socket: WebSocket
  readonly #messages: Json[] = []
  #waiting: ((message: Json) => void)[] = []
  /** Resolves with code and reason. */
  readonly closed: Promise<[number, string]>

  constructor(url: string, options: ClientOptions = { headers: authorization }) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, options)
    open.push(this.socket)
    this.socket.on('error', () => {})
    this.socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Json
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#messages.push(message)
      else waiting(message)
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve([code, reason.toString()]))
    })
  }

  static async to({ url }: Gateway): Promise<Connection> {
    const connection = new Connection(url)
    await once(connection.socket, 'open')
    return connection
  }

  send(message: Json): void {
    this.socket.send(JSON.stringify({ type: 'response.create', ...message }))
  }

  next(): Promise<Json> {
    const message = this.#messages.shift()
    if (message !== undefined) return Promise.resolve(message)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** Everything up to the answer's end or an error. */
  async turn(message: Json): Promise<Json[]> {
    this.send(message)
    return this.rest()
  }

  async rest(): Promise<Json[]> {
    const events: Json[] = []
    for (;;) {
      const event = await this.next()
      events.push(event)
      if (['response.completed', 'response.failed', 'error'].includes(String(event['type']))) return events
    }
  }
}

const answerOf = (events: readonly Json[]): Json => {
  const last = events.at(-1)
  if (last?.['type'] !== 'response.completed') throw new Error(`ended with ${JSON.stringify(last)}`)
  return last['response'] as Json
}
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const textOf = (response: Json): string =>
  listOf(listOf(response['output'])[0]?.['content'])
    .map(({ text }) => String(text))
    .join('')
const errorIn = (events: readonly Json[]): Json => ({
  status: events.at(-1)?.['status'],
  ...(events.at(-1)?.['error'] as Json),
})

describe('OpenAI’s client on a WebSocket', () => {
  it('holds a conversation', async () => {
    const client = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1` })
    const ws = new ResponsesWS(client)
    const turn = (message: Json) =>
      new Promise<OpenAI.Responses.Response>((resolve, reject) => {
        ws.once('response.completed', (event) => resolve(event.response))
        ws.once('error', reject)
        ws.send({ type: 'response.create', ...message })
      })
    const first = await turn({ model: 'chat/m', input: 'one', store: false })
    const next = await turn({ model: 'chat/m', input: 'two', store: false, previous_response_id: first.id })
    expect(textOf(next as unknown as Json)).toBe('user: one\nassistant: user: one\nuser: two')
    ws.close()
  })
})

describe.each(['chat/m', 'native/m', 'sim/text'])('a connection asking %s', (model) => {
  it('gets the events of a streamed POST, one a frame', async () => {
    const connection = await Connection.to(gateway)
    const events = await connection.turn({ model, input: 'one' })
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index))
    expect(events[0]).toMatchObject({ type: 'response.created' })
    expect(answerOf(events)).toMatchObject({ object: 'response', status: 'completed' })
  })

  it('goes on from what it stored, here and elsewhere', async () => {
    const first = answerOf(await (await Connection.to(gateway)).turn({ model, input: 'one' }))
    const elsewhere = await Connection.to(gateway)
    const next = answerOf(await elsewhere.turn({ model, input: 'two', previous_response_id: first['id'] }))
    expect(next['previous_response_id']).toBe(first['id'])
    const posted = await fetch(`${gateway.url}/v1/responses/${String(next['id'])}`, { headers: authorization })
    expect(posted.status).toBe(200)
  })
})

describe('a connection', () => {
  it('remembers what is not to be stored, for itself alone, and lets it be stored later', async () => {
    const connection = await Connection.to(gateway)
    const ask = (input: string, more: Json = {}) => connection.turn({ model: 'chat/m', input, store: false, ...more })
    const first = answerOf(await ask('one'))
    const next = answerOf(await ask('two', { previous_response_id: first['id'] }))
    expect(textOf(next)).toBe('user: one\nassistant: user: one\nuser: two')
    const other = await Connection.to(gateway)
    const failed = await other.turn({ model: 'chat/m', input: 'x', previous_response_id: next['id'] })
    expect(errorIn(failed)).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
    const kept = answerOf(await ask('three', { previous_response_id: next['id'], store: true }))
    const last = answerOf(await other.turn({ model: 'chat/m', input: 'four', previous_response_id: kept['id'] }))
    expect(
      textOf(last)
        .split('\n')
        .filter((line) => line.startsWith('user: ')),
    ).toHaveLength(4)
  })

  it('can be told what is to come without an answer', async () => {
    const connection = await Connection.to(gateway)
    const before = chat.received.length
    const warm = await connection.turn({
      model: 'chat/m',
      input: [{ type: 'message', role: 'user', content: 'one' }],
      store: false,
      generate: false,
    })
    expect(warm.map(({ type }) => type)).toEqual(['response.created', 'response.completed'])
    expect(answerOf(warm)['output']).toEqual([])
    expect(chat.received).toHaveLength(before)
    const next = await connection.turn({
      model: 'chat/m',
      input: 'two',
      store: false,
      previous_response_id: answerOf(warm)['id'],
    })
    expect(textOf(answerOf(next))).toBe('user: one\nuser: two')
  })

  it('answers one thing after the other, and lanes at the same time', async () => {
    const connection = await Connection.to(gateway)
    let release = (): void => {}
    const opened = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Answer = async (response, received) => {
      await opened
      await chatTranscript(response, received)
    }
    chat.next(slow)
    const arrival = chat.arrival()
    connection.send({ model: 'chat/m', input: 'one', stream_id: 'a' })
    await arrival
    connection.send({ model: 'chat/m', input: 'two', stream_id: 'a' })
    connection.send({ model: 'chat/m', input: 'three', stream_id: 'b' })
    const first = await connection.rest()
    expect(new Set(first.map(({ stream_id }) => stream_id))).toEqual(new Set(['b']))
    expect(textOf(answerOf(first))).toBe('user: three')
    release()
    expect(textOf(answerOf(await connection.rest()))).toBe('user: one')
    expect(textOf(answerOf(await connection.rest()))).toBe('user: two')
  })

  it('survives what goes wrong in a turn', async () => {
    const connection = await Connection.to(gateway)
    const fails = async (message: Json) => errorIn(await connection.turn(message))
    expect(await fails({ type: 'response.steer' })).toMatchObject({ status: 400, param: 'type' })
    expect(await fails({ model: 'nobody/m', input: 'x' })).toMatchObject({ status: 404 })
    expect(await fails({ model: 'chat/m', input: 'x', background: true })).toMatchObject({ param: 'background' })
    expect(await fails({ model: 'chat/m', input: 'x', stream_id: 'no spaces' })).toMatchObject({ param: 'stream_id' })
    native.next(json({ error: { message: 'no', type: 'invalid_request_error', param: 'input', code: 'bad' } }, 422))
    expect(await fails({ model: 'native/m', input: 'x' })).toMatchObject({ status: 422, code: 'bad', message: 'no' })
    connection.socket.send('not json')
    expect(errorIn(await connection.rest())).toMatchObject({ status: 400, code: 'invalid_json' })
    connection.socket.send(Buffer.from('{}'))
    expect(errorIn(await connection.rest())).toMatchObject({ status: 400 })
    expect(answerOf(await connection.turn({ model: 'chat/m', input: 'x' }))['status']).toBe('completed')
  })

  it('takes a provider’s answer no further when its client leaves, and records that', async () => {
    const connection = await Connection.to(gateway)
    let closed: Promise<void> | undefined
    const started = new Promise<void>((resolve) => {
      chat.next((response, received) => {
        closed = received.closed
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"he"}}]}\n\n')
        resolve()
      })
    })
    connection.send({ model: 'chat/m', input: 'one' })
    await started
    connection.socket.terminate()
    await closed
    expect(await gateway.lastRecord()).toMatchObject({ outcome: 'client-gone', surface: 'POST /v1/responses' })
  })
})

describe('opening a connection', () => {
  const refused = (url: string, options: ClientOptions): Promise<number | undefined> =>
    new Promise((resolve) => {
      const { socket } = new Connection(url, options)
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('open', () => resolve(undefined))
    })

  it('takes a key that is known, wherever clients put it, before anything else', async () => {
    expect(await refused(gateway.url, {})).toBe(401)
    expect(await refused(gateway.url, { headers: { authorization: 'Bearer nobody' } })).toBe(401)
    expect(await refused(gateway.url, { headers: { 'api-key': clientKey } })).toBeUndefined()
    expect(await refused(gateway.url, { headers: authorization, origin: 'https://elsewhere.example' })).toBeUndefined()
  })

  it('is nothing that other paths or protocols know', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/chat/completions`, { headers: authorization })
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('405')
    const plain = await fetch(`${gateway.url}/v1/responses`, { headers: authorization })
    expect([plain.status, plain.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('holds messages to the size of a body', async () => {
    await using small = await startGateway(config('server: { port: 0, body_limit: 2KiB }'))
    const connection = await Connection.to(small)
    connection.send({ model: 'chat/m', input: 'x'.repeat(4000) })
    expect((await connection.closed)[0]).toBe(1009)
  })
})

describe('the end of a connection', () => {
  it('comes when it has lasted as long as it may, with word of it', async () => {
    const clock = new FakeClock()
    await using timed = await startGateway(config('responses: { websocket: { max_age: 60m, ping_interval: 2h } }'), {
      clock,
    })
    const connection = await Connection.to(timed)
    expect(answerOf(await connection.turn({ model: 'chat/m', input: 'x' }))['status']).toBe('completed')
    await clock.advance(3_600_000)
    expect(errorIn(await connection.rest())).toMatchObject({
      status: 400,
      code: 'websocket_connection_limit_reached',
    })
    expect(await connection.closed).toEqual([1000, 'websocket_connection_limit_reached'])
  })

  it('comes when the client gives no sign of life', async () => {
    const clock = new FakeClock()
    await using timed = await startGateway(config('responses: { websocket: { ping_interval: 10s } }'), { clock })
    const connection = new Connection(timed.url, { headers: authorization, autoPong: false })
    await once(connection.socket, 'open')
    const pinged = once(connection.socket, 'ping')
    await clock.advance(10_000)
    await pinged
    await clock.advance(10_000)
    expect((await connection.closed)[0]).toBe(1006)
  })

  it('comes at once when nobody waits, and what ran is on record', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'responses-ws-'))
    const stopping = await startGateway(config(), { dir, keep: true })
    const connection = await Connection.to(stopping)
    const arrival = chat.arrival()
    chat.next(() => {})
    connection.send({ model: 'chat/m', input: 'one' })
    await arrival
    await stopping[Symbol.asyncDispose]()
    expect((await connection.closed)[0]).toBe(1001)
    const again = await startGateway(config(), { dir })
    expect((await again.records()).map(({ outcome }) => outcome)).toEqual(['client-gone'])
    await again[Symbol.asyncDispose]()
  })

  it('comes politely when the gateway stops, after what runs has finished', async () => {
    const stopping = await startGateway(config())
    const idle = await Connection.to(stopping)
    const busy = await Connection.to(stopping)
    let release = (): void => {}
    const opened = new Promise<void>((resolve) => {
      release = resolve
    })
    chat.next(async (response, received) => {
      await opened
      await chatTranscript(response, received)
    })
    const arrival = chat.arrival()
    busy.send({ model: 'chat/m', input: 'one' })
    await arrival
    const drained = stopping.app.drain()
    expect(await idle.closed).toEqual([1001, 'draining'])
    busy.send({ model: 'chat/m', input: 'two' })
    expect(errorIn([await busy.next()])).toMatchObject({ status: 503, code: 'draining' })
    release()
    expect(textOf(answerOf(await busy.rest()))).toBe('user: one')
    expect(await busy.closed).toEqual([1001, 'draining'])
    await drained
    await stopping[Symbol.asyncDispose]()
  })
})
