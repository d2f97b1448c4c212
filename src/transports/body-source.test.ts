/** Bodies that nobody holds in memory, sent over the network while they are read. */
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Outbound, TransportError } from '../kernel/transport.ts'
import { networkTransport } from './network-transport.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
}

function transportOf() {
  const transport = networkTransport()
  open.push(() => transport[Symbol.asyncDispose]())
  return transport
}

function run(
  transport: ReturnType<typeof networkTransport>,
  outbound: Outbound,
): Promise<{ status?: number; text: string; error?: TransportError }> {
  return new Promise((resolve) => {
    const heard: { status?: number; text: string } = { text: '' }
    transport.dispatch(outbound, {
      onHead: (status) => void (heard.status = status),
      onData: (chunk) => void (heard.text += Buffer.from(chunk).toString()),
      onEnd: () => resolve(heard),
      onError: (error) => resolve({ ...heard, error }),
    })
  })
}

describe('a body that is read while it is sent', () => {
  const piece = Buffer.alloc(65_536, 'x')

  it.each([
    ['told its length', 40 * piece.length],
    ['not told its length', undefined],
  ])('arrives whole by a server that is %s, and again in a second call', async (_how, length) => {
    const heard: (string | undefined)[] = []
    const origin = await serving((request, response) => {
      let size = 0
      request.on('data', (chunk: Buffer) => (size += chunk.length))
      request.on('end', () => {
        heard.push(request.headers['content-length'] ?? request.headers['transfer-encoding'])
        response.end(String(size))
      })
    })
    const body = {
      ...(length !== undefined && { length }),
      async *open() {
        for (let count = 0; count < 40; count += 1) yield piece
      },
    }
    const transport = transportOf()
    const outbound: Outbound = { method: 'POST', origin, path: '/', headers: {}, body }
    for (let time = 0; time < 2; time += 1)
      expect(await run(transport, outbound)).toMatchObject({ status: 200, text: String(40 * piece.length) })
    expect(heard).toEqual(length === undefined ? ['chunked', 'chunked'] : [String(length), String(length)])
  })

  it('is left when the server goes, and is not read faster than the server takes it', async () => {
    let read = 0
    let left: (() => void) | undefined
    const closed = new Promise<void>((resolve) => {
      left = resolve
    })
    const origin = await serving((request) => {
      // Takes nothing more than its buffers hold, and hangs up.
      request.once('data', () => {
        request.pause()
        setImmediate(() => request.socket.destroy())
      })
    })
    const body = {
      async *open() {
        try {
          for (;;) {
            read += 1
            yield piece
          }
        } finally {
          left?.()
        }
      },
    }
    const outbound: Outbound = { method: 'POST', origin, path: '/', headers: {}, body }
    expect(await run(transportOf(), outbound)).toMatchObject({ error: { failure: 'reset' } })
    await closed
    expect(read).toBeLessThan(2000)
  })
})
