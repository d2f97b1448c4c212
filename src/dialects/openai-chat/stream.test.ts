/** Streams as services really write them: what the decoder puts up with, and what the encoder and the observer make of them. */
import { describe, expect, it } from 'vitest'
import type { ObserveOptions, StreamContext } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { openaiChat } from './index.ts'
import { ChatStreamEncoder } from './stream-encoder.ts'

const { stream: codec } = openaiChat
if (codec === undefined) throw new Error('the dialect has streams')
const decoder = () => codec.decoder()
const observer = (options: ObserveOptions) => codec.observer(options)
const encoder = (context: StreamContext): ChatStreamEncoder => new ChatStreamEncoder(context)

const data = (json: JsonValue): string => `data: ${JSON.stringify(json)}\n\n`
const chunk = (delta: JsonObject, finish: string | null = null, more: JsonObject = {}): string =>
  data({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })
const usageChunk = data({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
})
const done = 'data: [DONE]\n\n'

function decode(text: string): ChatEvent[] {
  const reading = decoder()
  return [...reading.push(Buffer.from(text)), ...reading.end()]
}

const types = (text: string): string[] => decode(text).map((event) => event.type)
const calls = (text: string): unknown =>
  foldChat(decode(text)).choices[0]?.parts.map((part) =>
    part.type === 'tool-call' ? [part.id, part.name, part.arguments] : part.type,
  )
const toolDelta = (...list: JsonObject[]): string => chunk({ tool_calls: list })

