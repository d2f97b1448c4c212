/**
 * The floor of the benchmark: a bare pass-through proxy as one writes it with node:http and undici. Bodies are streamed both ways with
 * back-pressure, nothing is read, checked, counted or logged. Usage: floor.ts UPSTREAM_ORIGIN
 */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? 'http://127.0.0.1:1', {
  connections: 256,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
})

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'content-type': type, 'content-length': length } = request.headers
  const { statusCode, headers, body } = await pool.request({
    method: 'POST',
    path: request.url ?? '/',
    headers: {
      authorization: 'Bearer upstream-key',
      ...(type !== undefined && { 'content-type': type }),
      ...(length !== undefined && { 'content-length': length }),
    },
    body: request,
  })
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...passed } = headers
  response.writeHead(statusCode, passed)
  await pipeline(body, response)
}

const server = createServer((request, response) => {
  pass(request, response).catch(() => response.destroy())
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.on('SIGTERM', () => process.exit(0))
