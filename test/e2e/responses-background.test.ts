/** Responses that run without their client: asked for, followed, cancelled, and what becomes of them when the gateway dies. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { BadRequestError, NotFoundError } from 'openai'
import type { APIError } from 'openai'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteState } from '../../src/stores/drivers/sqlite/open-sqlite-state.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { chatTranscript, responsesService } from '../harness/transcript.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const otherKey = 'another-client-key-0123456789'
const service = responsesService()
let chat: Upstream
let native: Upstream
let gateway: Gateway
let client: OpenAI
let other: OpenAI

const clientOf = ({ url }: Gateway, apiKey = clientKey): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 })

const config = (more = ''): string => `
providers:
  sim: {}
  chat: { use: openai-compatible, base_url: "${chat.url}/v1" }
  native: { use: openai, base_url: "${native.url}/v1", credentials: sk-native }
prices: { chat/m: { input: 1, output: 2 }, native/m: { input: 1, output: 2 } }
retries: { rounds: 0 }
keys: [{ name: test, secret: ${clientKey} }, { name: other, secret: ${otherKey} }]
${more}`

beforeAll(async () => {
  ;[chat, native] = await Promise.all([startUpstream(), startUpstream()])
  chat.answer(chatTranscript)
  native.answer(service.answer)
  gateway = await startGateway(config('responses: { background: { max_running: 2, max_queued: 1 } }'))
  client = clientOf(gateway)
  other = clientOf(gateway, otherKey)
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([chat.close(), native.close()])
})

/** Holds the answer back until it is let go. */
function held(answer: Answer): {
  readonly answer: Answer
  readonly release: () => void
  readonly asked: Promise<void>
} {
  let release = (): void => {}
  let ask = (): void => {}
  const open = new Promise<void>((resolve) => {
    release = resolve
  })
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  return {
    release: () => release(),
    asked,
    async answer(response, received) {
      ask()
      await open
      if (!response.destroyed) await answer(response, received)
    },
  }
}

async function finished(id: string, by = client): Promise<OpenAI.Responses.Response> {
  for (;;) {
    const response = await by.responses.retrieve(id)
    if (response.status !== 'queued' && response.status !== 'in_progress') return response
  }
}

async function collect(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

const sequence = (events: readonly ResponseStreamEvent[]): number[] => events.map((event) => event.sequence_number)

const errorOf = (work: Promise<unknown>): Promise<APIError> =>
  work.then(
    () => {
      throw new Error('nothing was refused')
    },
    (error: unknown) => error as APIError,
  )

describe.each(['chat/m', 'native/m', 'sim/text'])('a background response of %s', (model) => {
  it('is answered at once, polled until it is there, and followed by another turn', async () => {
    const queued = await client.responses.create({ model, input: 'one', background: true, metadata: { a: 'b' } })
    expect(queued).toMatchObject({ object: 'response', status: 'queued', background: true, output: [], model })
    const done = await finished(queued.id)
    expect(done).toMatchObject({ id: queued.id, status: 'completed', background: true, created_at: queued.created_at })
    expect(done.output).not.toHaveLength(0)
    const next = await client.responses.create({ model, input: 'two', previous_response_id: queued.id })
    expect(next.previous_response_id).toBe(queued.id)
    if (model !== 'sim/text') expect(next.output_text).toBe('user: one\nassistant: user: one\nuser: two')
  })

  it('is streamed, and the stream can be taken up again anywhere', async () => {
    const events = await collect(await client.responses.create({ model, input: 'one', background: true, stream: true }))
    expect(sequence(events)).toEqual(events.map((_, index) => index))
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ])
    const last = events.at(-1)
    if (last?.type !== 'response.completed') throw new Error(`ended with ${String(last?.type)}`)
    const { id } = last.response
    const ids = events.flatMap((event) => ('response' in event ? [event.response.id] : []))
    expect(new Set(ids)).toEqual(new Set([id]))
    const again = await collect(await client.responses.retrieve(id, { stream: true, starting_after: 4 }))
    expect(again).toEqual(events.slice(5))
    expect(await collect(await client.responses.retrieve(id, { stream: true }))).toEqual(events)
  })
})

