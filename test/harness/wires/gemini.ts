/** Google's Gemini. */
import { readData, text, none } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

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

export const gemini: ProviderWire = {
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
  read: readData,
  silence: text('\r\n'),
  unknown: crlf({ forecast: 'fine', modelVersion: 'upstream-model' }),
  notJson: text('data: {"half": \r\n\r\n'),
  errorFrame: crlf({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }),
  error: (status, words) => ({
    body: { error: { code: status, message: words, ...(status in statuses && { status: statuses[status] }) } },
  }),
}
