/** What only real sockets show: TLS and whom it is meant for, long answers in little memory, names that move, ends at every place. */
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Outbound } from '../../kernel/transport.ts'
import { get, listening, run, serving, silent, transportOf } from '../loopback.fixture.ts'
import { selfSigned } from '../self-signed.fixture.ts'

const post = (origin: string, path: string, body: Buffer | readonly Buffer[]): Outbound => ({
  method: 'POST',
  origin,
  path,
  headers: {},
  body,
})

describe('a connection with TLS', () => {
  const pair = selfSigned()
  const serve = async (
    seen: { name: string | false; protocol: string | false; resumed: boolean }[],
  ): Promise<number> => {
    const server = createTlsServer({ ...pair, ALPNProtocols: ['h2', 'http/1.1'] }, (request, response) => {
      const socket = request.socket as TLSSocket & { servername: string | false }
      seen.push({ name: socket.servername, protocol: socket.alpnProtocol ?? false, resumed: socket.isSessionReused() })
      response.setHeader('connection', 'close')
      response.end('secret')
    })
    return listening(server)
  }

  it('tells the name that it wants, asks for HTTP/1.1, and takes up a session that it had', async () => {
    const seen: Parameters<typeof serve>[0] = []
    const port = await serve(seen)
    const transport = transportOf({ tls: { ca: [pair.cert] } })
    for (let call = 0; call < 2; call += 1)
      expect((await run(transport, get(`https://localhost:${port}`))).text).toBe('secret')
    expect(seen).toEqual([
      { name: 'localhost', protocol: 'http/1.1', resumed: false },
      { name: 'localhost', protocol: 'http/1.1', resumed: true },
    ])
    expect((await run(transport, get(`https://127.0.0.1:${port}`))).text).toBe('secret')
    expect(seen[2]?.name).toBe(false)
  })

  it('is refused where the certificate is for another name, with a session or without', async () => {
    const port = await serve([])
    const transport = transportOf({ tls: { ca: [pair.cert] } })
    for (let call = 0; call < 2; call += 1) {
      const heard = await run(transport, get(`https://[::ffff:127.0.0.1]:${port}`))
      expect(heard).toMatchObject({ error: { failure: 'tls' }, text: '' })
    }
  })

  it('is refused by a server that speaks no protocol of ours', async () => {
    const server = createTlsServer({ ...pair, ALPNProtocols: ['h2'] })
    const heard = await run(
      transportOf({ tls: { ca: [pair.cert] } }),
      get(`https://localhost:${await listening(server)}`),
    )
    expect(heard.error?.failure).toBe('tls')
  })

  it('carries long bodies there and back, in pieces, in step with who reads them', async () => {
    const server = createTlsServer(pair, (request, response) => void request.pipe(response))
    const transport = transportOf({ tls: { ca: [pair.cert] } })
    const pieces = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, index))
    const chunks: Uint8Array[] = []
    await new Promise<void>((resolve, reject) => {
      void listening(server).then((port) => {
        const call = transport.dispatch(post(`https://localhost:${port}`, '/', pieces), {
          onHead() {},
          onData(chunk) {
            chunks.push(chunk)
            call.pause()
            setImmediate(() => call.resume())
          },
          onEnd: resolve,
          onError: reject,
        })
      })
    })
    expect(Buffer.concat(chunks).equals(Buffer.concat(pieces))).toBe(true)
  })
})

