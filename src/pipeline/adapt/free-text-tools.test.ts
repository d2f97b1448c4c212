/** Calls of custom tools come back as such, whatever their text is and however its object is cut in the stream. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { withFreeText } from './free-text-tools.ts'

const request: ChatRequest = {
  model: 'm',
  stream: true,
  messages: [],
  tools: [
    { type: 'custom', name: 'sql' },
    { type: 'function', name: 'f', parameters: { type: 'object' } },
  ],
}
const reshaper = withFreeText({ request, lost: [] }, request).reshaper

/** The text of the call, as the events tell it that its object came in. */
function streamed(pieces: readonly string[], name = 'sql'): { kind?: string; text: string } {
  const events = reshaper?.events()
  const push = (event: ChatEvent): ChatEvent[] => events?.push(event) ?? []
  const told = [
    ...push({ type: 'part-start', choice: 0, part: 0, value: { type: 'tool-call', id: 'c', name, arguments: '' } }),
    ...pieces.flatMap((text) => push({ type: 'part-delta', choice: 0, part: 0, text })),
    ...push({ type: 'part-end', choice: 0, part: 0 }),
    ...push({ type: 'choice-end', choice: 0, finish: { reason: 'tool-calls' } }),
  ]
  const [first] = told
  const kind = first?.type === 'part-start' && first.value.type === 'tool-call' ? first.value.kind : undefined
  const texts = told.map((event) =>
    event.type === 'part-delta'
      ? event.text
      : event.type === 'part-start' && event.value.type === 'tool-call'
        ? event.value.arguments
        : '',
  )
  // As they are sent: half of a character in one of them would be lost.
  for (const text of texts) expect(text?.isWellFormed()).toBe(true)
  return { ...(kind !== undefined && { kind }), text: texts.join('') }
}

function whole(json: string): unknown {
  const answer: ChatResponse = {
    id: 'r',
    model: 'm',
    choices: [{ index: 0, parts: [{ type: 'tool-call', id: 'c', name: 'sql', arguments: json }] }],
  }
  const [part] = reshaper?.response(answer).choices[0]?.parts ?? []
  return part
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((one, other) => one - other)
  return [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length))
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'u', 'é', '🗼', '}') }),
)
const escaped = (json: string): string =>
  json.replaceAll(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

describe('a call of a custom tool', () => {
  it('has the text of its object, whole and in pieces', () => {
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (text, places, spaced, escapes) => {
          const plain = JSON.stringify({ input: text }, undefined, spaced ? 1 : undefined)
          // A cut within a character would be none of the service's.
          const json = escapes ? escaped(plain) : plain
          const pieces = escapes
            ? cut(json, places)
            : cut(json, places).every((piece) => piece.isWellFormed())
              ? cut(json, places)
              : [json]
          expect(streamed(pieces)).toEqual({ kind: 'custom', text })
          expect(whole(json)).toMatchObject({ kind: 'custom', arguments: text })
        },
      ),
    )
  })

  it('is told as it comes', () => {
    const events = reshaper?.events()
    events?.push({
      type: 'part-start',
      choice: 0,
      part: 0,
      value: { type: 'tool-call', id: 'c', name: 'sql', arguments: '' },
    })
    expect(events?.push({ type: 'part-delta', choice: 0, part: 0, text: '{"input":"SELECT' })).toMatchObject([
      { text: 'SELECT' },
    ])
  })

  it('is left as it is where the model wrote something else', () => {
    for (const json of ['{"query":"x"}', 'SELECT 1', '{"input":5}', '{"inp'])
      expect(streamed([json])).toEqual({ kind: 'custom', text: json })
  })

  it('takes members in any order, and leaves functions alone', () => {
    expect(streamed(['{"note":1,', '"input":"x"}']).text).toBe('x')
    expect(streamed(['{"input":"x"}'], 'f')).toEqual({ text: '{"input":"x"}' })
  })

  it('is nothing that a request without such tools is reshaped for', () => {
    expect(withFreeText({ request, lost: [] }, { ...request, tools: [] }).reshaper).toBeUndefined()
  })
})
