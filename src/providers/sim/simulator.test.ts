/** The engine's answers: deterministic, consistent with their usage, and true to what the request asked for. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { SimAnswer } from './reply.ts'
import { seeded } from './seeded.ts'
import { createSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'
import { countTokens } from './tokens.ts'

interface Asked {
  readonly reply: SimAnswer
  readonly text: string
  /** The body, in its protocol's own shape. */
  readonly json: ReturnType<typeof JSON.parse>
  /** The data of a stream's events, without `[DONE]`. */
  readonly events: ReturnType<typeof JSON.parse>[]
}

const newSimulator = (clock = new FakeClock()): Simulator => createSimulator({ clock, random: seeded(1) })

function ask(simulator: Simulator, path: string, body: unknown): Asked {
  const bytes = typeof body === 'string' ? body : JSON.stringify(body)
  const reply = simulator.simulate({ method: 'POST', path, headers: {}, body: new TextEncoder().encode(bytes) })
  if (reply.kind === 'reset') throw new Error('the connection was closed')
  const chunks = [...reply.chunks]
  const text = Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString()
  const streamed = reply.headers['content-type']?.startsWith('text/event-stream') === true
  const data = streamed ? Array.from(text.matchAll(/(?<=^|\n)data: ([^\n]*)/g), (match) => match[1] ?? '') : []
  return {
    reply: { ...reply, chunks },
    text,
    json: streamed ? undefined : JSON.parse(text),
    events: data.filter((one) => one !== '[DONE]').map((one) => JSON.parse(one)),
  }
}

const askOpenai = (body: object, simulator = newSimulator()): Asked =>
  ask(simulator, '/v1/chat/completions', { model: 'sim/text', messages: [{ role: 'user', content: 'Hello' }], ...body })

const askAnthropic = (body: object, simulator = newSimulator()): Asked =>
  ask(simulator, '/v1/messages', {
    model: 'sim/text',
    max_tokens: 4096,
    messages: [{ role: 'user', content: 'Hello' }],
    ...body,
  })

const user = (content: unknown): { messages: unknown[] } => ({ messages: [{ role: 'user', content }] })
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['c', 'f'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
}
const clock = { type: 'function', function: { name: 'get_time' } }
const anthropicWeather = { name: 'get_weather', input_schema: weather.function.parameters }
const contentOf = (asked: ReturnType<typeof ask>): string => asked.json.choices[0].message.content

