/** What a turn is given of the turns before it, what of it is kept, and what a provider with a memory of its own is sent. */
import { wholeBody } from '../../kernel/transport.ts'
import { describe, expect, it } from 'vitest'
import type { AnyDialect, Deployment } from '../../kernel/deployment.ts'
import { Exchange } from '../../kernel/exchange.ts'
import type { Plan } from '../../kernel/plan.ts'
import { textOf } from '../../kernel/reply.ts'
import type { Reply, StreamSink } from '../../kernel/reply.ts'
import { Body } from '../../kernel/body.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import type { Fault } from '../../model/fault.ts'
import { openSqliteState } from '../../stores/drivers/sqlite/open-sqlite-state.ts'
import { prepare } from '../attempt/outbound.ts'
import type { Prepared } from '../attempt/outbound.ts'
import { remember } from '../stages/remember.ts'
import { createArchive } from './archive.ts'
import { compactionSeal } from './compaction-seal.ts'
import { createMemory } from './memory.ts'

const dialect = {
  id: 'openai-responses',
  operation: 'chat',
  requestHeaders: [],
  turns: 'input',
  request: { decode: (json: unknown) => json, encode: (json: unknown) => ({ json, lost: [] }) },
} as unknown as AnyDialect
const other = { ...dialect, id: 'other' } as AnyDialect

function deploymentOf(id: string, speaks: AnyDialect): Deployment {
  const [provider = '', model = ''] = id.split('/')
  return {
    id,
    provider,
    model,
    endpoints: new Map([
      ['chat', [{ dialect: speaks, origin: 'http://p', path: () => '/v1/responses', traits: {}, particular: {} }]],
    ]),
    headers: {},
  } as unknown as Deployment
}

const native = deploymentOf('maker/m', dialect)
const second = deploymentOf('second/m', dialect)
const translated = deploymentOf('chat/m', other)

type Json = Record<string, unknown>

function setUp() {
  const clock = new FakeClock()
  const state = openSqliteState(':memory:')
  const failures: string[] = []
  const context = {
    clock,
    responses: state.responses,
    events: state.events,
    conversations: state.conversations,
    keepAnswers: true,
    retention: 1000,
    maxContextBytes: 10_000,
    seal: compactionSeal(Buffer.alloc(32)),
    onFailure: (_: unknown, id: string) => void failures.push(id),
  }
  const stage = remember(createMemory(context))
  let count = 0

  /** One turn; `answer` is what the deployment answers with. */
  async function turn(
    request: Json,
    {
      by = translated,
      route = [by],
      answer = {},
      owner = 'key_1',
    }: { by?: Deployment; route?: Deployment[]; answer?: Json; owner?: string } = {},
  ) {
    count += 1
    const json = { model: 'm', ...request }
    const exchange = new Exchange({
      id: `ex_${count}`,
      requestId: 'r',
      surface: { id: 'POST /v1/responses', operation: 'chat', dialect },
      plan: {
        messageLimit: 20,
        responseLimit: 1 << 20,
        translation: { onUnsupported: 'report', promptCaching: 'off' },
        structuredOutput: {},
      } as unknown as Plan,
      headers: {},
      at: clock.now(),
      startedAt: 0,
      receive: () => new Uint8Array(),
    })
    exchange.body = new Body(Buffer.from(JSON.stringify(json)), (value) => value)
    exchange.head = { model: 'm', stream: request['stream'] === true }
    exchange.key = { id: owner, name: owner, policy: { models: ['*'] }, createdAt: 0 }
    exchange.route = {
      name: 'm',
      deployments: route,
      atOnce: 1,
      order: () => ({ targets: route }),
      pathOf: () => undefined,
    }
    const text = typeof request['input'] === 'string' ? request['input'] : 'items'
    const response = {
      id: `resp_${count}`,
      object: 'response',
      status: 'completed',
      previous_response_id: null,
      output: [
        {
          id: `msg_${count}`,
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: `answer to ${text}` }],
        },
      ],
      ...answer,
    }
    const reply = await stage.run(exchange, () => {
      exchange.deployment = by
      return Promise.resolve<Reply>(replyOf(response, exchange.head.stream))
    })
    const seen = reply.kind === 'bytes' ? JSON.parse(textOf(reply)) : await drain(reply)
    return {
      exchange,
      seen: seen as Json,
      response,
      sent: JSON.parse(Buffer.from(exchange.body.bytes()).toString()) as Json,
    }
  }

  return { clock, state, failures, turn, archive: createArchive(context) }
}

