/** The network transport against real servers on the loopback interface: answers, back-pressure, and every way to fail. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { Socket } from 'node:net'
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { get, listening, run, sending, serving, silent, transportOf } from './loopback.fixture.ts'
import type { Heard } from './loopback.fixture.ts'
import { selfSigned } from './self-signed.fixture.ts'
import { networkTransport } from './network-transport.ts'
import type { NetworkTransportOptions } from './network-transport.ts'

const failing = async (origin: string, options?: NetworkTransportOptions): Promise<Heard> =>
  run(transportOf(options), get(origin))

describe('a body in pieces', () => {
  it('arrives as one, its length announced, over connections that are kept; a server that reads none of it is heard', async () => {
    const heard: { length: string | undefined; body: string; port: number | undefined }[] = []
    const origin = await serving((request, response) => {
      if (request.url === '/deaf') {
        response.writeHead(413, { connection: 'close' }).end('too much')
        return
      }
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        heard.push({ length: request.headers['content-length'], body, port: request.socket.remotePort })
        response.end('ok')
      })
    })
    const transport = transportOf()
    const long = 'x'.repeat(300_000)
    const pieces = ['{"model":', '"a"', `,"text":"${long}"}`].map((text) => Buffer.from(text))
    const outbound = {
      method: 'POST',
      origin,
      path: '/',
      headers: { 'content-type': 'application/json' },
      body: pieces,
    }
    for (let call = 0; call < 3; call += 1) expect(await run(transport, outbound)).toMatchObject({ status: 200 })
    const body = Buffer.concat(pieces).toString()
    expect(heard.map((one) => [one.length, one.body === body])).toEqual(
      Array.from({ length: 3 }, () => [String(body.length), true]),
    )
    expect(new Set(heard.map(({ port }) => port)).size).toBeLessThan(3)
    expect(await run(transport, { ...outbound, path: '/deaf' })).toMatchObject({ status: 413, text: 'too much' })
  })
})

describe('an answer', () => {
  it('arrives with its status, lower-case headers joined by name, and its body', async () => {
    const origin = await serving((request: IncomingMessage, response: ServerResponse) => {
      response.setHeader('X-Twice', ['a', 'b'])
      response.statusCode = 418
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { host: _host, connection: _connection, ...headers } = request.headers
        response.end(JSON.stringify([request.method, request.url, headers, Buffer.concat(parts).toString()]))
      })
    })
    const heard = await run(transportOf(), {
      method: 'POST',
      origin,
      path: '/v1/chat?x=1',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body: new TextEncoder().encode('{"a":1}'),
    })
    expect(heard.status).toBe(418)
    expect(heard.headers).toMatchObject({ 'x-twice': 'a, b' })
    expect(JSON.parse(heard.text)).toEqual([
      'POST',
      '/v1/chat?x=1',
      { 'content-type': 'application/json', authorization: 'Bearer k', 'content-length': '7' },
      '{"a":1}',
    ])
  })

  it('that is a redirect is given as it is', async () => {
    const origin = await serving((_request, response) => response.writeHead(307, { location: '/elsewhere' }).end())
    expect(await run(transportOf(), get(origin))).toMatchObject({ status: 307, headers: { location: '/elsewhere' } })
  })

  it('is not confused by interim answers before it', async () => {
    const origin = await sending(
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    )
    expect(await run(transportOf(), get(origin))).toMatchObject({ status: 200, text: 'ok' })
  })

  it('comes over a connection that is kept, for one call after the other', async () => {
    const ports = new Set<number | undefined>()
    const origin = await serving((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('ok')
    })
    const transport = transportOf()
    for (let call = 0; call < 9; call++) expect((await run(transport, get(origin))).text).toBe('ok')
    // The second call begins before undici has the first connection back.
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('comes although more calls are made than connections allowed', async () => {
    let most = 0
    let now = 0
    const origin = await serving((_request, response) => {
      most = Math.max(most, ++now)
      setImmediate(() => {
        now--
        response.end('ok')
      })
    })
    const transport = transportOf({ connections: 2 })
    const all = await Promise.all(Array.from({ length: 20 }, () => run(transport, get(origin))))
    expect(all.every(({ text }) => text === 'ok')).toBe(true)
    expect(most).toBeLessThanOrEqual(2)
  })
})

describe('a content encoding', () => {
  const text = 'event: x\ndata: {"n":1}\n\n'.repeat(500)
  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
  ] as const)('%s is undone, with the headers that spoke of it', async (encoding, bytes) => {
    const origin = await serving((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': bytes.length }).end(bytes),
    )
    const heard = await run(transportOf(), get(origin))
    expect(heard.text).toBe(text)
    expect(heard.headers).not.toHaveProperty('content-encoding')
    expect(heard.headers).not.toHaveProperty('content-length')
  })

  it('does not hold back an event until the next one comes', async () => {
    const origin = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = createGzip()
      gzip.on('data', (chunk) => response.write(chunk))
      gzip.write('data: 1\n\n')
      gzip.flush()
      // Nothing more is ever sent: the event has to come through by itself.
    })
    const first = await new Promise<string>((resolve) => {
      const call = transportOf().dispatch(get(origin), {
        ...silent,
        onData(chunk) {
          resolve(Buffer.from(chunk).toString())
          call.abort()
        },
      })
    })
    expect(first).toBe('data: 1\n\n')
  })

  it('that is corrupt is malformed', async () => {
    const bytes = gzipSync(text)
    bytes.fill(0xff, 20, 40)
    const origin = await serving((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    )
    expect((await failing(origin)).error?.failure).toBe('malformed')
  })

  it('that ends before its end is malformed', async () => {
    const bytes = gzipSync(text).subarray(0, 60)
    const origin = await serving((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    )
    expect((await failing(origin)).error?.failure).toBe('malformed')
  })

  it('that nobody knows is malformed', async () => {
    const origin = await serving((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'rot13' }).end('uryyb'),
    )
    const heard = await failing(origin)
    expect(heard.error?.failure).toBe('malformed')
    expect(heard.status).toBeUndefined()
  })

  it('without a body is no fault', async () => {
    const origin = await serving((_request, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end())
    expect(await failing(origin)).toEqual({ status: 204, headers: expect.any(Object), text: '', chunks: 0 })
  })

  it('cut in its middle gives what there was and then tells of the cut', async () => {
    const origin = await serving((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const begun = gzipSync('data: 1\n\n', { finishFlush: constants.Z_SYNC_FLUSH })
      response.write(begun, () => response.destroy())
    })
    const heard = await failing(origin)
    expect(heard.text).toBe('data: 1\n\n')
    expect(heard.error?.failure).toBe('reset')
  })
})

describe('a failure', () => {
  it('to connect, because nobody listens, is connect', async () => {
    const server = createServer()
    const port = await listening(server)
    await new Promise((resolve) => {
      server.close(resolve)
    })
    expect((await failing(`http://127.0.0.1:${port}`)).error?.failure).toBe('connect')
  })

  it('to find the host is connect', async () => {
    const lookup: NetworkTransportOptions = { permitAddress: () => true }
    expect((await failing('http://does-not-exist.invalid', lookup)).error?.failure).toBe('connect')
  })

  it('to shake hands in time is connect-timeout', async () => {
    // It accepts the connection and never answers the TLS handshake.
    const port = await listening(createTcpServer(() => {}))
    const heard = await failing(`https://127.0.0.1:${port}`, { connectTimeout: 20 })
    expect(heard.error?.failure).toBe('connect-timeout')
  })

  it('to prove who it is is tls, and an authority of ours mends it', async () => {
    const pair = selfSigned()
    const port = await listening(createTlsServer(pair, (_request, response) => response.end('secret')))
    const origin = `https://127.0.0.1:${port}`
    const heard = await failing(origin)
    expect(heard.error?.failure).toBe('tls')
    expect(heard.status).toBeUndefined()
    expect((await failing(origin, { tls: { ca: [pair.cert] } })).text).toBe('secret')
    const warnings: string[] = []
    const careless = await failing(origin, { tls: { rejectUnauthorized: false }, warn: (text) => warnings.push(text) })
    expect(careless.text).toBe('secret')
    expect(warnings).toHaveLength(1)
  })

  it('to speak TLS at all is tls', async () => {
    const port = await listening(createTcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')))
    expect((await failing(`https://127.0.0.1:${port}`)).error?.failure).toBe('tls')
  })

  it('to be checked for its certificate cannot be had in silence', () => {
    expect(() => networkTransport({ tls: { rejectUnauthorized: false } })).toThrow('warning')
  })

  it.each([
    ['before the head', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['in a body of known length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
    ['in a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\nhalf'],
  ])('of the connection %s is reset, once closed and once reset', async (_where, bytes) => {
    for (const after of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const origin = await (bytes === ''
        ? listening(createTcpServer((socket) => socket.once('data', () => after(socket)))).then(
            (port) => `http://127.0.0.1:${port}`,
          )
        : sending(bytes, after))
      expect((await failing(origin)).error?.failure).toBe('reset')
    }
  })

  it.each([
    ['something else', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a header that is none', 'HTTP/1.1 200 OK\r\nno colon here\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nab'],
    ['a bad chunk size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n'],
    ['an endless head', `HTTP/1.1 200 OK\r\n${`x-filler: ${'a'.repeat(1000)}\r\n`.repeat(100)}\r\n`],
  ])('to speak HTTP, with %s, is malformed', async (_what, bytes) => {
    expect((await failing(await sending(bytes))).error?.failure).toBe('malformed')
  })

  it('of our own to write a valid request names no header value', async () => {
    const origin = await serving((_request, response) => response.end())
    const heard = await run(transportOf(), { ...get(origin), headers: { authorization: 'Bearer k3y\r\nx: 1' } })
    expect(heard.error).toBeDefined()
    expect(`${String(heard.error)} ${String(heard.error?.cause)}`).not.toContain('k3y')
  })

  it('of an origin that is none is told, not thrown', async () => {
    expect((await failing('nonsense')).error).toBeDefined()
  })

  it('of a transport that is closed is connect', async () => {
    const transport = networkTransport()
    await transport[Symbol.asyncDispose]()
    expect((await run(transport, get('http://127.0.0.1:1'))).error?.failure).toBe('connect')
  })

  it('is told for calls under way when the transport closes', async () => {
    const origin = await serving((_request, response) => response.write('a'))
    const transport = networkTransport()
    const heard = await run(transport, get(origin), () => void transport[Symbol.asyncDispose]())
    expect(heard.text).toBe('a')
    expect(heard.error).toBeDefined()
  })
})

describe('an address that is not permitted', () => {
  it('is refused before a connection is made, given as a number or by name', async () => {
    let connections = 0
    const server = createTcpServer(() => connections++)
    const port = await listening(server)
    const permitAddress = (address: string): boolean => !address.startsWith('127.') && address !== '::1'
    for (const host of ['127.0.0.1', 'localhost']) {
      expect((await failing(`http://${host}:${port}`, { permitAddress })).error?.failure).toBe('refused-address')
    }
    expect(connections).toBe(0)
  })

  it('leaves permitted ones alone', async () => {
    const origin = await serving((_request, response) => response.end('ok'))
    const seen: string[] = []
    const permitAddress = (address: string): boolean => seen.push(address) > 0
    expect((await failing(origin, { permitAddress })).text).toBe('ok')
    expect(seen).toEqual(['127.0.0.1'])
  })
})

describe('a paused call', () => {
  it('stops a fast server, and hears everything once it is resumed', async () => {
    const total = 64 * 1024 * 1024
    const piece = Buffer.alloc(64 * 1024, 'x')
    let sent = 0
    const { promise: isBlocked, resolve: blocked } = Promise.withResolvers<void>()
    const origin = await serving((_request, response) => {
      const write = (): void => {
        while (sent < total) {
          sent += piece.length
          if (!response.write(piece)) {
            response.once('drain', write)
            // The kernel's buffers are full when even a long turn of the event loop drains nothing.
            const at = sent
            let turns = 0
            const look = (): void => {
              if (sent !== at) return
              if (++turns > 2000) blocked()
              else setImmediate(look)
            }
            look()
            return
          }
        }
        response.end()
      }
      write()
    })
    let received = 0
    let whilePaused = 0
    let paused = false
    const done = new Promise<void>((resolve, reject) => {
      const call = transportOf().dispatch(get(origin), {
        onHead() {
          call.pause()
          paused = true
          void isBlocked.then(() => {
            expect(sent).toBeLessThan(total / 2)
            paused = false
            call.resume()
          })
        },
        onData(chunk) {
          if (paused) whilePaused += chunk.length
          received += chunk.length
        },
        onEnd: resolve,
        onError: reject,
      })
    })
    await done
    expect(whilePaused).toBe(0)
    expect(received).toBe(total)
  })

  it('also stops a decompressor from inflating ahead', async () => {
    const total = 32 * 1024 * 1024
    const bomb = gzipSync(Buffer.alloc(total))
    const origin = await serving((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    let received = 0
    let pauses = 0
    await new Promise<void>((resolve, reject) => {
      const call = transportOf().dispatch(get(origin), {
        onHead() {},
        onData(chunk) {
          received += chunk.length
          if (++pauses > 20) return
          call.pause()
          const before = received
          setImmediate(() => {
            expect(received).toBe(before)
            call.resume()
          })
        },
        onEnd: resolve,
        onError: reject,
      })
    })
    expect(received).toBe(total)
  })

  it('keeps what the server sent before it closed, in order, and ends after it', async () => {
    const body = 'abcdefgh'.repeat(4000)
    const origin = await sending(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body}`, (socket) => socket.end())
    const heard = await run(transportOf(), get(origin), (call) => {
      call.pause()
      setImmediate(() => setImmediate(() => call.resume()))
    })
    expect(heard.error).toBeUndefined()
    expect(heard.text).toBe(body)
  })
})

describe('an aborted call', () => {
  it('closes its connection at once and hears nothing more, however often it is aborted', async () => {
    const { promise: gone, resolve: closed } = Promise.withResolvers<void>()
    const origin = await serving((_request, response) => {
      response.on('close', () => closed())
      response.write('first')
      const more = (): void => {
        if (!response.destroyed) response.write('more', () => setImmediate(more))
      }
      more()
    })
    let after = 0
    await new Promise<void>((resolve) => {
      let aborted = false
      const note = (): void => {
        if (aborted) after++
      }
      const call = transportOf().dispatch(get(origin), {
        onHead: note,
        onData() {
          note()
          call.abort()
          call.abort()
          aborted = true
          void gone.then(resolve)
        },
        onEnd: note,
        onError: note,
      })
    })
    expect(after).toBe(0)
  })

  it('that still waits for a connection is never sent', async () => {
    const seen: (string | undefined)[] = []
    let finish = (): void => {}
    const origin = await serving((request, response) => {
      seen.push(request.url)
      if (request.url === '/first') finish = () => response.end('done')
      else response.end('ok')
      response.flushHeaders()
    })
    const transport = transportOf({ connections: 1 })
    let heardOfSecond = 0
    const note = (): void => void heardOfSecond++
    const first = new Promise<void>((resolve) => {
      transport.dispatch(get(origin, '/first'), {
        ...silent,
        onHead() {
          const second = transport.dispatch(get(origin, '/second'), {
            onHead: note,
            onData: note,
            onEnd: note,
            onError: note,
          })
          second.abort()
          finish()
        },
        onEnd: resolve,
      })
    })
    await first
    expect((await run(transport, get(origin, '/third'))).text).toBe('ok')
    expect(seen).toEqual(['/first', '/third'])
    expect(heardOfSecond).toBe(0)
  })
})
