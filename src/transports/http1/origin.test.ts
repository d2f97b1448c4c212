/**
 * The connections to one origin against a network that is played: no call is lost, told of twice, or answered with what another asked
 * for, whatever the network does and in whatever order.
 */
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnswerHandler } from './call.ts'
import { PendingCall } from './call.ts'
import type { ConnectionEvents } from './connect.ts'
import { Origin } from './origin.ts'
import type { OriginOptions } from './origin.ts'

const minute = 60_000

/** One connection as the network sees it. */
class PlayedSocket {
  readonly events: ConnectionEvents
  /** Paths of the requests that were written on it. */
  readonly asked: string[] = []
  state: 'opening' | 'open' | 'gone' = 'opening'
  isPaused = false
  writableLength = 0

  constructor(events: ConnectionEvents) {
    this.events = events
  }

  get destroyed(): boolean {
    return this.state === 'gone'
  }

  write(data: string | Uint8Array): boolean {
    const path = /^\w+ (\S+) HTTP/.exec(Buffer.from(data as string).toString('latin1'))?.[1]
    if (path !== undefined) this.asked.push(path)
    return true
  }

  destroy(): void {
    this.state = 'gone'
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  open(): void {
    this.state = 'open'
    this.events.onOpen()
  }

  receive(text: string): void {
    this.events.onBytes(Buffer.from(text, 'latin1'))
  }

  close(error?: Error): void {
    this.state = 'gone'
    this.events.onClose(error)
  }

  ref(): void {}
  unref(): void {}
  cork(): void {}
  uncork(): void {}
}

interface Call {
  path: string
  pending: PendingCall
  status?: number
  text: string
  ends: string[]
}

function play(options: Partial<OriginOptions> = {}) {
  const sockets: PlayedSocket[] = []
  const connect = (_url: URL, events: ConnectionEvents): Socket => {
    const socket = new PlayedSocket(events)
    sockets.push(socket)
    return socket as unknown as Socket
  }
  const all = { connections: 2, keepAlive: minute, maxAge: minute, maxHead: 4096, ...options }
  const origin = new Origin('http://h', { connect }, all)
  function call(path: string, method = 'POST'): Call {
    const handler: AnswerHandler = {
      onRequestStart() {},
      onResponseStart: (_control, status) => (made.status = status),
      onResponseData: (_control, bytes) => (made.text += Buffer.from(bytes).toString('latin1')),
      onResponseEnd: () => made.ends.push('end'),
      onResponseError: (_control, error) => made.ends.push(error.message),
    }
    const outbound = { method, origin: 'http://h', path, headers: {}, body: null }
    const pending = new PendingCall(outbound, `${method} ${path} HTTP/1.1\r\n\r\n`, 0, handler)
    const made: Call = { path, pending, text: '', ends: [] }
    origin.dispatch(pending)
    return made
  }
  const alive = (): PlayedSocket[] => sockets.filter((socket) => socket.state !== 'gone')
  return { origin, sockets, call, alive }
}

const answerTo = (path: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`
const aborted = new Error('aborted')

describe('the connections to an origin', () => {
  it('answer the call that waits although the one that became free is closed in the same turn', async () => {
    const { call, sockets } = play({ connections: 1 })
    call('/a')
    const second = call('/b')
    sockets[0]?.open()
    sockets[0]?.receive(answerTo('/a'))
    sockets[0]?.events.onHangUp()
    await turn()
    sockets[1]?.open()
    sockets[1]?.receive(answerTo('/b'))
    expect(second).toMatchObject({ text: '/b', ends: ['end'] })
  })

  it('let go of a call that is given up while it waits, and of nothing else', async () => {
    const { call, sockets } = play({ connections: 1 })
    const first = call('/a')
    const given = call('/b')
    const third = call('/c')
    sockets[0]?.open()
    given.pending.abort(aborted)
    sockets[0]?.receive(answerTo('/a'))
    await turn()
    sockets[0]?.receive(answerTo('/c'))
    expect(sockets.map(({ asked }) => asked)).toEqual([['/a', '/c']])
    expect([first, given, third].map(({ ends }) => ends)).toEqual([['end'], ['aborted'], ['end']])
  })

  it('do not take what comes after an answer for the next one', async () => {
    const { call, sockets } = play({ connections: 1 })
    call('/a')
    sockets[0]?.open()
    sockets[0]?.receive(`${answerTo('/a')}${answerTo('/forged')}`)
    const second = call('/b')
    await turn()
    expect(sockets[0]?.state).toBe('gone')
    sockets[1]?.open()
    sockets[1]?.receive(answerTo('/b'))
    expect(second.text).toBe('/b')
  })

  it('do not take what comes late, in the same turn or while nothing is asked, for the next answer', async () => {
    for (const wait of [false, true]) {
      const { call, sockets } = play({ connections: 1 })
      call('/a')
      sockets[0]?.open()
      sockets[0]?.receive(answerTo('/a'))
      if (wait) await turn()
      sockets[0]?.receive(answerTo('/forged'))
      const second = call('/b')
      await turn()
      sockets[1]?.open()
      sockets[1]?.receive(answerTo('/b'))
      expect(second.text).toBe('/b')
    }
  })

  it('do not go on with one whose answer came before its request was taken in', async () => {
    const { call, sockets } = play({ connections: 1 })
    const first = call('/a')
    const [socket] = sockets
    socket?.open()
    if (socket !== undefined) socket.writableLength = 1
    socket?.receive(answerTo('/a'))
    expect(first.ends).toEqual(['end'])
    expect(socket?.state).toBe('gone')
  })

  it('send anew what a kept connection lost unheard, once, and only what changes nothing', async () => {
    const { call, sockets } = play({ connections: 1 })
    call('/first')
    sockets[0]?.open()
    sockets[0]?.receive(answerTo('/first'))
    await turn()
    const post = call('/post')
    sockets[0]?.close()
    expect(post.ends).toEqual(['the connection broke before the answer was complete'])

    call('/second')
    sockets[1]?.open()
    sockets[1]?.receive(answerTo('/second'))
    await turn()
    const get = call('/get', 'GET')
    sockets[1]?.close()
    expect(get.ends).toEqual([])
    sockets[2]?.open()
    sockets[2]?.close()
    expect(sockets[2]?.asked).toEqual(['/get'])
    expect(get.ends).toHaveLength(1)
  })

  it('do not send anew what was heard of, be it a single byte, nor what was lost on a first request', async () => {
    const { call, sockets } = play({ connections: 1 })
    const lost = call('/lost', 'GET')
    sockets[0]?.open()
    sockets[0]?.close()
    expect(lost.ends).toHaveLength(1)
    call('/a', 'GET')
    sockets[1]?.open()
    sockets[1]?.receive(answerTo('/a'))
    await turn()
    const heard = call('/heard', 'GET')
    sockets[1]?.receive('H')
    sockets[1]?.close()
    expect(heard.ends).toHaveLength(1)
    expect(sockets).toHaveLength(2)
  })

  it('tell one call for each connection that could not be made', () => {
    const { call, sockets } = play({ connections: 2 })
    const calls = [call('/a'), call('/b'), call('/c')]
    expect(sockets).toHaveLength(2)
    sockets[0]?.close(new Error('refused'))
    expect(calls.map(({ ends }) => ends)).toEqual([['refused'], [], []])
    expect(sockets).toHaveLength(3)
    sockets[1]?.close(new Error('refused'))
    sockets[2]?.close(new Error('refused'))
    expect(calls.map(({ ends }) => ends)).toEqual([['refused'], ['refused'], ['refused']])
    expect(sockets).toHaveLength(3)
  })

  it('take no more requests when they are old, or when the server keeps them for too short a time', async () => {
    const old = play({ maxAge: 0 })
    old.call('/a')
    old.sockets[0]?.open()
    old.sockets[0]?.receive(answerTo('/a'))
    expect(old.alive()).toEqual([])
    const brief = play()
    brief.call('/a')
    brief.sockets[0]?.open()
    brief.sockets[0]?.receive('HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 0\r\n\r\n')
    expect(brief.alive()).toEqual([])
  })

  it('end by themselves when they lie idle for as long as the server says, or else for as long as is set', async () => {
    const { origin, call, sockets, alive } = play()
    call('/a')
    call('/b')
    for (const socket of sockets) socket.open()
    sockets[0]?.receive('HTTP/1.1 200 OK\r\nkeep-alive: timeout=12, max=9\r\ncontent-length: 0\r\n\r\n')
    sockets[1]?.receive(answerTo('/b'))
    await turn()
    expect(origin.sweep(performance.now() + 9000)).toBe(true)
    expect(alive()).toHaveLength(2)
    expect(origin.sweep(performance.now() + 11_000)).toBe(true)
    expect(alive()).toEqual([sockets[1]])
    expect(origin.sweep(performance.now() + minute)).toBe(false)
    expect(alive()).toEqual([])
  })

  it('lose no call, tell of none twice and mix up no answers, whatever the network does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(12), fc.nat()), { maxLength: 60 }), async (steps) => {
        const { origin, sockets, call, alive } = play({ connections: 3 })
        const calls: Call[] = []
        const given = new Set<Call>()
        const pick = <Item>(items: readonly Item[], by: number): Item | undefined => items[by % items.length]
        const partial = new Set<PlayedSocket>()
        for (const [what, by] of steps) {
          const opening = pick(
            alive().filter(({ state }) => state === 'opening'),
            by,
          )
          const open = pick(
            alive().filter(({ state }) => state === 'open'),
            by,
          )
          const path = open?.asked.at(-1)
          if (what < 3) calls.push(call(`/${calls.length}`, by % 2 === 0 ? 'GET' : 'POST'))
          else if (what === 3) opening?.open()
          else if (what === 4) opening?.close(new Error('refused'))
          else if (what === 5 && open !== undefined && !partial.has(open)) open.receive(answerTo(path ?? '/forged'))
          else if (what === 6 && open !== undefined && !partial.has(open)) {
            partial.add(open)
            open.receive(answerTo(path ?? '/forged').slice(0, 1 + (by % 30)))
          } else if (what === 7) open?.events.onHangUp()
          else if (what === 8) open?.close(new Error('reset'))
          else if (what === 9) open?.receive('garbage\r\n\r\n')
          else if (what === 10) {
            const one = pick(
              calls.filter(({ ends }) => ends.length === 0),
              by,
            )
            if (one === undefined) continue
            given.add(one)
            one.pending.abort(aborted)
          } else if (what === 11) origin.sweep(performance.now() + (by % 2) * 2 * minute)
          else await turn()
          expect(alive().length).toBeLessThanOrEqual(3)
        }
        // From here on the network behaves, and everything that is left has to come to its end.
        for (let round = 0; round < 200 && calls.some(({ ends }) => ends.length === 0); round += 1) {
          for (const socket of alive()) {
            if (socket.state === 'opening') socket.open()
            else if (partial.has(socket)) socket.close(new Error('reset'))
            else if (socket.asked.length > 0) socket.receive(answerTo(socket.asked.at(-1) ?? ''))
          }
          await turn()
        }
        for (const one of calls) {
          expect(one.ends).toHaveLength(1)
          expect(one.ends[0] === 'aborted').toBe(given.has(one))
          if (one.ends[0] === 'end') expect(one.text).toBe(one.path)
        }
        // A call is on the wire at most twice, and twice only where that changes nothing.
        const asked = sockets.flatMap((socket) => socket.asked)
        for (const [index, { path }] of calls.entries()) {
          const times = asked.filter((one) => one === path).length
          expect(times).toBeLessThanOrEqual(calls[index]?.pending.isRepeatable === true ? 2 : 1)
        }
        origin.destroy(aborted)
        expect(alive()).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
