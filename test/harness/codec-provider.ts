/**
 * Plays a provider of any protocol: requests are read with the protocol's own codec, and a canonical answer is given in its words,
 * complete or streamed as the request asks. What the codec itself gets wrong it does not show; recordings and SDKs do that.
 */
import type { ChatDialect, RequestAddress } from '../../src/kernel/dialect.ts'
import { chatEventsOf } from '../../src/kernel/testing/chat-arbitraries.ts'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import type { Answer, Received } from './upstream.ts'

export interface PlayedOptions {
  /** Bytes of each write of a stream; all at once if not given. */
  readonly chunk?: number
  /** Hears of each request. */
  readonly heard?: (request: ChatRequest, received: Received) => void
}

/** Whether to stream, in protocols that say so in the path. */
function addressOf(dialect: ChatDialect, path: string): RequestAddress | undefined {
  if (dialect.addressed !== true) return undefined
  const model = decodeURIComponent(/\/models?\/([^:?]+?)(?::|\/converse)/.exec(path)?.[1] ?? 'model')
  return { model, stream: path.includes('stream') }
}

export function plays(
  dialect: ChatDialect,
  answer: (request: ChatRequest) => ChatResponse,
  { chunk, heard }: PlayedOptions = {},
): Answer {
  return async (response, received) => {
    const request = dialect.request.decode(
      JSON.parse(received.body.toString('utf8')),
      addressOf(dialect, received.path),
    )
    heard?.(request, received)
    const given = answer(request)
    if (!request.stream) {
      const { json } = dialect.response.encode(given, { model: given.model, answerId: given.id, request })
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json))
      return
    }
    const codec = dialect.stream
    if (codec === undefined) throw new Error(`${dialect.id} has no streams`)
    const encoder = codec.encoder({ model: given.model, answerId: given.id, request, streamUsage: true })
    const pieces = [...chatEventsOf(given, () => 0).map((event) => encoder.push(event)), encoder.end()]
    const bytes = Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
    response.writeHead(200, { 'content-type': codec.contentType })
    const size = chunk ?? Math.max(1, bytes.length)
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size))
      if (chunk !== undefined)
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
    }
    response.end()
  }
}
