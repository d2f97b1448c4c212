/** Streams: what clients of this protocol are sent, event by event, and what the decoder puts up with of services that imitate it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseReader } from '../../bytes/sse-reader.ts'
import { chatStreamArbitrary } from '../../kernel/testing/chat-arbitraries.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { ResponseStreamDecoder } from './stream-decoder.ts'
import { ResponseStreamEncoder } from './stream-encoder.ts'

const encoder = (): ResponseStreamEncoder =>
  new ResponseStreamEncoder({ model: 'claude', answerId: 'ex_0abc', streamUsage: false })

function eventsIn(text: string): JsonObject[] {
  const reader = new SseReader()
  return [...reader.push(Buffer.from(text)), ...reader.end()].map(({ event, data }) => {
    const json = JSON.parse(data) as JsonObject
    expect(json['type']).toBe(event)
    return json
  })
}

function encode(events: readonly ChatEvent[]): JsonObject[] {
  const writing = encoder()
  return eventsIn(events.map((event) => writing.push(event)).join('') + writing.end())
}

const begin: ChatEvent = { type: 'response-start', id: 'a1', model: 'claude', created: 5 }
const finish: ChatEvent = { type: 'choice-end', choice: 0, finish: { reason: 'stop' } }
const start = (part: number, value: Part): ChatEvent => ({ type: 'part-start', choice: 0, part, value })
const grow = (part: number, text: string): ChatEvent => ({ type: 'part-delta', choice: 0, part, text })
const end = (part: number): ChatEvent => ({ type: 'part-end', choice: 0, part })

/** What is telling of an event: its type, where it belongs, what it adds. */
const outline = (events: readonly JsonObject[]): unknown[] =>
  events.map(({ type, output_index: index, delta, text, arguments: args }) =>
    [(type as string).replace('response.', ''), index, delta ?? text ?? args].filter((value) => value !== undefined),
  )

