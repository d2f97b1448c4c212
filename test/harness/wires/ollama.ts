/** Ollama's chat, a JSON text a line. */
import { text, none } from './wire.ts'
import type { Json, Call, ProviderWire } from './wire.ts'

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

export const ollama: ProviderWire = {
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
  read: lineOf,
  silence: text('\n'),
  unknown: line({ forecast: 'fine' }),
  notJson: text('{"half": \n'),
  errorFrame: text('{"error":"the server is busy"}\n'),
  error: (_status, words) => ({ body: { error: words } }),
}
