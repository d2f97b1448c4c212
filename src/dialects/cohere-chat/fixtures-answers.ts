/** Answers, plain and streamed, that between them have everything that Cohere's v2 chat can say. */
import type { JsonObject } from '../../model/json.ts'

/** A stream's events as the wire has them. */
export const wire = (events: readonly JsonObject[]): string =>
  events
    .map((event) => `event: ${JSON.stringify(event['type']).slice(1, -1)}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')

const usage: JsonObject = {
  billed_units: { input_tokens: 30, output_tokens: 12 },
  tokens: { input_tokens: 530, output_tokens: 20 },
  cached_tokens: 512,
}
const id = 'e7592632-1e3d-424f-b129-bd5f9f980f7b'

const of = (message: JsonObject): JsonObject => ({ delta: { message } })
export const start: JsonObject = {
  id,
  type: 'message-start',
  ...of({ role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }),
}
export const begin = (index: number, content: JsonObject): JsonObject => ({
  type: 'content-start',
  index,
  ...of({ content }),
})
export const grow = (index: number, content: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'content-delta',
  index,
  ...of({ content }),
  ...more,
})
export const end = (index: number): JsonObject => ({ type: 'content-end', index })
const plan = (text: string): JsonObject => ({ type: 'tool-plan-delta', ...of({ tool_plan: text }) })
const call = (index: number, callId: string, name: string): JsonObject => ({
  type: 'tool-call-start',
  index,
  ...of({ tool_calls: { id: callId, type: 'function', function: { name, arguments: '' } } }),
})
const input = (index: number, text: string): JsonObject => ({
  type: 'tool-call-delta',
  index,
  ...of({ tool_calls: { function: { arguments: text } } }),
})
const called = (index: number): JsonObject => ({ type: 'tool-call-end', index })
const cite = (index: number, citations: JsonObject): JsonObject[] => [
  { type: 'citation-start', index, ...of({ citations }) },
  { type: 'citation-end', index },
]
export const stop = (word: string, more: JsonObject = {}): JsonObject => ({
  type: 'message-end',
  delta: { finish_reason: word, usage, ...more },
})

export const folded = (message: JsonObject, word: string, more: JsonObject = {}): JsonObject => ({
  id,
  message: { role: 'assistant', ...message },
  finish_reason: word,
  usage,
  ...more,
})

const citation: JsonObject = {
  start: 4,
  end: 10,
  text: 'rivers',
  sources: [
    {
      type: 'document',
      id: 'doc:0',
      document: { id: 'doc:0', text: 'Rivers are long.', title: 'Rivers', url: 'https://r.example/' },
    },
    { type: 'tool', id: 't:0', tool_output: { a: '1' } },
  ],
  content_index: 0,
  type: 'TEXT_CONTENT',
}
const ofPlan: JsonObject = { start: 0, end: 1, text: 'I', sources: [], type: 'PLAN' }

export const responses: readonly { readonly name: string; readonly response: JsonObject }[] = [
  { name: 'a short answer', response: folded({ content: [{ type: 'text', text: 'Hello' }] }, 'COMPLETE') },
  {
    name: 'an answer with citations and probabilities',
    response: folded(
      {
        content: [
          { type: 'text', text: 'The rivers.' },
          { type: 'thinking', thinking: 'Hm.' },
        ],
        citations: [citation, ofPlan],
      },
      'STOP_SEQUENCE',
      {
        logprobs: [
          { text: 'The', token_ids: [1], logprobs: [-0.1] },
          { text: ' rivers.', token_ids: [2, 3], logprobs: [-0.2, -0.3] },
        ],
        meta: { api_version: { version: '2' } },
      },
    ),
  },
  {
    name: 'calls',
    response: folded(
      {
        tool_plan: 'I will look.',
        tool_calls: [
          { id: 'f_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } },
          { id: 'g_1', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      'TOOL_CALL',
      { usage: { ...usage, billed_units: { input_tokens: 30, output_tokens: 12, search_units: 1 } } },
    ),
  },
  { name: 'a limit', response: folded({ content: [] }, 'MAX_TOKENS') },
  { name: 'an error', response: folded({ content: null, tool_calls: [], tool_plan: '' }, 'ERROR') },
  { name: 'as little as can be', response: { message: {} } },
  {
    name: 'a reason that is not known, content as text, and odd counts',
    response: { ...folded({ content: 'Hi' }, 'TIRED'), usage: { billed_units: null, tokens: { input_tokens: 'x' } } },
  },
  {
    name: 'nulls where nothing is said',
    response: { id: null, message: { role: null, content: null }, finish_reason: null, usage: null, logprobs: null },
  },
]

export const streams: readonly { readonly name: string; readonly stream: string; readonly streamFolds?: JsonObject }[] =
  [
    {
      name: 'a streamed text',
      stream: wire([
        start,
        begin(0, { type: 'text', text: '' }),
        grow(0, { text: 'Hel' }),
        grow(0, { text: 'lo ✓' }),
        end(0),
        stop('COMPLETE'),
      ]),
      streamFolds: folded({ content: [{ type: 'text', text: 'Hello ✓' }] }, 'COMPLETE'),
    },
    {
      name: 'thinking, and citations that follow their text',
      stream: wire([
        start,
        begin(0, { type: 'text', text: 'The ' }),
        grow(0, { text: 'rivers.' }, { logprobs: { text: 'rivers.', token_ids: [2, 3], logprobs: [-0.2, -0.3] } }),
        ...cite(0, citation),
        end(0),
        ...cite(1, { ...citation, start: 0, end: 3 }),
        begin(1, { type: 'thinking', thinking: '' }),
        grow(1, { thinking: 'Hm.' }),
        end(1),
        stop('STOP_SEQUENCE'),
      ]),
      streamFolds: folded(
        {
          content: [
            { type: 'text', text: 'The rivers.' },
            { type: 'thinking', thinking: 'Hm.' },
          ],
          citations: [citation, { ...citation, start: 0, end: 3 }],
        },
        'STOP_SEQUENCE',
        { logprobs: [{ text: 'rivers.', token_ids: [2, 3], logprobs: [-0.2, -0.3] }] },
      ),
    },
    {
      name: 'a plan and calls',
      stream: wire([
        start,
        plan('I'),
        plan(' will look.'),
        ...cite(0, ofPlan),
        call(0, 'f_1', 'f'),
        input(0, '{"a":'),
        input(0, ' 1}'),
        called(0),
        call(1, 'g_1', 'g'),
        input(1, '{}'),
        called(1),
        stop('TOOL_CALL'),
      ]),
      streamFolds: folded(
        {
          tool_plan: 'I will look.',
          citations: [ofPlan],
          tool_calls: [
            { id: 'f_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } },
            { id: 'g_1', type: 'function', function: { name: 'g', arguments: '{}' } },
          ],
        },
        'TOOL_CALL',
      ),
    },
    {
      name: 'blocks without a beginning or an end, and events that are not known',
      stream: wire([
        start,
        { type: 'debug', prompt: '<BOS>' },
        grow(0, { thinking: 'Hm' }),
        grow(1, { text: 'Yes' }),
        { type: 'weather', now: 'fine' },
        stop('MAX_TOKENS', { extra_word: 1 }),
      ]),
      streamFolds: folded(
        {
          content: [
            { type: 'thinking', thinking: 'Hm' },
            { type: 'text', text: 'Yes' },
          ],
        },
        'MAX_TOKENS',
        { extra_word: 1 },
      ),
    },
    {
      name: 'an error at the end',
      stream: wire([start, grow(0, { text: 'Hel' }), stop('ERROR', { error: 'The generation failed.' })]),
    },
    {
      name: 'a stream that breaks off',
      stream: wire([start, begin(0, { type: 'text', text: '' }), grow(0, { text: 'Hel' })]),
    },
  ]