describe('a stream for clients', () => {
  it('tells an answer from its first event to its last', () => {
    const events = encode([
      begin,
      start(0, { type: 'reasoning', text: '', origin: 'anthropic-messages' }),
      grow(0, 'hm'),
      { type: 'part-delta', choice: 0, part: 0, signature: 'sig' },
      end(0),
      start(1, { type: 'text', text: 'Hel' }),
      grow(1, 'lo'),
      end(1),
      start(2, { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '' }),
      grow(2, '{}'),
      end(2),
      { ...finish, finish: { reason: 'tool-calls' } },
      { type: 'usage-update', usage: { input: { total: 3 }, output: { total: 4 } } },
      { type: 'response-end' },
    ])
    expect(outline(events)).toEqual([
      ['created'],
      ['in_progress'],
      ['output_item.added', 0],
      ['content_part.added', 0],
      ['reasoning_text.delta', 0, 'hm'],
      ['reasoning_text.done', 0, 'hm'],
      ['content_part.done', 0],
      ['output_item.done', 0],
      ['output_item.added', 1],
      ['content_part.added', 1],
      ['output_text.delta', 1, 'Hel'],
      ['output_text.delta', 1, 'lo'],
      ['output_text.done', 1, 'Hello'],
      ['content_part.done', 1],
      ['output_item.done', 1],
      ['output_item.added', 2],
      ['function_call_arguments.delta', 2, '{}'],
      ['function_call_arguments.done', 2, '{}'],
      ['output_item.done', 2],
      ['completed'],
    ])
    expect(events.at(-1)?.['response']).toMatchObject({
      id: 'resp_ex_0abc',
      created_at: 5,
      status: 'completed',
      output: events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item),
      usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
    })
  })

  it('numbers its events from 0, whatever they are', () => {
    fc.assert(
      fc.property(chatStreamArbitrary, ({ events }) => {
        const numbers = encode(events).map(({ sequence_number: number }) => number)
        expect(numbers).toEqual(numbers.map((_, index) => index))
      }),
      { numRuns: 50 },
    )
  })

  it('lets calls run side by side, and ends each when it has', () => {
    const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '' })
    const events = encode([
      begin,
      start(0, call('x')),
      start(1, call('y')),
      grow(1, '[1]'),
      grow(0, '{"a"'),
      end(1),
      grow(0, ':1}'),
      end(0),
      finish,
      { type: 'response-end' },
    ])
    expect(outline(events).slice(2, -1)).toEqual([
      ['output_item.added', 0],
      ['output_item.added', 1],
      ['function_call_arguments.delta', 1, '[1]'],
      ['function_call_arguments.delta', 0, '{"a"'],
      ['function_call_arguments.done', 1, '[1]'],
      ['function_call_arguments.delta', 0, ':1}'],
      ['function_call_arguments.done', 0, '{"a":1}'],
      ['output_item.done', 0],
      ['output_item.done', 1],
    ])
  })

  it('puts texts that follow each other into one message', () => {
    const events = encode([
      begin,
      start(0, { type: 'text', text: 'a' }),
      end(0),
      start(1, { type: 'refusal', text: 'b' }),
      end(1),
      finish,
    ])
    expect(events.filter(({ type }) => type === 'response.output_item.done')).toMatchObject([
      { item: { content: [{ text: 'a' }, { refusal: 'b' }] } },
    ])
    expect(events.map(({ content_index: index }) => index).filter((index) => index !== undefined)).toContain(1)
  })

  it('tells citations and log probabilities where they come', () => {
    const events = encode([
      begin,
      { type: 'logprobs-delta', choice: 0, content: [{ token: 'M', logprob: -1 }] },
      start(0, { type: 'text', text: 'M' }),
      grow(0, 'et'),
      { type: 'logprobs-delta', choice: 0, content: [{ token: 'et', logprob: -2 }] },
      {
        type: 'part-delta',
        choice: 0,
        part: 0,
        citation: { url: 'https://met.example/', title: 'Met', origin: 'gemini', raw: {} },
      },
      grow(0, '!'),
      end(0),
      finish,
    ])
    const annotation = { type: 'url_citation', url: 'https://met.example/', title: 'Met', start_index: 0, end_index: 3 }
    const of = (type: string): JsonObject[] => events.filter((event) => event['type'] === `response.${type}`)
    expect(of('output_text.annotation.added')).toMatchObject([{ annotation_index: 0, annotation }])
    expect(of('content_part.done')).toMatchObject([
      { part: { text: 'Met!', annotations: [annotation], logprobs: [{ token: 'M' }, { token: 'et' }] } },
    ])
    expect(
      of('output_text.delta').flatMap(({ logprobs }) => (logprobs as JsonObject[]).map(({ token }) => token)),
    ).toEqual(['M', 'et'])
  })

  it('tells as text what is spoken, as soon as there are words of it', () => {
    const speak = (part: number, transcript: string): ChatEvent => ({ type: 'part-delta', choice: 0, part, transcript })
    const writing = encoder()
    const events = eventsIn(
      [begin, start(0, { type: 'audio', id: 'a' }), grow(0, 'AAAA'), speak(0, 'Hel'), speak(0, 'lo'), end(0)]
        .concat([start(1, { type: 'audio', id: 'b' }), grow(1, 'AAAA'), end(1), finish])
        .map((event) => writing.push(event))
        .join('') + writing.end(),
    )
    expect(outline(events).slice(4, 7)).toEqual([
      ['output_text.delta', 0, 'Hel'],
      ['output_text.delta', 0, 'lo'],
      ['output_text.done', 0, 'Hello'],
    ])
    expect(writing.lost.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'adapted choices[0].content[0]',
      'dropped choices[0].content[1]',
    ])
  })

  it('says of an answer that was cut off which item is not whole', () => {
    const events = encode([
      begin,
      start(0, { type: 'text', text: 'a' }),
      end(0),
      start(1, { type: 'tool-call', id: 'x', name: 'f', arguments: '{"a' }),
      end(1),
      { ...finish, finish: { reason: 'length' } },
      { type: 'response-end' },
    ])
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'completed' }, { status: 'incomplete' }],
      },
    })
  })

  it('ends in the error that broke it off, twice: as an event and as the response that failed', () => {
    const writing = encoder()
    const text = writing.push(begin) + writing.push(start(0, { type: 'text', text: 'Hel' }))
    const before = eventsIn(text).length
    const events = eventsIn(writing.fault(new Fault('provider_rate_limited', 'Too many.')))
    expect(events).toMatchObject([
      {
        type: 'error',
        sequence_number: before,
        message: 'Too many.',
        code: 'provider_rate_limited',
        error: { message: 'Too many.', type: 'rate_limit_exceeded', code: 'provider_rate_limited', param: null },
      },
      {
        type: 'response.failed',
        sequence_number: before + 1,
        response: {
          id: 'resp_ex_0abc',
          status: 'failed',
          error: { code: 'rate_limit_exceeded', message: 'Too many.' },
          output: [{ content: [{ text: 'Hel' }], status: 'incomplete' }],
        },
      },
    ])
    expect(writing.fault(new Fault('internal_error', 'x')) + writing.push(grow(0, 'x')) + writing.end()).toBe('')
  })

  it('reports once what it cannot say', () => {
    const writing = encoder()
    for (const event of [
      begin,
      start(0, { type: 'video', source: { kind: 'url', url: 'https://media.example/' } }),
      { type: 'opaque-event', origin: 'gemini', event: 'x', value: {} },
      { type: 'opaque-event', origin: 'gemini', event: 'x', value: {} },
      { type: 'logprobs-delta', choice: 0, refusal: [{ token: 'x', logprob: 0 }] },
      { type: 'choice-end', choice: 1, finish: { reason: 'stop' } },
      finish,
    ] satisfies ChatEvent[])
      writing.push(event)
    writing.end()
    expect(writing.lost.map(({ path }) => path)).toEqual([
      'choices[0].content[0]',
      'events.x',
      'choices[0].logprobs.refusal',
      'choices[1]',
    ])
  })
})