describe('decoding a stream', () => {
  it('ends reasoning when text starts, and text when a call starts, so that nobody has to wait', () => {
    const text =
      chunk({ reasoning_content: 'a' }) +
      chunk({ content: 'b' }) +
      toolDelta({ index: 0, id: 'x', function: { name: 'f', arguments: '{}' } })
    const reading = decoder()
    expect(reading.push(Buffer.from(text)).map((event) => event.type)).toEqual([
      'response-start',
      'part-start',
      'part-end',
      'part-start',
      'part-end',
      'part-start',
    ])
  })

  it('ends a call when the next one starts and its arguments are whole, and not before', () => {
    const first = (text: string): JsonObject => ({ index: 0, id: 'x', function: { name: 'f', arguments: text } })
    const second: JsonObject = { index: 1, id: 'y', function: { name: 'g', arguments: '' } }
    const kinds = (text: string): string[] =>
      decoder()
        .push(Buffer.from(text))
        .map((event) => event.type)
    expect(kinds(toolDelta(first('{"a":1}')) + toolDelta(second)).slice(1)).toEqual([
      'part-start',
      'part-end',
      'part-start',
    ])
    expect(kinds(toolDelta(first('{"a":')) + toolDelta(second)).slice(1)).toEqual(['part-start', 'part-start'])
  })

  it('tells calls apart where a service gives them one index, or none', () => {
    const two = [
      ['x', 'f', '{"a":1}'],
      ['y', 'g', '{}'],
    ]
    const end = chunk({}, 'tool_calls')
    expect(
      calls(
        toolDelta(
          { index: 0, id: 'x', function: { name: 'f', arguments: '{"a":1}' } },
          { index: 0, id: 'y', function: { name: 'g', arguments: '{}' } },
        ) + end,
      ),
    ).toEqual(two)
    expect(
      calls(
        toolDelta({ id: 'x', function: { name: 'f', arguments: '{"a"' } }) +
          toolDelta({ function: { arguments: ':1}' } }) +
          toolDelta({ id: 'y', function: { name: 'g', arguments: '{}' } }) +
          end,
      ),
    ).toEqual(two)
    expect(
      calls(
        toolDelta({ index: 0, id: 'x', function: { name: 'f' } }) +
          toolDelta({ index: 1, id: 'y', function: { name: 'g' } }) +
          toolDelta(
            { index: 1, id: 'y', function: { arguments: '{}' } },
            { index: 0, id: 'x', function: { arguments: '{"a":1}' } },
          ) +
          end,
      ),
    ).toEqual(two)
  })

  it('waits for the name of a call, takes arguments that are an object, and makes up a missing id', () => {
    expect(
      calls(
        toolDelta({ index: 0, function: { arguments: '{"a"' } }) +
          toolDelta({ index: 0, function: { name: 'f', arguments: ':1}' } }) +
          chunk({}, 'tool_calls'),
      ),
    ).toEqual([['call_c_0_0', 'f', '{"a":1}']])
    expect(
      calls(toolDelta({ index: 0, id: '', function: { name: 'f', arguments: { a: 1 } } }) + chunk({}, 'tool_calls')),
    ).toEqual([['call_c_0_0', 'f', '{"a":1}']])
  })

  it('takes several kinds of delta in one chunk, in the order of a plain answer', () => {
    const [choice] = foldChat(
      decode(
        chunk(
          {
            content: 'b',
            reasoning_content: 'a',
            tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '{}' } }],
          },
          'tool_calls',
        ) + done,
      ),
    ).choices
    expect(choice?.parts.map((part) => part.type)).toEqual(['reasoning', 'text', 'tool-call'])
  })

  it('puts up with nulls, empty choices, repeated ids, and text after the end', () => {
    const text =
      chunk({
        role: 'assistant',
        content: null,
        tool_calls: null,
        refusal: null,
        reasoning_content: null,
        audio: null,
        function_call: null,
      }) +
      data({ id: 'c', model: 'm', choices: [], usage: null }) +
      chunk({ role: 'assistant', content: 'Hi' }) +
      chunk({}, 'stop') +
      chunk({ content: 'more' }, 'stop') +
      done +
      chunk({ content: 'after' })
    const events = decode(text)
    expect(foldChat(events).choices).toMatchObject([
      { parts: [{ type: 'text', text: 'Hi' }], finish: { reason: 'stop' } },
    ])
    expect(events.at(-1)).toEqual({ type: 'response-end' })
  })

  it('needs no end mark after the last finish reason, and no finish reason before the end mark', () => {
    expect(types(chunk({ content: 'Hi' }, 'stop')).at(-1)).toBe('response-end')
    expect(foldChat(decode(chunk({ content: 'Hi' }) + done)).choices[0]?.finish).toEqual({ reason: 'stop' })
    expect(decode(chunk({ content: 'Hi' })).at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_cut' } })
    expect(decode(done).at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_cut' } })
  })

  it('finds usage in the last chunk, in a chunk of its own, at Groq and at Moonshot', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 }
    for (const last of [
      chunk({}, 'stop', { usage }),
      chunk({}, 'stop') + usageChunk,
      chunk({}, 'stop', { x_groq: { id: 'r', usage } }),
      data({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage }] }),
    ]) {
      expect(foldChat(decode(chunk({ content: 'Hi' }) + last + done)).usage).toMatchObject({
        input: { total: 3 },
        output: { total: 2 },
      })
    }
  })

  it.each<[string, string, string]>([
    ['an error object', data({ error: { message: 'Slow down', type: 'rate_limit_error' } }), 'provider_rate_limited'],
    [
      'an error with its status as code',
      data({
        id: 'c',
        choices: [{ index: 0, delta: {}, finish_reason: 'error' }],
        error: { code: 502, message: 'Slow down' },
      }),
      'provider_error',
    ],
    ['an error as text', data({ error: 'Slow down' }), 'provider_error'],
    [
      'an error event',
      `event: error\n${data({ message: 'Slow down', type: 'invalid_request_error' })}`,
      'provider_rejected',
    ],
    [
      'an error of vLLM',
      data({ object: 'error', message: 'Slow down', type: 'BadRequestError', code: 400 }),
      'provider_rejected',
    ],
    [
      'an error that a gateway sorted',
      data({ error: { message: 'Slow down', type: 'server_error', code: 'provider_stalled' } }),
      'provider_stalled',
    ],
  ])('ends with %s', (_, text, code) => {
    const events = decode(chunk({ content: 'Hi' }) + text + chunk({ content: 'no' }) + done)
    expect(events.at(-1)).toMatchObject({ type: 'error', fault: { code, message: 'Slow down' } })
    const watching = observer({ withholdUsage: false })
    watching.push(Buffer.from(chunk({ content: 'Hi' }) + text))
    expect(watching.facts()).toMatchObject({ complete: false, fault: { code, message: 'Slow down' } })
  })

  it.each<[string, JsonValue]>([
    ['a delta that is none', { id: 'c', choices: [{ index: 0, delta: 'x' }] }],
    ['content that is a number', { id: 'c', choices: [{ index: 0, delta: { content: 5 } }] }],
    ['choices that are no list', { id: 'c', choices: {} }],
    ['an event of another protocol', { type: 'message_start', message: { id: 'x' } }],
  ])('is malformed with %s', (_, json) => {
    expect(decode(data(json)).at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_malformed' } })
  })

  it('does not let a member named __proto__ touch anything', () => {
    const events = decode(
      `data: {"id":"c","model":"m","__proto__":{"polluted":1},"choices":[{"index":0,"__proto__":{"polluted":1},"delta":{"content":"Hi","__proto__":{"polluted":1}},"finish_reason":"stop"}]}\n\n`,
    )
    expect(events.at(-1)?.type).toBe('response-end')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('encoding a stream', () => {
  const encode = (events: readonly ChatEvent[], streamUsage = false): JsonObject[] => {
    const writing = encoder({ model: 'client-model', streamUsage })
    const text = events.map((event) => writing.push(event)).join('') + writing.end()
    expect(text.endsWith(done)).toBe(true)
    return text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)) as JsonObject)
  }
  const start: ChatEvent = { type: 'response-start', id: 'msg_1', model: 'claude', created: 7 }
  const finish: ChatEvent[] = [
    { type: 'choice-end', choice: 0, finish: { reason: 'tool-calls' } },
    { type: 'usage-update', usage: { input: { total: 3 }, output: { total: 2 } } },
    { type: 'response-end' },
  ]

  it('says the role first, the finish before the usage, and the usage only to who asked', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'part-start', choice: 0, part: 0, value: { type: 'text', text: 'Hi' } },
      { type: 'part-end', choice: 0, part: 0 },
      ...finish,
    ]
    const frame = { id: 'msg_1', object: 'chat.completion.chunk', created: 7, model: 'client-model' }
    expect(encode(events)).toEqual([
      {
        ...frame,
        choices: [
          { index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
        ],
      },
      { ...frame, choices: [{ index: 0, delta: { content: 'Hi' }, logprobs: null, finish_reason: null }] },
      { ...frame, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'tool_calls' }] },
    ])
    const asked = encode(events, true)
    expect(asked.slice(0, -1).every((each) => each['usage'] === null)).toBe(true)
    expect(asked.at(-1)).toEqual({
      ...frame,
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    })
  })

  it('numbers parallel calls, and gives one without arguments an empty object', () => {
    const call = (part: number, id: string): ChatEvent => ({
      type: 'part-start',
      choice: 0,
      part,
      value: { type: 'tool-call', id, name: 'f', arguments: '' },
    })
    const deltas = encode([
      start,
      call(0, 'x'),
      call(1, 'y'),
      { type: 'part-delta', choice: 0, part: 1, text: '{"b":1}' },
      { type: 'part-end', choice: 0, part: 1 },
      { type: 'part-end', choice: 0, part: 0 },
      ...finish,
    ]).flatMap((each) =>
      (each['choices'] as { delta: { tool_calls?: JsonValue[] } }[]).flatMap(({ delta }) => delta.tool_calls ?? []),
    )
    expect(deltas).toEqual([
      { index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 1, id: 'y', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 1, function: { arguments: '{"b":1}' } },
      { index: 0, function: { arguments: '{}' } },
    ])
  })

  it('carries signed reasoning so that it comes back with its origin', () => {
    const at = { choice: 0, part: 0 }
    const text = ((): string => {
      const writing = encoder({ model: 'm', streamUsage: false })
      const events: ChatEvent[] = [
        start,
        { type: 'part-start', ...at, value: { type: 'reasoning', text: '', origin: 'anthropic-messages' } },
        { type: 'part-delta', ...at, text: 'be' },
        { type: 'part-delta', ...at, text: 'cause' },
        { type: 'part-delta', ...at, signature: 'sig' },
        { type: 'part-end', ...at },
        {
          type: 'part-start',
          choice: 0,
          part: 1,
          value: { type: 'reasoning', text: '', encrypted: 'DATA', origin: 'anthropic-messages' },
        },
        { type: 'part-end', choice: 0, part: 1 },
        ...finish,
      ]
      return events.map((event) => writing.push(event)).join('')
    })()
    expect(foldChat(decode(text)).choices[0]?.parts).toMatchObject([
      { type: 'reasoning', text: 'because', signature: 'sig', origin: 'anthropic-messages' },
      { type: 'reasoning', text: '', encrypted: 'DATA', origin: 'anthropic-messages' },
    ])
    expect(text.match(/"reasoning_content":"[^"]*"/g)).toEqual([
      '"reasoning_content":"be"',
      '"reasoning_content":"cause"',
    ])
  })

  it('ends with an error where there was one, and says no more', () => {
    const writing = encoder({ model: 'm', streamUsage: true })
    writing.push(start)
    const text = writing.push({ type: 'error', fault: new Fault('provider_cut', 'Broken off.') })
    expect(JSON.parse(text.slice(6))).toEqual({
      error: { message: 'Broken off.', type: 'server_error', param: null, code: 'provider_cut' },
    })
    expect(writing.push({ type: 'response-end' }) + writing.end()).toBe('')
  })

  it('keeps the connection alive with comments', () => {
    expect(encoder({ model: 'm', streamUsage: false }).push({ type: 'ping' })).toBe(': ping\n\n')
  })
})