describe('an answer', () => {
  it('is the same for the same request, in every simulator and in both protocols', () => {
    const simulator = newSimulator()
    const first = contentOf(askOpenai({}, simulator))
    expect(contentOf(askOpenai({}, simulator))).toBe(first)
    expect(contentOf(askOpenai({}))).toBe(first)
    expect(askAnthropic({}).json.content[0].text).toBe(first)
  })

  it('differs with the prompt and with the seed, from either place', () => {
    const texts = [
      askOpenai({}),
      askOpenai(user('Hello!')),
      askOpenai({ seed: 7 }),
      askOpenai({ model: 'sim/text?seed=8' }),
      askOpenai({ messages: [{ role: 'system', content: 'Be brief.' }, ...user('Hello').messages] }),
    ].map(contentOf)
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('has an id of its own every time, and the time of the clock', () => {
    const simulator = newSimulator(new FakeClock(1_800_000_000_000))
    const [one, other] = [askOpenai({}, simulator).json, askOpenai({}, simulator).json]
    expect(one.id).toMatch(/^chatcmpl-\w{24}$/)
    expect(other.id).not.toBe(one.id)
    expect(one.created).toBe(1_800_000_000)
  })

  it('counts as many tokens as it has', () => {
    const { usage, choices } = askOpenai({ model: 'sim/text?tokens=123' }).json
    expect(usage.completion_tokens).toBe(123)
    expect(countTokens(choices[0].message.content)).toBe(123)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + 123)
    expect(askAnthropic({}).json.usage.input_tokens).toBe(usage.prompt_tokens)
    expect(ask(newSimulator(), '/v1/messages/count_tokens', { model: 'sim/text', ...user('Hello') }).json).toEqual({
      input_tokens: usage.prompt_tokens,
    })
  })

  it.each([
    ['max_tokens', 'length', () => askOpenai({ max_tokens: 5 })],
    ['max_completion_tokens', 'length', () => askOpenai({ max_completion_tokens: 5, max_tokens: 50 })],
  ])('ends at %s', (_name, finish, asked) => {
    const { json } = asked()
    expect(json.choices[0].finish_reason).toBe(finish)
    expect(json.usage.completion_tokens).toBe(5)
  })

  it('ends where Anthropic’s limit says', () => {
    expect(askAnthropic({ max_tokens: 5 }).json).toMatchObject({
      stop_reason: 'max_tokens',
      usage: { output_tokens: 5 },
    })
  })

  it('ends before a stop sequence, the first of several', () => {
    const whole = contentOf(askOpenai({}))
    const [, , third = '', fourth = ''] = whole.split(' ')
    const stopped = askOpenai({ stop: [fourth, third] }).json.choices[0]
    expect(stopped).toMatchObject({ finish_reason: 'stop', message: { content: whole.slice(0, whole.indexOf(third)) } })
    expect(askAnthropic({ stop_sequences: [third] }).json).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: third,
    })
  })

  it('has as many different choices as asked, and counts them all', () => {
    const { choices, usage } = askOpenai({ n: 3, model: 'sim/text?tokens=10' }).json
    expect(Array.from(choices, (choice: { index: number }) => choice.index)).toEqual([0, 1, 2])
    expect(
      new Set(Array.from(choices, (choice: { message: { content: string } }) => choice.message.content)).size,
    ).toBe(3)
    expect(usage.completion_tokens).toBe(30)
  })

  it('has log probabilities when asked, for exactly its tokens', () => {
    const [choice] = askOpenai({ logprobs: true, top_logprobs: 2, model: 'sim/fast' }).json.choices
    const tokens: { token: string; logprob: number; top_logprobs: unknown[] }[] = choice.logprobs.content
    expect(tokens.map(({ token }) => token).join('')).toBe(choice.message.content)
    expect(tokens.every(({ logprob, top_logprobs: top }) => logprob <= 0 && top.length === 2)).toBe(true)
    const streamed = askOpenai({ logprobs: true, top_logprobs: 2, model: 'sim/fast?chunk=5', stream: true }).events
    expect(streamed.flatMap(({ choices: [one] }) => one.logprobs?.content ?? [])).toEqual(tokens)
  })

  it('echoes the last user text verbatim, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(contentOf(askOpenai({ model: 'sim/echo', ...user(text) }))).toBe(text)
        const events = askAnthropic({ model: 'echo', stream: true, ...user([{ type: 'text', text }]) }).events
        expect(events.map((event) => event.delta?.text ?? '').join('')).toBe(text)
      }),
      { numRuns: 50 },
    )
  })

  it('is a refusal in the protocol’s own way', () => {
    const [choice] = askOpenai({ model: 'sim/refusal' }).json.choices
    expect(choice).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: expect.stringMatching(/\w/) },
    })
    const message = askAnthropic({ model: 'sim/refusal' }).json
    expect(message).toMatchObject({ stop_reason: 'refusal', content: [], stop_details: { type: 'refusal' } })
  })

  it('says that it saw images and files', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    expect(contentOf(askOpenai(user([{ type: 'text', text: 'x' }, image, image])))).toMatch(/^I see 2 images\. /)
    const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }
    expect(askAnthropic(user([document])).json.content[0].text).toMatch(/^I have read 1 file\. /)
  })
})

