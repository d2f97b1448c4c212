/** Conversations of several turns over providers with and without a memory, as OpenAI's own client holds them. */
import OpenAI, { BadRequestError, NotFoundError } from 'openai'
import type { APIError } from 'openai'
import type { Response as Answered, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { chatTranscript, messagesTranscript, responsesService } from '../harness/transcript.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const otherKey = 'another-client-key-0123456789'
const service = responsesService()
const second = responsesService('resp_second')
let chat: Upstream
let messages: Upstream
let native: Upstream
let spare: Upstream
let gateway: Gateway
let client: OpenAI
let other: OpenAI

beforeAll(async () => {
  ;[chat, messages, native, spare] = await Promise.all([
    startUpstream(),
    startUpstream(),
    startUpstream(),
    startUpstream(),
  ])
  chat.answer(chatTranscript)
  messages.answer(messagesTranscript)
  native.answer(service.answer)
  spare.answer(second.answer)
  gateway = await startGateway(`
providers:
  sim: {}
  chat: { use: openai-compatible, base_url: "${chat.url}/v1" }
  claude: { use: anthropic-compatible, base_url: "${messages.url}" }
  native: { use: openai, base_url: "${native.url}/v1", credentials: sk-native }
  spare: { use: openai, base_url: "${spare.url}/v1", credentials: sk-spare }
routers:
  either: { strategy: fallback, targets: [native/m, chat/m] }
  natives: { strategy: fallback, targets: [native/m, spare/m] }
retries: { rounds: 0 }
keys: [{ name: test, secret: ${clientKey} }, { name: other, secret: ${otherKey} }]`)
  client = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  other = new OpenAI({ apiKey: otherKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([chat.close(), messages.close(), native.close(), spare.close()])
})

async function streamed(stream: AsyncIterable<ResponseStreamEvent>): Promise<Answered> {
  let last: ResponseStreamEvent | undefined
  for await (const event of stream) last = event
  if (last?.type !== 'response.completed') throw new Error(`the stream ended with ${String(last?.type)}`)
  return last.response
}

const errorOf = (work: Promise<unknown>): Promise<APIError> =>
  work.then(
    () => {
      throw new Error('nothing was refused')
    },
    (error: unknown) => error as APIError,
  )

const lastBody = (upstream: Upstream): Record<string, unknown> =>
  JSON.parse(upstream.received.at(-1)?.body.toString() ?? '') as Record<string, unknown>

describe.each(['chat/m', 'claude/m', 'native/m'])('a conversation with %s', (model) => {
  it('goes on from answer to answer', async () => {
    const first = await client.responses.create({ model, input: 'one' })
    expect(first.output_text).toBe('user: one')
    const next = await client.responses.create({ model, input: 'two', previous_response_id: first.id })
    expect(next.output_text).toBe('user: one\nassistant: user: one\nuser: two')
    expect(next.previous_response_id).toBe(first.id)
    const last = await client.responses.create({ model, input: 'three', previous_response_id: next.id })
    expect(last.output_text.split('\n')).toHaveLength(5)
    // The same answer can be followed in another direction.
    const fork = await client.responses.create({ model, input: 'other', previous_response_id: first.id })
    expect(fork.output_text).toBe('user: one\nassistant: user: one\nuser: other')
  })

  it('goes on from streamed answers too', async () => {
    const first = await streamed(await client.responses.create({ model, input: 'one', stream: true }))
    const next = await streamed(
      await client.responses.create({ model, input: 'two', previous_response_id: first.id, stream: true }),
    )
    expect(next.previous_response_id).toBe(first.id)
    const { output_text } = await client.responses.create({ model, input: 'x', previous_response_id: next.id })
    expect(output_text.split('\n')).toHaveLength(5)
  })

  it('is given back by id, with its input, and to nobody else', async () => {
    const first = await client.responses.create({ model, input: 'one' })
    const next = await client.responses.create({ model, input: 'two', previous_response_id: first.id })
    const { output_text: _, ...answer } = next
    expect(await client.responses.retrieve(next.id)).toMatchObject(answer)
    const items = await client.responses.inputItems.list(next.id, { order: 'asc' })
    expect(items.data).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'one' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'user: one' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'two' }] },
    ])
    const all: unknown[] = []
    for await (const item of client.responses.inputItems.list(next.id, { limit: 2 })) all.push(item.id)
    expect(all).toEqual(items.data.map((item) => item.id).toReversed())
    await expect(other.responses.retrieve(next.id)).rejects.toThrow(NotFoundError)
    await expect(other.responses.inputItems.list(next.id)).rejects.toThrow(NotFoundError)
    await expect(other.responses.delete(next.id)).rejects.toThrow(NotFoundError)
    await expect(other.responses.cancel(next.id)).rejects.toThrow(NotFoundError)
    expect(await errorOf(other.responses.create({ model, input: 'x', previous_response_id: next.id }))).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
  })

  it('is forgotten when it is deleted, or was not to be stored', async () => {
    const { id } = await client.responses.create({ model, input: 'one' })
    await client.responses.delete(id)
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError)
    await expect(client.responses.delete(id)).rejects.toThrow(NotFoundError)
    expect((await errorOf(client.responses.create({ model, input: 'x', previous_response_id: id }))).code).toBe(
      'previous_response_not_found',
    )
    const unstored = await client.responses.create({ model, input: 'one', store: false })
    await expect(client.responses.retrieve(unstored.id)).rejects.toThrow(NotFoundError)
  })

  it('is held in a conversation', async () => {
    const { id } = await client.conversations.create({
      items: [{ type: 'message', role: 'user', content: 'zero' }],
    })
    const first = await client.responses.create({ model, input: 'one', conversation: id })
    expect(first.conversation).toEqual({ id })
    const next = await streamed(
      await client.responses.create({ model, input: 'two', conversation: { id }, stream: true }),
    )
    expect(next.conversation).toEqual({ id })
    const { data } = await client.conversations.items.list(id, { order: 'asc' })
    expect(data.map((item) => (item.type === 'message' ? item.role : item.type))).toEqual([
      'user',
      'user',
      'assistant',
      'user',
      'assistant',
    ])
    const { output_text } = await client.responses.create({ model, input: 'three', conversation: id })
    expect(output_text.split('\n')).toHaveLength(6)
    expect((await client.conversations.items.list(id)).data).toHaveLength(7)
  })
})

