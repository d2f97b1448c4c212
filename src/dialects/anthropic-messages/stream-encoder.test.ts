/** Streams written for clients: the official SDK reads them, whatever order the parts came in. */
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import { describe, expect, it } from 'vitest'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { streams } from './fixtures-answers.ts'
import { unsealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { createDecoder } from './stream-decoder.ts'
import { createEncoder, faultText } from './stream-encoder.ts'

const start: ChatEvent = { type: 'response-start', id: 'chatcmpl-1', model: 'gpt' }
const finish = (reason: 'stop' | 'tool-calls' | 'length' = 'stop'): ChatEvent[] => [
  { type: 'choice-end', choice: 0, finish: { reason } },
  { type: 'usage-update', usage: { input: { total: 10, cacheRead: 4 }, output: { total: 6, reasoning: 2 } } },
  { type: 'response-end' },
]
const open = (part: number, value: Part): ChatEvent => ({ type: 'part-start', choice: 0, part, value })
const grow = (part: number, text: string): ChatEvent => ({ type: 'part-delta', choice: 0, part, text })
const close = (part: number): ChatEvent => ({ type: 'part-end', choice: 0, part })

function encode(events: readonly ChatEvent[]): { text: string; sent: JsonObject[]; lost: readonly Loss[] } {
  const encoder = createEncoder({ model: 'claude-for-client', streamUsage: true })
  const text = [...events.map((event) => encoder.push(event)), encoder.end()].join('')
  const sent = new SseReader().push(Buffer.from(text)).map(({ event, data }) => {
    const json = parsePreciseJson(data) as JsonObject
    expect(event).toBe(json['type'])
    return json
  })
  return { text, sent, lost: encoder.lost }
}

/** The message that the official SDK makes of the stream. */
async function readBySdk(sent: readonly JsonObject[]): Promise<JsonObject> {
  const lines = sent.filter(({ type }) => type !== 'ping').map((event) => `${JSON.stringify(event)}\n`)
  const stream = MessageStream.fromReadableStream(new Blob(lines).stream())
  return JSON.parse(JSON.stringify(await stream.finalMessage())) as JsonObject
}

describe('a stream for clients', () => {
  it('is read by the official SDK, with usage told at its end', async () => {
    const { sent, lost } = encode([
      start,
      open(0, { type: 'text', text: '' }),
      grow(0, 'Hel'),
      grow(0, 'lo'),
      close(0),
      open(1, { type: 'tool-call', id: 'call_1', name: 'f', arguments: '' }),
      grow(1, '{"a"'),
      grow(1, ':[1]}'),
      close(1),
      open(2, { type: 'tool-call', id: 'call.2', name: 'g', arguments: '' }),
      close(2),
      ...finish('tool-calls'),
    ])
    expect(lost).toEqual([])
    expect(await readBySdk(sent)).toMatchObject({
      id: 'chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'claude-for-client',
      content: [
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', id: 'call_1', name: 'f', input: { a: [1] } },
        { type: 'tool_use', id: 'call_2e2', name: 'g', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 4,
        cache_creation_input_tokens: 0,
        output_tokens: 6,
        output_tokens_details: { thinking_tokens: 2 },
      },
    })
    expect(sent[0]).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } })
  })

  it.each(streams.filter(({ streamFolds }) => streamFolds !== undefined))(
    'gives the official SDK $name again',
    async ({ stream, streamFolds }) => {
      const decoder = createDecoder()
      const { sent } = encode([...decoder.push(Buffer.from(stream)), ...decoder.end()])
      const known = sent.filter(
        ({ type, delta }) => type !== 'weather_report' && !JSON.stringify(delta ?? '').includes('_delta","colour'),
      )
      expect(await readBySdk(known)).toMatchObject({
        stop_reason: streamFolds?.['stop_reason'],
        stop_sequence: streamFolds?.['stop_sequence'],
      })
    },
  )

  it('puts parts that overlap one after another, and sends the first at once', () => {
    const encoder = createEncoder({ model: 'm', streamUsage: true })
    const sent = (event: ChatEvent): string[] =>
      new SseReader().push(Buffer.from(encoder.push(event))).map(({ data }) => {
        const { type, index, delta } = JSON.parse(data) as {
          type: string
          index?: number
          delta?: { partial_json?: string }
        }
        return `${type}${index === undefined ? '' : ` ${index}`}${delta?.partial_json === undefined ? '' : ` ${delta.partial_json}`}`
      })
    expect(sent(start)).toEqual([])
    const tool = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '' })
    expect(sent(open(0, tool('a')))).toEqual(['message_start', 'content_block_start 0'])
    expect(sent(open(1, tool('b')))).toEqual([])
    expect(sent(grow(1, '{"b":'))).toEqual([])
    expect(sent(grow(0, '{"a":1}'))).toEqual(['content_block_delta 0 {"a":1}'])
    expect(sent(open(2, tool('c')))).toEqual([])
    expect(sent(close(2))).toEqual([])
    expect(sent(close(0))).toEqual(['content_block_stop 0', 'content_block_start 1', 'content_block_delta 1 {"b":'])
    expect(sent(grow(1, '2}'))).toEqual(['content_block_delta 1 2}'])
    expect(sent({ type: 'choice-end', choice: 0, finish: { reason: 'tool-calls' } })).toEqual([
      'content_block_stop 1',
      'content_block_start 2',
      'content_block_stop 2',
    ])
    expect(sent({ type: 'response-end' })).toEqual(['message_delta', 'message_stop'])
    expect(encoder.end()).toBe('')
  })

  it('shows foreign reasoning as thinking whose signature brings it back', async () => {
    const { sent, lost } = encode([
      start,
      open(0, { type: 'reasoning', text: '', origin: 'openai-chat' }),
      grow(0, 'Hm'),
      { type: 'part-delta', choice: 0, part: 0, signature: 's1' },
      { type: 'part-delta', choice: 0, part: 0, encrypted: 'e1' },
      close(0),
      ...finish(),
    ])
    const { content } = (await readBySdk(sent)) as { content: { signature: string }[] }
    expect(content).toMatchObject([{ type: 'thinking', thinking: 'Hm' }])
    expect(unsealReasoning(content[0]?.signature ?? '')).toEqual({
      origin: 'openai-chat',
      signature: 's1',
      encrypted: 'e1',
    })
    expect(lost).toMatchObject([{ path: 'choices[0].content[0]', kind: 'adapted' }])
  })

  it('makes an object of arguments that are none, and ends those that broke off', async () => {
    const tool = (part: number, args: string, kind?: 'custom'): ChatEvent[] => [
      open(part, { type: 'tool-call', id: `c${part}`, name: 'f', arguments: '', ...(kind && { kind }) }),
      grow(part, args.slice(0, 1)),
      grow(part, args.slice(1)),
      close(part),
    ]
    const { sent, lost } = encode([
      start,
      ...tool(0, '[1,2]'),
      ...tool(1, '{"q":"cut'),
      ...tool(2, '{"a":1}', 'custom'),
      ...finish('length'),
    ])
    const { content } = (await readBySdk(sent)) as { content: JsonObject[] }
    expect(content.map(({ input }) => input)).toEqual([{ input: [1, 2] }, { q: 'cut' }, { input: '{"a":1}' }])
    expect(lost.map(({ path, kind }) => `${kind} ${path}`)).toEqual(
      [0, 1, 2].map((part) => `adapted choices[0].content[${part}].arguments`),
    )
  })

  it('reports once what it has no place for', () => {
    const { sent, lost } = encode([
      start,
      { type: 'logprobs-delta', choice: 0, content: [] },
      { type: 'logprobs-delta', choice: 0, content: [] },
      { type: 'part-start', choice: 1, part: 0, value: { type: 'text', text: 'b' } },
      { type: 'part-delta', choice: 1, part: 0, text: 'c' },
      { type: 'opaque-event', origin: 'gemini', event: 'x', value: {} },
      { type: 'opaque-event', origin: 'gemini', event: 'x', value: {} },
      open(0, { type: 'image', source: { kind: 'url', url: 'u' } }),
      close(0),
      ...finish(),
    ])
    expect(lost.map(({ path }) => path)).toEqual([
      'choices[0].logprobs',
      'choices[1]',
      'events.x',
      'choices[0].content[0]',
    ])
    expect(JSON.stringify(sent)).not.toContain('content_block')
  })

  it('gives audio as the text that was spoken', async () => {
    const { sent } = encode([
      start,
      open(0, { type: 'audio', id: 'a', transcript: '' }),
      { type: 'part-delta', choice: 0, part: 0, text: 'UklG', transcript: 'Hel' },
      { type: 'part-delta', choice: 0, part: 0, transcript: 'lo' },
      close(0),
      ...finish(),
    ])
    expect(await readBySdk(sent)).toMatchObject({ content: [{ type: 'text', text: 'Hello' }] })
  })

  it('says that tools are to be run although the provider said it had merely stopped', () => {
    const { text } = encode([
      start,
      open(0, { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }),
      close(0),
      ...finish('stop'),
    ])
    expect(text).toContain('"stop_reason":"tool_use"')
  })

  it('closes what the events left open', async () => {
    const { sent } = encode([start, open(0, { type: 'text', text: 'Half' })])
    expect(sent.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(await readBySdk(sent)).toMatchObject({ content: [{ type: 'text', text: 'Half' }], stop_reason: null })
  })

  it('says nothing after an error, and nothing of a stream that never began', () => {
    const fault = new Fault('provider_overloaded', 'Busy')
    const { sent } = encode([
      start,
      open(0, { type: 'text', text: 'Half' }),
      { type: 'error', fault },
      close(0),
      ...finish(),
    ])
    expect(sent.at(-1)).toEqual({
      type: 'error',
      error: { type: 'overloaded_error', message: 'Busy', details: { error_code: 'provider_overloaded' } },
    })
    expect(encode([]).text).toBe('')
    expect(faultText(fault)).toMatch(/^event: error\ndata: .*\n\n$/)
  })
})