function replyOf(response: Json, stream: boolean): Reply {
  if (!stream) return { kind: 'bytes', status: 200, contentType: 'application/json', bytes: JSON.stringify(response) }
  const event = (type: string, more: Json): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
  const pieces = [
    event('response.created', { response: { ...response, status: 'in_progress', output: [] } }),
    event('response.output_text.delta', { delta: 'an', item_id: 'msg' }),
    event('response.completed', { response }),
  ]
  return {
    kind: 'stream',
    status: 200,
    contentType: 'text/event-stream',
    source: {
      start(sink: StreamSink) {
        for (const piece of pieces) sink.write(piece)
        sink.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
      },
      resume() {},
    },
  }
}

function drain(reply: Extract<Reply, { kind: 'stream' }>): Promise<{ text: string }> {
  return new Promise((resolve) => {
    let text = ''
    reply.source.start({
      write(chunk) {
        text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
        return true
      },
      end: () => resolve({ text }),
    })
  })
}

const userItem = (content: string) => ({ type: 'message', role: 'user', content })
const answerItem = (text: string) => ({
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: `answer to ${text}` }],
})

const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => {
      throw new Error('nothing was refused')
    },
    (error: unknown) => error as Fault,
  )

describe('the memory of the Responses API', () => {
  it('puts the whole chain before the new input, without instructions, and tells the answer what it follows', async () => {
    const { turn } = setUp()
    await turn({ input: 'one', instructions: 'be brief' })
    await turn({ input: [userItem('two')], previous_response_id: 'resp_1' })
    const { sent, seen } = await turn({ input: 'three', previous_response_id: 'resp_2', instructions: 'be long' })
    expect(sent).toEqual({
      model: 'm',
      instructions: 'be long',
      input: [userItem('one'), answerItem('one'), userItem('two'), answerItem('items'), userItem('three')],
    })
    expect(seen['previous_response_id']).toBe('resp_2')
  })

  it('leaves a request that follows nothing as it is, byte for byte, and its answer too', async () => {
    const { turn } = setUp()
    const { exchange, seen, response } = await turn({ input: 'one', store: true })
    expect(Buffer.from(exchange.body.bytes()).toString()).toBe('{"model":"m","input":"one","store":true}')
    expect(seen).toEqual(response)
  })

  it('keeps nothing when the client says so, and can still follow what is kept', async () => {
    const { turn, archive } = setUp()
    await turn({ input: 'one' })
    await turn({ input: 'two', previous_response_id: 'resp_1', store: false })
    expect(archive.get('key_1', 'resp_1').status).toBe('completed')
    expect(() => archive.get('key_1', 'resp_2')).toThrow(/not found/)
  })

  it.each([
    ['an id of nobody', { previous_response_id: 'resp_x' }, 'previous_response_not_found', 400, 'previous_response_id'],
    ['a conversation of nobody', { conversation: 'conv_x' }, 'conversation_not_found', 404, 'conversation'],
    ['both at once', { previous_response_id: 'a', conversation: 'b' }, 'invalid_request', 400, 'previous_response_id'],
    ['a flag that is none', { store: 'yes' }, 'invalid_request', 400, 'store'],
    ['background without store', { background: true, store: false }, 'invalid_request', 400, 'background'],
    ['an id that is none', { previous_response_id: 5 }, 'invalid_request', 400, 'previous_response_id'],
    ['an id of nothing', { previous_response_id: '' }, 'invalid_request', 400, 'previous_response_id'],
    ['a conversation without an id', { conversation: {} }, 'invalid_request', 400, 'conversation.id'],
    ['a conversation that is none', { conversation: [] }, 'invalid_request', 400, 'conversation'],
  ])('refuses %s', async (_name, request, code, status, param) => {
    const { turn } = setUp()
    expect(await faultOf(turn({ input: 'x', ...request }))).toMatchObject({ code, status, param })
  })

  it('refuses to follow what is of another key, was deleted, has expired or has failed', async () => {
    const { turn, archive, clock } = setUp()
    await turn({ input: 'one' })
    await turn({ input: 'two', previous_response_id: 'resp_1' })
    const follow = (id: string, owner = 'key_1') => faultOf(turn({ input: 'x', previous_response_id: id }, { owner }))
    expect((await follow('resp_2', 'key_2')).code).toBe('previous_response_not_found')
    archive.forget('key_1', 'resp_1')
    expect((await follow('resp_1')).code).toBe('previous_response_not_found')
    expect((await follow('resp_2')).message).toMatch(/was deleted/)
    await turn({ input: 'three' }, { answer: { id: 'resp_failed', status: 'failed' } })
    expect((await follow('resp_failed')).message).toMatch(/is failed/)
    await turn({ input: 'four' }, { answer: { id: 'resp_old' } })
    await clock.advance(1000)
    expect((await follow('resp_old')).code).toBe('previous_response_not_found')
  })

  it('counts what it brings back against the limits of a request', async () => {
    const { turn } = setUp()
    const items = Array.from({ length: 12 }, (_, n) => userItem(`a message of some length, number ${n}`))
    await turn({ input: items })
    expect((await faultOf(turn({ input: items, previous_response_id: 'resp_1' }))).message).toMatch(/at most 20/)
    await turn({ input: 'x'.repeat(9000) }, { answer: { id: 'resp_long', output: [] } })
    await turn({ input: 'x'.repeat(2000), previous_response_id: 'resp_long' })
    const fault = await faultOf(turn({ input: 'x', previous_response_id: 'resp_4' }))
    expect(fault).toMatchObject({ code: 'body_too_large', status: 413 })
  })

  it('keeps a streamed answer before its last event is handed on', async () => {
    const { turn, archive } = setUp()
    const { seen, response } = await turn({ input: 'one', stream: true })
    expect(JSON.parse(archive.get('key_1', 'resp_1').response)).toEqual(response)
    expect(seen['text']).toContain('event: response.output_text.delta\ndata: {"type"')
    const { seen: next } = await turn({ input: 'two', stream: true, previous_response_id: 'resp_1' })
    expect(String(next['text']).match(/"previous_response_id":"resp_1"/g)).toHaveLength(2)
  })

  it('answers all the same when the answer cannot be kept, which is then not known', async () => {
    const { turn, state, failures } = setUp()
    state[Symbol.dispose]()
    const { seen, response } = await turn({ input: 'one' })
    expect(seen).toEqual(response)
    expect(failures).toEqual(['resp_1'])
  })

  describe('at a provider with a memory of its own', () => {
    it('sends the request as it is, and the whole conversation to any other', async () => {
      const { turn, archive } = setUp()
      await turn({ input: 'one' }, { by: native, answer: { store: true } })
      const { exchange } = await turn(
        { input: 'two', previous_response_id: 'resp_1', model: 'm' },
        { by: native, route: [second, translated, native], answer: { previous_response_id: 'resp_1' } },
      )
      const preparedFor = (deployment: Deployment) => prepare(exchange, deployment, undefined) as Prepared
      const bodyFor = (deployment: Deployment) =>
        JSON.parse(Buffer.from(wholeBody(preparedFor(deployment).outbound)).toString()) as Json
      expect(Buffer.from(wholeBody(preparedFor(native).outbound)).toString()).toBe(
        '{"model":"m","input":"two","previous_response_id":"resp_1"}',
      )
      expect(preparedFor(native).native).toBe(true)
      const whole = { model: 'm', input: [userItem('one'), answerItem('one'), userItem('two')] }
      expect(bodyFor(second)).toEqual(whole)
      expect(bodyFor(translated)).toEqual(whole)
      expect(archive.get('key_1', 'resp_2').previousId).toBe('resp_1')
    })

    it('does not rely on a provider that says it keeps nothing', async () => {
      const { turn } = setUp()
      await turn({ input: 'one' }, { by: native, answer: { store: false } })
      const { exchange } = await turn({ input: 'two', previous_response_id: 'resp_1' }, { by: native })
      expect(exchange.native).toBeUndefined()
    })

    it('leaves out what only the provider that made it can use', async () => {
      const { turn } = setUp()
      const output = [
        { id: 'rs_1', type: 'reasoning', summary: [] },
        { id: 'rs_2', type: 'reasoning', summary: [], encrypted_content: 'sealed' },
        { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      ]
      await turn({ input: 'one' }, { by: native, answer: { output } })
      const follow = (route: Deployment[]) =>
        turn({ input: 'two', previous_response_id: 'resp_1' }, { by: native, route })
      const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
      expect((await follow([native, translated])).sent['input']).toEqual([
        userItem('one'),
        output[1],
        call,
        userItem('two'),
      ])
      for (const route of [[native, second], [translated]])
        expect((await follow(route)).sent['input']).toEqual([userItem('one'), call, userItem('two')])
    })

    it('resolves references to items for those who do not know them', async () => {
      const { turn } = setUp()
      await turn({ input: 'one' }, { by: native, answer: { store: true } })
      const reference = { type: 'item_reference', id: 'msg_1' }
      const input = [userItem('one'), reference, { id: 'msg_1' }, userItem('two')]
      const { sent, exchange } = await turn({ input }, { by: native })
      expect(sent['input']).toEqual([userItem('one'), answerItem('one'), answerItem('one'), userItem('two')])
      expect(exchange.native?.provider).toBe('maker')
      expect(JSON.parse(Buffer.from(exchange.native?.body.bytes() ?? []).toString())).toEqual({ model: 'm', input })
    })

    it.each([{ type: 'item_reference', id: 'msg_x' }, { id: 'msg_x' }, { type: null, id: 'msg_x' }])(
      'asks for no item that its owner does not have: %j',
      async (reference) => {
        const { turn } = setUp()
        await expect(turn({ input: [userItem('one'), reference], store: false }, { by: native })).rejects.toMatchObject(
          {
            code: 'item_not_found',
          },
        )
      },
    )
  })

  describe('conversations', () => {
    it('come before the input, and have input and answer appended', async () => {
      const { turn, state, clock, archive } = setUp()
      const id = 'conv_1'
      state.conversations.create({ owner: 'key_1', id, createdAt: clock.now(), metadata: '{}' }, [
        { id: 'msg_a', json: JSON.stringify({ id: 'msg_a', ...userItem('zero') }) },
      ])
      const first = await turn({ input: 'one', conversation: id })
      expect(first.sent['input']).toEqual([userItem('zero'), userItem('one')])
      expect(first.seen['conversation']).toEqual({ id })
      const { sent } = await turn({ input: 'two', conversation: { id } })
      expect((sent['input'] as Json[]).map(({ content }) => content)).toEqual([
        'zero',
        [{ type: 'input_text', text: 'one' }],
        [{ type: 'output_text', text: 'answer to one' }],
        'two',
      ])
      expect(state.conversations.items('key_1', id, { order: 'asc', limit: 9 })).toHaveLength(5)
      expect(archive.inputItems('key_1', 'resp_2')).toHaveLength(4)
      const follow = await turn({ input: 'three', previous_response_id: 'resp_1' })
      expect(follow.sent['input']).toHaveLength(4)
    })

    it('are as unknown to another key as those that do not exist', async () => {
      const { turn, state, clock } = setUp()
      state.conversations.create({ owner: 'key_1', id: 'conv_1', createdAt: clock.now(), metadata: '{}' }, [])
      const fault = await faultOf(turn({ input: 'x', conversation: 'conv_1' }, { owner: 'key_2' }))
      expect(fault.code).toBe('conversation_not_found')
    })
  })

  describe('the input of a kept answer', () => {
    it('is listed with ids that stay the same, earlier turns included', async () => {
      const { turn, archive } = setUp()
      await turn({ input: 'one' })
      await turn({ input: [{ role: 'user', content: 'two' }], previous_response_id: 'resp_1' })
      const items = archive.inputItems('key_1', 'resp_2')
      expect(items).toMatchObject([
        { type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'one' }] },
        { id: 'msg_1', role: 'assistant' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'two' }] },
      ])
      expect(archive.inputItems('key_1', 'resp_2')).toEqual(items)
      expect(new Set(items.map(({ id }) => id)).size).toBe(3)
    })
  })
})