describe('a tool', () => {
  const call = (asked: ReturnType<typeof ask>) => asked.json.choices[0].message.tool_calls

  it.each(['What is the weather?', 'please run get_time', 'Call a tool for me'])(
    'is called when the user asks for it: %s',
    (text) => {
      const asked = askOpenai({ ...user(text), tools: [weather, clock] })
      expect(asked.json.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } })
      expect(call(asked)).toHaveLength(1)
      expect(call(asked)[0].function.name).toBe(text.includes('time') ? 'get_time' : 'get_weather')
    },
  )

  it('is left alone when nobody asks, or when it may not be called', () => {
    expect(call(askOpenai({ ...user('Hi'), tools: [weather] }))).toBeUndefined()
    expect(call(askOpenai({ ...user('The weather?'), tools: [weather], tool_choice: 'none' }))).toBeUndefined()
    expect(call(askOpenai({ ...user('The weather?'), tools: [weather], model: 'sim/text?calls=0' }))).toBeUndefined()
  })

  it('is called when it must be', () => {
    expect(call(askOpenai({ tools: [weather, clock], tool_choice: 'required' }))[0].function.name).toBe('get_weather')
    const named = { type: 'function', function: { name: 'get_time' } }
    expect(call(askOpenai({ tools: [weather, clock], tool_choice: named }))[0].function.name).toBe('get_time')
    const any = askAnthropic({ tools: [anthropicWeather], tool_choice: { type: 'any' } }).json
    expect(any).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'tool_use', name: 'get_weather' }] })
  })

  it('gets arguments that its schema accepts, whole and streamed alike', () => {
    const validate = new Ajv2020().compile(weather.function.parameters)
    const body = { tools: [weather], tool_choice: 'required' }
    const [whole] = call(askOpenai(body))
    expect(validate(JSON.parse(whole.function.arguments))).toBe(true)
    const deltas = askOpenai({ ...body, stream: true }).events.flatMap(
      ({ choices: [one] }) => one.delta.tool_calls ?? [],
    )
    expect(deltas[0]).toMatchObject({
      index: 0,
      id: whole.id,
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    })
    expect(deltas.map((delta) => delta.function.arguments).join('')).toBe(whole.function.arguments)
  })

  it('can be called several times at once, unless that is not wanted', () => {
    const body = { model: 'sim/text?calls=3', tools: [weather, clock] }
    const calls = call(askOpenai(body))
    expect(Array.from(calls, (one: { function: { name: string } }) => one.function.name)).toEqual([
      'get_weather',
      'get_time',
      'get_weather',
    ])
    expect(new Set(Array.from(calls, (one: { id: string }) => one.id)).size).toBe(3)
    expect(call(askOpenai({ ...body, parallel_tool_calls: false }))).toHaveLength(1)
    const alone = { type: 'auto', disable_parallel_tool_use: true }
    expect(
      askAnthropic({ model: body.model, tools: [anthropicWeather], tool_choice: alone }).json.content,
    ).toHaveLength(1)
  })

  it('that takes free text gets free text', () => {
    const [one] = call(askOpenai({ tools: [{ type: 'custom', custom: { name: 'shell' } }], tool_choice: 'required' }))
    expect(one).toMatchObject({ type: 'custom', custom: { name: 'shell', input: expect.stringMatching(/^[a-z ]+$/) } })
  })

  it('that has answered is spoken of, and not called again', () => {
    const openai = askOpenai({
      tools: [weather],
      messages: [
        ...user('The weather in Oslo?').messages,
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '12 degrees' },
      ],
    })
    expect(contentOf(openai)).toMatch(/^The tool get_weather answered: 12 degrees\. /)
    const anthropic = askAnthropic({
      tools: [anthropicWeather],
      messages: [
        ...user('The weather in Oslo?').messages,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: '12 degrees' }] }],
        },
      ],
    })
    expect(anthropic.json.content[0].text).toMatch(/^The tool get_weather answered: 12 degrees\. /)
  })

  it('call that does not fit the limit is cut off', () => {
    const [choice] = askOpenai({ tools: [weather], tool_choice: 'required', max_tokens: 6 }).json.choices
    expect(choice.finish_reason).toBe('length')
    expect(() => JSON.parse(choice.message.tool_calls[0].function.arguments)).toThrow()
    const cut = askAnthropic({ tools: [anthropicWeather], tool_choice: { type: 'any' }, max_tokens: 6 }).json
    expect(cut).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'tool_use', input: {} }] })
  })
})

