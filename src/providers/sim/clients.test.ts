/** The official client libraries against the simulator: what they accept is the protocol, whatever we think of it. */
import Anthropic from '@anthropic-ai/sdk'
import { Ajv2020 } from 'ajv/dist/2020.js'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSim } from './server.ts'
import type { SimServer } from './server.ts'

let server: SimServer
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  server = await serveSim()
  openai = new OpenAI({ apiKey: 'none', baseURL: `${server.url}/v1`, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey: 'none', baseURL: server.url, maxRetries: 0 })
})
afterAll(() => server[Symbol.asyncDispose]())

const messages: { role: 'user'; content: string }[] = [{ role: 'user', content: 'What is the weather in Oslo?' }]
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
  required: ['city', 'days'],
  additionalProperties: false,
}
const accepts = new Ajv2020().compile(schema)

describe('the openai client', () => {
  it('gets an answer, and the same one streamed', async () => {
    const whole = await openai.chat.completions.create({ model: 'sim/text', messages })
    const text = whole.choices[0]?.message.content
    expect(text).toMatch(/\w+ \w+/)
    const runner = openai.chat.completions.stream({
      model: 'sim/text',
      messages,
      stream_options: { include_usage: true },
    })
    const streamed = await runner.finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe(text)
    expect(streamed.usage).toEqual(whole.usage)
    expect(whole._request_id).toMatch(/^req_/)
  })

  it('gets tool calls whose arguments fit, and an answer to their results', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: schema } }]
    const model = 'sim/text?calls=2'
    const first = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
    const [choice] = first.choices
    expect(choice?.finish_reason).toBe('tool_calls')
    const calls = choice?.message.tool_calls ?? []
    expect(calls).toHaveLength(2)
    for (const call of calls)
      if (call.type === 'function') expect(accepts(JSON.parse(call.function.arguments))).toBe(true)
    const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'Sunny' }))
    const assistant = { role: 'assistant' as const, tool_calls: calls }
    const second = await openai.chat.completions.create({
      model,
      messages: [...messages, assistant, ...results],
      tools,
    })
    expect(second.choices[0]?.message.content).toContain('get_weather answered: Sunny')
  })

  it('gets structured output', async () => {
    const completion = await openai.chat.completions.parse({
      model: 'sim/text',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'plan', strict: true, schema } },
    })
    expect(accepts(completion.choices[0]?.message.parsed)).toBe(true)
  })

  it('lists and finds models', async () => {
    const ids: string[] = []
    for await (const model of openai.models.list()) ids.push(model.id)
    expect(ids).toContain('sim/default')
    expect((await openai.models.retrieve('sim/echo')).id).toBe('sim/echo')
  })

  it('raises its own errors, and retries what is worth it', async () => {
    const failing = (model: string) => openai.chat.completions.create({ model, messages })
    await expect(failing('sim/fault?status=429&retry_after=3')).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    await expect(failing('sim/fault?status=401')).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    await expect(failing('sim/nothing')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(failing('sim/fault?reset')).rejects.toBeInstanceOf(OpenAI.APIConnectionError)
    const stream = await openai.chat.completions.create({ model: 'sim/fault?error_event=2', messages, stream: true })
    const seen: unknown[] = []
    const drain = async (): Promise<void> => {
      for await (const chunk of stream) seen.push(chunk)
    }
    await expect(drain()).rejects.toBeInstanceOf(OpenAI.APIError)
    expect(seen).toHaveLength(2)
    const patient = openai.withOptions({ maxRetries: 2 })
    const model = 'sim/fault?status=503&times=1&retry_after=0'
    expect((await patient.chat.completions.create({ model, messages })).choices).toHaveLength(1)
  })
})

describe('the anthropic client', () => {
  const max = { max_tokens: 2048 }

  it('gets an answer, and the same one streamed', async () => {
    const whole = await anthropic.messages.create({ model: 'sim/text', messages, ...max })
    const streamed = await anthropic.messages.stream({ model: 'sim/text', messages, ...max }).finalMessage()
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.usage).toMatchObject({
      input_tokens: whole.usage.input_tokens,
      output_tokens: whole.usage.output_tokens,
    })
    expect(streamed.stop_reason).toBe('end_turn')
  })

  it('gets tool calls whose arguments fit, and an answer to their results', async () => {
    const tools = [{ name: 'get_weather', input_schema: schema }]
    const first = await anthropic.messages.stream({ model: 'sim/text', messages, tools, ...max }).finalMessage()
    expect(first.stop_reason).toBe('tool_use')
    const calls = first.content.filter((block) => block.type === 'tool_use')
    expect(calls).toHaveLength(1)
    expect(accepts(calls[0]?.input)).toBe(true)
    const second = await anthropic.messages.create({
      model: 'sim/text',
      tools,
      ...max,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'Sunny' })),
        },
      ],
    })
    expect(JSON.stringify(second.content)).toContain('get_weather answered: Sunny')
  })

  it('gets thinking with a signature that is good when it comes back', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
    const model = 'sim/text?check_signatures'
    const first = await anthropic.messages.stream({ model, messages, thinking, ...max }).finalMessage()
    expect(first.content.map((block) => block.type)).toEqual(['thinking', 'text'])
    const more = [...messages, { role: 'assistant' as const, content: first.content }, ...messages]
    expect((await anthropic.messages.create({ model, messages: more, thinking, ...max })).stop_reason).toBe('end_turn')
  })

  it('gets structured output', async () => {
    const format = { type: 'json_schema' as const, schema }
    const message = await anthropic.messages.create({ model: 'sim/text', messages, ...max, output_config: { format } })
    const [block] = message.content
    expect(accepts(JSON.parse(block?.type === 'text' ? block.text : ''))).toBe(true)
  })

  it('counts tokens as the answer will', async () => {
    const { input_tokens: counted } = await anthropic.messages.countTokens({ model: 'sim/text', messages })
    expect((await anthropic.messages.create({ model: 'sim/text', messages, ...max })).usage.input_tokens).toBe(counted)
  })

  it('lists and finds models', async () => {
    const ids: string[] = []
    for await (const model of anthropic.models.list()) ids.push(model.id)
    expect(ids).toContain('sim/default')
    expect((await anthropic.models.retrieve('sim/echo')).id).toBe('sim/echo')
  })

  it('raises its own errors', async () => {
    const failing = (model: string) => anthropic.messages.create({ model, messages, ...max })
    await expect(failing('sim/fault?status=429')).rejects.toBeInstanceOf(Anthropic.RateLimitError)
    await expect(failing('sim/fault?status=529')).rejects.toBeInstanceOf(Anthropic.InternalServerError)
    await expect(failing('sim/nothing')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
    const stream = anthropic.messages.stream({
      model: 'sim/fault?error_event=4&error=overloaded_error',
      messages,
      ...max,
    })
    await expect(stream.finalMessage()).rejects.toThrow('overloaded_error')
    const cut = anthropic.messages.stream({ model: 'sim/fault?cut=4', messages, ...max })
    await expect(cut.finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError)
  })
})
