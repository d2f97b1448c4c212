/** Servers on the loopback interface, transports that call them, and what was heard; all of it ends with the test. */
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach } from 'vitest'
import type { Outbound, Transport, TransportCall, TransportError, TransportHandler } from '../kernel/transport.ts'
import { networkTransport } from './network-transport.ts'
import type { NetworkTransportOptions } from './network-transport.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

export function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

export const serving = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(answer))}`

/** A server that sends these bytes to whoever says something, and then does `after` with the socket. */
export const sending = async (bytes: string, after: (socket: Socket) => void = () => {}): Promise<string> => {
  const server = createTcpServer((socket) => {
    socket.once('data', () => socket.write(bytes, () => after(socket)))
  })
  return `http://127.0.0.1:${await listening(server)}`
}

export function transportOf(options?: NetworkTransportOptions): Transport {
  const transport = networkTransport(options)
  open.push(() => transport[Symbol.asyncDispose]())
  return transport
}

export const get = (origin: string, path = '/'): Outbound => ({ method: 'GET', origin, path, headers: {}, body: null })

export interface Heard {
  status?: number
  headers?: Record<string, string>
  text: string
  chunks: number
  error?: TransportError
}

/** Runs a call to its end and tells all that was heard. */
export function run(
  transport: Transport,
  outbound: Outbound,
  onData?: (call: TransportCall, heard: Heard) => void,
): Promise<Heard> {
  return new Promise((resolve) => {
    const heard: Heard = { text: '', chunks: 0 }
    const call = transport.dispatch(outbound, {
      onHead(status, headers) {
        heard.status = status
        heard.headers = headers
      },
      onData(chunk) {
        heard.text += Buffer.from(chunk).toString('latin1')
        heard.chunks++
        onData?.(call, heard)
      },
      onEnd: () => resolve(heard),
      onError(error) {
        heard.error = error
        resolve(heard)
      },
    })
  })
}

export const silent: TransportHandler = { onHead() {}, onData() {}, onEnd() {}, onError() {} }
