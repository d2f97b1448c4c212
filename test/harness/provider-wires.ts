/**
 * What a provider of each protocol puts on the wire, piece by piece, in the shape that the real service has: answers, streams and
 * errors whose parts tests leave out, double and break.
 */
import { writeAwsEvent } from '../../src/bytes/aws-event-message.ts'

export type Json = Record<string, unknown>

/** A stream's events by what they do; whatever a protocol has no event of its own for is empty. */
export interface Frames {
  /** What comes before any of the answer. */
  readonly opening: readonly Buffer[]
  /** What the first piece of text needs before it. */
  readonly begin: readonly Buffer[]
  readonly pieces: readonly Buffer[]
  readonly close: readonly Buffer[]
  readonly finish: readonly Buffer[]
  readonly usage: readonly Buffer[]
  readonly end: readonly Buffer[]
}

export interface Call {
  readonly id?: string
  readonly name?: string
}

export interface ToldError {
  readonly body: Json
  readonly headers?: Readonly<Record<string, string>>
}

export interface ProviderWire {
  readonly dialect: string
  /** In the configuration; `{url}` is where it listens. */
  readonly provider: string
  /** Client protocols that it speaks itself, so that it is never asked in `dialect` by them. */
  readonly speaks: readonly string[]
  readonly streamType: string
  answer(text: string, usage?: boolean): Json
  /** A complete answer that calls a tool with `{"city":"Bern"}`. */
  callAnswer?(call: Call): Json
  frames(pieces: readonly string[], usage?: boolean): Frames
  callFrames?(call: Call): Buffer[]
  /** More of a call that has not begun. */
  strayDelta?(): Buffer
  frame(json: unknown): Buffer
  /** Keeps a connection alive and says nothing. */
  readonly silence: Buffer
  /** An event of a kind that nobody knows. */
  readonly unknown: Buffer
  readonly notJson: Buffer
  /** An overloaded service, told in a stream. */
  readonly errorFrame: Buffer
  error(status: number, message: string): ToldError
}

export const args = '{"city":"Bern"}'
const argPieces = [args.slice(0, 8), args.slice(8)] as const
const data = (json: unknown): Buffer => Buffer.from(`data: ${JSON.stringify(json)}\n\n`)
const text = (value: string): Buffer => Buffer.from(value)
const none: readonly Buffer[] = []
const event = (json: Json): Buffer =>
  text(`event: ${String(json['type'] as string)}\ndata: ${JSON.stringify(json)}\n\n`)
const silence = text(': still here\n\n')
const notJson = text('data: {"half": \n\n')

