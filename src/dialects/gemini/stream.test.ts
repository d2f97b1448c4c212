/** Streams: how they end, how they fail, and how they are framed. */
import { describe, expect, it } from 'vitest'
import type { StreamContext } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { chunk, errorTail, wire } from './fixtures/streams.ts'
import { gemini } from './index.ts'

const codec = gemini.stream
if (codec === undefined) throw new Error('no streams')

const text = (value: string, more: JsonObject = {}): JsonObject =>
  chunk([{ content: { parts: [{ text: value }], role: 'model' }, index: 0, ...more }])

function decode(bytes: string, size = bytes.length): ChatEvent[] {
  const decoder = codec!.decoder()
  const buffer = Buffer.from(bytes)
  const events: ChatEvent[] = []
  for (let at = 0; at < buffer.length; at += size)
    events.push(...decoder.push(Uint8Array.from(buffer.subarray(at, at + size))))
  return [...events, ...decoder.end()]
}

const encoder = (more: Partial<StreamContext> = {}) => codec.encoder({ model: 'm', streamUsage: true, ...more })
const faultOf = (events: readonly ChatEvent[]): Fault | undefined => {
  const last = events.at(-1)
  return last?.type === 'error' ? last.fault : undefined
}

describe('a stream that fails half-way', () => {
  it.each([1, 7, 4096])(
    'tells the error that stands behind its events as plain JSON, in pieces of %i bytes',
    (size) => {
      const events = decode(wire([text('Half')]) + errorTail, size)
      expect(faultOf(events)).toMatchObject({
        code: 'provider_overloaded',
        upstream: { type: 'UNAVAILABLE', status: 503 },
      })
      expect(events.filter(({ type }) => type === 'error')).toHaveLength(1)
    },
  )

  it.each([`[${errorTail}]`, `[${errorTail}\n]\n`, `${JSON.stringify(JSON.parse(errorTail))}\n`])(
    'tells the error that stands in place of events: %j',
    (bytes) => {
      expect(faultOf(decode(bytes))?.code).toBe('provider_overloaded')
      expect(faultOf(decode(bytes, 3))?.code).toBe('provider_overloaded')
      const observer = codec.observer({ withholdUsage: false })
      observer.push(Buffer.from(bytes))
      expect(observer.facts()).toMatchObject({ complete: false, fault: { code: 'provider_overloaded' } })
    },
  )

  it('does not take broken JSON between events for anything', () => {
    const events = decode(`{"broken":\n${wire([text('Hi', { finishReason: 'STOP' })])}`)
    expect(events.at(-1)?.type).toBe('response-end')
  })

  it('tells readers of events and those of plain JSON alike', () => {
    const out = String(codec.fault(new Fault('provider_cut', 'It broke off.')))
    const [event = '', rest = ''] = out.split('\n\n')
    const error = { code: 502, message: 'It broke off.', status: 'INTERNAL' }
    expect(JSON.parse(event.replace(/^data: /, ''))).toMatchObject({ error })
    expect(rest).not.toBe('')
    expect(JSON.parse(rest)).toMatchObject({ error })
  })
})

describe('a stream that ends', () => {
  it('is complete with its finish reason, though usage may follow', () => {
    const observer = codec.observer({ withholdUsage: false })
    observer.push(Buffer.from(wire([text('Hi')])))
    expect(observer.facts().complete).toBe(false)
    observer.push(Buffer.from(wire([text('!', { finishReason: 'STOP' })])))
    expect(observer.facts()).toMatchObject({ complete: true, finish: { reason: 'stop' } })
    observer.push(Buffer.from(wire([{ usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 99 } }])))
    expect(observer.facts()).toMatchObject({ complete: true, usage: { output: { total: 99 } } })
  })

  it('says nothing more of a candidate that has ended', () => {
    const response = foldChat(decode(wire([text('Hi', { finishReason: 'STOP' }), text('late')])))
    expect(response.choices[0]?.parts).toMatchObject([{ text: 'Hi' }])
  })

  it('is read from one JSON array, too', () => {
    const response = foldChat(decode(JSON.stringify([text('Hi '), text('you', { finishReason: 'STOP' })])))
    expect(response.choices[0]?.parts).toMatchObject([{ text: 'Hi you' }])
  })
})

