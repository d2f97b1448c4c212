/** Streams of services that only resemble this protocol are read as far as they make sense, and refused where they do not. */
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../model/chat-event.ts'
import { foldChat } from '../../model/fold-chat.ts'
import { begin, end, grow, started, stop, wire } from './fixtures-answers.ts'
import { createDecoder } from './stream-decoder.ts'

function decode(text: string): ChatEvent[] {
  const decoder = createDecoder()
  return [...decoder.push(Buffer.from(text)), ...decoder.end()]
}
const typesOf = (events: readonly ChatEvent[]): string[] => events.map(({ type }) => type)
const last = (events: readonly ChatEvent[]): ChatEvent | undefined => events.at(-1)

describe('a stream that is not quite of the protocol', () => {
  it('may have CR LF, comments, no event names, and no space behind the colon', () => {
    const text = wire([
      started(),
      begin(0, { type: 'text', text: '' }),
      grow(0, { type: 'text_delta', text: 'Hi' }),
      end(0),
      ...stop({ stop_reason: 'end_turn' }),
    ])
    const plain = decode(text)
    for (const variant of [
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n\n', '\n\n: keep-alive\n\n'),
      text.replaceAll(/event: .*\n/g, ''),
      text.replaceAll('data: ', 'data:'),
    ]) {
      expect(decode(variant)).toEqual(plain)
    }
  })

  it('may leave out the beginning of the message and of its blocks', () => {
    const events = decode(
      wire([
        grow(0, { type: 'thinking_delta', thinking: 'Hm' }),
        end(0),
        grow(1, { type: 'text_delta', text: 'Hi' }),
        ...stop({ stop_reason: 'end_turn' }),
      ]),
    )
    expect(foldChat(events).choices[0]).toMatchObject({
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Hi' },
      ],
      finish: { reason: 'stop' },
    })
  })

  it('may give a call its whole input at once', () => {
    const events = decode(
      wire([
        started(),
        begin(0, { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }),
        end(0),
        ...stop({ stop_reason: 'tool_use' }),
      ]),
    )
    expect(foldChat(events).choices[0]?.parts).toMatchObject([{ type: 'tool-call', arguments: '{"a":1}' }])
  })

  it('may give its content with the beginning of the message', () => {
    const events = decode(
      wire([started({ content: [{ type: 'text', text: 'Hi' }] }), ...stop({ stop_reason: 'end_turn' })]),
    )
    expect(foldChat(events).choices[0]?.parts).toEqual([{ type: 'text', text: 'Hi' }])
  })

  it('may have blocks open at once, which end with the message at the latest', () => {
    const events = decode(
      wire([
        started(),
        begin(0, { type: 'text', text: '' }),
        begin(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        grow(1, { type: 'input_json_delta', partial_json: '{}' }),
        grow(0, { type: 'text_delta', text: 'Hi' }),
        ...stop({ stop_reason: 'tool_use' }),
      ]),
    )
    expect(typesOf(events).slice(-5)).toEqual(
      ['part-end', 'part-end', 'choice-end', 'response-end'].toSpliced(0, 0, 'usage-update'),
    )
    expect(foldChat(events).choices[0]?.parts).toMatchObject([{ text: 'Hi' }, { arguments: '{}' }])
  })

  it('may go on behind its finish, which changes nothing but the usage', () => {
    const [delta, done] = stop({ stop_reason: 'end_turn' })
    const events = decode(
      wire([
        started(),
        delta!,
        begin(0, { type: 'text', text: 'late' }),
        grow(0, { type: 'text_delta', text: 'r' }),
        end(0),
        { ...delta!, usage: { output_tokens: 50 } },
        done!,
        started(),
      ]),
    )
    expect(foldChat(events)).toMatchObject({
      choices: [{ parts: [], finish: { reason: 'stop' } }],
      usage: { output: { total: 50 } },
    })
    expect(last(events)).toEqual({ type: 'response-end' })
  })

  it('may tell null where something is known already', () => {
    const events = decode(
      wire([
        started(),
        ...stop({ stop_reason: 'end_turn' }, { input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 }),
      ]),
    )
    expect(foldChat(events).usage).toMatchObject({
      input: { total: 19, cacheRead: 4, cacheWrite: 3, cacheWrite1h: 2 },
      output: { total: 9 },
    })
  })
})

describe('a stream that cannot be read', () => {
  it.each([
    ['broken JSON', 'data: {"type":\n\n', 'provider_malformed'],
    ['a message without an id', wire([{ type: 'message_start', message: { model: 'm' } }]), 'provider_malformed'],
    [
      'a delta of a call that never began',
      wire([started(), grow(4, { type: 'input_json_delta', partial_json: '{' })]),
      'provider_malformed',
    ],
    [
      'text that is a number',
      wire([started(), begin(0, { type: 'text', text: '' }), grow(0, { type: 'text_delta', text: 7 })]),
      'provider_malformed',
    ],
    [
      'an MCP call whose input is not JSON',
      wire([
        started(),
        begin(0, { type: 'mcp_tool_use', input: {} }),
        grow(0, { type: 'input_json_delta', partial_json: '{' }),
        end(0),
      ]),
      'provider_malformed',
    ],
    [
      'an error',
      wire([{ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } }]),
      'provider_rate_limited',
    ],
    ['an error without anything in it', wire([{ type: 'error' }]), 'provider_error'],
    ['a broken-off message', wire([started(), begin(0, { type: 'text', text: 'a' })]), 'provider_cut'],
    ['nothing', '', 'provider_cut'],
  ])('ends with one error at %s', (_, text, code) => {
    const decoder = createDecoder()
    const events = [
      ...decoder.push(Buffer.from(text)),
      ...decoder.push(Buffer.from(wire([started()]))),
      ...decoder.end(),
    ]
    const cut = code === 'provider_cut' ? decode(text) : events
    expect(typesOf(cut).filter((type) => type === 'error')).toHaveLength(1)
    expect(last(cut)).toMatchObject({ type: 'error', fault: { code } })
    expect(decoder.push(Buffer.from(wire([started()])))).toEqual([])
  })

  it('does not hold a line without end', () => {
    const decoder = createDecoder()
    const line = Buffer.alloc(1024 * 1024, 0x61)
    const events: ChatEvent[] = []
    for (let sent = 0; sent < 12 && events.length === 0; sent++) events.push(...decoder.push(line))
    expect(events).toMatchObject([{ type: 'error', fault: { code: 'provider_malformed' } }])
  })
})