describe('structured output', () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, tags: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 2 } },
    required: ['name', 'tags'],
    additionalProperties: false,
  }
  const validate = new Ajv2020().compile(schema)

  it('is JSON that the schema accepts, in both protocols', () => {
    const openai = askOpenai({
      response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
    })
    expect(validate(JSON.parse(contentOf(openai)))).toBe(true)
    const anthropic = askAnthropic({ output_config: { format: { type: 'json_schema', schema } } })
    expect(validate(JSON.parse(anthropic.json.content[0].text))).toBe(true)
  })

  it('is some JSON object in JSON mode', () => {
    expect(JSON.parse(contentOf(askOpenai({ response_format: { type: 'json_object' } })))).toMatchObject({
      answer: expect.any(String),
    })
  })
})

describe('reasoning', () => {
  it('comes when effort or a parameter asks for it, and is counted', () => {
    const { choices, usage } = askOpenai({ reasoning_effort: 'low' }).json
    expect(countTokens(choices[0].message.reasoning_content)).toBe(32)
    expect(usage).toMatchObject({ completion_tokens: 96, completion_tokens_details: { reasoning_tokens: 32 } })
    expect(askOpenai({ model: 'sim/text?reasoning=7' }).json.usage.completion_tokens_details.reasoning_tokens).toBe(7)
    expect(askOpenai({ reasoning_effort: 'none' }).json.choices[0].message).not.toHaveProperty('reasoning_content')
  })

  it('is a signed block in Anthropic’s protocol, whole and streamed alike', () => {
    const body = { thinking: { type: 'enabled', budget_tokens: 1024 } }
    const [block, text] = askAnthropic(body).json.content
    expect(block).toMatchObject({
      type: 'thinking',
      thinking: expect.stringMatching(/\w/),
      signature: expect.stringMatching(/^[\w+/]{40,}=*$/),
    })
    expect(text.type).toBe('text')
    const deltas = askAnthropic({ ...body, stream: true }).events.map((event) => event.delta ?? {})
    expect(deltas.map((delta) => delta.thinking ?? '').join('')).toBe(block.thinking)
    expect(deltas.find((delta) => delta.type === 'signature_delta')?.signature).toBe(block.signature)
  })

  it('can be hidden, and still counts', () => {
    const { content, usage } = askAnthropic({
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'high' },
    }).json
    expect(content[0]).toMatchObject({ type: 'thinking', thinking: '' })
    expect(usage.output_tokens_details.thinking_tokens).toBe(128)
  })

  it('that comes back with a foreign signature is refused where that is checked', () => {
    const body = { thinking: { type: 'adaptive' } }
    const { content } = askAnthropic(body).json
    const back = (blocks: unknown[]): object => ({
      model: 'sim/text?check_signatures',
      messages: [...user('Hello').messages, { role: 'assistant', content: blocks }, ...user('Go on').messages],
    })
    expect(askAnthropic(back(content)).reply.status).toBe(200)
    const forged = [{ ...content[0], thinking: `${content[0].thinking}!` }, content[1]]
    expect(askAnthropic(back(forged)).json.error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringContaining('signature'),
    })
  })

  it('can use up the whole limit', () => {
    const { choices, usage } = askOpenai({ reasoning_effort: 'max', max_completion_tokens: 20 }).json
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } })
    expect(usage.completion_tokens).toBe(20)
  })
})