const start: ChatEvent = { type: 'response-start', id: 'a', model: 'x' }
const end: ChatEvent[] = [
  { type: 'choice-end', choice: 0, finish: { reason: 'stop' } },
  { type: 'usage-update', usage: { input: { total: 1 }, output: { total: 2 } } },
  { type: 'response-end' },
]
const part = (at: number, value: string): ChatEvent[] => [
  { type: 'part-start', choice: 0, part: at, value: { type: 'text', text: '' } },
  { type: 'part-delta', choice: 0, part: at, text: value },
  { type: 'part-end', choice: 0, part: at },
]

describe('a stream of another protocol', () => {
  it('goes out as it comes, with the usage in its last chunk', () => {
    const encode = encoder()
    const out = [start, ...part(0, 'Hi'), ...end].map((event) => encode.push(event))
    expect(out.map((chunk) => chunk.length > 0)).toEqual([false, false, true, false, false, false, true])
    expect(JSON.parse(String(out.at(-1)).slice('data: '.length))).toEqual({
      candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
      modelVersion: 'm',
      responseId: 'a',
    })
    expect(encode.end()).toBe('')
  })

  it('has calls whole, however their arguments came', () => {
    const encode = encoder()
    const call = { type: 'tool-call', id: 'c1', name: 'f', arguments: '' } as const
    const out = [
      start,
      { type: 'part-start', choice: 0, part: 0, value: call },
      ...['{"a', '":', '1}'].map((piece) => ({ type: 'part-delta', choice: 0, part: 0, text: piece })),
      { type: 'part-end', choice: 0, part: 0 },
    ].map((event) => encode.push(event as ChatEvent))
    expect(out.slice(0, -1).join('')).toBe('')
    expect(JSON.parse(String(out.at(-1)).slice('data: '.length))).toMatchObject({
      candidates: [{ content: { parts: [{ functionCall: { id: 'c1', name: 'f', args: { a: 1 } } }] } }],
    })
  })

  it('is closed when all has been said, whether or not the end was declared', () => {
    const encode = encoder()
    for (const event of [start, ...part(0, 'Hi'), ...end.slice(0, 1)]) encode.push(event)
    expect(String(encode.end())).toContain('"finishReason":"STOP"')
  })

  it('is kept alive by nothing that a client could take for a chunk', () => {
    expect(encoder().push({ type: 'ping' })).toBe('\n')
  })
})

describe('a stream as one JSON array', () => {
  const array = { framing: 'json-array' } as const

  it('is one, however it goes on', () => {
    const encode = encoder(array)
    const events: ChatEvent[] = [
      { type: 'ping' },
      start,
      ...part(0, 'Hi'),
      { type: 'ping' },
      ...part(1, ' you'),
      ...end,
    ]
    const out = events.map((event) => encode.push(event)).join('') + String(encode.end())
    expect(out).toMatch(/^\[\{.*\}\r\n,\r\n\{.*\}\]$/s)
    const chunks = JSON.parse(out) as JsonObject[]
    expect(foldChat(decode(wire(chunks))).choices[0]?.parts).toMatchObject([{ text: 'Hi you' }])
    expect(encode.end()).toBe('')
  })

  it('is closed by an error, at its beginning or in its midst', () => {
    const fault = new Fault('provider_overloaded', 'Too much.')
    const error = { error: { code: 503, message: 'Too much.', status: 'UNAVAILABLE' } }
    const early = encoder(array)
    expect(JSON.parse(String(early.fault?.(fault)) + String(early.end()))).toMatchObject([error])
    const late = encoder(array)
    const begun = [start, ...part(0, 'Hi')].map((event) => late.push(event)).join('')
    const out = begun + String(late.fault?.(fault)) + String(late.end())
    expect(JSON.parse(out)).toMatchObject([{ modelVersion: 'm' }, error])
    expect(late.push({ type: 'response-end' })).toBe('')
  })

  it('is an empty one where nothing was said', () => {
    expect(encoder(array).end()).toBe('[]')
  })
})
