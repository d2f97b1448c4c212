/** Tools that take free text, over a provider whose tools take objects: calls come back as the official SDK expects those of such tools. */
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream, stream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const sql = 'SELECT "näme"\nFROM t -- 🗼 \\ end'
const usage = { input_tokens: 9, output_tokens: 5 }
const call = { type: 'tool_use', id: 'toolu_1', name: 'sql', input: { input: sql } }
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [call],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage,
}
const event = (type: string, members: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const events = (): string[] => [
  event('message_start', { message: { ...message, content: [], stop_reason: null } }),
  event('content_block_start', { index: 0, content_block: { ...call, input: {} } }),
  ...(JSON.stringify(call.input).match(/[^]{1,7}/gu) ?? []).map((piece) =>
    event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: piece } }),
  ),
  event('content_block_stop', { index: 0 }),
  event('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage }),
  event('message_stop', {}),
]

let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(`providers: { up: { use: anthropic, base_url: "${upstream.url}", credentials: k } }`)
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})

const model = 'up/claude-sonnet-4-5'
const question = [{ role: 'user' as const, content: 'Ask the database.' }]

describe('a call of a tool that takes free text', () => {
  const tools = [{ type: 'custom' as const, custom: { name: 'sql' } }]
  const expected = { type: 'custom', custom: { name: 'sql', input: sql } }

  it('comes back in Chat Completions, and goes on from there', async () => {
    upstream.answer(json(message))
    const { choices } = await client.chat.completions.create({ model, messages: question, tools })
    const said = choices[0]?.message
    expect(said?.tool_calls).toMatchObject([expected])
    const [made] = said?.tool_calls ?? []
    await client.chat.completions.create({
      model,
      messages: [
        ...question,
        ...(said === undefined ? [] : [said]),
        { role: 'tool', tool_call_id: made?.id ?? '', content: '1 row' },
      ],
      tools,
    })
    const sent = JSON.parse(upstream.received.at(-1)?.body.toString() ?? '') as { messages: unknown[] }
    expect(sent.messages[1]).toMatchObject({ content: [{ type: 'tool_use', id: 'toolu_1', input: { input: sql } }] })
    expect(sent.messages[2]).toMatchObject({ content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] })
  })

  it('comes back in a stream of Chat Completions', async () => {
    upstream.answer(stream(events()))
    const chunks = await client.chat.completions.create({ model, messages: question, tools, stream: true })
    let input = ''
    let name: string | undefined
    for await (const { choices } of chunks) {
      for (const one of (choices[0]?.delta.tool_calls ?? []) as {
        type?: string
        custom?: { name?: string; input?: string }
      }[]) {
        name ??= one.custom?.name
        input += one.custom?.input ?? ''
      }
    }
    expect({ name, input }).toEqual(expected.custom)
  })

  it('comes back in Responses, streamed or not', async () => {
    const asked = { model, input: 'Ask the database.', tools: [{ type: 'custom' as const, name: 'sql' }] }
    const item = { type: 'custom_tool_call', name: 'sql', input: sql, call_id: 'toolu_1' }
    upstream.answer(json(message))
    expect((await client.responses.create(asked)).output).toMatchObject([item])
    upstream.answer(stream(events()))
    let input = ''
    const streamed = client.responses.stream(asked)
    streamed.on('event', (one) => {
      if (one.type === 'response.custom_tool_call_input.delta') input += one.delta
    })
    expect((await streamed.finalResponse()).output).toMatchObject([item])
    expect(input).toBe(sql)
  })
})
