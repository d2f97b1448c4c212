// Checks that what the writer writes reads back as it was given, and that nothing can break out of its field.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { type SseEvent, SseReader } from './sse-reader.ts'
import { formatSseComment, formatSseEvent } from './sse-writer.ts'

const read = (text: string): SseEvent[] => new SseReader().push(new TextEncoder().encode(text))

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('a', ' ', '\n', '\r', '\r\n', ':', 'data: x', '\uFEFF')).map((parts) => parts.join('')),
)
const oneLine = text.map((value) => value.replaceAll(/[\r\n\0]/g, ''))
const event = fc.record({ event: oneLine, data: text, id: oneLine, retry: fc.maxSafeNat() }, { requiredKeys: ['data'] })

describe('formatSseEvent', () => {
  it('writes what reads back the same, but for the kind of line ends in data', () => {
    fc.assert(
      fc.property(event, (given) => {
        const expected: SseEvent = { ...given, data: given.data.replaceAll(/\r\n|\r/g, '\n') }
        if (expected.event === '') delete expected.event
        expect(read(formatSseEvent(given))).toEqual([expected])
      }),
      { numRuns: runs(1000) },
    )
  })

  it('writes the common shapes in the common way', () => {
    expect(formatSseEvent({ data: '[DONE]' })).toBe('data: [DONE]\n\n')
    expect(formatSseEvent({ event: 'ping', data: '{}', id: '4', retry: 5 })).toBe(
      'event: ping\nid: 4\nretry: 5\ndata: {}\n\n',
    )
    expect(formatSseEvent({ data: 'a\nb\r\nc\rd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n')
  })

  it.each<SseEvent>([
    { event: 'a\nb', data: '' },
    { event: 'a\rb', data: '' },
    { id: 'a\nb', data: '' },
    { id: 'a\rb', data: '' },
    { id: 'a\0b', data: '' },
    { retry: -1, data: '' },
    { retry: 1.5, data: '' },
    { retry: Number.NaN, data: '' },
    { retry: Infinity, data: '' },
  ])('refuses %j', (given) => {
    expect(() => formatSseEvent(given)).toThrow(RangeError)
  })
})

describe('formatSseComment', () => {
  it('writes nothing that a reader would take for an event or a part of the next one', () => {
    fc.assert(
      fc.property(text, (comment) => {
        const written = formatSseComment(comment)
        expect(written.endsWith('\n\n')).toBe(true)
        expect(read(`${written}data: x\n\n`)).toEqual([{ data: 'x' }])
      }),
    )
    expect(formatSseComment('keep-alive')).toBe(': keep-alive\n\n')
    expect(formatSseComment('')).toBe(': \n\n')
  })
})