describe('observing a stream', () => {
  const long =
    chunk({ role: 'assistant', content: '' }) +
    chunk({ content: ' word' }).repeat(2000) +
    chunk({}, 'length') +
    usageChunk +
    done

  it('knows the facts of a stream much longer than what it keeps', () => {
    const watching = observer({ withholdUsage: false })
    const bytes = Buffer.from(long)
    for (let at = 0; at < bytes.length; at += 1000) watching.push(bytes.subarray(at, at + 1000))
    expect(watching.facts()).toMatchObject({
      id: 'c',
      model: 'm',
      usage: { input: { total: 3 }, output: { total: 2 } },
      finish: { reason: 'length' },
      complete: true,
      atBoundary: true,
    })
  })

  it('guesses the output of a stream that ends early, by its events or their length', () => {
    const guess = (text: string): number => {
      const watching = observer({ withholdUsage: false })
      watching.push(Buffer.from(text))
      return watching.facts().estimatedOutput
    }
    expect(guess('')).toBe(0)
    const byEvents = guess(chunk({ role: 'assistant', content: '' }) + chunk({ content: ' word' }).repeat(100))
    expect(byEvents).toBe(100)
    const byLength = guess(chunk({ role: 'assistant', content: '' }) + chunk({ content: 'four'.repeat(500) }))
    expect(byLength).toBeGreaterThan(450)
    expect(byLength).toBeLessThan(550)
  })

  it('withholds the usage chunk however it is cut, and nothing that merely speaks of usage', () => {
    const talk = chunk({ content: 'the "usage":{"a":1} of "choices":[]' }, null, { usage: null })
    const last = chunk({}, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 2 } })
    const bytes = Buffer.from(talk + last + usageChunk + done)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const watching = observer({ withholdUsage: true })
      const out = [bytes.subarray(0, cut), bytes.subarray(cut)]
        .map((piece) => Buffer.from(watching.push(piece)).toString())
        .join('')
      expect(out, `cut at ${cut}`).toBe(talk + last + done)
    }
    const byByte = observer({ withholdUsage: true })
    expect(Buffer.concat(Array.from(bytes, (byte) => Buffer.from(byByte.push(Uint8Array.of(byte))))).toString()).toBe(
      talk + last + done,
    )
  })

  it('lets an event that cannot be the usage chunk through before it is whole', () => {
    const watching = observer({ withholdUsage: true })
    const half = chunk({ content: 'a long text' }).slice(0, -20)
    expect(Buffer.from(watching.push(Buffer.from(half))).toString()).toBe(half)
    expect(watching.push(Buffer.from('data: [DO')).length).toBe(9)
  })
})
