/**
 * The leanest proxy that can be made of Node's parts, by hand: bodies of requests are gathered, answers go through undici's callbacks below its
 * streams, heads are copied as lists. It is what a gateway cannot get below, and not how anybody writes one. Usage: lean.ts UPSTREAM_ORIGIN
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? 'http://127.0.0.1:1', {
  connections: 256,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
})

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const [only] = chunks
    pool.dispatch(
      {
        method: 'POST',
        path: request.url ?? '/',
        headers: { 'content-type': 'application/json', authorization: 'Bearer upstream-key' },
        body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks),
      },
      {
        onRequestStart(controller) {
          response.on('drain', () => controller.resume())
          response.on('close', () => {
            if (!response.writableFinished) controller.abort(new Error('client gone'))
          })
        },
        onResponseStart(_controller, status, headers) {
          const length = headers['content-length']
          response.writeHead(status, [
            'content-type',
            String(headers['content-type']),
            ...(length === undefined ? [] : ['content-length', String(length)]),
          ])
        },
        onResponseData(controller, chunk) {
          if (!response.write(chunk)) controller.pause()
        },
        onResponseEnd() {
          response.end()
        },
        onResponseError() {
          response.destroy()
        },
      },
    )
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.on('SIGTERM', () => process.exit(0))
