/** Anthropic's Messages. */
import { argPieces, readData, text, none, event } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

const counted = (output: number): Json => ({
  input_tokens: 9,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
})
const said = (content: readonly Json[], finish: string | null = 'end_turn', usage: Json = counted(5)): Json => ({
  id: 'msg_up',
  type: 'message',
  role: 'assistant',
  model: 'upstream-model',
  content,
  stop_reason: finish,
  stop_sequence: null,
  usage,
})
const kinds: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
const messageStart = event({ type: 'message_start', message: said([], null, counted(1)) })
const messageDelta = (finish: string): Buffer =>
  event({ type: 'message_delta', delta: { stop_reason: finish, stop_sequence: null }, usage: { output_tokens: 5 } })
const toolUse = ({ id, name }: Call, input: Json): Json => ({
  type: 'tool_use',
  ...(id !== undefined && { id }),
  ...(name !== undefined && { name }),
  input,
})

export const anthropic: ProviderWire = {
  dialect: 'anthropic-messages',
  provider: 'use: anthropic, base_url: "{url}", credentials: sk-ant-test',
  speaks: [],
  streamType: 'text/event-stream',
  answer(value, usage = true) {
    const { usage: told, ...rest } = said([{ type: 'text', text: value }])
    return usage ? { ...rest, usage: told } : rest
  },
  callAnswer: (call) => said([toolUse(call, { city: 'Bern' })], 'tool_use'),
  frames(pieces, usage = true) {
    const { usage: _, ...bare } = said([], null)
    return {
      opening: [usage ? messageStart : event({ type: 'message_start', message: bare })],
      begin: [event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })],
      pieces: pieces.map((value) =>
        event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: value } }),
      ),
      close: [event({ type: 'content_block_stop', index: 0 })],
      finish: [
        usage
          ? messageDelta('end_turn')
          : event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null } }),
      ],
      usage: none,
      end: [event({ type: 'message_stop' })],
    }
  },
  callFrames: (call) => [
    messageStart,
    event({ type: 'content_block_start', index: 0, content_block: toolUse(call, {}) }),
    ...argPieces.map((json) =>
      event({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: json } }),
    ),
    event({ type: 'content_block_stop', index: 0 }),
    messageDelta('tool_use'),
    event({ type: 'message_stop' }),
  ],
  strayDelta: () =>
    event({ type: 'content_block_delta', index: 7, delta: { type: 'input_json_delta', partial_json: '{}' } }),
  frame: (json) => event(json as Json),
  read: readData,
  silence: event({ type: 'ping' }),
  unknown: event({ type: 'weather_update', forecast: 'fine' }),
  notJson: text('event: content_block_delta\ndata: {"half": \n\n'),
  errorFrame: event({ type: 'error', error: { type: 'overloaded_error', message: 'The engine is overloaded.' } }),
  error: (status, words) => ({
    body: {
      type: 'error',
      error: { type: kinds[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message: words },
      request_id: 'req_up',
    },
  }),
}