// --- OpenAI's Chat Completions

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
const openaiError = (status: number, message: string): ToldError => ({
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

const openaiChat: ProviderWire = {
  dialect: 'openai-chat',
  provider: 'use: openai-compatible, base_url: "{url}/v1"',
  speaks: ['openai-completions'],
  streamType: 'text/event-stream',
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
  frame: data,
  silence,
  unknown: data({ ...head, object: 'chat.completion.weather', choices: [], forecast: 'fine' }),
  notJson,
  errorFrame: openaiErrorFrame,
  error: openaiError,
}

// --- OpenAI's Completions

const piece = (value: string, finish: string | null = null): Json => ({
  ...head,
  object: 'text_completion',
  choices: [{ index: 0, text: value, logprobs: null, finish_reason: finish }],
})

const openaiCompletions: ProviderWire = {
  ...openaiChat,
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
delete (openaiCompletions as { callAnswer?: unknown }).callAnswer
delete (openaiCompletions as { callFrames?: unknown }).callFrames
delete (openaiCompletions as { strayDelta?: unknown }).strayDelta

// --- OpenAI's Responses

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

const openaiResponses: ProviderWire = {
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
  silence,
  unknown: event({ type: 'response.weather.delta', output_index: 0, forecast: 'fine' }),
  notJson,
  errorFrame: event({ type: 'error', code: 'server_is_overloaded', message: 'The engine is overloaded.', param: null }),
  error: openaiError,
}

// --- Anthropic's Messages

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

const anthropic: ProviderWire = {
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

// --- Google's Gemini

const geminiUsage = { promptTokenCount: 9, candidatesTokenCount: 5, totalTokenCount: 14 }
const generated = (parts: readonly Json[], finish?: string, usage = true): Json => ({
  candidates: [{ content: { role: 'model', parts }, ...(finish !== undefined && { finishReason: finish }), index: 0 }],
  ...(usage && { usageMetadata: geminiUsage }),
  modelVersion: 'upstream-model',
  responseId: 'resp-up',
})
const crlf = (json: unknown): Buffer => text(`data: ${JSON.stringify(json)}\r\n\r\n`)
const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}
const functionCall = ({ id, name }: Call): Json => ({
  functionCall: { ...(id !== undefined && { id }), ...(name !== undefined && { name }), args: { city: 'Bern' } },
})

const gemini: ProviderWire = {
  dialect: 'gemini',
  provider: 'use: gemini, base_url: "{url}", credentials: key-test, protocol: gemini',
  speaks: ['openai-chat'],
  streamType: 'text/event-stream',
  answer: (value, usage = true) => generated([{ text: value }], 'STOP', usage),
  callAnswer: (call) => generated([functionCall(call)], 'STOP'),
  frames: (pieces, usage = true) => ({
    opening: none,
    begin: none,
    pieces: pieces.map((value) => crlf(generated([{ text: value }], undefined, usage))),
    close: none,
    finish: [crlf(generated([{ text: '' }], 'STOP', usage))],
    usage: none,
    end: none,
  }),
  callFrames: (call) => [crlf(generated([functionCall(call)])), crlf(generated([{ text: '' }], 'STOP'))],
  frame: crlf,
  silence: text('\r\n'),
  unknown: crlf({ forecast: 'fine', modelVersion: 'upstream-model' }),
  notJson: text('data: {"half": \r\n\r\n'),
  errorFrame: crlf({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
  error: (status, words) => ({
    body: { error: { code: status, message: words, ...(status in statuses && { status: statuses[status] }) } },
  }),
}

// --- Bedrock's Converse

export function binary(type: string, payload: string, kind: 'event' | 'exception' = 'event'): Buffer {
  const headers = [
    [`:${kind}-type`, type],
    [':content-type', 'application/json'],
    [':message-type', kind],
  ].map(([name = '', value = '']) => [name, { type: 'string' as const, value }] as const)
  return Buffer.from(writeAwsEvent({ headers: new Map(headers), payload: Buffer.from(payload) }))
}
const converse = (json: Json): Buffer =>
  Buffer.concat(Object.entries(json).map(([type, payload]) => binary(type, JSON.stringify(payload))))
const tokens = { inputTokens: 9, outputTokens: 5, totalTokens: 14 }
const conversed = (content: readonly Json[], stopReason: string, usage = true): Json => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  ...(usage && { usage: tokens }),
  metrics: { latencyMs: 8 },
})
const toolUseOf = ({ id, name }: Call): Json => ({
  ...(id !== undefined && { toolUseId: id }),
  ...(name !== undefined && { name }),
})
const converseStart = converse({ messageStart: { role: 'assistant', p: 'ab' } })
const metadata = converse({ metadata: { usage: tokens, metrics: { latencyMs: 8 }, p: 'abc' } })
const exceptions: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
}

const bedrock: ProviderWire = {
  dialect: 'bedrock-converse',
  provider: 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key-test',
  speaks: [],
  streamType: 'application/vnd.amazon.eventstream',
  answer: (value, usage = true) => conversed([{ text: value }], 'end_turn', usage),
  callAnswer: (call) => conversed([{ toolUse: { ...toolUseOf(call), input: { city: 'Bern' } } }], 'tool_use'),
  frames: (pieces, usage = true) => ({
    opening: [converseStart],
    begin: none,
    pieces: pieces.map((value) => converse({ contentBlockDelta: { contentBlockIndex: 0, delta: { text: value } } })),
    close: [converse({ contentBlockStop: { contentBlockIndex: 0 } })],
    finish: [converse({ messageStop: { stopReason: 'end_turn' } })],
    usage: usage ? [metadata] : none,
    end: none,
  }),
  callFrames: (call) => [
    converseStart,
    converse({ contentBlockStart: { contentBlockIndex: 0, start: { toolUse: toolUseOf(call) } } }),
    ...argPieces.map((input) =>
      converse({ contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input } } } }),
    ),
    converse({ contentBlockStop: { contentBlockIndex: 0 } }),
    converse({ messageStop: { stopReason: 'tool_use' } }),
    metadata,
  ],
  strayDelta: () => converse({ contentBlockDelta: { contentBlockIndex: 7, delta: { toolUse: { input: '{}' } } } }),
  frame: (json) => converse(json as Json),
  silence: Buffer.alloc(0),
  unknown: converse({ weatherUpdate: { forecast: 'fine' } }),
  notJson: binary('contentBlockDelta', '{"half": '),
  errorFrame: binary('serviceUnavailableException', '{"message":"The service is overloaded."}', 'exception'),
  error: (status, words) => ({
    body: { message: words },
    ...(status in exceptions && { headers: { 'x-amzn-errortype': exceptions[status] ?? '' } }),
  }),
}

