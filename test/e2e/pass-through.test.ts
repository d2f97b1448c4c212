/**
 * Where client and provider speak the same protocol, nothing is read that need not be: the request reaches the provider byte for byte
 * but for the model's name, and the answer comes back byte for byte, whatever is in them.
 */
import type { Message } from '@anthropic-ai/sdk/resources/messages'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cuts } from '../harness/cuts.ts'
import { clientKey } from '../harness/gateway.ts'
import { json, stream } from '../harness/upstream.ts'
import { foldChunks } from './shown.ts'
import { protocols, providerNames, setUp } from './way.ts'
import type { Protocol, Setup } from './way.ts'
import { eventStream, message, textBlock } from './wire/anthropic-wire.ts'
import { chunkStream, completion } from './wire/openai-wire.ts'

let setup: Setup
beforeAll(async () => {
  setup = await setUp()
})
afterAll(() => setup[Symbol.asyncDispose]())

const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const

async function post(protocol: Protocol, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(setup.gateway.url + paths[protocol], {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}`, ...headers },
    body,
  })
}

/** Odd but valid: white space everywhere, members nobody knows, escapes that need not be, an order of its own, large numbers. */
const odd = (model: string): string =>
  `\r\n {\t"zeta" : {"b":1.0,"a":[ ],"a2":1e+2, "deep":{"x":"\\u0041\\/\\ud83d\\ude00"}},\n` +
  `   "m\\u0065ta_x":12345678901234567890.1234567890,\n  "stream"\n:\nfalse , "max_tokens":  10,\n` +
  `   "mod\\u0065l" :\t"${model}"  ,\n "messages" : [ { "content" : "caf\\u00e9 \\"model\\":\\"x\\" é 🚀", "role":"user" , "x":null } ]\n , "last":-0 }\n\n`

describe.each(protocols)('a request of the protocol %s at a provider of the same', (protocol) => {
  const answer = {
    openai: `{ "choices" : [{"finish_reason":"stop","message":{"role":"assistant","content":"caf\\u00e9"},"index":0,"odd":1.50}],\n"object":"chat.completion","model":"m","id":"1","created":1,"usage":null , "x":{} }\n`,
    anthropic: `{ "content" : [{"type":"text","text":"caf\\u00e9","odd":1.50},{"type":"not_yet_known","z":[1 , 2]}],\n"type":"message","role":"assistant","model":"m","id":"1","stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1} , "x":{} }\n`,
  }[protocol]

  it('arrives byte for byte but for the model, and so does the answer', async () => {
    const upstream = setup.upstreams[protocol]
    upstream.answer(json(answer))
    const response = await post(protocol, odd(`${providerNames[protocol]}/m-1`))
    expect(response.status).toBe(200)
    expect(upstream.received.at(-1)?.body.equals(Buffer.from(odd('m-1')))).toBe(true)
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(answer))).toBe(true)
    expect(response.headers.get('x-sluicegate-lost')).toBeNull()
  })

  it('stays whole with any member of any value in any spelling', async () => {
    const upstream = setup.upstreams[protocol]
    upstream.answer(json(answer))
    const model = `${providerNames[protocol]}/m-1`
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }).filter(isFree), fc.jsonValue({ maxDepth: 3 })),
        fc.constantFrom(0, 1, 3, '\t'),
        async (members, indent) => {
          const body = { ...members, model, max_tokens: 5, messages: [{ role: 'user', content: 'Hi.' }] }
          const text = (name: string): string => JSON.stringify({ ...body, model: name }, null, indent)
          await (await post(protocol, text(model))).arrayBuffer()
          expect(upstream.received.at(-1)?.body.toString()).toBe(text('m-1'))
        },
      ),
      { numRuns: 40 },
    )
  })

  it.each(cuts)('passes a stream on byte for byte, cut: $name', async ({ apply }) => {
    const text = '\ufeff'.slice(1) + { openai: openaiStream, anthropic: anthropicStream }[protocol]
    setup.upstreams[protocol].answer(stream(apply(text)))
    const ask = {
      model: `${providerNames[protocol]}/m-1`,
      max_tokens: 5,
      stream: true,
      messages: [{ role: 'user', content: 'Hi.' }],
    }
    const response = await post(protocol, JSON.stringify(ask))
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(text))).toBe(true)
  })
})

/** Names that mean something to the gateway are not odd members. */
const isFree = (name: string): boolean =>
  !/^(?:model|messages|stream|stream_options|max_tokens|max_completion_tokens|n|user|safety_identifier|metadata)$/.test(
    name,
  )

/** Comments, mixed line ends, fields nobody needs, data over several lines, unknown events. */
const openaiStream =
  `: OPENROUTER PROCESSING\n\n` +
  chunkStream({ text: 'Grüße, 世界 🌍' })
    .replace('\n\n', '\r\n\r\n')
    .replace('data: {', 'id: 7\nretry: 10\ndata: {')
    .replace('data: [DONE]', ': almost\n\ndata:[DONE]')

const anthropicStream = eventStream({ content: [textBlock('Grüße, 世界 🌍')] })
  .replace('event: ping', ': comment\nevent: not_yet_known\ndata: {"type":"not_yet_known","x":1}\n\nevent: ping')
  .replace('event: content_block_stop\ndata: ', 'data:')

