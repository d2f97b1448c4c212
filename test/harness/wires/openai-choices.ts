/** OpenAI's protocols with `choices`: Chat Completions and the older Completions. */
import { args, argPieces, data, readData, text, none, silence, notJson } from './wire.ts'
import type { Json, ToldError, ProviderWire } from './wire.ts'

const head = { id: 'chatcmpl-up', created: 1_760_000_000, model: 'upstream-model' }
const chatUsage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }
const chunk = (delta: Json, finish: string | null = null): Json => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
})
const words: Readonly<Record<number, string>> = {
  401: 'invalid_request_error',
  403: 'permission_error',
  429: 'requests',
}
export const openaiError = (status: number, message: string): ToldError => ({
  body: {
    error: {
      message,
      type: words[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
      param: null,
      code: status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : null,
    },
  },
})
const openaiErrorFrame = data({
  error: { message: 'The engine is overloaded.', type: 'overloaded', code: 'overloaded' },
})
const done = text('data: [DONE]\n\n')

const shared = {
  streamType: 'text/event-stream',
  frame: data,
  read: readData,
  silence,
  notJson,
  errorFrame: openaiErrorFrame,
  error: openaiError,
}

export const openaiChat: ProviderWire = {
  ...shared,
  dialect: 'openai-chat',
  provider: 'use: openai-compatible, base_url: "{url}/v1"',
  speaks: ['openai-completions'],
  answer: (content, usage = true) => ({
    ...head,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    ...(usage && { usage: chatUsage }),
  }),
  callAnswer: ({ id, name }) => ({
    ...openaiChat.answer(''),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          tool_calls: [{ ...(id !== undefined && { id }), type: 'function', function: { name, arguments: args } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
  }),
  frames: (pieces, usage = true) => ({
    opening: none,
    begin: [data(chunk({ role: 'assistant', content: '' }))],
    pieces: pieces.map((content) => data(chunk({ content }))),
    close: none,
    finish: [data(chunk({}, 'stop'))],
    usage: usage ? [data({ ...chunk({}), choices: [], usage: chatUsage })] : none,
    end: [done],
  }),
  callFrames: ({ id, name }) => [
    data(
      chunk({
        role: 'assistant',
        content: null,
        tool_calls: [
          { index: 0, ...(id !== undefined && { id }), type: 'function', function: { name, arguments: argPieces[0] } },
        ],
      }),
    ),
    data(chunk({ tool_calls: [{ index: 0, function: { arguments: argPieces[1] } }] })),
    data(chunk({}, 'tool_calls')),
    ...openaiChat.frames([]).usage,
    done,
  ],
  strayDelta: () => data(chunk({ tool_calls: [{ index: 7, function: { arguments: '{}' } }] })),
  unknown: data({ ...head, object: 'chat.completion.weather', choices: [], forecast: 'fine' }),
}

const piece = (value: string, finish: string | null = null): Json => ({
  ...head,
  object: 'text_completion',
  choices: [{ index: 0, text: value, logprobs: null, finish_reason: finish }],
})

export const openaiCompletions: ProviderWire = {
  ...shared,
  dialect: 'openai-completions',
  provider: 'use: openai-compatible, base_url: "{url}/v1", protocol: openai-completions',
  speaks: ['openai-chat'],
  answer: (value, usage = true) => ({ ...piece(value, 'stop'), ...(usage && { usage: chatUsage }) }),
  frames: (pieces, usage = true) => ({
    opening: none,
    begin: none,
    pieces: pieces.map((value) => data(piece(value))),
    close: none,
    finish: [data(piece('', 'stop'))],
    usage: usage ? [data({ ...piece(''), choices: [], usage: chatUsage })] : none,
    end: [done],
  }),
  unknown: data({ ...head, object: 'text_completion.weather', choices: [], forecast: 'fine' }),
}
