/**
 * The simulator through the gateway: inside it, and as a server that it reaches in either protocol, so that what real engines of
 * both protocols would say comes through both SDKs translated and not.
 */
import Anthropic from '@anthropic-ai/sdk'
import { Ajv2020 } from 'ajv/dist/2020.js'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSim } from '../../src/providers/sim/server.ts'
import type { SimServer } from '../../src/providers/sim/server.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { askAnthropic, askOpenai, protocols, streamAnthropic, streamOpenai } from './way.ts'
import type { AnthropicAsk, Got, OpenaiAsk, Protocol } from './way.ts'

let sim: SimServer
let gateway: Gateway
let openai: OpenAI
let anthropic: Anthropic

beforeAll(async () => {
  sim = await serveSim()
  gateway = await startGateway(`
providers:
  sim: {}
  far-openai: { use: openai-compatible, base_url: "${sim.url}" }
  far-anthropic: { use: anthropic-compatible, base_url: "${sim.url}" }
retries: { rounds: 1, base_delay: 0ms }`)
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await sim[Symbol.asyncDispose]()
})

/** Where the simulator is: inside the gateway, or behind a network in one of the protocols. */
const places = ['sim', 'far-openai', 'far-anthropic'] as const
const all = places.flatMap((place) =>
  protocols.flatMap((client) => [false, true].map((streamed) => ({ place, client, streamed }))),
)
type Spot = (typeof all)[number]

function ask(
  { place, client, streamed }: Spot,
  model: string,
  asks: { openai: OpenaiAsk; anthropic: AnthropicAsk },
): Promise<Got> {
  const name = `${place}/${model}`
  if (client === 'openai')
    return streamed ? streamOpenai(openai, name, asks.openai) : askOpenai(openai, name, asks.openai)
  return streamed ? streamAnthropic(anthropic, name, asks.anthropic) : askAnthropic(anthropic, name, asks.anthropic)
}

const saying = (content: string) => ({
  openai: { messages: [{ role: 'user', content } as const] },
  anthropic: { messages: [{ role: 'user', content } as const], max_tokens: 4000 },
})
const title = 'at $place through the $client SDK, streamed: $streamed'

describe('text', () => {
  it.each(all)(`is the same words ${title}`, async (spot) => {
    const { shown } = await ask(spot, 'echo', saying('Grüße 🚀 an alle, 世界!'))
    expect(shown).toMatchObject({ text: 'Grüße 🚀 an alle, 世界!', finish: 'stop' })
    expect(shown.usage.input).toBeGreaterThan(0)
    expect(shown.usage.output).toBeGreaterThan(0)
    const long = await ask(spot, 'text?tokens=40', saying('Tell me.'))
    expect(long.shown.usage.output).toBe(40)
    expect(long.shown.text.length).toBeGreaterThan(40)
  })

  it.each(all)(`ends at its limit ${title}`, async (spot) => {
    const { shown } = await ask(spot, 'text', {
      openai: { ...saying('Go on.').openai, max_completion_tokens: 7 },
      anthropic: { ...saying('Go on.').anthropic, max_tokens: 7 },
    })
    expect(shown).toMatchObject({ finish: 'length', usage: { output: 7 } })
  })
})

describe('tools', () => {
  const schema = {
    type: 'object' as const,
    properties: {
      city: { type: 'string' },
      days: { type: 'integer', minimum: 1, maximum: 9 },
      unit: { enum: ['C', 'F'] },
    },
    required: ['city', 'days', 'unit'],
    additionalProperties: false,
  }
  const valid = new Ajv2020().compile(schema)
  const tools = {
    openai: [{ type: 'function' as const, function: { name: 'get_weather', parameters: schema } }],
    anthropic: [{ name: 'get_weather', input_schema: schema }],
  }

  it.each(all)(`are called with arguments by their schema, and their results heard ${title}`, async (spot) => {
    const asks = {
      openai: { ...saying('Weather?').openai, tools: tools.openai },
      anthropic: { ...saying('Weather?').anthropic, tools: tools.anthropic },
    }
    const { shown } = await ask(spot, 'text?calls=3', asks)
    expect(shown.finish).toBe('tool_calls')
    expect(shown.calls).toHaveLength(3)
    expect(new Set(shown.calls?.map(({ id }) => id)).size).toBe(3)
    for (const call of shown.calls ?? []) {
      expect(call.name).toBe('get_weather')
      expect(valid(call.arguments) || call.arguments).toBe(true)
    }
    const calls = shown.calls ?? []
    const answered = await ask(spot, 'text?calls=0', {
      openai: {
        tools: tools.openai,
        messages: [
          ...asks.openai.messages,
          {
            role: 'assistant',
            tool_calls: calls.map(({ id, name, arguments: parsed }) => ({
              id,
              type: 'function' as const,
              function: { name, arguments: JSON.stringify(parsed) },
            })),
          },
          ...calls.map(({ id }, at) => ({ role: 'tool' as const, tool_call_id: id, content: `result ${at}` })),
        ],
      },
      anthropic: {
        max_tokens: 400,
        tools: tools.anthropic,
        messages: [
          ...asks.anthropic.messages,
          {
            role: 'assistant',
            content: calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use' as const, id, name, input })),
          },
          {
            role: 'user',
            content: calls.map(({ id }, at) => ({
              type: 'tool_result' as const,
              tool_use_id: id,
              content: `result ${at}`,
            })),
          },
        ],
      },
    })
    for (const at of [0, 1, 2]) expect(answered.shown.text).toContain(`The tool get_weather answered: result ${at}.`)
  })
})

