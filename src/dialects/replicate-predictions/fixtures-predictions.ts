/** Requests, answers, streams and errors as Replicate's documentation and the pages of its models show them. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

const event = (name: string, data: string, id?: string): string =>
  `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}${data
    .split('\n')
    .map((line) => `data: ${line}\n`)
    .join('')}\n`

const prediction: JsonObject = {
  id: 'gm3qorzdhgbfurvjtvhg6dckhu',
  model: 'meta/meta-llama-3-70b-instruct',
  version: 'hidden',
  input: { prompt: 'Tell me a story', max_tokens: 64 },
  logs: '',
  error: null,
  data_removed: false,
  created_at: '2026-11-08T16:19:34.765994Z',
  urls: {
    cancel: 'https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu/cancel',
    get: 'https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu',
    stream: 'https://stream.replicate.com/v1/files/bcwr-3y7tn6jo35hzo7xvk5kf2dslv',
  },
}
const metrics: JsonObject = { input_token_count: 14, output_token_count: 9, predict_time: 0.75, total_time: 0.8 }
const begun: JsonObject = { ...prediction, output: null, status: 'starting' }
const done: JsonObject = {
  ...prediction,
  status: 'succeeded',
  output: ['Once', ' upon', ' a time.\nThe', ' end'],
  started_at: '2026-11-08T16:19:34.779176Z',
  completed_at: '2026-11-08T16:19:35.791859Z',
  metrics,
}
const address = { model: 'meta/meta-llama-3-70b-instruct' }

export const predictions: readonly ChatFixture[] = [
  {
    name: 'a prompt and nothing else',
    address,
    request: { input: { prompt: 'Tell me a story' } },
    response: done,
  },
  {
    name: 'every input that is modelled, and some that are not',
    address: { model: '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa' },
    request: {
      version: '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa',
      stream: true,
      input: {
        prompt: 'Hi',
        system_prompt: 'Be brief.',
        max_new_tokens: 256,
        min_tokens: 0,
        temperature: 0.6,
        top_p: 0.9,
        top_k: 50,
        presence_penalty: 0,
        frequency_penalty: 0.25,
        stop_sequences: '<end>,<stop>',
        seed: 7,
        prompt_template: '{prompt}',
      },
      webhook: 'https://example.com/webhook',
    },
    response: { ...done, output: 'One text.', metrics: { predict_time: 0.012683 } },
  },
  {
    name: 'images of both kinds of models',
    address: { model: 'openai/gpt-5.1' },
    request: {
      input: {
        prompt: 'What is this?',
        image_input: ['https://example.com/a.png', 'data:image/png;base64,iVBORw0KGgo='],
        max_completion_tokens: 99,
      },
    },
  },
  {
    name: 'one image',
    address: { model: 'anthropic/claude-4-sonnet' },
    request: {
      stream: false,
      input: { prompt: 'What is this?', image: 'https://example.com/a.png', max_image_resolution: 0.5 },
    },
    response: { id: 'x', output: ['a'], status: 'succeeded' },
  },
  {
    name: 'nulls and blanks',
    address,
    request: {
      input: { prompt: '', system_prompt: '', stop_sequences: '', max_tokens: null, image_input: [] },
      stream: null,
    },
    response: {
      id: 'x',
      model: null,
      output: null,
      created_at: 'soon',
      status: 'succeeded',
      metrics: null,
      error: null,
    },
  },
  {
    name: 'an input that has no prompt',
    address,
    request: { input: { messages: [{ role: 'user', content: 'Hi' }] } },
  },
  {
    name: 'a stream',
    stream: [
      event('prediction', JSON.stringify(begun)),
      event('output', 'Once', '1690212292:0'),
      event('output', ' upon', '1690212292:1'),
      event('logs', 'writing'),
      event('output', ' a time.\nThe', '1690212293:0'),
      event('output', ' end', '1690212293:1'),
      event('prediction', JSON.stringify({ ...done, x_late: true })),
      event('done', '{}', '1690212294:0'),
    ].join(''),
    streamFolds: { ...done, x_late: true },
  },
  {
    name: 'a stream as the service sends it, in which nothing tells whose it is',
    stream: event('output', 'Grüß') + event('output', ' Gott') + event('done', '{}'),
    streamFolds: { id: '', output: 'Grüß Gott', status: 'succeeded' },
  },
  {
    name: 'a stream that an error ends',
    stream:
      event('output', 'Once') +
      event('error', JSON.stringify({ detail: 'CUDA out of memory' })) +
      event('done', '{"reason":"error"}'),
  },
  {
    name: 'a stream that is told to have failed',
    stream: event('output', 'Once') + event('done', '{"reason":"error"}'),
  },
  { name: 'a stream that was canceled', stream: event('output', 'Once') + event('done', '{"reason":"canceled"}') },
  { name: 'a stream that breaks off', stream: event('prediction', JSON.stringify(begun)) + event('output', 'Once') },
  {
    name: 'too many requests',
    fault: {
      status: 429,
      body: { detail: 'Request was throttled. Expected available in 1 second.' },
    },
  },
]
