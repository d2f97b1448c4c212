/**
 * All connections that have sent plain requests alone so far. Node's HTTP server takes any request and costs as much for the simplest as
 * for the strangest; what is asked of the data plane is nearly always simple, and read here. All else is handed to Node unread.
 */
import type { Socket } from 'node:net'
import type { PlainAnswer } from './plain-answer.ts'
import type { PlainBody } from './plain-body.ts'
import { PlainConnection } from './plain-connection.ts'
import type { PlainTimes } from './plain-connection.ts'
import type { PlainHead } from './plain-head.ts'

export interface PlainLineOptions {
  /** Bytes of a head. */
  readonly maxHead: number
  readonly times: PlainTimes
  /** Milliseconds between looks at what takes too long. */
  readonly checkEvery: number
  readonly serve: (head: PlainHead, body: PlainBody, answer: PlainAnswer) => boolean
  /** Takes over a connection, whose next bytes are still to be read from it. */
  readonly handOver: (socket: Socket) => void
}

export interface PlainLine {
  take(socket: Socket): void
  close(): void
}

export function createPlainLine({ maxHead, times, checkEvery, serve, handOver }: PlainLineOptions): PlainLine {
  const connections = new Set<PlainConnection>()
  const timer = setInterval(() => {
    const now = performance.now()
    for (const connection of connections) connection.sweep(now)
  }, checkEvery).unref()
  const owner = {
    maxHead,
    times,
    keepAliveLine: `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(times.idle / 1000)}\r\n`,
    serve,
    handOver(connection: PlainConnection, socket: Socket, bytes: Buffer) {
      connections.delete(connection)
      socket.unshift(bytes)
      handOver(socket)
    },
    closed: (connection: PlainConnection) => void connections.delete(connection),
  }
  return {
    take: (socket) => void connections.add(new PlainConnection(owner, socket)),
    close: () => clearInterval(timer),
  }
}
