/** The dialect against the conformance kit, and what is particular about predictions. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { predictions } from './fixtures-predictions.ts'
import { replicatePredictions } from './index.ts'

describeChatDialect(replicatePredictions, predictions, [], [], { tools: true, usage: 'counts' })

const { request, response, fault } = replicatePredictions
const said = (role: Message['role'], ...parts: (string | Part)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
})
const ask = (more: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  stream: false,
  messages: [said('user', 'Hi')],
  ...more,
})
const encode = (more: Partial<ChatRequest>, model = 'meta/meta-llama-3-70b-instruct') => {
  const { json, lost } = request.encode(ask(more), { model })
  return { input: (json as { input: JsonObject }).input, lost: lost.map(({ path, kind }) => `${path} ${kind}`) }
}
const faultOf = (work: () => unknown): Fault => {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the input of a model', () => {
  it('has instructions apart, and one question as it is', () => {
    expect(encode({ messages: [said('system', 'Be brief.'), said('user', 'Why?')] })).toEqual({
      input: { prompt: 'Why?', system_prompt: 'Be brief.' },
      lost: [],
    })
  })

  it('has a conversation as a transcript that does not go on for the user', () => {
    const messages = [said('user', 'Hi'), said('assistant', 'Ho'), said('user', 'Why?')]
    expect(encode({ messages, stop: ['END'] })).toEqual({
      input: { prompt: 'User: Hi\n\nAssistant: Ho\n\nUser: Why?\n\nAssistant:', stop_sequences: 'END,\n\nUser:' },
      lost: ['messages adapted'],
    })
  })

  it.each([
    ['meta/meta-llama-3-70b-instruct', 'max_tokens'],
    ['meta/llama-2-70b-chat', 'max_new_tokens'],
    ['openai/gpt-5.1', 'max_completion_tokens'],
    ['anthropic/claude-4-sonnet', 'max_tokens'],
    ['deployments/acme/my-model', 'max_tokens'],
  ])('of %s has its limit as %s', (model, name) => {
    expect(encode({ maxOutputTokens: 99 }, model).input).toEqual({ prompt: 'Hi', [name]: 99 })
  })

  it('has no setting that the schema of the family lacks, and that is told', () => {
    expect(encode({ temperature: 0.5, stop: ['x'], seed: 1 }, 'anthropic/claude-4-sonnet')).toEqual({
      input: { prompt: 'Hi' },
      lost: ['stop dropped', 'temperature dropped', 'seed dropped'],
    })
  })

  it('has no stop sequence with a comma in it, because commas set them apart', () => {
    expect(encode({ stop: ['a,b', 'c'] })).toEqual({
      input: { prompt: 'Hi', stop_sequences: 'c' },
      lost: ['stop dropped'],
    })
  })

  it('has images where the model takes them, as many as it takes', () => {
    const url = (name: string): Part => ({ type: 'image', source: { kind: 'url', url: `https://example.com/${name}` } })
    const data: Part = { type: 'image', source: { kind: 'base64', data: 'iVBORw0KGgo=', mediaType: 'image/png' } }
    const messages = [said('user', url('a.png'), data, 'What?')]
    expect(encode({ messages }, 'openai/gpt-5.1').input).toEqual({
      prompt: 'What?',
      image_input: ['https://example.com/a.png', 'data:image/png;base64,iVBORw0KGgo='],
    })
    expect(encode({ messages }, 'anthropic/claude-4-sonnet')).toEqual({
      input: { prompt: 'What?', image: 'https://example.com/a.png' },
      lost: ['messages[0].content[1] dropped'],
    })
    expect(encode({ messages }).lost).toEqual(['messages[0].content[0] dropped', 'messages[0].content[1] dropped'])
  })
})

describe('a prediction', () => {
  const prediction = { id: 'p1', model: 'meta/llama', output: ['a'], error: null }

  it.each([
    ['failed', { error: 'CUDA out of memory' }, 'provider_error', 'CUDA out of memory'],
    ['failed', {}, 'provider_error', 'The prediction failed.'],
    ['canceled', {}, 'provider_error', 'The prediction was canceled before it had ended.'],
    ['aborted', {}, 'provider_error', 'The prediction was aborted before it had ended.'],
    ['processing', {}, 'provider_malformed', 'The provider answered with a prediction that is still processing.'],
  ])('that is %s is no answer: %j', (status, more, code, message) => {
    const json = { ...prediction, status, ...more }
    expect(faultOf(() => response.decode(json))).toMatchObject({ code, message })
    const body = new Body(Buffer.from(JSON.stringify(json)), (value) => response.decode(value))
    expect(faultOf(() => replicatePredictions.facts(body)).code).toBe(code)
  })

  it.each([[{ output: { video: 'x' } }], [{ output: ['a', 1] }], [{ id: 7 }]])(
    'of another shape is not of the protocol: %j',
    (more) => {
      expect(faultOf(() => response.decode({ ...prediction, ...more })).code).toBe('provider_malformed')
    },
  )

  it('tells what it took in tokens, where it counts them', () => {
    const metrics = { input_token_count: 14, output_token_count: 9, predict_time: 1 }
    expect(response.decode({ ...prediction, metrics }).usage).toMatchObject({
      input: { total: 14 },
      output: { total: 9 },
    })
    expect(response.decode({ ...prediction, metrics: { predict_time: 1 } }).usage).toBeUndefined()
  })
})

it('waits as long as a refusal says in words', () => {
  const refused = { detail: 'Request was throttled. Expected available in 1 second.' }
  expect(fault.decode(429, refused, {})).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 1000 })
  expect(fault.decode(429, refused, { 'retry-after': '7' }).retryAfterMs).toBe(7000)
  expect(fault.decode(422, { title: 'Input validation failed' }, {})).toMatchObject({
    code: 'provider_rejected',
    status: 422,
    message: 'Input validation failed',
  })
})
