/** The mock upstream of the benchmark of pairs: streams the same hundred words in whatever protocol its path belongs to. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { protocols, streamOf } from './protocols.ts'

const streams = new Map(
  protocols.map((protocol) => [
    protocol.upstreamPath,
    { chunks: streamOf(protocol), contentType: protocol.dialect.stream?.contentType ?? '' },
  ]),
)

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const url = request.url ?? ''
    // Some providers take OpenAI's protocol besides their own, at a path of their own.
    const stream =
      streams.get(url) ?? (url.endsWith('/chat/completions') ? streams.get('/v1/chat/completions') : undefined)
    if (stream === undefined) {
      response.writeHead(404).end(`nothing at ${url}`)
      return
    }
    response.writeHead(200, { 'content-type': stream.contentType })
    let next = 0
    const send = (): void => {
      const chunk = stream.chunks[next]
      next += 1
      if (chunk === undefined || response.destroyed) {
        response.end()
        return
      }
      response.write(chunk)
      setImmediate(send)
    }
    send()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.on('SIGTERM', () => process.exit(0))