const data = (json: JsonValue): string => `data: ${JSON.stringify(json)}\n\n`
const created = data({ type: 'response.created', response: { id: 'r', model: 'm', output: [] } })
const completed = (output: JsonObject[] = []): string =>
  data({ type: 'response.completed', response: { id: 'r', model: 'm', status: 'completed', output } })

function decode(text: string): ChatEvent[] {
  const decoder = new ResponseStreamDecoder()
  return [...decoder.push(Buffer.from(text)), ...decoder.end()]
}

const partsOf = (text: string): unknown =>
  foldChat(decode(text)).choices[0]?.parts.map((part) =>
    part.type === 'tool-call'
      ? [part.id, part.arguments]
      : part.type === 'text' || part.type === 'reasoning'
        ? part.text
        : part.type,
  )

describe('decoding a stream of a service that', () => {
  const item = (json: JsonObject): string => data({ type: 'response.output_item.added', output_index: 0, item: json })
  const msg = item({ id: 'm', type: 'message', role: 'assistant', content: [] })
  const delta = (text: string, more: JsonObject = {}): string =>
    data({ type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'm', delta: text, ...more })

  it('announces no parts', () => {
    expect(partsOf(created + msg + delta('a') + delta('b') + completed())).toEqual(['ab'])
  })

  it('gives an item another id in every event', () => {
    expect(partsOf(created + msg + delta('a', { item_id: 'n' }) + delta('b', { item_id: 'o' }) + completed())).toEqual([
      'ab',
    ])
  })

  it('tells no positions', () => {
    const bare = data({ type: 'response.output_text.delta', item_id: 'm', delta: 'a' })
    const added = data({ type: 'response.output_item.added', item: { id: 'm', type: 'message', content: [] } })
    expect(partsOf(created + added + bare + bare + completed())).toEqual(['aa'])
  })

  it('tells more in the end than in its pieces', () => {
    const done = data({
      type: 'response.output_item.done',
      output_index: 0,
      item: { id: 'm', type: 'message', content: [{ type: 'output_text', text: 'abc' }] },
    })
    expect(partsOf(created + msg + delta('ab') + done + completed())).toEqual(['abc'])
    expect(
      partsOf(
        created +
          item({ id: 'f', type: 'function_call', call_id: 'x', name: 'n', arguments: '' }) +
          completed([{ id: 'f', type: 'function_call', call_id: 'x', name: 'n', arguments: '{}' }]),
      ),
    ).toEqual([['x', '{}']])
  })

  it('begins with none of the events that begin a stream', () => {
    expect(decode(msg + delta('a') + completed())[0]).toMatchObject({ type: 'response-start', id: '' })
  })

  it('keeps the connection alive with events', () => {
    expect(
      decode(created + data({ type: 'keepalive', sequence_number: 1 }) + completed()).map(({ type }) => type),
    ).toEqual(['response-start', 'ping', 'choice-end', 'response-end'])
  })

  it('ends it with no word of how, or of a kind that nobody knows', () => {
    const ending = (type: string, response: JsonObject): unknown =>
      decode(created + data({ type, response })).find((event) => event.type === 'choice-end')
    expect(ending('response.completed', { output: [] })).toMatchObject({ finish: { reason: 'stop' } })
    expect(ending('response.incomplete', { incomplete_details: { reason: 'content_filter' } })).toMatchObject({
      finish: { reason: 'content-filter' },
    })
    expect(ending('response.incomplete', { incomplete_details: { reason: 'new' } })).toMatchObject({
      finish: { reason: 'other', raw: 'new' },
    })
    expect(ending('response.cancelled', { status: 'cancelled' })).toMatchObject({ finish: { reason: 'other' } })
  })

  it('reports errors in either shape, or as a response that failed', () => {
    const fault = (json: JsonObject): unknown => {
      const last = decode(created + data(json)).at(-1)
      return last?.type === 'error' ? [last.fault.code, last.fault.message, last.fault.upstream?.code] : last
    }
    const error = { code: 'rate_limit_exceeded', message: 'Slow down.', param: null }
    const expected = ['provider_rate_limited', 'Slow down.', 'rate_limit_exceeded']
    expect(fault({ type: 'error', ...error, sequence_number: 2 })).toEqual(expected)
    expect(fault({ type: 'error', error: { type: 'tokens', ...error }, sequence_number: 2 })).toEqual(expected)
    expect(fault({ type: 'error', ...error, error: { message: 'Slow down.', code: null } })).toEqual(expected)
    expect(fault({ error })).toEqual(expected)
    expect(fault({ type: 'response.failed', response: { status: 'failed', error } })).toEqual(expected)
  })

  it('is asked for events of this protocol, and answers with those of another', () => {
    const chunk = data({ object: 'chat.completion.chunk', choices: [] })
    expect(decode(chunk)).toMatchObject([{ type: 'error', fault: { code: 'provider_malformed' } }])
  })
})

