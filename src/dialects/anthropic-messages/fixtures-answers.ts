/** Answers, plain and streamed, that between them have everything the Messages API can say. */
import type { JsonObject } from '../../model/json.ts'
import { charCitation, webCitation, webResult } from './fixtures-blocks.ts'

/** A stream's events as the wire has them. */
export const wire = (events: readonly JsonObject[]): string =>
  events
    .map((event) => `event: ${JSON.stringify(event['type']).slice(1, -1)}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')

export const started = (message: JsonObject = {}, usage: JsonObject = {}): JsonObject => ({
  type: 'message_start',
  message: {
    id: 'msg_01Stream',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...message,
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 4,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
      output_tokens: 1,
      service_tier: 'standard',
      ...usage,
    },
  },
})
export const begin = (index: number, block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
export const grow = (index: number, delta: JsonObject): JsonObject => ({ type: 'content_block_delta', index, delta })
export const end = (index: number): JsonObject => ({ type: 'content_block_stop', index })
export const stop = (delta: JsonObject, usage: JsonObject = {}, more: JsonObject = {}): JsonObject[] => [
  {
    type: 'message_delta',
    delta: { stop_sequence: null, ...delta },
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 4,
      output_tokens: 40,
      ...usage,
    },
    ...more,
  },
  { type: 'message_stop' },
]
/** The plain answer with the same head and usage as `started` and `stop`. */
export const folded = (
  content: JsonObject[],
  stopReason: string,
  more: JsonObject = {},
  usage: JsonObject = {},
): JsonObject => ({
  id: 'msg_01Stream',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content,
  stop_reason: stopReason,
  stop_sequence: null,
  ...more,
  usage: {
    input_tokens: 12,
    cache_creation_input_tokens: 3,
    cache_read_input_tokens: 4,
    cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
    output_tokens: 40,
    service_tier: 'standard',
    ...usage,
  },
})

export const responses: readonly { readonly name: string; readonly response: JsonObject }[] = [
  {
    name: 'a short answer',
    response: folded([{ type: 'text', text: 'Hello' }], 'end_turn'),
  },
  {
    name: 'an answer with everything',
    response: folded(
      [
        { type: 'thinking', thinking: 'Hm.', signature: 'U2ln' },
        { type: 'redacted_thinking', data: 'UmVk' },
        { type: 'text', text: 'Rivers', citations: [webCitation, charCitation] },
        { type: 'text', text: 'None', citations: null },
        {
          type: 'server_tool_use',
          id: 'srvtoolu_01',
          name: 'web_search',
          input: { query: 'Elbe' },
          caller: { type: 'direct' },
        },
        webResult,
        { type: 'mcp_tool_use', id: 'mcptoolu_01', name: 'read', server_name: 'files', input: { path: '/a' } },
        {
          type: 'tool_use',
          id: 'toolu_01',
          name: 'f',
          input: { a: { b: [1, 2.5, null, true] } },
          caller: { type: 'direct' },
        },
        { type: 'tool_use', id: 'toolu_02', name: 'odd', input: [1, 2] },
      ],
      'tool_use',
      {
        container: { id: 'container_01', expires_at: '2026-01-01T00:00:00Z', skills: null },
        stop_details: null,
        context_management: { applied_edits: [] },
        diagnostics: null,
      },
      {
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
        output_tokens_details: { thinking_tokens: 11 },
        inference_geo: 'global',
        speed: null,
        iterations: [{ type: 'message', input_tokens: 12, output_tokens: 40 }],
      },
    ),
  },
  {
    name: 'a refusal with details',
    response: folded(
      [],
      'refusal',
      { stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' } },
      { service_tier: 'priority' },
    ),
  },
  {
    name: 'a stop sequence that was met',
    response: folded(
      [{ type: 'text', text: 'a' }],
      'stop_sequence',
      { stop_sequence: 'END' },
      { service_tier: 'batch' },
    ),
  },
  ...['max_tokens', 'pause_turn', 'model_context_window_exceeded', 'compaction'].map((word) => ({
    name: `an answer that ended with ${word}`,
    response: folded([{ type: 'text', text: 'a' }], word, {}, { cache_creation: null }),
  })),
  {
    name: 'an answer of a service that says less',
    response: {
      id: 'x1',
      type: 'message',
      role: 'assistant',
      model: 'other-1',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Hi' },
      ],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 2 },
    },
  },
]

export const streams: readonly { readonly name: string; readonly stream: string; readonly streamFolds?: JsonObject }[] =
  [
    {
      name: 'a stream of text',
      stream: wire([
        started(),
        begin(0, { type: 'text', text: '' }),
        { type: 'ping' },
        grow(0, { type: 'text_delta', text: 'Hällo ' }),
        grow(0, { type: 'text_delta', text: '🌍' }),
        end(0),
        ...stop({ stop_reason: 'end_turn' }),
      ]),
      streamFolds: folded([{ type: 'text', text: 'Hällo 🌍' }], 'end_turn'),
    },
    {
      name: 'a stream of thinking, citations and tools',
      stream: wire([
        started({ container: null }, { inference_geo: 'global' }),
        begin(0, { type: 'thinking', thinking: '', signature: '' }),
        grow(0, { type: 'thinking_delta', thinking: 'Hm' }),
        grow(0, { type: 'thinking_delta', thinking: '.' }),
        grow(0, { type: 'signature_delta', signature: 'U2ln' }),
        end(0),
        begin(1, { type: 'redacted_thinking', data: 'UmVk' }),
        end(1),
        begin(2, { type: 'text', text: '', citations: [] }),
        grow(2, { type: 'citations_delta', citation: charCitation }),
        grow(2, { type: 'text_delta', text: 'Green' }),
        end(2),
        begin(3, {
          type: 'server_tool_use',
          id: 'srvtoolu_01',
          name: 'web_search',
          input: {},
          caller: { type: 'direct' },
        }),
        grow(3, { type: 'input_json_delta', partial_json: '' }),
        grow(3, { type: 'input_json_delta', partial_json: '{"query":' }),
        grow(3, { type: 'input_json_delta', partial_json: '"Elbe"}' }),
        end(3),
        begin(4, webResult),
        end(4),
        begin(5, { type: 'mcp_tool_use', id: 'mcptoolu_01', name: 'read', server_name: 'files', input: {} }),
        grow(5, { type: 'input_json_delta', partial_json: '{"path":"/a"}' }),
        end(5),
        begin(6, { type: 'compaction', content: null }),
        grow(6, { type: 'compaction_delta', content: 'So far.', encrypted_content: 'RW5j' }),
        end(6),
        begin(7, {
          type: 'tool_use',
          id: 'toolu_01',
          name: 'f',
          input: {},
          caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_01' },
        }),
        grow(7, { type: 'input_json_delta', partial_json: '{"a":1' }),
        grow(7, { type: 'input_json_delta', partial_json: ',"b":[]}' }),
        end(7),
        begin(8, { type: 'tool_use', id: 'toolu_02', name: 'g', input: {} }),
        end(8),
        ...stop(
          { stop_reason: 'tool_use', container: { id: 'container_01', expires_at: '2026-01-01T00:00:00Z' } },
          { server_tool_use: { web_search_requests: 1 }, output_tokens_details: { thinking_tokens: 7 } },
          { context_management: { applied_edits: [] } },
        ),
      ]),
      streamFolds: folded(
        [
          { type: 'thinking', thinking: 'Hm.', signature: 'U2ln' },
          { type: 'redacted_thinking', data: 'UmVk' },
          { type: 'text', text: 'Green', citations: [charCitation] },
          {
            type: 'server_tool_use',
            id: 'srvtoolu_01',
            name: 'web_search',
            input: { query: 'Elbe' },
            caller: { type: 'direct' },
          },
          webResult,
          { type: 'mcp_tool_use', id: 'mcptoolu_01', name: 'read', server_name: 'files', input: { path: '/a' } },
          { type: 'compaction', content: 'So far.', encrypted_content: 'RW5j' },
          {
            type: 'tool_use',
            id: 'toolu_01',
            name: 'f',
            input: { a: 1, b: [] },
            caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_01' },
          },
          { type: 'tool_use', id: 'toolu_02', name: 'g', input: {} },
        ],
        'tool_use',
        {
          container: { id: 'container_01', expires_at: '2026-01-01T00:00:00Z' },
          context_management: { applied_edits: [] },
        },
        {
          inference_geo: 'global',
          server_tool_use: { web_search_requests: 1 },
          output_tokens_details: { thinking_tokens: 7 },
        },
      ),
    },
    {
      name: 'a stream that is refused',
      stream: wire([
        started(),
        { type: 'ping' },
        ...stop({ stop_reason: 'refusal', stop_details: { type: 'refusal', category: null, explanation: null } }),
      ]),
      streamFolds: folded([], 'refusal', { stop_details: { type: 'refusal', category: null, explanation: null } }),
    },
    {
      name: 'a stream with events and deltas that are not known',
      stream: wire([
        started(),
        { type: 'weather_report', sky: 'clear' },
        begin(0, { type: 'text', text: 'A', x_new: 1 }),
        grow(0, { type: 'colour_delta', colour: 'green' }),
        grow(0, { type: 'text_delta', text: 'b' }),
        end(0),
        ...stop({ stop_reason: 'stop_sequence', stop_sequence: 'END', x_late: { a: 1 } }, {}, { x_later: 2 }),
      ]),
      streamFolds: folded([{ type: 'text', text: 'Ab', x_new: 1 }], 'stop_sequence', {
        stop_sequence: 'END',
        x_late: { a: 1 },
        x_later: 2,
      }),
    },
    {
      name: 'a stream that fails in the middle',
      stream: wire([
        started(),
        begin(0, { type: 'text', text: '' }),
        grow(0, { type: 'text_delta', text: 'Half' }),
        { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_7' },
      ]),
    },
    {
      name: 'a stream that lacks its last event',
      stream: wire([
        started(),
        begin(0, { type: 'text', text: '' }),
        grow(0, { type: 'text_delta', text: 'All' }),
        stop({ stop_reason: 'end_turn' })[0] ?? {},
      ]),
      streamFolds: folded([{ type: 'text', text: 'All' }], 'end_turn'),
    },
  ]
