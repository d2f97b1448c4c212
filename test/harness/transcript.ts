/**
 * Answers of three protocols that say what the provider was told: the turns of the conversation as `role: text`, one a line. The
 * provider of the Responses API keeps what it answers, as OpenAI does.
 */
import type { Answer, Received } from './upstream.ts'

type Json = Record<string, unknown>

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : (Array.isArray(content) ? (content as Json[]) : [])
        .map(({ text, type }) => (typeof text === 'string' ? text : `<${String(type)}>`))
        .join('')

/** One turn a line; what is quoted of earlier answers stands in brackets. */
const lineOf = (role: unknown, content: unknown): string =>
  `${String(role)}: ${textOf(content).replaceAll('\n', ' | ')}`

const bodyOf = ({ body }: Received): Json => JSON.parse(body.toString()) as Json

export const chatTranscript: Answer = (response, received) => {
  if (received.method === 'GET') return sendJson(response, {}, 404)
  const { messages, stream, model } = bodyOf(received)
  const content = (messages as Json[]).map((message) => lineOf(message['role'], message['content'])).join('\n')
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
  const base = { id: 'chatcmpl-1', created: 1_760_000_000, model }
  if (stream !== true) {
    sendJson(response, {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage,
    })
    return
  }
  const chunk = (choices: unknown[], more: Json = {}): string =>
    `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]))
  for (const piece of content.match(/[^]{1,8}/g) ?? [])
    response.write(chunk([{ index: 0, delta: { content: piece }, finish_reason: null }]))
  response.write(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]))
  response.end(`${chunk([], { usage })}data: [DONE]\n\n`)
}

export const messagesTranscript: Answer = (response, received) => {
  if (received.method === 'GET') return sendJson(response, {}, 404)
  const { messages, model, stream } = bodyOf(received)
  const text = (messages as Json[]).map((message) => lineOf(message['role'], message['content'])).join('\n')
  const message = (content: unknown[], reason: string | null): Json => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: reason,
    stop_sequence: null,
    usage: { input_tokens: 7, output_tokens: 3 },
  })
  if (stream !== true) {
    sendJson(response, message([{ type: 'text', text }], 'end_turn'))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(
    [
      { type: 'message_start', message: message([], null) },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ]
      .map(eventText)
      .join(''),
  )
}

const eventText = (event: Json): string => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`

/** A service of OpenAI's Responses API with a memory. `kept` may be emptied: then it has forgotten everything. */
export function responsesService(prefix = 'resp_native'): {
  readonly answer: Answer
  readonly kept: Map<string, string[]>
} {
  const kept = new Map<string, string[]>()
  let count = 0
  const answer: Answer = (response, received) => {
    if (received.method === 'GET') return sendJson(response, {}, 404)
    if (received.method === 'DELETE') {
      const id = received.path.split('/').at(-1) ?? ''
      const known = kept.delete(id)
      sendJson(response, known ? { id, object: 'response', deleted: true } : {}, known ? 200 : 404)
      return
    }
    const body = bodyOf(received)
    const previous = typeof body['previous_response_id'] === 'string' ? body['previous_response_id'] : null
    const before = previous === null ? [] : kept.get(previous)
    if (before === undefined) {
      const message = `Previous response with id '${String(previous)}' not found.`
      const error = { message, type: 'invalid_request_error', param: 'previous_response_id' }
      sendJson(response, { error: { ...error, code: 'previous_response_not_found' } }, 400)
      return
    }
    const { input = [] } = body
    const items = typeof input === 'string' ? [{ role: 'user', content: input }] : (input as Json[])
    const lines = [...before, ...items.map((item) => lineOf(item['role'], item['content']))]
    count += 1
    const id = `${prefix}_${count}`
    if (received.path.endsWith('/compact')) {
      sendJson(response, {
        id,
        object: 'response.compaction',
        created_at: 1_760_000_000,
        output: [{ id: 'cmp_1', type: 'compaction', encrypted_content: `native:${lines.join('|')}` }],
        usage: {
          input_tokens: 7,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 3,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 10,
        },
      })
      return
    }
    const text = lines.join('\n')
    if (body['store'] !== false) kept.set(id, [...lines, lineOf('assistant', text)])
    const output = [
      {
        id: `msg_${prefix}_${count}`,
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
      },
    ]
    const object = (status: string, done: boolean): Json => ({
      id,
      object: 'response',
      created_at: 1_760_000_000,
      status,
      background: false,
      error: null,
      incomplete_details: null,
      model: body['model'],
      output: done ? output : [],
      previous_response_id: previous,
      store: body['store'] !== false,
      usage: done
        ? {
            input_tokens: 7,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: 3,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: 10,
          }
        : null,
    })
    if (body['stream'] !== true) {
      sendJson(response, object('completed', true))
      return
    }
    const [item] = output
    const place = { item_id: item?.id, output_index: 0, content_index: 0 }
    const part = { type: 'output_text', text: '', annotations: [], logprobs: [] }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(
      [
        { type: 'response.created', response: object('in_progress', false) },
        { type: 'response.in_progress', response: object('in_progress', false) },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
        { type: 'response.content_part.added', ...place, part },
        { type: 'response.output_text.delta', ...place, delta: text, logprobs: [] },
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
        { type: 'response.content_part.done', ...place, part: { ...part, text } },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: object('completed', true) },
      ]
        .map((event, sequence) => eventText({ ...event, sequence_number: sequence }))
        .join(''),
    )
  }
  return { answer, kept }
}

function sendJson(response: Parameters<Answer>[0], value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
