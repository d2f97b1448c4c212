/** Clients that read slowly or not at all: the provider waits, memory stays bounded, and what was promised arrives whole. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../src/kernel/testing/fake-clock.ts'
import { drained } from '../harness/drained.ts'
import { heldMemory } from '../harness/held-memory.ts'
import { protocols, ways } from '../harness/protocols.ts'
import type { Protocol } from '../harness/protocols.ts'
import { rawClient, rawRequest } from '../harness/raw-http.ts'
import type { RawClient } from '../harness/raw-http.ts'
import { json } from '../harness/upstream.ts'
import { authorized, openStage } from './stage.ts'
import type { Stage, StageOptions } from './stage.ts'

let open: Stage | undefined

afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

async function stageOf(options: StageOptions = {}): Promise<Stage> {
  open = await openStage(options)
  return open
}

const megabyte = 1 << 20

interface Pour {
  /** Bytes that the provider got rid of. */
  sent: number
  /** The connection takes no more at the moment. */
  blocked: boolean
}

/** Streams so many bytes of text as fast as they are taken. */
async function pour(response: ServerResponse, provider: Protocol, bytes: number, state: Pour): Promise<void> {
  const piece = 'x'.repeat(8000)
  const [first = '', ...rest] = provider.events([piece])
  const text = rest.find((event) => event.includes(piece)) ?? ''
  const before = rest.slice(0, rest.indexOf(text))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write([first, ...before].join(''))
  while (state.sent < bytes && !response.destroyed) {
    state.sent += text.length
    if (response.write(text)) continue
    state.blocked = true
    await drained(response)
    state.blocked = false
  }
  response.end(rest.slice(rest.indexOf(text) + 1).join(''))
}

/** Until nothing moves any more: the client's socket, the gateway and the provider's socket are full. */
async function untilStill(state: Pour): Promise<void> {
  for (let still = 0, last = -1; still < 40;) {
    await settle()
    still = state.blocked && state.sent === last ? still + 1 : 0
    last = state.sent
  }
}

async function askSlowly(
  stage: Stage,
  protocol: Protocol,
  model: string,
  id: string,
  more: Record<string, unknown> = {},
): Promise<RawClient> {
  const client = await rawClient(stage.url)
  client.send(rawRequest('POST', protocol.path, { ...authorized, 'x-request-id': id }, protocol.request(model, more)))
  client.socket.pause()
  return client
}

describe.each(ways)('%s: a client that stops reading', (_name, { client: protocol, provider, at }) => {
  it('makes the provider wait, and gets all of it when it reads on', async () => {
    const stage = await stageOf()
    const state: Pour = { sent: 0, blocked: false }
    const total = 30 * megabyte
    const model = stage.script((response) => pour(response, provider, total, state))
    await using client = await askSlowly(stage, protocol, `${at}/${model}`, 'slow', { stream: true })
    await stage.called(model)
    const before = heldMemory()
    await untilStill(state)
    // What the sockets' buffers hold on the way; far less than the whole.
    expect(state.sent).toBeLessThan(total / 2)
    const held = state.sent
    await settle()
    expect(state.sent).toBe(held)
    expect(heldMemory(before + 40 * megabyte) - before).toBeLessThan(60 * megabyte)

    let length = 0
    let tail = ''
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk: Buffer) => {
      length += chunk.length
      tail = (tail + chunk.toString('latin1')).slice(-200)
    })
    client.socket.resume()
    while (!tail.endsWith('0\r\n\r\n')) await once(client.socket, 'data')
    expect(length).toBeGreaterThan(total * 0.95)
    const record = await stage.recordOf('slow')
    expect(record).toMatchObject({ outcome: 'ok', usage: { output: { total: 5 } } })
  })
})

describe('a client that never reads', () => {
  it('a stream is ended by the total deadline, and its connection then given up', async () => {
    const clock = new FakeClock()
    const stage = await stageOf({
      clock,
      yaml: 'timeouts: { total: 60s, stall: 10s }\nserver: { port: 0, request_timeout: 100ms }',
    })
    const [protocol] = protocols
    if (protocol === undefined) return
    const state: Pour = { sent: 0, blocked: false }
    const model = stage.script((response) => pour(response, protocol, 30 * megabyte, state))
    await using client = await askSlowly(stage, protocol, `${protocol.name}/${model}`, 'never', { stream: true })
    const request = await stage.called(model)
    await untilStill(state)
    // A client that does not read is no stall of the provider.
    await clock.advance(30_000)
    await settle()
    expect(stage.gateway.app.server.inFlight).toBe(1)
    await clock.advance(31_000)
    await request.closed
    while (stage.gateway.app.server.inFlight > 0) await settle()
    expect(await stage.recordOf('never')).toMatchObject({ outcome: 'cut', fault: 'deadline_exceeded' })
    client.socket.resume()
    await client.closed
  })

  it('a complete answer is kept for as long as a request may take to arrive, and then given up', async () => {
    const stage = await stageOf({ yaml: 'server: { port: 0, request_timeout: 100ms }' })
    const [protocol] = protocols
    if (protocol === undefined) return
    const model = stage.script(json(protocol.answer('x'.repeat(20 * megabyte))))
    await using client = await askSlowly(stage, protocol, `${protocol.name}/${model}`, 'never')
    await stage.called(model)
    while (stage.gateway.app.server.inFlight > 0) await settle()
    expect(await stage.recordOf('never')).toMatchObject({ outcome: 'ok' })
    client.socket.resume()
    await client.closed
    expect(client.received.length).toBeLessThan(20 * megabyte)
  })

  it('a slow reader that takes a little all the time is not given up', async () => {
    const stage = await stageOf({ yaml: 'server: { port: 0, request_timeout: 150ms }' })
    const [protocol] = protocols
    if (protocol === undefined) return
    const text = 'x'.repeat(20 * megabyte)
    const model = stage.script(json(protocol.answer(text)))
    await using client = await rawClient(stage.url)
    let length = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk: Buffer) => {
      length += chunk.length
      // A rest now and then, longer in all than the time-out.
      if (Math.floor(length / megabyte) === Math.floor((length - chunk.length) / megabyte)) return
      client.socket.pause()
      setTimeout(() => client.socket.resume(), 20)
    })
    client.send(
      rawRequest(
        'POST',
        protocol.path,
        { ...authorized, connection: 'close' },
        protocol.request(`${protocol.name}/${model}`),
      ),
    )
    await client.closed
    expect(length).toBeGreaterThan(text.length)
  })
})
