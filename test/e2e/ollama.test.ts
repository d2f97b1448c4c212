/** An Ollama server behind the gateway, in its own protocol: official SDKs of other protocols, its lines cut anywhere. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { cutInto, json, startUpstream, stream } from '../harness/upstream.ts'
import type { Received, Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`
providers:
  home: { use: ollama, base_url: "${upstream.url}/v1" }
  cloud: { use: ollama, base_url: "${upstream.url}", credentials: cloud-key }
`)
  openai = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey: clientKey, baseURL: gateway.url, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => void upstream.received.splice(0))

const line = (message: object, more: object = { done: false }): string =>
  `${JSON.stringify({ model: 'qwen3', created_at: '2026-10-17T23:14:07.41Z', message: { role: 'assistant', content: '', ...message }, ...more })}\n`
const done = { done: true, done_reason: 'stop', prompt_eval_count: 11, eval_count: 5, eval_duration: 9 }
const ndjson = { 'content-type': 'application/x-ndjson' }
/** What was asked, beside the list of models. */
const asked = (): Received | undefined => upstream.received.find(({ method }) => method === 'POST')
const sent = (): unknown => JSON.parse(asked()?.body.toString() ?? '')

describe('a chat with an Ollama server', () => {
  it('is streamed to a client of another protocol, wherever the lines are cut', async () => {
    const wire = [
      line({ thinking: 'Hm.' }),
      line({ content: 'Grüß' }),
      line({ content: ' Gott' }),
      line({}, done),
    ].join('')
    for (const size of [1, 7, 10_000]) {
      upstream.answer(stream(cutInto(wire, size), ndjson))
      const answer = anthropic.messages.stream({
        model: 'home/qwen3',
        max_tokens: 50,
        messages: [{ role: 'user', content: 'Hi' }],
      })
      const message = await answer.finalMessage()
      expect(message.content).toMatchObject([
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Grüß Gott' },
      ])
      expect(message).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 11, output_tokens: 5 } })
    }
    expect(asked()).toMatchObject({ path: '/api/chat', headers: { accept: 'application/x-ndjson' } })
    expect(sent()).toEqual({
      model: 'qwen3',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      options: { num_predict: 50 },
    })
  })

  it('calls tools, and takes their results back under the same ids', async () => {
    upstream.answer(
      json(JSON.parse(line({ tool_calls: [{ function: { name: 'now', arguments: { zone: 'CET' } } }] }, done))),
    )
    const tools: Anthropic.Tool[] = [{ name: 'now', input_schema: { type: 'object' } }]
    const ask = { model: 'home/qwen3', max_tokens: 50, tools }
    const question = { role: 'user', content: 'What time is it?' } as const
    const first = await anthropic.messages.create({ ...ask, messages: [question] })
    expect(first.stop_reason).toBe('tool_use')
    const call = first.content.find((block) => block.type === 'tool_use')
    expect(call?.input).toEqual({ zone: 'CET' })

    upstream.received.splice(0)
    upstream.answer(json(JSON.parse(line({ content: 'Noon.' }, done))))
    const result = { type: 'tool_result', tool_use_id: call?.id ?? '', content: '12:00' } as const
    await anthropic.messages.create({
      ...ask,
      messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
    })
    expect(sent()).toMatchObject({
      messages: [
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ id: call?.id, function: { name: 'now' } }] },
        { role: 'tool', tool_name: 'now', tool_call_id: call?.id, content: '12:00' },
      ],
    })
  })

  it('that breaks with an error line ends with an error of the client’s protocol', async () => {
    upstream.answer(stream([line({ content: 'Hel' }), '{"error":"model runner has unexpectedly stopped"}\n'], ndjson))
    const answer = anthropic.messages.stream({
      model: 'home/qwen3',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    })
    await expect(answer.finalMessage()).rejects.toThrow('model runner has unexpectedly stopped')
  })

  it('that never began is refused with the words of the server', async () => {
    upstream.answer(json({ error: "model 'qwen9' not found" }, 404))
    const answer = anthropic.messages.create({
      model: 'home/qwen9',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    })
    await expect(answer).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("model 'qwen9' not found"),
    })
  })
})

describe('a client of OpenAI’s protocol', () => {
  it('speaks to the server in that protocol, byte for byte', async () => {
    const answer = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'qwen3',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    }
    upstream.answer(json(answer))
    const completion = await openai.chat.completions.create({
      model: 'cloud/qwen3',
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(completion.choices[0]?.message.content).toBe('Hi')
    expect(asked()).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer cloud-key' },
    })
  })
})