describe('structured output', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      size: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    },
    required: ['name', 'tags', 'size'],
    additionalProperties: false,
  }
  const valid = new Ajv2020().compile(schema)

  it.each(all)(`follows the schema ${title}`, async (spot) => {
    const { shown } = await ask(spot, 'text', {
      openai: {
        ...saying('Make one.').openai,
        response_format: { type: 'json_schema', json_schema: { name: 'thing', schema, strict: true } },
      },
      anthropic: { ...saying('Make one.').anthropic, output_config: { format: { type: 'json_schema', schema } } },
    })
    expect(valid(JSON.parse(shown.text)) || shown.text).toBe(true)
  })
})

describe('reasoning', () => {
  it.each(all)(`is shown ${title}`, async (spot) => {
    const { shown } = await ask(spot, 'reasoning', saying('Think!'))
    expect(shown.reasoning?.length).toBeGreaterThan(20)
    expect(shown.text.length).toBeGreaterThan(20)
    expect(shown.usage.reasoning).toBe(64)
  })

  it.each(protocols)('comes back with a signature that holds, through the %s SDK', async (client) => {
    for (const place of client === 'openai' ? ['far-anthropic'] : ['sim', 'far-anthropic']) {
      const model = `${place}/reasoning?check_signatures`
      if (client === 'openai') {
        const messages = [{ role: 'user', content: 'Think!' } as const]
        const first = (await openai.chat.completions.create({ model, messages })).choices[0]?.message
        if (first === undefined) throw new Error('no answer')
        const again = [...messages, first, { role: 'user', content: 'Again!' } as const]
        expect(
          (await openai.chat.completions.create({ model, messages: again })).choices[0]?.message.content,
        ).toBeTruthy()
        const tampered = JSON.parse(JSON.stringify(first).replaceAll('"signature":"', '"signature":"x')) as typeof first
        const refused = openai.chat.completions.create({
          model,
          messages: [...messages, tampered, { role: 'user', content: 'Again!' }],
        })
        await expect(refused).rejects.toThrow('Invalid `signature`')
      } else {
        const messages = [{ role: 'user', content: 'Think!' } as const]
        const params = { model, max_tokens: 400 }
        const first = await anthropic.messages.stream({ ...params, messages }).finalMessage()
        const again = [
          ...messages,
          { role: 'assistant', content: first.content } as const,
          { role: 'user', content: 'Again!' } as const,
        ]
        expect((await anthropic.messages.create({ ...params, messages: again })).content.length).toBeGreaterThan(0)
      }
    }
  })
})

describe('a refusal', () => {
  it.each(all)(`is one ${title}`, async (spot) => {
    const { shown } = await ask(spot, 'refusal', saying('Do harm.'))
    const said = shown.refusal ?? shown.text
    // OpenAI ends a refusal as any answer, Anthropic with a reason of its own.
    const ownMember = spot.client === 'openai' && spot.place !== 'far-anthropic'
    expect(shown.finish).toBe(ownMember ? 'stop' : 'content_filter')
    if (ownMember || spot.place === 'far-openai') expect(said).toMatch(/cannot|not able|decline/)
  })
})

describe('faults', () => {
  const failing = (client: Protocol, streamed: boolean, model: string): Promise<Got> =>
    ask({ place: 'sim', client, streamed }, model, saying('Hi.'))
  const spots = protocols.flatMap((client) => [false, true].map((streamed) => ({ client, streamed })))

  it.each(spots)('of the right class for the $client SDK, streamed: $streamed', async ({ client, streamed }) => {
    const { RateLimitError, InternalServerError } = client === 'openai' ? OpenAI : Anthropic
    await expect(failing(client, streamed, 'fault?status=429&retry_after=30')).rejects.toBeInstanceOf(RateLimitError)
    await expect(failing(client, streamed, 'fault?status=503')).rejects.toBeInstanceOf(InternalServerError)
    await expect(failing(client, streamed, 'fault?empty')).rejects.toBeInstanceOf(InternalServerError)
    await expect(failing(client, streamed, 'fault?reset')).rejects.toBeInstanceOf(InternalServerError)
    await expect(failing(client, streamed, 'fault?status=502&content_type=text/html')).rejects.toBeInstanceOf(
      InternalServerError,
    )
    await expect(failing(client, streamed, 'no-such-model')).rejects.toMatchObject({ status: 404 })
  })

  it.each(spots)('that pass are not seen by the $client SDK, streamed: $streamed', async ({ client, streamed }) => {
    const model = `fault?status=503&times=1&tokens=5&seed=${client === 'openai' ? 1 : 2}${streamed ? 1 : 2}`
    const { shown, response } = await failing(client, streamed, model)
    expect(shown.usage.output).toBe(5)
    expect(response.headers.get('x-sluicegate-attempts')).toBe('2')
  })

  const breaks = ['cut=6', 'error_event=6', 'malformed=6']
  it.each(protocols.flatMap((client) => breaks.map((fault) => ({ client, fault }))))(
    'in the middle of a stream end it with an error for the $client SDK: $fault',
    async ({ client, fault }) => {
      await expect(failing(client, true, `fault?${fault}&tokens=40`)).rejects.toThrow(/\S/)
    },
  )
})

describe('what every application does first', () => {
  it('lists the models, and counts tokens', async () => {
    const ids = (await Array.fromAsync(openai.models.list())).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['sim/text', 'sim/fast', 'sim/echo']))
    const { input_tokens: tokens } = await anthropic.messages.countTokens({
      model: 'sim/text',
      messages: [{ role: 'user', content: 'one two three four' }],
    })
    expect(tokens).toBeGreaterThan(3)
  })
})
