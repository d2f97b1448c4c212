/** Translation at its edges: strictness, spellings of old, and numbers too long for a double. */
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey } from '../harness/gateway.ts'
import { json } from '../harness/upstream.ts'
import { setUp } from './way.ts'
import type { Setup } from './way.ts'
import { message, textBlock } from './wire/anthropic-wire.ts'
import { completion } from './wire/openai-wire.ts'

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
})
afterAll(() => setup[Symbol.asyncDispose]())

describe('strict translation', () => {
  it('refuses what the target cannot express, naming it, and asks nobody', async () => {
    await using one = await setUp({ yaml: 'translation: { on_unsupported: refuse }' })
    const messages = [{ role: 'user', content: 'Hi.' } as const]
    const seeded = { seed: 7 } as object
    const lossy = one.openai.chat.completions.create({
      model: 'claude/m-1',
      messages,
      logit_bias: { '1': 2 },
      ...seeded,
    })
    await expect(lossy).rejects.toMatchObject({
      status: 400,
      code: 'not_expressible',
      message: expect.stringMatching(/seed.*logit_bias|logit_bias.*seed/),
    })
    const topK = { top_k: 4 } as object
    const other = one.anthropic.messages.create({ model: 'oai/m-1', messages, max_tokens: 5, ...topK })
    await expect(other).rejects.toBeInstanceOf(Anthropic.BadRequestError)
    expect([...one.upstreams.openai.received, ...one.upstreams.anthropic.received]).toEqual([])

    one.upstreams.anthropic.answer(json(message({ content: [textBlock('Hi.')] })))
    const fine = await one.openai.chat.completions.create({ model: 'claude/m-1', messages, temperature: 0.5 })
    expect(fine.choices[0]?.message.content).toBe('Hi.')
    one.upstreams.openai.answer(json(completion({ text: 'Hi.' })))
    const same = await one.openai.chat.completions.create({ model: 'oai/m-1', messages, ...seeded })
    expect(same.choices[0]?.message.content).toBe('Hi.')
  })
})

describe('OpenAI’s older spellings', () => {
  it('reach an Anthropic provider as what they mean, and the call comes back', async () => {
    setup.upstreams.anthropic.answer(
      json(
        message({
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } }],
          stop: 'tool_use',
        }),
      ),
    )
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const older = {
      max_tokens: 50,
      functions: [{ name: 'get_weather', description: 'd', parameters }],
      function_call: { name: 'get_weather' },
    } as object
    const called = { function_call: { name: 'get_weather', arguments: '{"city":"Rome"}' } } as object
    const answer = await setup.openai.chat.completions.create({
      model: 'claude/claude-sonnet-4-5',
      stop: 'END',
      ...older,
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, ...called },
        { role: 'function', name: 'get_weather', content: 'sun' },
        { role: 'user', content: 'And Oslo?' },
      ],
    })
    const body = JSON.parse(setup.upstreams.anthropic.received.at(-1)?.body.toString() ?? '') as {
      messages: { content: { id?: string; tool_use_id?: string }[] }[]
    }
    const id = body.messages[1]?.content[0]?.id
    expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 50,
      stop_sequences: ['END'],
      tools: [{ name: 'get_weather', description: 'd', input_schema: parameters }],
      tool_choice: { type: 'tool', name: 'get_weather' },
      messages: [
        { role: 'user', content: [textBlock('Weather?')] },
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'get_weather', input: { city: 'Rome' } }] },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: id, content: [textBlock('sun')] }, textBlock('And Oslo?')],
        },
      ],
    })
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([
      { id: 'toolu_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
    ])
  })

  it('reach an OpenAI-style provider as they were spelled', async () => {
    setup.upstreams.openai.answer(json(completion({ text: 'Hi.' })))
    const ask = {
      model: 'oai/gpt-5.1',
      messages: [{ role: 'user', content: 'Hi.' } as const],
      max_tokens: 5,
      functions: [{ name: 'now', parameters: {} }],
      function_call: 'auto' as const,
    }
    await setup.openai.chat.completions.create(ask)
    expect(JSON.parse(setup.upstreams.openai.received.at(-1)?.body.toString() ?? '')).toEqual({
      ...ask,
      model: 'gpt-5.1',
    })
  })
})

describe('numbers that a double cannot hold', () => {
  it('keep their digits in arguments and schemas on the way to the other protocol and back', async () => {
    const digits = '123456789012345678901234567890'
    setup.upstreams.anthropic.answer(
      json(
        JSON.stringify(
          message({ content: [{ type: 'tool_use', id: 't1', name: 'f', input: { id: 'DIGITS' } }], stop: 'tool_use' }),
        ).replace('"DIGITS"', digits),
      ),
    )
    const response = await fetch(`${setup.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
      body: `{"model":"claude/claude-sonnet-4-5","messages":[{"role":"user","content":"Hi."},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"id\\":${digits}}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"id":{"type":"integer","maximum":${digits}}}}}}]}`,
    })
    expect(await response.text()).toContain(`{\\"id\\":${digits}}`)
    const sent = setup.upstreams.anthropic.received.at(-1)?.body.toString() ?? ''
    expect(sent).toContain(`"input":{"id":${digits}}`)
    expect(sent).toContain(`"maximum":${digits}`)
  })
})
