/**
 * Plays a provider of any protocol: requests are read with the protocol's own codec, and a canonical answer is given in its words,
 * complete or streamed as the request asks. What the codec itself gets wrong it does not show; recordings and SDKs do that.
 */
import { dialects } from '../../src/builtins.gen.ts'
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

/** Which protocol a provider is called in, by the path: several offer more than one. */
const byPath: readonly (readonly [path: RegExp, dialect: string])[] = [
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/completions$/, 'openai-completions'],
  [/\/responses$/, 'openai-responses'],
  [/\/messages$/, 'anthropic-messages'],
  [/[gG]enerateContent/, 'gemini'],
  [/\/converse(?:-stream)?$/, 'bedrock-converse'],
  [/\/v2\/chat$/, 'cohere-chat'],
  [/\/api\/chat$/, 'ollama-chat'],
  [/\/api\/generate$/, 'ollama-generate'],
]

/** Throws when no chat protocol is called at such a path. */
export function dialectAt(path: string): ChatDialect {
  const id = byPath.find(([pattern]) => pattern.test(path.replace(/\?.*$/, '')))?.[1]
  const dialect = (dialects as readonly unknown[] as readonly ChatDialect[]).find((one) => one.id === id)
  if (dialect === undefined) throw new Error(`no protocol is called at ${path}`)
  return dialect
}

/** Whether to stream, in protocols that say so in the path. */
function addressOf(dialect: ChatDialect, path: string): RequestAddress | undefined {
  if (dialect.addressed !== true) return undefined
  const model = decodeURIComponent(/\/models?\/([^:?]+?)(?::|\/converse)/.exec(path)?.[1] ?? 'model')
  return { model, stream: path.includes('stream') }
}

/** The answer of a provider in whatever protocol it is asked. What goes wrong in here is told as an error of the server. */
export function plays(answer: (request: ChatRequest) => ChatResponse, { chunk, heard }: PlayedOptions = {}): Answer {
  return async (response, received) => {
    let pieces: Played
    try {
      pieces = played(received, answer, heard)
    } catch (error) {
      response
        .writeHead(500, { 'content-type': 'text/plain' })
        .end(error instanceof Error ? error.message : 'no answer')
      return
    }
    response.writeHead(200, { 'content-type': pieces.contentType })
    const { bytes } = pieces
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

interface Played {
  readonly contentType: string
  readonly bytes: Buffer
}

function played(
  received: Received,
  answer: (request: ChatRequest) => ChatResponse,
  heard: PlayedOptions['heard'],
): Played {
  const dialect = dialectAt(received.path)
  const request = dialect.request.decode(JSON.parse(received.body.toString('utf8')), addressOf(dialect, received.path))
  heard?.(request, received)
  const given = answer(request)
  const context = { model: given.model, answerId: given.id, request }
  const codec = dialect.stream
  if (!request.stream || codec === undefined) {
    const { json } = dialect.response.encode(given, context)
    return { contentType: 'application/json', bytes: Buffer.from(JSON.stringify(json)) }
  }
  const encoder = codec.encoder({ ...context, streamUsage: true })
  const pieces = [...chatEventsOf(given, () => 0).map((event) => encoder.push(event)), encoder.end()]
  const bytes = Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
  return { contentType: codec.contentType, bytes }
}