it('shows own clients the work of built-in tools as the service told it, numbered anew', () => {
  const at = { output_index: 0, item_id: 'ws_1' }
  const search = { id: 'ws_1', type: 'web_search_call', status: 'in_progress' }
  const text =
    created +
    data({ type: 'response.output_item.added', output_index: 0, item: search }) +
    data({ type: 'response.web_search_call.searching', ...at, sequence_number: 17 }) +
    data({ type: 'response.output_item.done', output_index: 0, item: { ...search, status: 'completed' } }) +
    completed()
  expect(encode(decode(text)).slice(2)).toMatchObject([
    { type: 'response.output_item.added', output_index: 0, item: search, sequence_number: 2 },
    { type: 'response.web_search_call.searching', ...at, sequence_number: 3 },
    { type: 'response.output_item.done', output_index: 0, item: { ...search, status: 'completed' } },
    { type: 'response.completed', response: { output: [{ ...search, status: 'completed' }] } },
  ])
})

it("takes all that a provider says for the provider's own, another gateway's sealed reasoning included", () => {
  const text = encode([
    begin,
    start(0, { type: 'reasoning', text: 'hm', origin: 'gemini', signature: 's' }),
    end(0),
    finish,
  ])
    .map((event) => data(event))
    .join('')
  const [shown, sealed] = foldChat(decode(text)).choices[0]?.parts ?? []
  expect(shown).toMatchObject({ type: 'reasoning', text: 'hm', origin: 'openai-responses', signature: 'rs_ex_0abc_0' })
  expect(sealed).toMatchObject({ type: 'reasoning', origin: 'openai-responses', signature: 'rs_ex_0abc_0' })
})
