/** Requests that between them have everything the Messages API can be asked. */
import type { JsonObject } from '../../model/json.ts'
import { charCitation, ephemeral, hour, webCitation, webResult } from './fixtures-blocks.ts'

export const requests: { readonly name: string; readonly request: JsonObject }[] = [
  {
    name: 'the least request',
    request: { model: 'claude-haiku-4-5', max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }] },
  },
  {
    name: 'a request with every setting',
    request: {
      model: 'claude-opus-4-5',
      max_tokens: 4096,
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'One' },
        { role: 'user', content: [{ type: 'text', text: 'Two', cache_control: hour }] },
        { role: 'assistant', content: 'The answer is (' },
      ],
      stream: false,
      temperature: 0.2,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END', '\n\nHuman:'],
      metadata: { user_id: 'user-7' },
      service_tier: 'standard_only',
      thinking: { type: 'enabled', budget_tokens: 2048, display: 'summarized' },
      output_config: {
        effort: 'high',
        format: { type: 'json_schema', schema: { type: 'object', properties: { a: { type: 'string' } } } },
        task_budget: { total: 1 },
      },
      container: { id: 'container_01', skills: [{ type: 'anthropic', skill_id: 'pptx', version: 'latest' }] },
      mcp_servers: [{ type: 'url', url: 'https://mcp.example/sse', name: 'files', authorization_token: null }],
      context_management: {
        edits: [{ type: 'clear_tool_uses_20250919', trigger: { type: 'input_tokens', value: 30000 } }],
      },
      cache_control: ephemeral,
      inference_geo: 'eu',
      speed: 'fast',
    },
  },
  {
    name: 'a request with nulls wherever they may be',
    request: {
      model: 'claude-opus-5',
      max_tokens: 5,
      system: [{ type: 'text', text: 'Be brief.', cache_control: null, citations: null }],
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'Grass is green.' },
              title: null,
              context: null,
              citations: null,
              cache_control: null,
            },
            { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' }, transformations: null },
          ],
        },
      ],
      stream: null,
      thinking: { type: 'adaptive', display: null },
      output_config: { effort: null, format: null },
      output_format: null,
      metadata: { user_id: null },
      container: null,
      tools: null,
      tool_choice: null,
      service_tier: null,
    },
  },
  {
    name: 'a streamed request with the older output format and adaptive thinking',
    request: {
      model: 'claude-opus-4-6',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      thinking: { type: 'adaptive' },
      output_config: {},
      output_format: { type: 'json_schema', schema: { type: 'object' } },
    },
  },
  {
    name: 'a request with settings of kinds that are not known',
    request: {
      model: 'claude-opus-9',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hi', cache_control: { type: 'persistent', until: 'tomorrow' } }],
      thinking: { type: 'between_tools' },
      tool_choice: { type: 'random', seed: 1 },
      output_config: { effort: 'ultra', format: { type: 'grammar', text: 'a' } },
      service_tier: 'express',
      metadata: {},
    },
  },
  {
    name: 'images and documents from everywhere',
    request: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      system: [
        { type: 'text', text: 'One.' },
        { type: 'text', text: 'Two.', cache_control: { type: 'ephemeral', ttl: '5m' } },
      ],
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
              cache_control: ephemeral,
            },
            { type: 'image', source: { type: 'url', url: 'https://images.example/a.png' } },
            { type: 'image', source: { type: 'file', file_id: 'file_01' } },
            { type: 'image', source: { type: 'hologram', id: 7 } },
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
              title: 'Report',
              context: 'From finance',
              citations: { enabled: true },
            },
            { type: 'document', source: { type: 'url', url: 'https://documents.example/a.pdf' }, citations: {} },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grass is green.' } },
            { type: 'document', source: { type: 'file', file_id: 'file_02' }, citations: { enabled: false } },
            { type: 'document', source: { type: 'content', content: 'All of it.' } },
            {
              type: 'document',
              source: {
                type: 'content',
                content: [
                  { type: 'text', text: 'One\nand' },
                  { type: 'text', text: '' },
                  { type: 'text', text: 'two' },
                ],
              },
            },
            {
              type: 'document',
              source: { type: 'content', content: [{ type: 'image', source: { type: 'file', file_id: 'file_01' } }] },
            },
            {
              type: 'search_result',
              source: 'internal://handbook',
              title: 'Handbook',
              content: [
                { type: 'text', text: 'Be kind.' },
                { type: 'text', text: 'Be brief.' },
              ],
              citations: { enabled: true },
              cache_control: ephemeral,
            },
            { type: 'container_upload', file_id: 'file_03' },
            { type: 'text', text: 'Which of these?' },
          ],
        },
      ],
    },
  },
  {
    name: 'a conversation with thinking, tools and their results',
    request: {
      model: 'claude-opus-4-8',
      max_tokens: 8192,
      messages: [
        { role: 'user', content: 'Weather and time in Jena?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Two tools.', signature: 'RXFRQkNrWUlDeGdD' },
            { type: 'redacted_thinking', data: 'RW1wdHk=' },
            { type: 'text', text: 'I will look.', citations: [charCitation, webCitation] },
            {
              type: 'tool_use',
              id: 'toolu_01',
              name: 'weather',
              input: { city: 'Jena', id: 12 },
              caller: { type: 'direct' },
            },
            { type: 'tool_use', id: 'toolu_02', name: 'time', input: {}, cache_control: ephemeral, toolset_name: null },
            {
              type: 'tool_use',
              id: 'toolu_03',
              name: 'plot',
              input: { a: [1, { b: null }] },
              caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_02' },
            },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_01', content: '17 °C', is_error: false },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_02',
              content: [
                { type: 'text', text: '12:03' },
                { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: '/9j/4AAQ' } },
                { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
                {
                  type: 'search_result',
                  source: 'https://time.example',
                  title: 'Time',
                  content: [{ type: 'text', text: 'Noon' }],
                },
                { type: 'tool_reference', tool_name: 'clock' },
              ],
              cache_control: hour,
            },
            { type: 'tool_result', tool_use_id: 'toolu_03', is_error: true },
            { type: 'tool_result', tool_use_id: 'toolu_04', content: [], is_error: null },
            { type: 'text', text: 'Well?' },
          ],
        },
        { role: 'system', content: 'Answer in German from here on.' },
        { role: 'assistant', content: [{ type: 'text', text: 'Es ist' }] },
      ],
      tools: [
        {
          name: 'weather',
          description: 'The weather',
          input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          strict: true,
        },
        {
          type: 'custom',
          name: 'time',
          input_schema: { type: 'object' },
          cache_control: hour,
          input_examples: [{ zone: 'CET' }],
          defer_loading: true,
        },
        { type: null, name: 'plot', input_schema: { type: 'object', properties: {} }, eager_input_streaming: null },
        {
          type: 'web_search_20250305',
          name: 'web_search',
          max_uses: 3,
          allowed_domains: ['rivers.example'],
          user_location: { type: 'approximate', city: 'Jena' },
        },
        { type: 'code_execution_20250825', name: 'code_execution' },
        { type: 'mcp_toolset', mcp_server_name: 'files', default_config: { enabled: true } },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    },
  },
  {
    name: 'tools that the server ran, returned for the next turn',
    request: {
      model: 'claude-sonnet-5',
      max_tokens: 1000,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'How long is the Elbe?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: { query: 'Elbe length' } },
            webResult,
            { type: 'mcp_tool_use', id: 'mcptoolu_01', name: 'read', server_name: 'files', input: { path: '/a' } },
            {
              type: 'mcp_tool_result',
              tool_use_id: 'mcptoolu_01',
              is_error: false,
              content: [{ type: 'text', text: 'a' }],
            },
            {
              type: 'code_execution_tool_result',
              tool_use_id: 'srvtoolu_05',
              content: { type: 'code_execution_tool_result_error', error_code: 'unavailable' },
            },
            { type: 'compaction', content: 'So far: rivers.', encrypted_content: null },
            { type: 'text', text: '1,094 km', citations: [] },
          ],
        },
        { role: 'user', content: 'Thanks' },
      ],
      tool_choice: { type: 'tool', name: 'web_search' },
      tools: [{ type: 'web_search_20260209', name: 'web_search' }],
    },
  },
]

for (const type of ['any', 'none']) {
  requests.push({
    name: `the tool choice ${type}`,
    request: {
      model: 'claude-haiku-4-5',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type, ...(type === 'any' && { disable_parallel_tool_use: false }) },
      thinking: { type: 'disabled' },
    },
  })
}
