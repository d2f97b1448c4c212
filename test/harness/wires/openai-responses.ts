/** OpenAI's Responses. */
import { openaiError } from './openai-choices.ts'
import { args, argPieces, readData, none, event, silence, notJson } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

const response = (output: readonly Json[], more: Json = {}): Json => ({
  id: 'resp_up',
  object: 'response',
  created_at: 1_760_000_000,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'upstream-model',
  output,
  usage: { input_tokens: 9, output_tokens: 5, total_tokens: 14 },
  ...more,
})
const begun = response([], { status: 'in_progress', usage: null })
const message = (content: readonly Json[], status = 'completed'): Json => ({
  type: 'message',
  id: 'msg_up',
  status,
  role: 'assistant',
  content,
})
const outputText = (value: string): Json => ({ type: 'output_text', text: value, annotations: [] })
const callItem = ({ id, name }: Call, value: string): Json => ({
  type: 'function_call',
  id: 'fc_up',
  ...(id !== undefined && { call_id: id }),
  ...(name !== undefined && { name }),
  arguments: value,
  status: value === '' ? 'in_progress' : 'completed',
})
const inMessage = { item_id: 'msg_up', output_index: 0, content_index: 0 }
const inCall = { item_id: 'fc_up', output_index: 0 }
const opening = [
  event({ type: 'response.created', response: begun }),
  event({ type: 'response.in_progress', response: begun }),
]

export const openaiResponses: ProviderWire = {
  dialect: 'openai-responses',
  provider: 'use: openai, base_url: "{url}/v1", credentials: sk-test, protocol: openai-responses',
  speaks: ['openai-chat', 'openai-completions'],
  streamType: 'text/event-stream',
  answer: (value, usage = true) => response([message([outputText(value)])], usage ? {} : { usage: null }),
  callAnswer: (call) => response([callItem(call, args)]),
  frames(pieces, usage = true) {
    const whole = outputText(pieces.join(''))
    return {
      opening,
      begin: [
        event({ type: 'response.output_item.added', output_index: 0, item: message([], 'in_progress') }),
        event({ type: 'response.content_part.added', ...inMessage, part: outputText('') }),
      ],
      pieces: pieces.map((delta) => event({ type: 'response.output_text.delta', ...inMessage, delta, logprobs: [] })),
      close: [
        event({ type: 'response.output_text.done', ...inMessage, text: whole['text'] }),
        event({ type: 'response.content_part.done', ...inMessage, part: whole }),
        event({ type: 'response.output_item.done', output_index: 0, item: message([whole]) }),
      ],
      finish: [
        event({ type: 'response.completed', response: response([message([whole])], usage ? {} : { usage: null }) }),
      ],
      usage: none,
      end: none,
    }
  },
  callFrames: (call) => [
    ...opening,
    event({ type: 'response.output_item.added', output_index: 0, item: callItem(call, '') }),
    ...argPieces.map((delta) => event({ type: 'response.function_call_arguments.delta', ...inCall, delta })),
    event({ type: 'response.function_call_arguments.done', ...inCall, arguments: args }),
    event({ type: 'response.output_item.done', output_index: 0, item: callItem(call, args) }),
    event({ type: 'response.completed', response: response([callItem(call, args)]) }),
  ],
  strayDelta: () =>
    event({ type: 'response.function_call_arguments.delta', item_id: 'fc_nowhere', output_index: 7, delta: '{}' }),
  frame: (json) => event(json as Json),
  read: readData,
  silence,
  unknown: event({ type: 'response.weather.delta', output_index: 0, forecast: 'fine' }),
  notJson,
  errorFrame: event({ type: 'error', code: 'server_is_overloaded', message: 'The engine is overloaded.', param: null }),
  error: openaiError,
}
