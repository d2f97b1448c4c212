/** The simulator as an HTTP server: the upstream of benchmarks and tests, and a stand-in for providers anywhere else. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../kernel/clock.ts'
import { GzipChunks } from './gzip-chunks.ts'
import { Player } from './player.ts'
import type { Audience } from './player.ts'
import type { SimReply } from './reply.ts'
import { createSimulator } from './simulator.ts'
import type { SimPorts } from './simulator.ts'

export interface SimServerOptions extends Partial<SimPorts> {
  /** Default 127.0.0.1: the simulator asks nobody for a key. */
  readonly host?: string
  /** 0, the default, lets the system choose. */
  readonly port?: number
  /** Bytes of one request. Default 64 MiB. */
  readonly bodyLimit?: number
}

export interface SimServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:8089`, without a path. */
  readonly url: string
}

/** Reads the whole body and gives it to `then`; answers by itself when it is too large. */
function receive(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  then: (body: Buffer) => void,
): void {
  const parts: Buffer[] = []
  let size = 0
  request.on('data', (part: Buffer) => {
    size += part.length
    if (size <= limit) parts.push(part)
    else if (!response.headersSent) {
      const error = { error: { message: `The simulator takes ${limit} bytes at most.`, type: 'invalid_request_error' } }
      response.writeHead(413, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(error))
    }
  })
  request.on('end', () => {
    const [only] = parts
    if (size <= limit) then(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts))
  })
}

function audienceOf(response: ServerResponse, reply: SimReply, player: () => Player): Audience {
  const gzip = reply.kind === 'answer' && reply.gzip !== 'none' ? new GzipChunks(reply.gzip === 'corrupt') : undefined
  let whole = 0
  const write = (bytes: Uint8Array): void => {
    if (response.write(bytes)) return
    player().pause()
    response.once('drain', () => player().resume())
  }
  return {
    head(status, headers) {
      if (gzip !== undefined) {
        const { 'content-length': _length, ...others } = headers
        response.writeHead(status, { ...others, 'content-encoding': 'gzip' })
        return
      }
      whole = Number(headers['content-length'] ?? 0)
      response.writeHead(status, headers)
      // A stream's head goes out by itself, as the first event may be long in coming.
      if (whole === 0) response.flushHeaders()
    },
    data(bytes) {
      if (gzip !== undefined) write(gzip.push(bytes))
      else if (bytes.length === whole) response.end(bytes)
      else write(bytes)
    },
    end() {
      if (!response.writableEnded) response.end(gzip?.end())
    },
    cut() {
      const { socket } = response
      // What was written before the cut still arrives.
      if (!response.headersSent || socket === null) socket?.destroy()
      else response.write('', () => socket.destroy())
    },
  }
}

/** Starts a server; it is ready when the promise is fulfilled, and rejects when the address is taken. */
export async function serveSim(options: SimServerOptions = {}): Promise<SimServer> {
  const {
    host = '127.0.0.1',
    port = 0,
    bodyLimit = 64 * 1024 * 1024,
    clock = systemClock,
    random = Math.random,
  } = options
  const simulator = createSimulator({ clock, random })

  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')
      return
    }
    receive(request, response, bodyLimit, (body) => {
      const { method = 'GET', url = '/', headers } = request
      const reply = simulator.simulate({ method, path: url, headers, body })
      const player: Player = new Player(
        reply,
        clock,
        audienceOf(response, reply, () => player),
      )
      response.on('close', () => player.abort())
      player.start()
    })
  })
  // Longer than any client keeps idle connections, so that none is closed under a request.
  server.keepAliveTimeout = 75_000

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    host,
    port: address.port,
    url: `http://${name}:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}
