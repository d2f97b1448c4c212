/** Requests that between them have everything that Cohere's v2 chat can be asked. */
import type { JsonObject } from '../../model/json.ts'

export interface RequestFixture {
  readonly name: string
  readonly request: JsonObject
}

const model = 'command-a-03-2025'
const hello: JsonObject[] = [{ role: 'user', content: 'Hello' }]

export const requests: readonly RequestFixture[] = [
  { name: 'a short request', request: { model, messages: hello } },
  { name: 'a request for a stream', request: { model, messages: hello, stream: true } },
  {
    name: 'every setting',
    request: {
      model,
      messages: hello,
      stream: false,
      max_tokens: 500,
      temperature: 0.3,
      p: 0.75,
      k: 0,
      seed: 42,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      stop_sequences: ['END', '\n\n'],
      logprobs: true,
      safety_mode: 'STRICT',
      citation_options: { mode: 'ACCURATE' },
      response_format: { type: 'json_object', json_schema: { type: 'object', properties: { a: { type: 'string' } } } },
      thinking: { type: 'enabled', token_budget: 1000 },
      priority: 3,
      raw_prompting: false,
    },
  },
  {
    name: 'nulls and empty lists',
    request: {
      model,
      messages: [
        { role: 'user', content: [] },
        { role: 'assistant', content: null, tool_calls: null, citations: null, tool_plan: null },
      ],
      stream: null,
      max_tokens: null,
      stop_sequences: [],
      tools: [],
      tool_choice: null,
      documents: [],
      response_format: null,
      thinking: null,
    },
  },
  {
    name: 'the older name of the schema',
    request: { model, messages: hello, response_format: { type: 'json_object', schema: { type: 'object' } } },
  },
  {
    name: 'JSON without a schema, and no thinking',
    request: { model, messages: hello, response_format: { type: 'json_object' }, thinking: { type: 'disabled' } },
  },
  {
    name: 'text as a format, and kinds that are not known',
    request: {
      model,
      messages: hello,
      response_format: { type: 'text' },
      thinking: { type: 'later' },
      tool_choice: 'X',
    },
  },
  {
    name: 'a format that is not known',
    request: { model, messages: hello, response_format: { type: 'regex', regex: 'a' } },
  },
  {
    name: 'tools',
    request: {
      model,
      messages: hello,
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'Tells the weather.',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
        { type: 'function', function: { name: 'now', parameters: {} } },
        { function: { name: 'bare' } },
        { type: 'connector', id: 'web-search' },
      ],
      strict_tools: true,
      tool_choice: 'REQUIRED',
    },
  },
  {
    name: 'tools that may not be called',
    request: {
      model,
      messages: hello,
      tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
      strict_tools: false,
      tool_choice: 'NONE',
    },
  },
  {
    name: 'documents',
    request: {
      model,
      messages: hello,
      documents: [
        'Just text.',
        { data: { title: 'A', text: 'The text.', url: 'https://a.example/' }, id: 'doc:1' },
        { data: { snippet: 'A snippet.' } },
        { data: { anything: 1, else: [true] } },
        { id: 'no data' },
      ],
    },
  },
  {
    name: 'a conversation with everything',
    request: {
      model,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look:' },
            { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            { type: 'image_url', image_url: { url: 'DATA:image/png;x=1;base64,iVBORw0KGgo=' } },
            { type: 'document', document: { data: { text: 'Inline.' }, id: 'd' } },
          ],
        },
        {
          role: 'assistant',
          tool_plan: 'I will look it up.',
          tool_calls: [
            {
              id: 'get_weather_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city": "Berlin"}' },
            },
            { id: 'now_1', function: { name: 'now' } },
            { id: 'odd', type: 'function', function: { arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'get_weather_1', content: 'Sunny' },
        {
          role: 'tool',
          tool_call_id: 'now_1',
          content: [
            { type: 'document', document: { data: { time: 'noon' }, id: 'now_1:0' } },
            { type: 'document', document: { data: { text: 'It is noon.', title: 'Clock' } } },
            { type: 'text', text: 'noon' },
          ],
        },
        { role: 'tool', tool_call_id: 'odd', content: [] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Both are known.' },
            { type: 'text', text: 'Sunny at noon.' },
            { type: 'text', text: 'Warm.' },
          ],
          citations: [
            {
              start: 0,
              end: 5,
              text: 'Sunny',
              sources: [{ type: 'tool', id: 'get_weather_1:0', tool_output: { content: 'Sunny' } }],
              content_index: 1,
              type: 'TEXT_CONTENT',
            },
            { start: 0, end: 4, text: 'Both', sources: [], content_index: 0, type: 'THINKING_CONTENT' },
            { start: 0, end: 4, text: 'Warm', sources: [], content_index: 2 },
            { start: 9, end: 13, text: 'noon', sources: [], content_index: 1 },
            { start: 0, end: 1, text: '?', content_index: 9 },
          ],
        },
        { role: 'assistant', content: 'Plain.', tool_plan: '', citations: [{ start: 0, end: 5, text: 'Plain' }] },
        { role: 'user', content: 'Thanks' },
      ],
    },
  },
]
