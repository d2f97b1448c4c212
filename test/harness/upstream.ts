/**
 * A provider under the test's control: a real HTTP server on loopback that keeps what it was sent and answers as it is told to,
 * down to single writes, stalls and broken connections.
 */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Resolves when the connection of this request has closed. */
  readonly closed: Promise<void>
}

export type Answer = (response: ServerResponse, request: Received) => void | Promise<void>

export interface Upstream {
  readonly url: string
  readonly received: Received[]
  /** The answer of every request from now on. */
  answer(answer: Answer): void
  /** Answers of the next requests, one each; afterwards the standing answer counts again. */
  next(...answers: Answer[]): void
  /** Resolves with the next request that arrives. */
  arrival(): Promise<Received>
  close(): Promise<void>
}

export async function startUpstream(): Promise<Upstream> {
  const received: Received[] = []
  const queue: Answer[] = []
  const waiting: ((request: Received) => void)[] = []
  let standing: Answer = (response) => void response.writeHead(500).end('no answer was set')

  const server: Server = createServer((request, response) => {
    void collect(request, response).then(async (taken) => {
      // A request that broke off was not received.
      if (taken === undefined) return
      received.push(taken)
      waiting.shift()?.(taken)
      await (queue.shift() ?? standing)(response, taken)
    })
  })
  server.keepAliveTimeout = 60_000
  const port = await listen(server)

  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer: (answer) => void (standing = answer),
    next: (...answers) => void queue.push(...answers),
    arrival: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function collect(request: IncomingMessage, response: ServerResponse): Promise<Received | undefined> {
  const closed = new Promise<void>((resolve) => {
    response.on('close', () => resolve())
  })
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return undefined
  }
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    closed,
  }
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  return (response) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

/** An event stream, each piece a write of its own. */
export function stream(pieces: readonly (string | Uint8Array)[], headers: Record<string, string> = {}): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers })
    for (const piece of pieces) {
      if (response.destroyed) return
      response.write(piece)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
    response.end()
  }
}

/** The same stream, cut into pieces of so many bytes. */
export function cutInto(text: string, size: number): Buffer[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