describe('a provider with a memory of its own', () => {
  it('gets follow-ups byte for byte, and its answers come back so', async () => {
    const first = await client.responses.create({ model: 'native/m', input: 'one' })
    const body = `{"model": "m", "input":"two" ,"previous_response_id": "${first.id}"}`
    await fetch(`${gateway.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: body.replace('"m"', '"native/m"'),
    })
    expect(native.received.at(-1)?.body.toString()).toBe(body)
  })

  it('is asked first by who follows its answer, and others get the whole conversation when it fails', async () => {
    const first = await client.responses.create({ model: 'either', input: 'one' })
    native.next(json({ error: { message: 'down', type: 'server_error', code: null } }, 500))
    const next = await client.responses.create({ model: 'either', input: 'two', previous_response_id: first.id })
    expect(next.output_text).toBe('user: one\nassistant: user: one\nuser: two')
    expect(next.previous_response_id).toBe(first.id)
    // The provider knows nothing of the answer in between: it is told.
    const last = await client.responses.create({ model: 'either', input: 'three', previous_response_id: next.id })
    expect(lastBody(native)).not.toHaveProperty('previous_response_id')
    expect(last.output_text.split('\n')).toHaveLength(5)
    expect(last.previous_response_id).toBe(next.id)
  })

  it('leads to another of its kind with nothing that only it can read', async () => {
    const first = await client.responses.create({ model: 'natives', input: 'one' })
    native.next(json({ error: { message: 'down', type: 'server_error', code: null } }, 503))
    const next = await client.responses.create({ model: 'natives', input: 'two', previous_response_id: first.id })
    expect(next.id).toMatch(/^resp_second/)
    expect(lastBody(spare)['input']).toEqual([
      { type: 'message', role: 'user', content: 'one' },
      expect.objectContaining({ role: 'assistant' }),
      { type: 'message', role: 'user', content: 'two' },
    ])
    expect(lastBody(spare)).not.toHaveProperty('previous_response_id')
    native.received.length = 0
    await client.responses.create({ model: 'natives', input: 'three', previous_response_id: next.id })
    expect(native.received).toHaveLength(0)
    expect(lastBody(spare)['previous_response_id']).toBe(next.id)
  })

  it('is told everything again when it has forgotten', async () => {
    const first = await client.responses.create({ model: 'native/m', input: 'one' })
    service.kept.clear()
    const next = await client.responses.create({ model: 'native/m', input: 'two', previous_response_id: first.id })
    expect(next.output_text).toBe('user: one\nassistant: user: one\nuser: two')
    expect(next.previous_response_id).toBe(first.id)
  })

  it('is asked to forget what is deleted', async () => {
    const { id } = await client.responses.create({ model: 'native/m', input: 'one' })
    const arrival = native.arrival()
    await client.responses.delete(id)
    const { method, path, headers } = await arrival
    expect([method, path, headers.authorization]).toEqual(['DELETE', `/v1/responses/${id}`, 'Bearer sk-native'])
    expect(service.kept.has(id)).toBe(false)
  })
})

describe('the input of a response', () => {
  it('is counted without making one, with all that it follows', async () => {
    const count = (more: object) => client.responses.inputTokens.count({ model: 'chat/m', ...more })
    const short = await count({ input: 'Hello there.' })
    expect(short.object).toBe('response.input_tokens')
    expect(short.input_tokens).toBeGreaterThan(3)
    const first = await client.responses.create({ model: 'chat/m', input: 'word '.repeat(200) })
    const long = await count({ input: 'Hello there.', previous_response_id: first.id })
    expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 400)
    await expect(count({ input: 'x', previous_response_id: 'resp_no' })).rejects.toThrow(BadRequestError)
  })
})

describe('a compacted conversation', () => {
  it.each(['chat/m', 'claude/m'])('goes on with its summary at %s', async (model) => {
    const first = await client.responses.create({ model, input: 'one' })
    const second = await client.responses.create({ model, input: 'two', previous_response_id: first.id })
    const compact = await client.responses.compact({ model, previous_response_id: second.id, instructions: 'be brief' })
    expect(compact).toMatchObject({
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'one' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'two' }] },
        { type: 'compaction' },
      ],
      usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
    })
    expect(JSON.stringify(compact)).not.toContain('assistant')
    const input = [...compact.output, { role: 'user', content: 'three' }] as OpenAI.Responses.ResponseInputItem[]
    const next = await client.responses.create({ model, input })
    const lines = next.output_text.split('\n')
    expect(lines.slice(0, 2)).toEqual(['user: one', 'user: two'])
    expect(lines[2]).toMatch(/^user: Summary of the conversation up to here.*\[assistant\] user: one/)
    expect(lines.at(-1)).toBe('user: three')
    // What was compacted once can be followed, and compacted again.
    const last = await client.responses.create({ model, input: 'four', previous_response_id: next.id })
    expect(last.output_text).toContain('Summary of the conversation')
    const again = await client.responses.compact({ model, previous_response_id: last.id })
    expect(again.output.map(({ type }) => type)).toEqual([...Array<string>(4).fill('message'), 'compaction'])
    const records = await gateway.records()
    expect(records.at(-1)).toMatchObject({ surface: 'POST /v1/responses/compact', usage: { output: { total: 3 } } })
  })

  it('is left to a provider that compacts itself, whose items go back to it as they are', async () => {
    const model = 'native/m'
    const first = await client.responses.create({ model, input: 'one' })
    const compact = await client.responses.compact({ model, previous_response_id: first.id })
    expect(native.received.at(-1)?.path).toBe('/v1/responses/compact')
    expect(lastBody(native)).toEqual({ model: 'm', previous_response_id: first.id })
    const item = { id: 'cmp_1', type: 'compaction', encrypted_content: 'native:user: one|assistant: user: one' }
    expect(compact.output).toEqual([item])
    expect(await gateway.lastRecord()).toMatchObject({ usage: { input: { total: 7 }, output: { total: 3 } } })
    const input = [...compact.output, { role: 'user', content: 'two' }] as OpenAI.Responses.ResponseInputItem[]
    await client.responses.create({ model, input })
    expect(lastBody(native)['input']).toEqual(input)
    // A provider that forgot is told everything; another target makes a summary.
    service.kept.clear()
    await client.responses.compact({ model, previous_response_id: first.id })
    expect(lastBody(native)['input']).toHaveLength(2)
    native.next(json({ error: { message: 'down', type: 'server_error', code: null } }, 500))
    const other = await client.responses.compact({ model: 'either', previous_response_id: first.id })
    expect(other.output.map(({ type }) => type)).toEqual(['message', 'compaction'])
  })

  it('is refused when its summary was changed, and when there is nothing to compact', async () => {
    const { output } = await client.responses.compact({ model: 'chat/m', input: 'one' })
    const [user, item] = output as [OpenAI.Responses.ResponseInputItem, OpenAI.Responses.ResponseCompactionItem]
    const forged = { ...item, encrypted_content: `${item.encrypted_content.slice(0, -4)}AAAA` }
    expect((await errorOf(client.responses.create({ model: 'chat/m', input: [user, forged] }))).param).toBe(
      'input[1].encrypted_content',
    )
    expect((await errorOf(client.responses.compact({ model: 'chat/m' }))).param).toBe('input')
    const unknown = client.responses.compact({ model: 'chat/m', previous_response_id: 'resp_no' })
    expect((await errorOf(unknown)).code).toBe('previous_response_not_found')
  })
})

describe('what does not fit together', () => {
  it('is refused in OpenAI’s words', async () => {
    const input = 'x'
    const unknown = await errorOf(client.responses.create({ model: 'chat/m', input, previous_response_id: 'resp_no' }))
    expect(unknown).toBeInstanceOf(BadRequestError)
    expect(unknown).toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' })
    const { id } = await client.conversations.create()
    const both = { previous_response_id: 'resp_a', conversation: id }
    expect((await errorOf(client.responses.create({ model: 'chat/m', input, ...both }))).status).toBe(400)
    const missing = await errorOf(client.responses.create({ model: 'chat/m', input, conversation: 'conv_no' }))
    expect(missing).toMatchObject({ status: 404, code: 'conversation_not_found' })
  })
})

describe('a conversation that leaves the protocol in the middle', () => {
  it('goes on at a provider of another protocol, tool calls and all', async () => {
    const tools = [
      { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false },
    ] as const satisfies OpenAI.Responses.Tool[]
    const first = await client.responses.create({
      model: 'sim/text',
      input: 'What is it like outside?',
      tools: [...tools],
      tool_choice: 'required',
    })
    const call = first.output.find((item) => item.type === 'function_call')
    expect(call?.name).toBe('weather')
    const next = await client.responses.create({
      model: 'chat/m',
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' }],
      tools: [...tools],
    })
    expect(next.output_text).toContain('tool: sunny')
    expect(lastBody(chat)['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: call?.call_id }] },
      { role: 'tool', tool_call_id: call?.call_id },
    ])
  })
})