describe('headers of the protocol', () => {
  it('anthropic-beta and anthropic-version go along, nothing else does', async () => {
    const upstream = setup.upstreams.anthropic
    upstream.answer(json(message({ content: [textBlock('Hi.')] })))
    await setup.anthropic.beta.messages.create({
      model: 'claude/m-1',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'Hi.' }],
      betas: ['context-1m-2025-08-07', 'interleaved-thinking-2025-05-14'],
    })
    const { headers, path } = upstream.received.at(-1) ?? {}
    expect(headers?.['anthropic-beta']).toBe('context-1m-2025-08-07,interleaved-thinking-2025-05-14')
    expect(headers?.['anthropic-version']).toBe('2026-10-21')
    expect(
      Object.keys(headers ?? {}).filter((name) => name.startsWith('x-stainless') || name === 'authorization'),
    ).toEqual([])
    expect(path).toBe('/v1/messages')
  })

  it('do not reach a provider of another protocol', async () => {
    const upstream = setup.upstreams.openai
    upstream.answer(json(completion({ text: 'Hi.' })))
    const ask = { model: 'oai/m-1', max_tokens: 5, messages: [{ role: 'user', content: 'Hi.' }] }
    await post('anthropic', JSON.stringify(ask), {
      'anthropic-beta': 'context-1m-2025-08-07',
      cookie: 'a=b',
      'openai-organization': 'o',
    })
    const { headers } = upstream.received.at(-1) ?? {}
    expect(Object.keys(headers ?? {}).sort()).toEqual([
      'accept',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ])
  })
})

describe('what only one protocol has, through its own SDK', () => {
  it('several choices and log probabilities of OpenAI, complete and streamed', async () => {
    const token = (text: string) => ({ token: text, logprob: -0.25, bytes: [...Buffer.from(text)], top_logprobs: [] })
    const choice = (index: number, text: string) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: { content: [token(text)], refusal: null },
      finish_reason: 'stop',
    })
    const whole = { ...completion({}), choices: [choice(0, 'One'), choice(1, 'Two 🎲')] }
    setup.upstreams.openai.answer(json(whole))
    const ask = {
      model: 'oai/m-1',
      messages: [{ role: 'user', content: 'Hi.' }],
      n: 2,
      logprobs: true,
      top_logprobs: 0,
    } as const
    const answer = await setup.openai.chat.completions.create({ ...ask, messages: [...ask.messages] })
    expect(answer).toMatchObject({ choices: whole.choices })

    const pieces = [
      {
        index: 1,
        delta: { role: 'assistant', content: 'Two' },
        logprobs: { content: [token('Two')], refusal: null },
        finish_reason: null,
      },
      {
        index: 0,
        delta: { role: 'assistant', content: 'One' },
        logprobs: { content: [token('One')], refusal: null },
        finish_reason: null,
      },
      {
        index: 1,
        delta: { content: ' 🎲' },
        logprobs: { content: [token(' 🎲')], refusal: null },
        finish_reason: null,
      },
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
      { index: 1, delta: {}, logprobs: null, finish_reason: 'length' },
    ]
    const { choices: _, usage: __, ...head } = completion({})
    const wire = pieces.map(
      (piece) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [piece] })}\n\n`,
    )
    for (const cut of cuts) {
      setup.upstreams.openai.answer(stream(cut.apply(`${wire.join('')}data: [DONE]\n\n`)))
      const chunks = await Array.fromAsync(
        await setup.openai.chat.completions.create({ ...ask, messages: [...ask.messages], stream: true }),
      )
      const { choices } = foldChunks(chunks)
      expect(choices.map(({ message: { content }, finish_reason }) => [content, finish_reason])).toEqual([
        ['One', 'stop'],
        ['Two 🎲', 'length'],
      ])
      expect(choices[1]?.logprobs?.content?.map(({ token: text }) => text)).toEqual(['Two', ' 🎲'])
    }
  })

  it('tools that Anthropic runs, their results and citations, complete and streamed', async () => {
    const content = [
      textBlock('I will look that up.'),
      { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: { query: 'Ada Lovelace' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_01',
        content: [
          {
            type: 'web_search_result',
            url: 'https://example.com/ada',
            title: 'Ada',
            encrypted_content: 'EqgfCioIARgBIiQ',
            page_age: 'May 1, 2026',
          },
        ],
      },
      {
        type: 'text',
        text: 'She wrote the first program.',
        citations: [
          {
            type: 'web_search_result_location',
            url: 'https://example.com/ada',
            title: 'Ada',
            cited_text: 'the first program',
            encrypted_index: 'Eo8BCioIAhgBIiQ',
          },
        ],
      },
    ]
    const usage = { input_tokens: 9, output_tokens: 5, server_tool_use: { web_search_requests: 1 } }
    const params = {
      model: 'claude/m-1',
      max_tokens: 50,
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
      messages: [{ role: 'user', content: 'Who?' }],
    } as const
    const ask = { ...params, tools: [...params.tools], messages: [...params.messages] }
    setup.upstreams.anthropic.answer(json(message({ content, usage })))
    const answer: Message = await setup.anthropic.messages.create(ask)
    expect(answer.content).toEqual(content)
    expect(answer.usage).toEqual(usage)
    expect(JSON.parse(setup.upstreams.anthropic.received.at(-1)?.body.toString() ?? '')).toMatchObject({
      tools: params.tools,
    })
    for (const cut of cuts) {
      setup.upstreams.anthropic.answer(stream(cut.apply(eventStream({ content, usage }))))
      const streamed = await setup.anthropic.messages.stream(ask).finalMessage()
      expect(streamed.content).toEqual(content)
      expect(streamed.usage).toMatchObject(usage)
    }
    const record = await setup.gateway.lastRecord()
    expect(record?.usage).toMatchObject({
      input: { total: 9 },
      output: { total: 5 },
      serverTools: { web_search_requests: 1 },
    })
  })
})
