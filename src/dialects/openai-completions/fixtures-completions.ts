/** Requests, answers, streams and errors of the protocol, in the shapes of OpenAI, vLLM, Fireworks and llama.cpp. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

export const sse = (chunks: readonly (JsonObject | string)[], end = '\n\n'): string =>
  chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}${end}`).join('')

const usage: JsonObject = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }

const answer = (choices: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'cmpl-7QmVI15',
  object: 'text_completion',
  created: 1_770_000_000,
  model: 'gpt-3.5-turbo-instruct:20230824-v2',
  choices,
  ...more,
})

const choice = (text: string, finish: string | null = null, index = 0): JsonObject => ({
  text,
  index,
  logprobs: null,
  finish_reason: finish,
})

export const logprobs: JsonObject = {
  tokens: ['\n', 'Blue', '.'],
  token_logprobs: [-0.5, -0.01, -1.25],
  top_logprobs: [{ '\n': -0.5, ' ': -1 }, { Blue: -0.01 }, { '.': -1.25, '!': -2 }],
  text_offset: [0, 1, 5],
}

const vllm: JsonObject = {
  id: 'cmpl-5e8f0f7d',
  object: 'text_completion',
  created: 1_770_000_001,
  model: 'Qwen/Qwen3-8B',
}
const vllmUsage: JsonObject = {
  prompt_tokens: 4,
  total_tokens: 7,
  completion_tokens: 3,
  prompt_tokens_details: { cached_tokens: 2 },
}

export const completions: readonly ChatFixture[] = [
  {
    name: 'a prompt and nothing else',
    request: { model: 'gpt-3.5-turbo-instruct', prompt: 'Say this is a test' },
    response: answer([choice('\n\nThis is indeed a test', 'length')], { system_fingerprint: 'fp_44709d6fcb', usage }),
  },
  {
    name: 'every setting that the protocol has',
    request: {
      model: 'gpt-3.5-turbo-instruct',
      prompt: ['def add(a, b):\n'],
      suffix: '\n    return c',
      max_tokens: 64,
      temperature: 0.25,
      top_p: 0.9,
      n: 2,
      best_of: 3,
      stream: false,
      logprobs: 5,
      echo: true,
      stop: ['\n\n', 'def'],
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      logit_bias: { '50256': -100 },
      seed: 7,
      user: 'user-1234',
    },
    response: answer([
      { text: '\nBlue.', index: 0, logprobs, finish_reason: 'stop' },
      {
        text: '\nBlue.',
        index: 1,
        logprobs: { ...logprobs, token_logprobs: [null, -0.01, -1.25] },
        finish_reason: 'content_filter',
      },
    ]),
  },
  {
    name: 'nulls, one stop sequence, and no tokens to be written',
    request: {
      model: 'davinci-002',
      prompt: '',
      suffix: null,
      max_tokens: 0,
      temperature: null,
      logprobs: 0,
      echo: null,
      stop: '###',
      stream: null,
      stream_options: null,
      user: null,
    },
    response: answer([choice('', 'stop')], { usage: null }),
  },
  {
    name: "a stream's options",
    request: {
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'Once',
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    },
  },
  {
    name: "vLLM's own settings and members",
    request: {
      model: 'Qwen/Qwen3-8B',
      prompt: 'One, two,',
      top_k: 20,
      min_p: 0.05,
      repetition_penalty: 1.1,
      ignore_eos: false,
      guided_regex: '[a-z]+',
      echo: false,
      stop: [],
    },
    response: {
      ...vllm,
      choices: [
        {
          index: 0,
          text: ' three',
          logprobs: null,
          finish_reason: 'length',
          stop_reason: null,
          token_ids: null,
          prompt_logprobs: null,
          prompt_token_ids: null,
        },
      ],
      service_tier: null,
      system_fingerprint: null,
      usage: vllmUsage,
      kv_transfer_params: null,
    },
  },
  {
    name: "Fireworks' switch for log probabilities",
    request: { model: 'accounts/fireworks/models/kimi', prompt: 'Hi', logprobs: true, max_tokens: 5 },
    response: answer([
      {
        index: 0,
        text: 'Hi',
        logprobs: { content: [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], text_offset: 0 }] },
        finish_reason: 'stop',
      },
      { index: 1, text: 'Ho', logprobs: { x_sum: -2 }, finish_reason: 'stop' },
    ]),
  },
  {
    name: 'an answer of few members',
    response: { choices: [{ text: 'Hello' }] },
  },
  {
    name: 'a stream with usage at its end',
    stream: sse([
      answer([choice('\n\nThis')], { usage: null }),
      answer([choice(' is thé')], { usage: null }),
      answer([choice('', 'stop')], { usage: null }),
      answer([], { usage }),
      '[DONE]',
    ]),
    streamFolds: answer([choice('\n\nThis is thé', 'stop')], { usage }),
  },
  {
    name: 'a stream of two choices with log probabilities',
    stream: sse([
      answer([
        {
          text: '\n',
          index: 0,
          logprobs: {
            tokens: ['\n'],
            token_logprobs: [-0.5],
            top_logprobs: [{ '\n': -0.5, ' ': -1 }],
            text_offset: [0],
          },
          finish_reason: null,
        },
      ]),
      answer([choice('Green', null, 1)]),
      answer([
        {
          text: 'Blue.',
          index: 0,
          logprobs: {
            tokens: ['Blue', '.'],
            token_logprobs: [-0.01, -1.25],
            top_logprobs: [{ Blue: -0.01 }, { '.': -1.25, '!': -2 }],
            text_offset: [1, 5],
          },
          finish_reason: 'stop',
        },
      ]),
      answer([choice('.', 'length', 1)]),
      '[DONE]',
    ]),
    streamFolds: answer([
      { text: '\nBlue.', index: 0, logprobs, finish_reason: 'stop' },
      choice('Green.', 'length', 1),
    ]),
  },
  {
    name: "vLLM's stream, whose last choice tells why it stopped",
    stream: sse(
      [
        { ...vllm, choices: [{ index: 0, text: ' th', logprobs: null, finish_reason: null, stop_reason: null }] },
        { ...vllm, choices: [{ index: 0, text: 'ree', logprobs: null, finish_reason: 'stop', stop_reason: '\n' }] },
        { ...vllm, choices: [], usage: vllmUsage },
        '[DONE]',
      ],
      '\r\n\r\n',
    ),
    streamFolds: {
      ...vllm,
      choices: [{ index: 0, text: ' three', logprobs: null, finish_reason: 'stop', stop_reason: '\n' }],
      usage: vllmUsage,
    },
  },
  {
    name: 'a stream that an error ends',
    stream: sse([
      answer([choice('Hel')]),
      { error: { message: 'The engine is overloaded', type: 'server_error', param: null, code: null } },
    ]),
  },
  {
    name: 'a stream that breaks off',
    stream: sse([answer([choice('Hel')])]),
  },
  {
    name: 'a refused parameter',
    fault: {
      status: 400,
      body: {
        error: {
          message: 'best_of must be at least n',
          type: 'invalid_request_error',
          param: 'best_of',
          code: null,
        },
      },
    },
  },
  {
    name: 'a chat model at the wrong address',
    fault: {
      status: 404,
      body: {
        error: {
          message: 'This is a chat model and not supported in the v1/completions endpoint.',
          type: 'invalid_request_error',
          param: 'model',
          code: null,
        },
      },
    },
  },
]
