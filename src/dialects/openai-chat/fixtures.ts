/** Documents and streams of this protocol in the shapes that OpenAI and its imitators really send: what the tests run on. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

const sse = (chunks: readonly (JsonObject | string)[], end = '\n\n'): string =>
  chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}${end}`).join('')

const chunk = (choices: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_770_000_000,
  model: 'gpt-5.1-2025-11-13',
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  choices,
  ...more,
})

const delta = (members: JsonObject, finish: string | null = null, index = 0): JsonObject => ({
  index,
  delta: members,
  logprobs: null,
  finish_reason: finish,
})

const plain = (choices: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_770_000_000,
  model: 'gpt-5.1-2025-11-13',
  choices,
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  ...more,
})

const usage: JsonObject = {
  prompt_tokens: 20,
  completion_tokens: 12,
  total_tokens: 32,
  prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 5,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}

const token = (text: string): JsonObject => ({
  token: text,
  logprob: -0.25,
  bytes: [...Buffer.from(text)],
  top_logprobs: [{ token: text, logprob: -0.25, bytes: null }],
})

const weatherTool: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Tells the weather.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
    strict: true,
  },
}

const hello: JsonObject[] = [{ role: 'user', content: 'Hello' }]

const requests: readonly ChatFixture[] = [
  { name: 'a request with nothing but the needed', request: { model: 'gpt-5.1', messages: hello } },
  {
    name: 'a request with every setting',
    request: {
      model: 'gpt-5.1',
      messages: [
        { role: 'developer', content: 'Be brief.', name: 'owner' },
        { role: 'system', content: [{ type: 'text', text: 'And kind.' }] },
        { role: 'user', content: 'Hello', name: 'ann' },
      ],
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      max_completion_tokens: 500,
      temperature: 0.5,
      top_p: 0.9,
      presence_penalty: -1,
      frequency_penalty: 1.5,
      seed: 42,
      n: 2,
      stop: ['END', 'STOP'],
      logprobs: true,
      top_logprobs: 3,
      logit_bias: { '50256': -100 },
      tools: [
        weatherTool,
        {
          type: 'custom',
          custom: {
            name: 'run',
            description: 'Runs code.',
            format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', description: 'd', schema: { type: 'object' }, strict: true },
      },
      reasoning_effort: 'high',
      verbosity: 'low',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'mp3' },
      prediction: { type: 'content', content: [{ type: 'text', text: 'guess' }] },
      web_search_options: {
        user_location: { type: 'approximate', approximate: { city: 'Berlin' } },
        search_context_size: 'low',
      },
      metadata: { team: 'a' },
      user: 'user-1',
      safety_identifier: 'hash-1',
      prompt_cache_key: 'key',
      prompt_cache_retention: '24h',
      service_tier: 'flex',
      store: false,
    },
  },
  {
    name: 'a request of nulls and empty lists',
    request: {
      model: 'gpt-5.1',
      messages: [
        { role: 'assistant', content: null, refusal: null, audio: null, function_call: null, tool_calls: [] },
        { role: 'assistant', content: '' },
        { role: 'assistant' },
        { role: 'user', content: '' },
        { role: 'user', content: [] },
      ],
      stream: null,
      stream_options: null,
      max_tokens: null,
      max_completion_tokens: null,
      temperature: null,
      top_p: null,
      presence_penalty: null,
      frequency_penalty: null,
      seed: null,
      stop: null,
      n: null,
      logprobs: null,
      top_logprobs: null,
      logit_bias: null,
      tools: [],
      tool_choice: null,
      response_format: null,
      reasoning_effort: null,
      verbosity: null,
      metadata: null,
      modalities: null,
      audio: null,
      service_tier: null,
      store: null,
    },
  },
  {
    name: 'a request in older spellings',
    request: {
      model: 'gpt-4',
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        { role: 'function', name: 'get_weather', content: 'rain' },
        { role: 'function', name: 'get_weather', content: null },
      ],
      stream: false,
      max_tokens: 100,
      top_k: 40,
      stop: 'END',
      functions: [
        { name: 'get_weather', description: 'd', parameters: { type: 'object', properties: {} } },
        { name: 'now' },
      ],
      function_call: { name: 'get_weather' },
      response_format: { type: 'json_object' },
    },
  },
  {
    name: 'a request with both names of a limit, and options that say nothing',
    request: {
      model: 'm',
      messages: hello,
      max_tokens: 7,
      max_completion_tokens: 9,
      top_logprobs: 2,
      stream_options: {},
      function_call: 'auto',
      response_format: { type: 'text' },
    },
  },
  {
    name: 'a request with options of other services',
    request: {
      model: 'm',
      messages: hello,
      stream: true,
      stream_options: { include_usage: null },
      reasoning_effort: 'default',
      tool_choice: 'any',
      tools: [weatherTool, { type: 'web_search', filters: { allowed: ['a'] } }],
      response_format: { type: 'grammar', grammar: 'g' },
      guided_json: { type: 'object' },
      safe_prompt: true,
      safety_identifier: 'hash',
    },
  },
  {
    name: 'a request that allows some tools',
    request: {
      model: 'm',
      messages: hello,
      tools: [weatherTool],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_weather' } }] },
      },
      response_format: { type: 'json_schema', json_schema: { name: 'n', strict: null } },
    },
  },
  {
    name: 'a request that names a custom tool',
    request: { model: 'm', messages: hello, tool_choice: { type: 'custom', custom: { name: 'run' } } },
  },
  {
    name: 'a request with every kind of content',
    request: {
      model: 'gpt-5.1',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look', prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'text', text: 'and this', cache_control: { type: 'ephemeral', ttl: '1h' } },
            { type: 'text', text: 'here', cache_control: { type: 'ephemeral' } },
            { type: 'image_url', image_url: { url: 'https://img.example/a.png', detail: 'high' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
            { type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg%2F%3E', detail: null } },
            { type: 'image_url', image_url: 'https://img.example/bare.png' },
            { type: 'video_url', video_url: { url: 'https://img.example/a.mp4' } },
            { type: 'input_audio', input_audio: { data: 'aGVsbG8=', format: 'mp3' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGVsbG8=' } },
            { type: 'file', file: { file_data: 'aGVsbG8=', file_id: 'file-1' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'file', file: {} },
            { type: 'document_url', document_url: 'https://img.example/a.pdf' },
          ],
        },
        {
          role: 'assistant',
          name: 'helper',
          content: [
            { type: 'text', text: 'Half' },
            { type: 'refusal', refusal: 'No more.' },
          ],
          refusal: 'No.',
          audio: { id: 'audio_1' },
          annotations: [],
        },
        { role: 'user', content: 'Go on' },
        {
          role: 'assistant',
          content: 'Calling',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
            { id: 'call_2', type: 'custom', custom: { name: 'run', input: 'print(1)' } },
            { id: 'call_3', function: { name: 'now', arguments: '' }, index: 2 },
            { id: '', type: 'function', function: { name: 'now' } },
            { type: 'function', function: { name: 'now', arguments: { zone: 'utc' } } },
            { id: null, type: 'mcp', mcp: { name: 'x' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
        {
          role: 'tool',
          tool_call_id: 'call_2',
          content: [
            { type: 'text', text: '1' },
            { type: 'text', text: '2' },
          ],
          name: 'run',
        },
        {
          role: 'tool',
          tool_call_id: 'call_3',
          content: [{ type: 'image_url', image_url: { url: 'https://img.example/b.png' } }],
        },
      ],
    },
  },
  {
    name: 'a request that sends reasoning back',
    request: {
      model: 'm',
      messages: [
        { role: 'user', content: 'Q' },
        { role: 'assistant', content: 'A', reasoning_content: 'because' },
        { role: 'assistant', content: 'A', reasoning: 'because', reasoning_content: 'because' },
        { role: 'assistant', content: 'A', reasoning: 'this', reasoning_content: 'that' },
        { role: 'assistant', content: 'A', reasoning: null, reasoning_content: '' },
        {
          role: 'assistant',
          content: 'A',
          reasoning: 'thought',
          reasoning_details: [
            {
              type: 'reasoning.text',
              text: 'thought',
              signature: 'sig',
              format: 'anthropic-claude-v1',
              index: 0,
              id: null,
            },
            { type: 'reasoning.encrypted', data: 'AAAA', format: 'openai-responses-v1', index: 1, id: 'rs_1' },
            { type: 'reasoning.text', text: null, signature: 'sig2', format: 'anthropic-claude-v1', index: 2 },
          ],
        },
        {
          role: 'assistant',
          content: 'A',
          reasoning_details: [
            { type: 'reasoning.summary', summary: 'short' },
            { type: 'reasoning.encrypted', data: 'BBBB', format: 'anthropic-messages', index: 0 },
            { type: 'reasoning.server_tool_call', name: 'x' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
            {
              type: 'thinking',
              thinking: [
                { type: 'text', text: 'a' },
                { type: 'reference', reference_ids: [1] },
                { type: 'text', text: 'b' },
              ],
            },
            { type: 'text', text: 'so' },
          ],
        },
      ],
    },
  },
]

const textAnswer = plain(
  [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello there', refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  { usage },
)

const toolCalls: JsonObject[] = [
  { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
  { id: 'call_b', type: 'function', function: { name: 'now', arguments: '{}' } },
  { id: 'call_c', type: 'custom', custom: { name: 'run', input: 'print(1)' } },
]

const responses: readonly ChatFixture[] = [
  { name: 'an answer of text', response: textAnswer },
  {
    name: 'an answer of tool calls',
    response: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null, tool_calls: toolCalls },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      { usage },
    ),
  },
  {
    name: 'an answer of two choices, with logprobs and a refusal',
    response: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi', refusal: null },
          logprobs: { content: [token('Hi')], refusal: null },
          finish_reason: 'length',
        },
        {
          index: 1,
          message: { role: 'assistant', content: null, refusal: 'No.' },
          logprobs: { content: null, refusal: [token('No')] },
          finish_reason: 'content_filter',
        },
      ],
      { usage },
    ),
  },
  {
    name: 'an answer with citations',
    response: plain([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'It rains.',
          refusal: null,
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://w.example/', title: 'W', start_index: 0, end_index: 9 },
            },
            { type: 'file_citation', file_citation: { file_id: 'f' } },
          ],
        },
        logprobs: null,
        finish_reason: 'stop',
      },
    ]),
  },
  {
    name: 'an answer of sound, with an old function call',
    response: plain([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          audio: { id: 'audio_1', data: 'aGVsbG8=', expires_at: 1_770_003_600, transcript: 'Hello' },
          function_call: { name: 'now', arguments: '{}' },
        },
        logprobs: null,
        finish_reason: 'function_call',
      },
    ]),
  },
  {
    name: 'an answer of a reasoning model at xAI',
    response: {
      id: '2af5c888-e886',
      object: 'chat.completion',
      created: 1_770_000_000,
      model: 'grok-3-mini',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', reasoning_content: 'First, the user', refusal: null },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 241,
        prompt_tokens_details: { text_tokens: 12, audio_tokens: 0, image_tokens: 0, cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 228, audio_tokens: 0 },
        num_sources_used: 0,
      },
    },
  },
  {
    name: 'an answer of a reasoning model at Mistral',
    response: {
      id: 'a4e29c5b',
      created: 1_770_000_000,
      model: 'magistral-medium',
      usage: { prompt_tokens: 10, total_tokens: 56, completion_tokens: 46 },
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: {
            role: 'assistant',
            tool_calls: null,
            content: [
              { type: 'thinking', thinking: [{ type: 'text', text: '2+2=4.' }] },
              { type: 'text', text: '4' },
            ],
          },
        },
      ],
    },
  },
  {
    name: 'an answer with pictures and reasoning details, as OpenRouter gives it',
    response: {
      id: 'gen-1',
      provider: 'Anthropic',
      object: 'chat.completion',
      created: 1_770_000_000,
      model: 'anthropic/claude',
      choices: [
        {
          logprobs: null,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
          index: 0,
          message: {
            role: 'assistant',
            content: 'See',
            refusal: null,
            reasoning: 'thought',
            reasoning_details: [
              { type: 'reasoning.text', text: 'thought', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
            ],
            images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } }],
          },
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0.0001, is_byok: false },
    },
  },
  {
    name: 'an answer with the least that services give',
    response: { model: 'm', choices: [{ message: { content: 'Hi' } }] },
  },
  {
    name: 'an answer with content filters, as Azure gives it',
    response: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: '', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
          content_filter_results: { hate: { filtered: false, severity: 'safe' } },
        },
      ],
      {
        usage: null,
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
        system_fingerprint: null,
      },
    ),
  },
]

const streams: readonly ChatFixture[] = [
  {
    name: 'a stream of text with usage',
    stream: sse([
      chunk([delta({ role: 'assistant', content: '', refusal: null })], { usage: null, obfuscation: 'aK2' }),
      chunk([delta({ content: 'Hello' })], { usage: null, obfuscation: 'x' }),
      chunk([delta({ content: ' thére' })], { usage: null }),
      chunk([delta({}, 'stop')], { usage: null }),
      chunk([], { usage }),
      '[DONE]',
    ]),
    streamFolds: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello thére', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      { usage },
    ),
  },
  {
    name: 'a stream of parallel tool calls',
    stream: sse([
      chunk([delta({ role: 'assistant', content: null })]),
      chunk([
        delta({
          tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '' } }],
        }),
      ]),
      chunk([delta({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] })]),
      chunk([delta({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] })]),
      chunk([
        delta({
          tool_calls: [{ index: 1, id: 'call_b', type: 'function', function: { name: 'now', arguments: '{}' } }],
        }),
      ]),
      chunk([
        delta({ tool_calls: [{ index: 2, id: 'call_c', type: 'custom', custom: { name: 'run', input: 'print' } }] }),
      ]),
      chunk([delta({ tool_calls: [{ index: 2, custom: { input: '(1)' } }] })]),
      chunk([delta({}, 'tool_calls')]),
      '[DONE]',
    ]),
    streamFolds: plain([
      {
        index: 0,
        message: { role: 'assistant', content: null, refusal: null, tool_calls: toolCalls },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ]),
  },
  {
    name: 'a stream whose tool calls come interleaved, without types, with CRLF and comments',
    stream: `: OPENROUTER PROCESSING\r\n\r\n${sse(
      [
        chunk([
          delta({
            role: 'assistant',
            tool_calls: [
              { index: 0, id: 'call_a', function: { name: 'get_weather', arguments: '{"ci' } },
              { index: 1, id: 'call_b', function: { name: 'now', arguments: '{' } },
            ],
          }),
        ]),
        chunk([
          delta({
            tool_calls: [
              { index: 1, function: { arguments: '}' } },
              { index: 0, id: 'call_a', function: { arguments: 'ty":"Oslo"}' } },
            ],
          }),
        ]),
        chunk([delta({}, 'tool_calls')], { usage }),
        '[DONE]',
      ],
      '\r\n\r\n',
    )}`,
    streamFolds: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: null, tool_calls: toolCalls.slice(0, 2) },
          finish_reason: 'tool_calls',
        },
      ],
      { usage },
    ),
  },
  {
    name: 'a stream of two choices with logprobs and a refusal, without its end mark',
    stream: sse([
      chunk([
        {
          index: 0,
          delta: { role: 'assistant', content: 'Hi' },
          logprobs: { content: [token('Hi')], refusal: null },
          finish_reason: null,
        },
      ]),
      chunk([
        {
          index: 1,
          delta: { role: 'assistant', refusal: 'N' },
          logprobs: { content: null, refusal: [token('N')] },
          finish_reason: null,
        },
      ]),
      chunk([
        {
          index: 1,
          delta: { refusal: 'o.' },
          logprobs: { content: null, refusal: [token('o.')] },
          finish_reason: null,
        },
      ]),
      chunk([delta({}, 'stop', 0)]),
      chunk([delta({}, 'stop', 1)]),
    ]),
    streamFolds: plain([
      {
        index: 0,
        message: { role: 'assistant', content: 'Hi', refusal: null },
        logprobs: { content: [token('Hi')], refusal: null },
        finish_reason: 'stop',
      },
      {
        index: 1,
        message: { role: 'assistant', content: null, refusal: 'No.' },
        logprobs: { content: null, refusal: [token('N'), token('o.')] },
        finish_reason: 'stop',
      },
    ]),
  },
  {
    name: 'a stream of reasoning, text and a call, as xAI gives it',
    stream: sse([
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [{ index: 0, delta: { reasoning_content: 'First', role: 'assistant' } }],
        system_fingerprint: 'fp',
      },
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [{ index: 0, delta: { reasoning_content: ', so' } }],
        system_fingerprint: 'fp',
      },
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [{ index: 0, delta: { content: 'Hi' } }],
        system_fingerprint: 'fp',
      },
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [
          {
            index: 0,
            delta: {
              tool_calls: [{ id: 'call_1', function: { name: 'now', arguments: '{}' }, index: 0, type: 'function' }],
            },
          },
        ],
      },
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }],
      },
      {
        id: 'x',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'grok',
        choices: [],
        usage: {
          prompt_tokens: 2,
          completion_tokens: 3,
          total_tokens: 9,
          completion_tokens_details: { reasoning_tokens: 4 },
        },
      },
      '[DONE]',
    ]),
    streamFolds: {
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model: 'grok',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hi',
            reasoning_content: 'First, so',
            tool_calls: [{ id: 'call_1', function: { name: 'now', arguments: '{}' }, type: 'function' }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 2,
        completion_tokens: 3,
        total_tokens: 9,
        completion_tokens_details: { reasoning_tokens: 4 },
      },
      system_fingerprint: 'fp',
    },
  },
  {
    name: 'a stream of thinking blocks and a call without index, as Mistral gives it',
    stream: sse([
      chunk([
        {
          index: 0,
          delta: { role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'The user' }] }] },
          finish_reason: null,
        },
      ]),
      chunk([
        {
          index: 0,
          delta: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: ' asks' }] }] },
          finish_reason: null,
        },
      ]),
      chunk([{ index: 0, delta: { content: [{ type: 'text', text: '4' }] }, finish_reason: null }]),
      chunk(
        [
          {
            index: 0,
            delta: {
              content: null,
              tool_calls: [
                { id: 'gSIMJiOkT', function: { name: 'now', arguments: '{"a": 1}' } },
                { id: 'null', function: { name: 'now', arguments: '{}' } },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
        {
          usage: { prompt_tokens: 10, total_tokens: 56, completion_tokens: 46 },
        },
      ),
      '[DONE]',
    ]),
    streamFolds: plain(
      [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: [{ type: 'text', text: 'The user asks' }] },
              { type: 'text', text: '4' },
            ],
            tool_calls: [
              { id: 'gSIMJiOkT', function: { name: 'now', arguments: '{"a": 1}' } },
              { id: 'null', function: { name: 'now', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
      { usage: { prompt_tokens: 10, total_tokens: 56, completion_tokens: 46 } },
    ),
  },
  {
    name: 'a stream of signed reasoning and a picture, as OpenRouter gives it',
    stream: sse([
      chunk([
        delta({
          role: 'assistant',
          content: '',
          reasoning: 'Let me',
          reasoning_details: [{ type: 'reasoning.text', text: 'Let me', format: 'anthropic-claude-v1', index: 0 }],
        }),
      ]),
      chunk([
        delta({
          content: '',
          reasoning: ' see',
          reasoning_details: [{ type: 'reasoning.text', text: ' see', format: 'anthropic-claude-v1', index: 0 }],
        }),
      ]),
      chunk([
        delta({
          content: '',
          reasoning: null,
          reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }],
        }),
      ]),
      chunk([
        delta({
          content: '',
          reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAAA', format: 'anthropic-claude-v1', index: 1 }],
        }),
      ]),
      chunk([delta({ content: 'See' })]),
      chunk([delta({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } }] })]),
      chunk([{ ...delta({ content: '' }, 'stop'), native_finish_reason: 'end_turn' }]),
      '[DONE]',
    ]),
    streamFolds: plain([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'See',
          reasoning: 'Let me see',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Let me see', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.encrypted', data: 'AAAA', format: 'anthropic-claude-v1', index: 1 },
          ],
          images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } }],
        },
        finish_reason: 'stop',
        native_finish_reason: 'end_turn',
      },
    ]),
  },
  {
    name: 'a stream of sound with annotations of its text',
    stream: sse([
      chunk([delta({ role: 'assistant', content: 'It rains.' })]),
      chunk([
        delta({
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://w.example/', title: 'W', start_index: 0, end_index: 9 },
            },
          ],
        }),
      ]),
      chunk([delta({ audio: { id: 'audio_1', transcript: 'It' } })]),
      chunk([delta({ audio: { data: 'aGVs' } })]),
      chunk([delta({ audio: { data: 'bG8=', transcript: ' rains.' } })]),
      chunk([delta({ audio: { expires_at: 1_770_003_600 } })]),
      chunk([delta({}, 'stop')]),
      '[DONE]',
    ]),
    streamFolds: plain([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'It rains.',
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://w.example/', title: 'W', start_index: 0, end_index: 9 },
            },
          ],
          audio: { id: 'audio_1', data: 'aGVsbG8=', expires_at: 1_770_003_600, transcript: 'It rains.' },
        },
        finish_reason: 'stop',
      },
    ]),
  },
  {
    name: 'a stream with an old function call and filters, as Azure gives it, whose last event lacks its blank line',
    stream: `${sse([
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      chunk([delta({ role: 'assistant', content: null, function_call: { name: 'now', arguments: '' } })]),
      chunk([delta({ function_call: { arguments: '{"a"' } })]),
      chunk([delta({ function_call: { arguments: ':1}' } })]),
    ])}data: ${JSON.stringify(chunk([{ ...delta({}, 'function_call'), content_filter_results: { hate: 'safe' } }]))}`,
    streamFolds: plain(
      [
        {
          index: 0,
          message: { role: 'assistant', content: null, function_call: { name: 'now', arguments: '{"a":1}' } },
          finish_reason: 'function_call',
          content_filter_results: { hate: 'safe' },
        },
      ],
      { prompt_filter_results: [{ prompt_index: 0 }] },
    ),
  },
  {
    name: 'a stream that an error breaks off',
    stream: sse([
      chunk([delta({ role: 'assistant', content: 'Hel' })]),
      { error: { message: 'The server had an error', type: 'server_error', param: null, code: null } },
    ]),
  },
  { name: 'a stream that is cut off', stream: sse([chunk([delta({ role: 'assistant', content: 'Hel' })])]) },
]

const faults: readonly ChatFixture[] = [
  {
    name: 'the error for a parameter',
    fault: {
      status: 400,
      body: {
        error: {
          message: "Unsupported parameter: 'max_tokens'.",
          type: 'invalid_request_error',
          param: 'max_tokens',
          code: 'unsupported_parameter',
        },
      },
    },
  },
  {
    name: 'the error for a rate limit',
    fault: {
      status: 429,
      body: { error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
      headers: { 'retry-after': '2' },
    },
  },
  {
    name: 'the error for a wrong key',
    fault: {
      status: 401,
      body: {
        error: { message: 'Incorrect API key', type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
      },
    },
  },
  {
    name: 'the error for want of credit',
    fault: {
      status: 429,
      body: {
        error: {
          message: 'You exceeded your quota',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        },
      },
    },
  },
  {
    name: 'the error of a server',
    fault: {
      status: 500,
      body: { error: { message: 'The server had an error', type: 'server_error', param: null, code: null } },
    },
  },
]

export const fixtures: readonly ChatFixture[] = [...requests, ...responses, ...streams, ...faults]
