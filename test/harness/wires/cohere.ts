/** Cohere's Chat. */
import { args, argPieces, readData, text, none, event, silence } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

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

export const cohere: ProviderWire = {
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
  read: readData,
  silence,
  unknown: event({ type: 'weather-update', forecast: 'fine' }),
  notJson: text('event: content-delta\ndata: {"half": \n\n'),
  errorFrame: event({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'The service is overloaded.' } }),
  error: (_status, words) => ({ body: { id: 'up', message: words } }),
}
