/** Requests, answers, streams and errors of `/api/chat` in the shapes of servers and clients old and new. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

export const lines = (objects: readonly JsonObject[], end = '\n'): string =>
  objects.map((object) => `${JSON.stringify(object)}${end}`).join('')

const time = '2026-10-17T23:14:07.414671203Z'

const metrics: JsonObject = {
  total_duration: 4_883_583_458,
  load_duration: 1_334_875,
  prompt_eval_count: 26,
  prompt_eval_cached_count: 8,
  prompt_eval_duration: 342_546_000,
  eval_count: 282,
  eval_duration: 4_535_599_000,
}

const answer = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  model: 'qwen3:8b',
  created_at: time,
  message: { role: 'assistant', content: '', ...message },
  done: true,
  done_reason: 'stop',
  ...more,
})

const piece = (message: JsonObject, more: JsonObject = {}): JsonObject => ({
  model: 'qwen3:8b',
  created_at: time,
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
})

const weather: JsonObject = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', required: ['city'], properties: { city: { type: 'string', description: 'Where' } } },
  },
}

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export const chatFixtures: readonly ChatFixture[] = [
  {
    name: 'one message, streamed because nothing else is said',
    request: { model: 'llama3.2', messages: [{ role: 'user', content: 'Why is the sky blue?' }] },
    response: answer({ content: 'It scatters.' }, metrics),
  },
  {
    name: 'every setting',
    request: {
      model: 'gpt-oss:20b',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is in it?', images: [png] },
      ],
      stream: false,
      format: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
      think: 'high',
      keep_alive: '10m',
      logprobs: true,
      top_logprobs: 2,
      truncate: true,
      shift: false,
      options: {
        num_predict: 128,
        temperature: 0.5,
        top_k: 20,
        top_p: 0.9,
        min_p: 0.05,
        seed: 42,
        stop: ['\n', 'user:'],
        repeat_penalty: 1.2,
        presence_penalty: 1.5,
        frequency_penalty: 1,
        num_ctx: 8192,
        mirostat: 1,
        penalize_newline: true,
      },
    },
    response: answer(
      { content: '{"answer":"a dot"}', thinking: 'A picture. One dot.' },
      {
        ...metrics,
        logprobs: [
          {
            token: '{"',
            logprob: -0.5,
            bytes: [123, 34],
            top_logprobs: [{ token: '{"', logprob: -0.5, bytes: [123, 34] }],
          },
          { token: 'answer', logprob: -0.25 },
        ],
      },
    ),
  },
  {
    name: 'JSON mode, no limit of tokens, thinking switched off',
    request: {
      model: 'qwen3',
      messages: [{ role: 'user', content: 'JSON' }],
      stream: true,
      format: 'json',
      think: false,
      keep_alive: -1,
      options: { num_predict: -1, stop: 'END' },
      logprobs: false,
    },
    response: answer({ content: '{}', thinking: '' }, { done_reason: 'length', ...metrics }),
  },
  {
    name: 'nulls and blanks, as clients in Go and Python write them',
    request: {
      model: 'qwen3',
      messages: [
        { role: 'user', content: '' },
        { role: 'Assistant', content: null },
        { role: 'user', content: 'Hi', images: [] },
      ],
      stream: null,
      format: '',
      options: null,
      think: null,
      keep_alive: null,
      tools: [],
      top_logprobs: 0,
    },
    response: {
      model: 'qwen3',
      created_at: '2024-07-22T20:33:28.123648-07:00',
      message: { role: 'assistant', content: 'Hi' },
      done: true,
      total_duration: 10,
      logprobs: [],
    },
  },
  {
    name: 'tools with ids, their calls and results',
    request: {
      model: 'qwen3',
      messages: [
        { role: 'user', content: 'Oslo and Rome?' },
        {
          role: 'assistant',
          content: '',
          thinking: 'Two calls.',
          tool_calls: [
            { id: 'call_a1b2c3d4', function: { index: 0, name: 'get_weather', arguments: { city: 'Oslo', days: 2 } } },
            { id: 'call_e5f6g7h8', function: { index: 1, name: 'get_weather', arguments: { city: 'Rome' } } },
          ],
        },
        { role: 'tool', tool_name: 'get_weather', tool_call_id: 'call_e5f6g7h8', content: 'sun' },
        { role: 'tool', tool_name: 'get_weather', tool_call_id: 'call_a1b2c3d4', content: 'rain' },
      ],
      tools: [weather],
    },
    response: answer(
      {
        thinking: 'Both.',
        tool_calls: [
          { id: 'call_k1', function: { index: 0, name: 'get_weather', arguments: { city: 'Oslo' } } },
          { id: 'call_k2', function: { index: 1, name: 'now', arguments: {} } },
        ],
      },
      metrics,
    ),
  },
  {
    name: 'tools without ids, and what clients write beside them',
    request: {
      model: 'llama3.1',
      messages: [
        { role: 'user', content: 'Oslo?' },
        { role: 'assistant', tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Oslo' } } }] },
        { role: 'tool', content: 'rain', tool_name: 'get_weather' },
        {
          role: 'assistant',
          content: 'Again.',
          tool_calls: [
            { id: '', type: 'function', function: { name: 'now', arguments: '{}' } },
            { function: { name: 'later' } },
          ],
        },
        { role: 'tool', content: '12:00' },
        { role: 'tool', content: '13:00', name: 'later' },
      ],
      tools: [
        { ...weather, items: { type: 'string' } },
        { type: 'web_search', name: 'search' },
      ],
      stream: false,
    },
    response: answer({ tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Oslo' } } }] }, metrics),
  },
  {
    name: 'a model that was loaded, and one that was not asked to answer',
    response: {
      model: 'llama3.2',
      created_at: time,
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'load',
    },
  },
  {
    name: "a remote model's answer with a picture",
    response: answer(
      { content: 'Here.', images: [png] },
      { remote_model: 'gpt-oss:120b', remote_host: 'https://ollama.com:443', ...metrics },
    ),
  },
  {
    name: 'an answer that a proxy stripped',
    response: { message: { content: 'Hello' } },
  },
  {
    name: 'a stream of thinking and text',
    stream: lines([
      piece({ thinking: 'Let me' }),
      piece({ thinking: ' see.' }),
      piece({ content: 'It ' }),
      piece({ content: 'scätters.' }),
      answer({}, metrics),
    ]),
    streamFolds: answer({ thinking: 'Let me see.', content: 'It scätters.' }, metrics),
  },
  {
    name: 'a stream of calls without ids between texts, its last line without a line end',
    stream: lines([
      piece({ content: 'One.' }, { remote_model: 'kimi-k2', remote_host: 'https://ollama.com:443' }),
      piece(
        { tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Oslo' } } }] },
        { remote_model: 'kimi-k2', remote_host: 'https://ollama.com:443' },
      ),
      piece({ tool_calls: [{ id: 'call_2', function: { index: 1, name: 'now', arguments: {} } }] }),
      answer({}, metrics),
    ]).trimEnd(),
    streamFolds: answer(
      {
        content: 'One.',
        tool_calls: [
          { function: { name: 'get_weather', arguments: { city: 'Oslo' } } },
          { id: 'call_2', function: { index: 1, name: 'now', arguments: {} } },
        ],
      },
      { remote_model: 'kimi-k2', remote_host: 'https://ollama.com:443', ...metrics },
    ),
  },
  {
    name: 'a stream with log probabilities and blank lines',
    stream: lines(
      [
        piece({ content: 'a' }, { logprobs: [{ token: 'a', logprob: -1, bytes: [97] }] }),
        piece({}, { logprobs: [{ token: 'b', logprob: -2, top_logprobs: [{ token: 'c', logprob: -3 }] }] }),
        piece({ content: 'b' }),
        answer({}, { done_reason: 'length', ...metrics }),
      ],
      '\r\n\n',
    ),
    streamFolds: answer(
      { content: 'ab' },
      {
        done_reason: 'length',
        ...metrics,
        logprobs: [
          { token: 'a', logprob: -1, bytes: [97] },
          { token: 'b', logprob: -2, top_logprobs: [{ token: 'c', logprob: -3 }] },
        ],
      },
    ),
  },
  {
    name: 'a stream whose last line says the rest, with durations and no counts',
    stream: lines([
      piece({ content: 'Hel', x_mood: 'good' }),
      {
        model: 'qwen3:8b',
        created_at: time,
        message: { role: 'assistant', content: 'lo' },
        done: true,
        total_duration: 7,
      },
    ]),
    streamFolds: {
      model: 'qwen3:8b',
      created_at: time,
      message: { role: 'assistant', content: 'Hello', x_mood: 'good' },
      done: true,
      total_duration: 7,
    },
  },
  {
    name: 'a stream that an error ends',
    stream: lines([piece({ content: 'I' }), { error: 'an error was encountered while running the model' }]),
  },
  {
    name: 'a stream that breaks off',
    stream: `${lines([piece({ content: 'I' })])}{"model":"qwen3:8b","mess`,
  },
  {
    name: 'a stream of nothing but an error',
    stream: lines([{ error: 'model runner has unexpectedly stopped' }]),
  },
  {
    name: 'a model that is not there',
    fault: { status: 404, body: { error: "model 'llama9' not found" } },
  },
  {
    name: 'a full queue',
    fault: { status: 503, body: { error: 'server busy, please try again.  maximum pending requests exceeded' } },
  },
  {
    name: 'a setting that the model does not know',
    fault: { status: 400, body: { error: '"gemma3" does not support thinking' } },
  },
]