// --- Cohere's Chat

const cohereUsage = {
  billed_units: { input_tokens: 9, output_tokens: 5 },
  tokens: { input_tokens: 9, output_tokens: 5 },
}
const cohereAnswer = (body: Json, finish: string, usage = true): Json => ({
  id: 'up',
  message: { role: 'assistant', ...body },
  finish_reason: finish,
  ...(usage && { usage: cohereUsage }),
})
const cohereStart = event({
  type: 'message-start',
  id: 'up',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
})
const messageEnd = (finish: string, usage = true): Buffer =>
  event({ type: 'message-end', delta: { finish_reason: finish, ...(usage && { usage: cohereUsage }) } })
const cohereCall = ({ id, name }: Call, value: string): Json => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { ...(name !== undefined && { name }), arguments: value },
})
const callDelta = (value: string, index = 0): Buffer =>
  event({ type: 'tool-call-delta', index, delta: { message: { tool_calls: { function: { arguments: value } } } } })

const cohere: ProviderWire = {
  dialect: 'cohere-chat',
  provider: 'use: cohere, base_url: "{url}", credentials: key-test',
  speaks: [],
  streamType: 'text/event-stream',
  answer: (value, usage = true) => cohereAnswer({ content: [{ type: 'text', text: value }] }, 'COMPLETE', usage),
  callAnswer: (call) => cohereAnswer({ tool_calls: [cohereCall(call, args)] }, 'TOOL_CALL'),
  frames: (pieces, usage = true) => ({
    opening: [cohereStart],
    begin: [event({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } })],
    pieces: pieces.map((value) =>
      event({ type: 'content-delta', index: 0, delta: { message: { content: { text: value } } } }),
    ),
    close: [event({ type: 'content-end', index: 0 })],
    finish: [messageEnd('COMPLETE', usage)],
    usage: none,
    end: none,
  }),
  callFrames: (call) => [
    cohereStart,
    event({ type: 'tool-call-start', index: 0, delta: { message: { tool_calls: cohereCall(call, '') } } }),
    ...argPieces.map((value) => callDelta(value)),
    event({ type: 'tool-call-end', index: 0 }),
    messageEnd('TOOL_CALL'),
  ],
  strayDelta: () => callDelta('{}', 7),
  frame: (json) => event(json as Json),
  silence,
  unknown: event({ type: 'weather-update', forecast: 'fine' }),
  notJson: text('event: content-delta\ndata: {"half": \n\n'),
  errorFrame: event({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'The service is overloaded.' } }),
  error: (_status, words) => ({ body: { id: 'up', message: words } }),
}

// --- Ollama's chat

const line = (said: Json, more: Json = { done: false }): Buffer =>
  text(
    `${JSON.stringify({ model: 'upstream-model', created_at: '2026-10-17T23:14:07.41Z', message: { role: 'assistant', content: '', ...said }, ...more })}\n`,
  )
const over = (usage: boolean): Json => ({
  done: true,
  done_reason: 'stop',
  total_duration: 11,
  ...(usage && { prompt_eval_count: 9, eval_count: 5 }),
})
const ollamaCall = ({ name }: Call): Json => ({
  tool_calls: [{ function: { ...(name !== undefined && { name }), arguments: { city: 'Bern' } } }],
})
const lineOf = (bytes: Buffer): Json => JSON.parse(bytes.toString()) as Json

const ollama: ProviderWire = {
  dialect: 'ollama-chat',
  provider: 'use: ollama, base_url: "{url}"',
  speaks: ['openai-chat', 'openai-completions'],
  streamType: 'application/x-ndjson',
  answer: (value, usage = true) => lineOf(line({ content: value }, over(usage))),
  callAnswer: (call) => lineOf(line(ollamaCall(call), over(true))),
  frames: (pieces, usage = true) => ({
    opening: none,
    begin: none,
    pieces: pieces.map((content) => line({ content })),
    close: none,
    finish: [line({}, over(usage))],
    usage: none,
    end: none,
  }),
  callFrames: (call) => [line(ollamaCall(call)), line({}, over(true))],
  frame: (json) => text(`${JSON.stringify(json)}\n`),
  silence: text('\n'),
  unknown: line({ forecast: 'fine' }),
  notJson: text('{"half": \n'),
  errorFrame: text('{"error":"the server is busy"}\n'),
  error: (_status, words) => ({ body: { error: words } }),
}

export const providerWires: readonly ProviderWire[] = [
  openaiChat,
  openaiResponses,
  openaiCompletions,
  anthropic,
  gemini,
  bedrock,
  cohere,
  ollama,
]