describe('a background response', () => {
  it('goes on when its client leaves, and can be followed by another connection meanwhile', async () => {
    const gate = held(chatTranscript)
    chat.next(gate.answer)
    const stream = await client.responses.create({ model: 'chat/m', input: 'one', background: true, stream: true })
    let id = ''
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.queued') break
    }
    await gate.asked
    expect((await client.responses.retrieve(id)).status).toBe('in_progress')
    const following = collect(await client.responses.retrieve(id, { stream: true, starting_after: 1 }))
    gate.release()
    const events = await following
    expect(events[0]).toMatchObject({ type: 'response.in_progress', sequence_number: 2 })
    expect(events.at(-1)?.type).toBe('response.completed')
    expect((await finished(id)).output_text).toBe('user: one')
  })

  it('is cancelled, once and for all, and its provider is let go', async () => {
    const gate = held(chatTranscript)
    chat.next(gate.answer)
    const { id } = await client.responses.create({ model: 'chat/m', input: 'one', background: true })
    await gate.asked
    const { closed } = chat.received.at(-1) ?? {}
    await expect(other.responses.cancel(id)).rejects.toThrow(NotFoundError)
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled', output: [] })
    await closed
    expect((await client.responses.cancel(id)).status).toBe('cancelled')
    expect((await client.responses.retrieve(id)).status).toBe('cancelled')
    expect(
      (await errorOf(client.responses.create({ model: 'chat/m', input: 'x', previous_response_id: id }))).param,
    ).toBe('previous_response_id')
    gate.release()
  })

  it('cannot be cancelled or streamed when it is none', async () => {
    const { id } = await client.responses.create({ model: 'chat/m', input: 'one' })
    await expect(client.responses.cancel(id)).rejects.toThrow(BadRequestError)
    expect((await errorOf(client.responses.retrieve(id, { stream: true }))).param).toBe('stream')
  })

  it('is deleted while it runs, and does not come back', async () => {
    const gate = held(chatTranscript)
    chat.next(gate.answer)
    const { id } = await client.responses.create({ model: 'chat/m', input: 'one', background: true })
    await gate.asked
    await client.responses.delete(id)
    gate.release()
    await chat.received.at(-1)?.closed
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError)
  })

  it('fails with the fault of its provider, in the answer and as an event', async () => {
    const events = await collect(
      await client.responses.create({
        model: 'sim/fault?status=400',
        input: 'one',
        background: true,
        stream: true,
      }),
    )
    const last = events.at(-1)
    if (last?.type !== 'response.failed') throw new Error(`ended with ${String(last?.type)}`)
    expect(last.response.error?.code).toBe('invalid_prompt')
    expect((await client.responses.retrieve(last.response.id)).status).toBe('failed')
  })

  it('is refused at once for what would be refused of any other', async () => {
    const create = (more: object) =>
      errorOf(client.responses.create({ model: 'chat/m', input: 'x', background: true, ...more }))
    expect(await create({ model: 'nobody/m' })).toMatchObject({ status: 404 })
    expect(await create({ store: false })).toMatchObject({ status: 400, param: 'background' })
    expect(await create({ previous_response_id: 'resp_no' })).toMatchObject({ code: 'previous_response_not_found' })
  })

  it('waits for its turn, and is refused when too many wait', async () => {
    const gates = [held(chatTranscript), held(chatTranscript)]
    chat.next(...gates.map(({ answer }) => answer))
    const create = () => client.responses.create({ model: 'chat/m', input: 'one', background: true })
    const ids = [(await create()).id, (await create()).id]
    await Promise.all(gates.map(({ asked }) => asked))
    const waiting = await create()
    const dropped = await errorOf(create())
    expect(dropped).toMatchObject({ status: 503, code: 'overloaded' })
    expect((await client.responses.retrieve(waiting.id)).status).toBe('queued')
    const cancelled = await client.responses.cancel(waiting.id)
    expect(cancelled.status).toBe('cancelled')
    const last = await create()
    gates[0]?.release()
    expect((await finished(last.id)).status).toBe('completed')
    gates[1]?.release()
    for (const id of ids) expect((await finished(id)).status).toBe('completed')
  })

  it('is on record exactly once, with what it used, whatever became of it', async () => {
    const before = (await gateway.records()).length
    const done = await client.responses.create({ model: 'chat/m', input: 'one', background: true })
    await finished(done.id)
    const gate = held(chatTranscript)
    chat.next(gate.answer)
    const gone = await client.responses.create({ model: 'chat/m', input: 'one', background: true })
    await gate.asked
    await client.responses.cancel(gone.id)
    gate.release()
    const records = (await gateway.records()).slice(before)
    expect(records.map(({ outcome }) => outcome)).toEqual(['ok', 'client-gone'])
    expect(records[0]).toMatchObject({ surface: 'POST /v1/responses', usage: { input: { total: 7 } }, cost: 13_000 })
  })
})

describe('an event stream that is longer than is kept', () => {
  it('ends with word of it, and the response is made all the same', async () => {
    await using small = await startGateway(config('responses: { background: { max_event_bytes: 3KiB } }'))
    const answer = await fetch(`${small.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat/m', input: 'word '.repeat(200), background: true, stream: true }),
    })
    const text = await answer.text()
    expect(text.trimEnd().split('\n\n').at(-1)).toMatch(/^event: error\ndata: .*"code":"stream_too_long"/)
    const id = /"id":"(resp_\w+)"/.exec(text)?.[1] ?? ''
    const response = await finished(id, clientOf(small))
    expect(response.output_text).toMatch(/^user: word/)
  })
})

describe('a gateway that stops', () => {
  it('leaves no response that seems to run for ever', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'responses-'))
    const gate = held(chatTranscript)
    const first = await startGateway(config(), { dir, keep: true })
    chat.next(gate.answer)
    const { id } = await clientOf(first).responses.create({ model: 'chat/m', input: 'one', background: true })
    await gate.asked
    await first[Symbol.asyncDispose]()
    await using second = await startGateway(config(), { dir, keep: true })
    const response = await clientOf(second).responses.retrieve(id)
    expect(response).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
    expect(response.error?.message).toMatch(/stopped/)
    gate.release()
    expect((await second.records()).map(({ outcome }) => outcome)).toEqual(['client-gone'])
    await second[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  it('finds what a crash left running, and ends its stream too', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'responses-'))
    const first = await startGateway(config(), { dir, keep: true })
    const events = await collect(
      await clientOf(first).responses.create({ model: 'chat/m', input: 'one', background: true, stream: true }),
    )
    const last = events.at(-1)
    const id = last?.type === 'response.completed' ? last.response.id : ''
    await first[Symbol.asyncDispose]()
    // As a crash would leave it: begun, and never ended.
    using state = openSqliteState(join(dir, 'data', 'state.db'))
    const stored = state.responses.get('cfg_test', id, Date.now())
    if (stored === undefined) throw new Error('it was not kept')
    state.responses.put({ ...stored, status: 'in_progress' })
    state[Symbol.dispose]()
    const second = await startGateway(config(), { dir, keep: true })
    const again = await collect(await clientOf(second).responses.retrieve(id, { stream: true }))
    expect(again.at(-1)).toMatchObject({ type: 'response.failed', sequence_number: events.length })
    expect((await clientOf(second).responses.retrieve(id)).status).toBe('failed')
    await second[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })
})