describe('an answer', () => {
  it('of 200 MB comes through in little memory', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const total = 200 * piece.length
    const server = createTcpServer((socket) => {
      socket.once('data', () => {
        let left = 200
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
        const more = (): void => {
          while (left > 0) {
            left -= 1
            if (!socket.write(piece)) return
          }
        }
        socket.on('drain', more)
        more()
      })
    })
    let received = 0
    let longest = 0
    const origin = `http://127.0.0.1:${await listening(server)}`
    await new Promise<void>((resolve, reject) => {
      transportOf().dispatch(get(origin), {
        onHead() {},
        onData(chunk) {
          received += chunk.length
          longest = Math.max(longest, chunk.length)
        },
        onEnd: resolve,
        onError: reject,
      })
    })
    expect(received).toBe(total)
    expect(longest).toBeLessThanOrEqual(65_536)
  })

  it('that is the handler’s to keep is not touched by what comes later', async () => {
    const origin = await serving((request, response) => {
      response.write(`${request.url} `.repeat(2000))
      setImmediate(() => response.end(`${request.url}!`.repeat(2000)))
    })
    const transport = transportOf()
    const kept: { path: string; chunks: Uint8Array[] }[] = []
    const keep = (path: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const chunks: Uint8Array[] = []
        kept.push({ path, chunks })
        const onData = (chunk: Uint8Array): void => void chunks.push(chunk)
        transport.dispatch(get(origin, path), { onHead() {}, onData, onEnd: resolve, onError: reject })
      })
    await Promise.all(Array.from({ length: 8 }, (_, index) => keep(`/${index}`)))
    for (const { path, chunks } of kept)
      expect(Buffer.concat(chunks).toString()).toBe(`${path} `.repeat(2000) + `${path}!`.repeat(2000))
  })

  it('that came before its request was read does not lose the next one', async () => {
    const ports: (number | undefined)[] = []
    const origin = await serving((request, response) => {
      ports.push(request.socket.remotePort)
      if (request.url === '/long') response.writeHead(401).end('no')
      else response.end('ok')
    })
    const transport = transportOf({ connections: 1 })
    const long = Array.from({ length: 100 }, () => Buffer.alloc(200_000))
    const early = await run(transport, post(origin, '/long', long))
    // Its end may be heard as an answer or as a break, as with any client: the server need not read what it has refused.
    expect(early.status === 401 || early.error?.failure === 'reset').toBe(true)
    expect(await run(transport, get(origin))).toMatchObject({ status: 200, text: 'ok' })
    expect(new Set(ports).size).toBe(2)
  })
})

describe('a name', () => {
  it('is looked up anew for a connection that takes the place of an old one', async () => {
    const origin = (await serving((_request, response) => response.end('ok'))).replace('127.0.0.1', 'localhost')
    const lookups: string[] = []
    const permitAddress = (address: string): boolean => lookups.push(address) > 0
    const kept = transportOf({ permitAddress })
    for (let call = 0; call < 3; call += 1) {
      await run(kept, get(origin))
      await turn()
    }
    const before = lookups.length
    const restless = transportOf({ permitAddress, maxConnectionAge: 0 })
    for (let call = 0; call < 3; call += 1) await run(restless, get(origin))
    expect(lookups.length - before).toBe(3 * before)
  })
})

describe('a call that is aborted', () => {
  /** What the server does until it is gone, and how far the call is let come. */
  it.each<[string, (socket: Socket) => void, 'at once' | 'connected' | 'head' | 'data']>([
    ['before anything is known', () => {}, 'at once'],
    ['when it is sent', () => {}, 'connected'],
    ['at the head', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), 'head'],
    ['in its body', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), 'data'],
    ['in a chunk', (socket) => socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc'), 'data'],
  ])(
    '%s is told nothing more, and what it left on its connection does not reach the next one',
    async (_when, answer, until) => {
      const { promise: gone, resolve: closed } = Promise.withResolvers<void>()
      const { promise: sent, resolve: arrived } = Promise.withResolvers<void>()
      const server = createTcpServer((socket) => {
        socket.once('close', () => closed())
        socket.once('data', (request) => {
          arrived()
          if (request.includes('/aborted')) answer(socket)
          else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
        })
      })
      const origin = `http://127.0.0.1:${await listening(server)}`
      const transport = transportOf({ connections: 1 })
      const after: string[] = []
      let isOver = false
      const note = (what: string) => (): void => {
        if (isOver) after.push(what)
      }
      const end = (): void => {
        isOver = true
        call.abort()
      }
      const call = transport.dispatch(get(origin, '/aborted'), {
        onHead: () => (until === 'head' ? end() : note('head')()),
        onData: () => (until === 'data' ? end() : note('data')()),
        onEnd: note('end'),
        onError: note('error'),
      })
      if (until === 'at once') end()
      else {
        if (until === 'connected') void sent.then(end)
        await gone
      }
      expect(await run(transport, get(origin))).toMatchObject({ status: 200, text: 'ok' })
      expect(after).toEqual([])
    },
  )

  it('while it waits costs no connection', async () => {
    let connections = 0
    let finish = (): void => {}
    const server = createServer((request, response) => {
      if (request.url === '/slow') finish = () => response.end('slow')
      else response.end('ok')
      response.flushHeaders()
    })
    server.on('connection', () => (connections += 1))
    const origin = `http://127.0.0.1:${await listening(server)}`
    const transport = transportOf({ connections: 1 })
    await new Promise<void>((resolve, reject) => {
      transport.dispatch(get(origin, '/slow'), {
        ...silent,
        onHead() {
          for (let waiting = 0; waiting < 5; waiting += 1) transport.dispatch(get(origin), silent).abort()
          finish()
        },
        onEnd: resolve,
        onError: reject,
      })
    })
    expect((await run(transport, get(origin))).text).toBe('ok')
    expect(connections).toBe(1)
  })
})