describe('a stream', () => {
  it('tells usage exactly when OpenAI does', () => {
    const plain = askOpenai({ stream: true }).events
    expect(plain.some((event) => 'usage' in event)).toBe(false)
    const asked = askOpenai({ stream: true, stream_options: { include_usage: true } })
    const last = asked.events.at(-1)
    expect(last).toMatchObject({ choices: [], usage: askOpenai({}).json.usage })
    expect(asked.events.slice(0, -1).every((event) => event.usage === null)).toBe(true)
    expect(asked.text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('adds up to the answer that is not streamed', () => {
    for (const body of [
      { n: 2 },
      { model: 'sim/text?chunk=7&reasoning=3' },
      { model: 'sim/refusal' },
      { max_tokens: 3 },
    ]) {
      const whole = askOpenai(body).json
      const { events } = askOpenai({ ...body, stream: true })
      for (const choice of whole.choices) {
        const deltas = events.flatMap((event) => event.choices).filter((one) => one.index === choice.index)
        const joined = (member: string): string => deltas.map((one) => one.delta[member] ?? '').join('')
        expect(joined('content')).toBe(choice.message.content ?? '')
        expect(joined('reasoning_content')).toBe(choice.message.reasoning_content ?? '')
        expect(joined('refusal')).toBe(choice.message.refusal ?? '')
        expect(deltas.at(-1).finish_reason).toBe(choice.finish_reason)
      }
    }
  })

  it('has Anthropic’s events in their order, with the usage of the whole answer at its end', () => {
    const { events, text } = askAnthropic({ stream: true, model: 'sim/fast?tokens=2' })
    expect(events.map((event) => event.type)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(events[6]).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 2, input_tokens: events[0].message.usage.input_tokens },
    })
    expect(text.startsWith('event: message_start\ndata: ')).toBe(true)
  })

  it('keeps the pace that it is given', () => {
    const times = [...askOpenai({ stream: true, model: 'sim/text?tokens=3&ttft=300&tps=50' }).reply.chunks].map(
      (chunk) => chunk.afterMs,
    )
    expect(times).toEqual([0, 300, 20, 20, 0, 0])
    expect(askOpenai({ model: 'sim/text?tokens=3&ttft=300&tps=50' }).reply.latencyMs).toBe(340)
    expect(askOpenai({ model: 'sim/fast' }).reply.latencyMs).toBe(0)
  })
})

describe('the prompt cache', () => {
  const long = 'word '.repeat(1500)
  const marked = (ttl?: string) => ({
    system: [{ type: 'text', text: long, cache_control: { type: 'ephemeral', ...(ttl !== undefined && { ttl }) } }],
  })

  it('writes what is marked once and reads it from then on, until it is forgotten', async () => {
    const clock = new FakeClock()
    const simulator = newSimulator(clock)
    const first = askAnthropic(marked(), simulator).json.usage
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1400)
    expect(first).toMatchObject({ cache_read_input_tokens: 0, cache_creation: { ephemeral_1h_input_tokens: 0 } })
    const second = askAnthropic({ ...marked(), ...user('Something else') }, simulator).json.usage
    expect(second).toMatchObject({
      cache_read_input_tokens: first.cache_creation_input_tokens,
      cache_creation_input_tokens: 0,
    })
    await clock.advance(301_000)
    expect(askAnthropic(marked(), simulator).json.usage.cache_read_input_tokens).toBe(0)
  })

  it('keeps an hour what is marked for an hour', () => {
    const { usage } = askAnthropic(marked('1h')).json
    expect(usage.cache_creation.ephemeral_1h_input_tokens).toBe(usage.cache_creation_input_tokens)
  })

  it('reads long prefixes that came before, in OpenAI’s steps', () => {
    const simulator = newSimulator()
    const cached = (text: string): number =>
      askOpenai(user(text), simulator).json.usage.prompt_tokens_details.cached_tokens
    expect(cached(`${long}one`)).toBe(0)
    const again = cached(`${long}two`)
    expect(again).toBeGreaterThanOrEqual(1024)
    expect(again % 128).toBe(0)
    expect(cached('short')).toBe(0)
    expect(cached('short')).toBe(0)
  })

  it('can be told what to say', () => {
    expect(askOpenai({ model: 'sim/text?cached=4' }).json.usage.prompt_tokens_details.cached_tokens).toBe(4)
    const { usage } = askAnthropic({ model: 'sim/text?cached=4' }).json
    expect(usage.cache_read_input_tokens).toBe(4)
    expect(usage.input_tokens).toBe(askAnthropic({}).json.usage.input_tokens - 4)
  })
})

