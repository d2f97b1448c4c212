/** Answers that must fit a schema, from targets without structured output of their own: what each side sends and gets, and what it costs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExchangeRecord } from '../../src/model/record.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { clientKey } from '../harness/gateway.ts'
import { json, stream } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { providerNames, setUp, ways } from './way.ts'
import type { Protocol, Setup } from './way.ts'
import { eventStream, message, textBlock, toolUse } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
const weather = { city: 'Oslo', degrees: 3 }
const prices = 'prices: { input: 1, output: 10 }'

interface Said {
  readonly text: string
  readonly finish: string | null | undefined
  readonly tokens: readonly [number | undefined, number | undefined]
}

async function ask(setup: Setup, client: Protocol, model: string, streamed = false, more: object = {}): Promise<Said> {
  if (client === 'openai') {
    const params = {
      model,
      messages: [{ role: 'user' as const, content: 'The weather?' }],
      response_format: { type: 'json_schema' as const, json_schema: { name: 'weather', schema } },
      ...more,
    }
    if (!streamed) {
      const { choices, usage } = await setup.openai.chat.completions.create({ ...params, stream: false })
      const [choice] = choices
      expect(choice?.message.tool_calls).toBeUndefined()
      return {
        text: choice?.message.content ?? '',
        finish: choice?.finish_reason,
        tokens: [usage?.prompt_tokens, usage?.completion_tokens],
      }
    }
    const options = { stream: true as const, stream_options: { include_usage: true } }
    const chunks = await Array.fromAsync(await setup.openai.chat.completions.create({ ...params, ...options }))
    const usage = chunks.find((chunk) => chunk.usage)?.usage
    return {
      text: chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''),
      finish: chunks.findLast(({ choices }) => choices[0]?.finish_reason)?.choices[0]?.finish_reason,
      tokens: [usage?.prompt_tokens, usage?.completion_tokens],
    }
  }
  const params = {
    model,
    max_tokens: 200,
    messages: [{ role: 'user' as const, content: 'The weather?' }],
    output_config: { format: { type: 'json_schema' as const, schema } },
    ...more,
  }
  const said = streamed
    ? await setup.anthropic.messages.stream(params).finalMessage()
    : await setup.anthropic.messages.create(params)
  const blocks = said.content.map((block) => (block.type === 'text' ? block.text : `(${block.type})`))
  return {
    text: blocks.join(''),
    finish: said.stop_reason,
    tokens: [said.usage.input_tokens, said.usage.output_tokens],
  }
}

/** What an upstream answers when the model calls the stand-in tool. */
function called(upstream: Protocol, streamed: boolean, value: JsonObject): Answer {
  if (upstream === 'openai') {
    const answer = {
      text: null,
      calls: [{ id: 'call_1', name: 'final_answer', arguments: JSON.stringify(value) }],
      finish: 'tool_calls',
    }
    return streamed ? stream([chunkStream(answer)]) : json(completion(answer))
  }
  const answer = { content: [textBlock('One moment.'), toolUse('toolu_1', 'final_answer', value)], stop: 'tool_use' }
  return streamed ? stream([eventStream(answer)]) : json(message(answer))
}

function said(upstream: Protocol, streamed: boolean, text: string): Answer {
  if (upstream === 'openai') return streamed ? stream([chunkStream({ text })]) : json(completion({ text }))
  const answer = { content: [textBlock(text)] }
  return streamed ? stream([eventStream(answer)]) : json(message(answer))
}

const received = (setup: Setup, upstream: Protocol, nth = -1): Record<string, unknown> =>
  JSON.parse(setup.upstreams[upstream].received.at(nth)?.body.toString() ?? '{}') as Record<string, unknown>

const last = (setup: Setup): Promise<ExchangeRecord | undefined> => setup.gateway.lastRecord()

const done = { openai: 'stop', anthropic: 'end_turn' } as const
const both = [false, true]

