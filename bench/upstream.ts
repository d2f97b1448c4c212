/**
 * The mock upstream of the benchmark: answers at once with prepared bytes in OpenAI's or Anthropic's protocol, so that what is
 * measured is what stands before it. Streams send each of their events as a write of its own, as providers do.
 */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const chunkCount = 100
const words = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog. ']
const wordAt = (index: number): string => words[index % words.length] ?? ''
const answer = Array.from({ length: 40 }, (_, index) => wordAt(index)).join('')

const openaiAnswer = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'gpt-4o-mini-2024-07-18',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 120,
      completion_tokens: 52,
      total_tokens: 172,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    },
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  }),
)
const anthropicAnswer = Buffer.from(
  JSON.stringify({
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5-20250929',
    content: [{ type: 'text', text: answer }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 120,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 52,
      service_tier: 'standard',
    },
  }),
)

const openaiChunk = (delta: object, finish: string | null): Buffer =>
  Buffer.from(
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-4o-mini-2024-07-18', service_tier: 'default', system_fingerprint: 'fp_bench', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`,
  )
const openaiStream = [
  openaiChunk({ role: 'assistant', content: '', refusal: null }, null),
  ...Array.from({ length: chunkCount - 3 }, (_, index) => openaiChunk({ content: wordAt(index) }, null)),
  openaiChunk({}, 'stop'),
  Buffer.from(
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-4o-mini-2024-07-18', choices: [], usage: { prompt_tokens: 120, completion_tokens: 97, total_tokens: 217 } })}\n\ndata: [DONE]\n\n`,
  ),
]

const event = (data: { type: string; [key: string]: unknown }): Buffer =>
  Buffer.from(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`)
const anthropicStream = [
  event({
    type: 'message_start',
    message: {
      id: 'msg_bench',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 120, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
    },
  }),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ...Array.from({ length: chunkCount - 5 }, (_, index) =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: wordAt(index) } }),
  ),
  event({ type: 'content_block_stop', index: 0 }),
  event({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 95 },
  }),
  event({ type: 'message_stop' }),
]

const vectors = Buffer.from(
  JSON.stringify({
    object: 'list',
    data: Array.from({ length: 2048 }, (_, index) => ({
      object: 'embedding',
      index,
      embedding: Array.from({ length: 256 }, (__, at) => Math.sin(index + at)),
    })),
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8192, total_tokens: 8192 },
  }),
)
const transcript = Buffer.from(JSON.stringify({ text: answer, usage: { type: 'duration', seconds: 64 } }))
const soundPiece = Buffer.alloc(4096, 0xa5)

/** What is not chat, by the end of its path. */
function answerOther(path: string, response: ServerResponse): boolean {
  if (path.endsWith('/audio/speech')) {
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    let left = chunkCount
    const send = (): void => {
      if (left === 0 || response.destroyed) {
        response.end()
        return
      }
      left -= 1
      response.write(soundPiece)
      setImmediate(send)
    }
    send()
    return true
  }
  const body = path.endsWith('/embeddings') ? vectors : path.endsWith('/transcriptions') ? transcript : undefined
  if (body !== undefined)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  return body !== undefined
}

const server = createServer((request, response) => {
  let streaming = false
  request.on('data', (chunk: Buffer) => {
    streaming ||= chunk.includes('"stream":true')
  })
  request.on('end', () => {
    if (answerOther(request.url ?? '', response)) return
    const anthropic = request.url?.endsWith('/messages') === true
    if (!streaming) {
      const body = anthropic ? anthropicAnswer : openaiAnswer
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
      response.end(body)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const chunks = anthropic ? anthropicStream : openaiStream
    let next = 0
    const send = (): void => {
      const chunk = chunks[next]
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
