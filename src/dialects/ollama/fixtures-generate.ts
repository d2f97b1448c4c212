/** Requests, answers, streams and errors of `/api/generate` in the shapes of servers and clients old and new. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'
import { lines } from './fixtures-chat.ts'

const time = '2026-10-17T23:14:07.414671Z'

const metrics: JsonObject = {
  total_duration: 174_560_334,
  load_duration: 101_397_084,
  prompt_eval_count: 11,
  prompt_eval_duration: 13_074_791,
  eval_count: 18,
  eval_duration: 52_479_709,
}

const answer = (response: string, more: JsonObject = {}): JsonObject => ({
  model: 'gemma3',
  created_at: time,
  response,
  done: true,
  done_reason: 'stop',
  ...more,
})

const piece = (response: string, more: JsonObject = {}): JsonObject => ({
  model: 'gemma3',
  created_at: time,
  response,
  done: false,
  ...more,
})

export const generateFixtures: readonly ChatFixture[] = [
  {
    name: 'a prompt',
    request: { model: 'llama3.2', prompt: 'Why is the sky blue?' },
    response: answer('It scatters.', { context: [1, 2, 3], ...metrics }),
  },
  {
    name: 'every setting',
    request: {
      model: 'codellama:code',
      prompt: 'def compute_gcd(a, b):',
      suffix: '    return result',
      system: 'Write Python.',
      template: '{{ .Prompt }}',
      context: [1, 2, 3],
      raw: true,
      images: ['/9j/4AAQSkZJRgABAQ=='],
      stream: false,
      format: 'json',
      think: true,
      keep_alive: 0,
      logprobs: true,
      options: { temperature: 0, num_predict: 64, num_ctx: 1024, stop: ['\n'] },
    },
    response: answer('\n  return a', { thinking: 'Euclid.', ...metrics, logprobs: [{ token: '\n', logprob: -0.5 }] }),
  },
  {
    name: 'what clients in Go write where they say nothing',
    request: {
      model: 'llama3.2',
      prompt: 'Hi',
      suffix: '',
      system: '',
      template: '',
      options: null,
      stream: true,
    },
    response: { model: 'llama3.2', created_at: time, response: 'Hi', done: true, context: [7] },
  },
  {
    name: 'a model that was unloaded',
    response: { model: 'llama3.2', created_at: time, response: '', done: true, done_reason: 'unload' },
  },
  {
    name: 'a picture that was made',
    response: answer('', { image: 'iVBORw0KGgo=', completed: 4, total: 4 }),
  },
  {
    name: 'a stream with thinking and a context',
    stream: lines([
      piece('', { thinking: 'Hm' }),
      piece('', { thinking: 'm.' }),
      piece('Thät'),
      piece("'s it."),
      answer('', { context: [1, 2, 3], ...metrics }),
    ]),
    streamFolds: answer("Thät's it.", { thinking: 'Hmm.', context: [1, 2, 3], ...metrics }),
  },
  {
    name: 'a stream whose last line says the rest',
    stream: lines([piece('a'), answer('!', metrics)]),
    streamFolds: answer('a!', metrics),
  },
  {
    name: 'a stream that an error ends',
    stream: lines([piece(' Yes'), { error: 'an error was encountered while running the model' }]),
  },
  {
    name: 'a stream that breaks off',
    stream: lines([piece(' Yes')]),
  },
  {
    name: 'settings that exclude each other',
    fault: { status: 400, body: { error: 'raw mode does not support template, system, or context' } },
  },
]