describe('a bad request', () => {
  it.each([
    ['no JSON', '{"model":', 400],
    ['no object', '[]', 400],
    ['text that is not UTF-8', '\ud800', 404],
    ['no model', {}, 400],
    ['no messages', { model: 'sim/text' }, 400],
    ['a role that is none', { model: 'sim/text', messages: [{ role: 'robot', content: 'x' }] }, 400],
    ['too many stops', { model: 'sim/text', ...user('x'), stop: ['a', 'b', 'c', 'd', 'e'] }, 400],
    ['a limit of zero', { model: 'sim/text', ...user('x'), max_tokens: 0 }, 400],
    ['options of a stream without a stream', { model: 'sim/text', ...user('x'), stream_options: {} }, 400],
    [
      'a result without its call',
      { model: 'sim/text', messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
      400,
    ],
    [
      'a choice of a tool that is not there',
      { model: 'sim/text', ...user('x'), tool_choice: { type: 'function', function: { name: 'x' } } },
      400,
    ],
    ['an unknown model', { model: 'gpt-4o', ...user('x') }, 404],
    ['a model named like a method', { model: 'toString', ...user('x') }, 404],
    [
      'a schema without end',
      {
        model: 'sim/text',
        ...user('x'),
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { $ref: '#' } } },
      },
      400,
    ],
  ])('with %s is refused as OpenAI does it', (_name, body, status) => {
    const sent = body === '\ud800' ? { model: '\ud800', ...user('x') } : body
    const { reply, json } = ask(newSimulator(), '/v1/chat/completions', sent)
    expect(reply.status).toBe(status)
    expect(json.error).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(/\w/) })
  })

  it.each([
    ['no limit', { max_tokens: undefined }],
    ['a budget above the limit', { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 3000 } }],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 5 } }],
    ['a blank stop sequence', { stop_sequences: [' '] }],
    ['a tool without a schema', { tools: [{ name: 'x' }] }],
    ['a result without its call', user([{ type: 'tool_result', tool_use_id: 'x', content: 'y' }])],
  ])('with %s is refused as Anthropic does it', (_name, body) => {
    const { reply, json } = askAnthropic(body)
    expect(reply.status).toBe(400)
    expect(json).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id: expect.stringMatching(/^req_/),
    })
  })

  it('that is nested without end does no harm', () => {
    const depth = 20_000
    const body = `{"model":"sim/text","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"x","parameters":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}}]}`
    expect([200, 400]).toContain(ask(newSimulator(), '/v1/chat/completions', body).reply.status)
  })

  it('for an unknown model is told which there are', () => {
    expect(askOpenai({ model: 'sim/nothing' }).json.error).toMatchObject({
      code: 'model_not_found',
      message: expect.stringContaining('sim/text, sim/fast'),
    })
  })

  it.each([
    'sim/text?speed=1',
    'sim/text?tokens=many',
    'sim/text?tokens=0',
    'sim/text?rate=2',
    'sim/fault?status=200',
    'sim/text?__proto__=1',
  ])('for %s is told which parameters there are', (model) => {
    const { reply, json } = askOpenai({ model })
    expect(reply.status).toBe(400)
    expect(json.error.message).toContain('error_event')
    expect(json.error.message).toContain('ttft')
  })

  it('at another path or with another method is told so', () => {
    expect(ask(newSimulator(), '/v1/assistants', {}).reply.status).toBe(404)
    const wrong = newSimulator().simulate({ method: 'GET', path: '/v1/messages', headers: {}, body: new Uint8Array(0) })
    expect(wrong).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })
})

describe('a fault that happens only so often', () => {
  it('fails the first calls and lets the others through, each model name for itself', () => {
    const simulator = newSimulator()
    const statuses = (model: string): number[] => [1, 2, 3, 4].map(() => askOpenai({ model }, simulator).reply.status)
    expect(statuses('sim/fault?status=503&times=2')).toEqual([503, 503, 200, 200])
    expect(statuses('sim/fault?status=503&times=2&seed=1')).toEqual([503, 503, 200, 200])
    expect(statuses('sim/fault?status=503&times=2')).toEqual([200, 200, 200, 200])
  })

  it('happens to about the share that is asked for', () => {
    const simulator = newSimulator()
    let failed = 0
    for (let call = 0; call < 1000; call++) {
      if (askOpenai({ model: 'sim/fault?status=500&rate=0.2' }, simulator).reply.status === 500) failed++
    }
    expect(failed).toBeGreaterThan(140)
    expect(failed).toBeLessThan(260)
  })

  it('is a plain 500 when nothing else is said', () => {
    expect(askOpenai({ model: 'sim/fault' }).reply.status).toBe(500)
    expect(askOpenai({ model: 'sim/fault?latency=5' }).reply).toMatchObject({ status: 200, latencyMs: 5 })
  })
})