describe.each(['tool', 'prompt'] as const)('structured output by %s', (kind) => {
  let setup: Setup
  beforeAll(async () => {
    const supports = `supports: { structured_output: ${kind} }, ${prices}`
    setup = await setUp({ openai: supports, anthropic: supports })
  })
  afterAll(() => setup[Symbol.asyncDispose]())

  it.each(ways.flatMap((way) => both.map((streamed) => ({ ...way, streamed }))))(
    'reaches the client of $client from $upstream (streamed: $streamed)',
    async ({ client, upstream, streamed }) => {
      const model = `${providerNames[upstream]}/m-1`
      const text = `Here you are:\n\`\`\`json\n${JSON.stringify(weather, null, 2)}\n\`\`\`\nAnything else?`
      setup.upstreams[upstream].next(
        kind === 'tool' ? called(upstream, streamed, weather) : said(upstream, streamed, text),
      )
      const got = await ask(setup, client, model, streamed)
      expect(got.text).toBe(kind === 'tool' ? JSON.stringify(weather) : JSON.stringify(weather, null, 2))
      expect(got.finish).toBe(done[client])
      expect(got.tokens).toEqual([21, 9])

      const {
        response_format: format,
        output_config: config,
        tools,
        tool_choice: choice,
        ...body
      } = received(setup, upstream)
      expect([format, config]).toEqual([undefined, undefined])
      if (kind === 'tool') {
        expect(tools).toHaveLength(1)
        expect(JSON.stringify(tools)).toContain(JSON.stringify(schema.properties))
        expect(JSON.stringify(choice)).toContain('final_answer')
      } else {
        expect(tools).toBeUndefined()
        const instructions = upstream === 'openai' ? body['messages'] : body['system']
        expect(JSON.stringify(instructions)).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1))
      }
      expect(await last(setup)).toMatchObject({ outcome: 'ok', attempts: [{ status: 200 }] })
    },
  )

  it.each(ways)('asks $upstream again for $client, and both answers are paid for', async ({ client, upstream }) => {
    const wrong = { city: 'Oslo', degrees: 'three' }
    const answers = [wrong, weather].map((value) =>
      kind === 'tool' ? called(upstream, false, value) : said(upstream, false, JSON.stringify(value)),
    )
    setup.upstreams[upstream].next(...answers)
    const got = await ask(setup, client, `${providerNames[upstream]}/m-1`)
    expect(got).toEqual({ text: JSON.stringify(weather), finish: done[client], tokens: [42, 18] })

    const conversation = JSON.stringify(received(setup, upstream)['messages'])
    expect(conversation).toContain('three')
    expect(conversation).toContain('`degrees` of the answer must be integer')
    const record = await last(setup)
    expect(record?.attempts).toMatchObject([{ status: 200, fault: 'invalid_structured_output' }, { status: 200 }])
    expect(record?.usage).toMatchObject({ input: { total: 42 }, output: { total: 18 } })
    // Two answers of 21 tokens at 1 and 9 at 10 dollars a million.
    expect(record?.cost).toBe(2 * (21 * 1000 + 9 * 10_000))
    expect(record?.outcome).toBe('ok')
  })

  it('gives up with the place that is wrong, and tells what that cost', async () => {
    const wrong = { city: 'Oslo' }
    const answer = kind === 'tool' ? called('openai', false, wrong) : said('openai', false, JSON.stringify(wrong))
    setup.upstreams.openai.next(answer, answer)
    await expect(ask(setup, 'openai', 'oai/m-1')).rejects.toMatchObject({
      status: 502,
      code: 'invalid_structured_output',
      message: expect.stringContaining("must have required property 'degrees'"),
    })
    expect(await last(setup)).toMatchObject({
      outcome: 'fault',
      fault: 'invalid_structured_output',
      attempts: [{ fault: 'invalid_structured_output' }, { fault: 'invalid_structured_output' }],
      usage: { input: { total: 42 }, output: { total: 18 } },
      cost: 222_000,
    })
  })

  it('puts types right where nothing is lost', async () => {
    const nearly = { city: 'Oslo', degrees: '3' }
    setup.upstreams.openai.next(
      kind === 'tool' ? called('openai', false, nearly) : said('openai', false, JSON.stringify(nearly)),
    )
    expect((await ask(setup, 'openai', 'oai/m-1')).text).toBe(JSON.stringify(weather))
    expect((await last(setup))?.attempts).toHaveLength(1)
  })

  it.each(['openai', 'anthropic'] as const)(
    'ends a stream of %s whose value does not fit with an error',
    async (client) => {
      const wrong = JSON.stringify({ city: 'Oslo', degrees: 3.5 })
      const calls = [{ id: 'call_1', name: 'final_answer', arguments: wrong }]
      const text = kind === 'tool' ? chunkStream({ text: null, calls }) : chunkStream({ text: wrong })
      // Event by event, so that the client has begun to read when the end turns out not to fit.
      setup.upstreams.openai.next(stream(text.split(/(?<=\n\n)/)))
      const failing = ask(setup, client, 'oai/m-1', true)
      await expect(failing).rejects.toThrow(/did not answer as the JSON schema of the request asks/)
      expect(await last(setup)).toMatchObject({
        outcome: 'cut',
        fault: 'invalid_structured_output',
        usage: { input: { total: 21 }, output: { total: 9 } },
        cost: 111_000,
      })
      expect((await last(setup))?.usage?.estimated).toBeUndefined()
    },
  )

  it('lets pass what is no answer: length and refusals', async () => {
    const half = '{"city": "Os'
    setup.upstreams.openai.next(
      json(
        kind === 'tool'
          ? completion({ text: null, calls: [{ id: 'c', name: 'final_answer', arguments: half }], finish: 'length' })
          : completion({ text: half, finish: 'length' }),
      ),
    )
    expect(await ask(setup, 'openai', 'oai/m-1')).toMatchObject({ text: half, finish: 'length' })
    setup.upstreams.openai.next(json(completion({ text: null, refusal: 'I will not.' })))
    const refused = await setup.openai.chat.completions.create({
      model: 'oai/m-1',
      messages: [{ role: 'user', content: 'The weather?' }],
      response_format: { type: 'json_schema', json_schema: { name: 'weather', schema } },
    })
    expect(refused.choices[0]?.message).toMatchObject({ content: null, refusal: 'I will not.' })
  })
})

