/** Pieces of the WebSocket mode: the order of work, what a connection remembers, and holding back for slow clients. */
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import type { StreamSink } from '../../kernel/reply.ts'
import { sampleResponse } from '../../kernel/testing/response-store-kit.ts'
import { settle } from '../../kernel/testing/fake-clock.ts'
import type { Fault } from '../../model/fault.ts'
import { readMessage } from './client-message.ts'
import { ConnectionMemory } from './connection-memory.ts'
import { Lanes } from './lanes.ts'
import { sendStream } from './socket-sink.ts'

/** Work that ends when it is told to. */
function work(log: string[], name: string, size = 1) {
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const run = (): Promise<void> => {
    log.push(name)
    return over
  }
  return { size, run, end: () => end() }
}

describe('lanes', () => {
  it('run one thing after the other each, and all at the same time', async () => {
    const lanes = new Lanes({ maxWaitingBytes: 100 })
    const log: string[] = []
    const [a1, a2, b1] = [work(log, 'a1'), work(log, 'a2'), work(log, 'b1')]
    lanes.add('a', a1)
    lanes.add('a', a2)
    lanes.add('b', b1)
    expect(log).toEqual(['a1', 'b1'])
    a1.end()
    await settle()
    expect(log).toEqual(['a1', 'b1', 'a2'])
    let idle = false
    lanes.whenIdle(() => (idle = true))
    a2.end()
    await settle()
    expect(idle).toBe(false)
    b1.end()
    await settle()
    expect(idle).toBe(true)
  })

  it('let sixteen things run, and the next one as soon as one has ended', async () => {
    const lanes = new Lanes({ maxWaitingBytes: 100 })
    const log: string[] = []
    const all = Array.from({ length: 20 }, (_, n) => work(log, String(n)))
    for (const [n, one] of all.entries()) lanes.add(String(n), one)
    expect(log).toHaveLength(16)
    all[0]?.end()
    await settle()
    expect(log).toHaveLength(17)
    for (const one of all) one.end()
  })

  it('refuse what is too much', () => {
    const lanes = new Lanes({ maxWaitingBytes: 10 })
    const refused = (add: () => void): string | undefined => {
      try {
        add()
      } catch (error) {
        return (error as Fault).code
      }
      return undefined
    }
    const log: string[] = []
    expect(refused(() => lanes.add('', work(log, 'x', 50)))).toBeUndefined()
    expect(refused(() => lanes.add('', work(log, 'y', 8)))).toBeUndefined()
    expect(refused(() => lanes.add('', work(log, 'z', 3)))).toBe('websocket_stream_limit_reached')
    const many = new Lanes({ maxWaitingBytes: 100 })
    for (let n = 0; n < 32; n += 1) many.add(`lane-${n}`, work(log, String(n)))
    expect(refused(() => many.add('one-more', work(log, 'x')))).toBe('websocket_stream_limit_reached')
  })
})

describe('the memory of a connection', () => {
  it('keeps the last answers, and none that is too large', () => {
    const memory = new ConnectionMemory(500)
    for (let n = 0; n < 17; n += 1) memory.keep([sampleResponse(String(n))])
    expect(memory.chain('resp_0')).toBeUndefined()
    expect(memory.chain('resp_16')).toHaveLength(1)
    memory.keep([sampleResponse('a'), sampleResponse('large', { input: `["${'x'.repeat(500)}"]` })])
    expect(memory.chain('resp_large')).toBeUndefined()
  })
})

describe('a message of a client', () => {
  it('becomes the request of a POST, all else as it was written', () => {
    const text = '{"type":"response.create", "stream_id":"a.b", "model" : "m","input":[ ],"background":false,"x":1.0}'
    const { body, lane, warmup } = readMessage(Buffer.from(text))
    expect([lane, warmup]).toEqual(['a.b', false])
    expect(Buffer.from(body).toString()).toMatch(/^\{ ?"model" : "m","input":\[ \],"x":1\.0,"stream":true\}$/)
    expect(readMessage(Buffer.from('{"type":"response.create","generate":false}')).warmup).toBe(true)
  })
})

describe('a stream on a socket', () => {
  it('is held back while its client takes nothing, and goes on when it does', async () => {
    const sent: { text: string; flushed: () => void }[] = []
    const socket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      send: (text: string, flushed: () => void) => void sent.push({ text, flushed }),
    }
    let sink: StreamSink | undefined
    let resumed = 0
    const source = { start: (given: StreamSink) => void (sink = given), resume: () => void (resumed += 1) }
    const over = sendStream(
      socket as unknown as WebSocket,
      { kind: 'stream', status: 200, contentType: '', source },
      (data) => data,
    )
    expect(sink?.write('event: a\ndata: {"n":1}\n\n: comment\n\n')).toBe(true)
    socket.bufferedAmount = 2 << 20
    expect(sink?.write('data: {"n":2}\n\n')).toBe(false)
    sent[1]?.flushed()
    expect(resumed).toBe(0)
    socket.bufferedAmount = 10
    sent[1]?.flushed()
    sent[1]?.flushed()
    expect(resumed).toBe(1)
    sink?.write('data: {"n":3}')
    sink?.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
    await over
    expect(sent.map(({ text }) => text)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
  })
})