describe('structured output', () => {
  it('is asked for again in a stream of which the client has seen nothing', async () => {
    await using setup = await setUp({ openai: `supports: { structured_output: prompt }, ${prices}` })
    setup.upstreams.openai.next(said('openai', true, 'I cannot say.'), said('openai', true, JSON.stringify(weather)))
    const got = await ask(setup, 'openai', 'oai/m-1', true)
    expect(got).toEqual({ text: JSON.stringify(weather), finish: 'stop', tokens: [42, 18] })
    const record = await last(setup)
    expect(record).toMatchObject({
      outcome: 'ok',
      usage: { input: { total: 42 }, output: { total: 18 } },
      cost: 222_000,
    })
    expect(record?.attempts).toMatchObject([{ fault: 'invalid_structured_output' }, { status: 200 }])
  })

  it('is looked for elsewhere when a target cannot give it, and all is paid for', async () => {
    await using setup = await setUp({
      openai: `supports: { structured_output: prompt }, ${prices}`,
      anthropic: 'prices: { input: 2, output: 20 }',
      yaml: `
structured_output: { repairs: 2 }
routers: { any: { strategy: fallback, targets: [oai/m-1, claude/claude-sonnet-4-5] } }`,
    })
    setup.upstreams.openai.answer(said('openai', false, 'No idea.'))
    setup.upstreams.anthropic.answer(said('anthropic', false, JSON.stringify(weather)))
    expect((await ask(setup, 'openai', 'any')).text).toBe(JSON.stringify(weather))
    expect(setup.upstreams.openai.received).toHaveLength(3)
    const record = await last(setup)
    expect(record?.attempts).toHaveLength(4)
    expect(record).toMatchObject({
      deployment: 'claude/claude-sonnet-4-5',
      usage: { input: { total: 84 }, output: { total: 36 } },
      cost: 3 * 111_000 + 222_000,
    })
  })

  it('is not asked for again where that is switched off, and a refused repair is not the client’s fault', async () => {
    await using setup = await setUp({
      openai: 'supports: { structured_output: prompt }',
      yaml: 'structured_output: { repairs: 0 }',
    })
    setup.upstreams.openai.answer(said('openai', false, '{}'))
    // The library would repeat what fails with this status, were it not told that this is of no use.
    const persistent = { ...setup, openai: setup.openai.withOptions({ maxRetries: 2 }) }
    await expect(ask(persistent, 'openai', 'oai/m-1')).rejects.toMatchObject({ code: 'invalid_structured_output' })
    expect(setup.upstreams.openai.received).toHaveLength(1)

    await using other = await setUp({ openai: 'supports: { structured_output: prompt }' })
    other.upstreams.openai.next(
      said('openai', false, '{}'),
      json({ error: { message: 'too long', type: 'invalid_request_error', param: null, code: null } }, 400),
    )
    await expect(ask(other, 'openai', 'oai/m-1')).rejects.toMatchObject({ code: 'invalid_structured_output' })
  })

  it('of targets that have it is checked where configured', async () => {
    await using setup = await setUp({ yaml: 'structured_output: { validate: always }', openai: prices })
    setup.upstreams.openai.next(said('openai', false, '{}'), said('openai', false, JSON.stringify(weather)))
    expect((await ask(setup, 'openai', 'oai/m-1')).text).toBe(JSON.stringify(weather))
    expect(received(setup, 'openai')['response_format']).toMatchObject({ type: 'json_schema' })
    expect(await last(setup)).toMatchObject({ cost: 222_000 })
    setup.upstreams.openai.next(said('openai', true, JSON.stringify(weather)))
    expect((await ask(setup, 'openai', 'oai/m-1', true)).text).toBe(JSON.stringify(weather))
  })

  it('of Claude goes on with its own headers and thinking', async () => {
    await using setup = await setUp({ anthropic: 'supports: { structured_output: tool }' })
    setup.upstreams.anthropic.answer(called('anthropic', false, weather))
    const got = await setup.anthropic.messages.create(
      {
        model: 'claude/claude-sonnet-4-5',
        max_tokens: 4000,
        messages: [{ role: 'user', content: 'The weather?' }],
        thinking: { type: 'enabled', budget_tokens: 2000 },
        output_config: { format: { type: 'json_schema', schema } },
      },
      { headers: { 'anthropic-beta': 'interleaved-thinking-2025-05-14' } },
    )
    expect(got.content).toEqual([textBlock(JSON.stringify(weather))])
    expect(received(setup, 'anthropic')).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 2000 },
      tool_choice: { type: 'auto' },
    })
    expect(setup.upstreams.anthropic.received.at(-1)?.headers['anthropic-beta']).toBe('interleaved-thinking-2025-05-14')
  })

  it('refuses schemas that nobody could check, and sends them to targets that need no check', async () => {
    await using setup = await setUp({
      openai: 'supports: { structured_output: prompt }',
      yaml: 'routers: { any: { strategy: fallback, targets: [oai/m-1, claude/claude-sonnet-4-5] } }',
    })
    const remote = {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { $ref: 'https://x.example/s.json' } },
      },
    }
    await expect(ask(setup, 'openai', 'oai/m-1', false, remote)).rejects.toMatchObject({
      status: 400,
      code: 'not_expressible',
    })
    setup.upstreams.anthropic.answer(said('anthropic', false, '{}'))
    expect((await ask(setup, 'openai', 'any', false, remote)).text).toBe('{}')
    expect(setup.upstreams.openai.received).toHaveLength(0)
  })

  it('holds the money for asking again', async () => {
    const config = (usd: string): string =>
      `keys: [{ name: test, secret: ${clientKey}, budget: { usd: ${usd}, per: day } }]`
    // One answer of 1,000 tokens costs up to a cent, and about as much again when it is asked for twice.
    const openai = 'supports: { structured_output: prompt }, prices: { input: 0, output: 10 }'
    await using setup = await setUp({ openai, yaml: config('0.015') })
    setup.upstreams.openai.answer(said('openai', false, JSON.stringify(weather)))
    await expect(ask(setup, 'openai', 'oai/m-1', false, { max_tokens: 1000 })).rejects.toMatchObject({ status: 402 })
    const plain = { max_tokens: 1000, response_format: { type: 'text' } }
    await ask(setup, 'openai', 'oai/m-1', false, plain)
    await using richer = await setUp({ openai, yaml: config('0.021') })
    richer.upstreams.openai.answer(said('openai', false, JSON.stringify(weather)))
    await ask(richer, 'openai', 'oai/m-1', false, { max_tokens: 1000 })
  })
})
