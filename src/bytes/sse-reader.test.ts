// Checks the event-stream reader against a plain reading of the rules on the whole text, however the bytes are cut.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { type SseEvent, SseLineTooLongError, SseReader } from './sse-reader.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function readAll(chunks: readonly Uint8Array[], end = true): SseEvent[] {
  const reader = new SseReader()
  const events = chunks.flatMap((chunk) => reader.push(chunk))
  return end ? [...events, ...reader.end()] : events
}

const read = (text: string): SseEvent[] => readAll([encode(text)], false)

/** The rules, line by line on the whole text, ended by a blank line as `end()` does it. */
function reference(bytes: Uint8Array): SseEvent[] {
  const text = new TextDecoder('utf-8').decode(bytes)
  const events: SseEvent[] = []
  let fields: { event?: string; id?: string; retry?: number } = {}
  let data: string[] = []
  for (const line of [...text.split(/\r\n|\n|\r/), '']) {
    if (line === '') {
      if (data.length > 0) events.push({ ...fields, data: data.join('\n') })
      fields = {}
      data = []
      continue
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? []
    if (name === 'data') data.push(value)
    if (name === 'event') {
      delete fields.event
      if (value !== '') fields.event = value
    }
    if (name === 'id' && !value.includes('\0')) fields.id = value
    if (name === 'retry' && /^[0-9]+$/.test(value) && Number.isSafeInteger(Number(value))) fields.retry = Number(value)
  }
  return events
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const points = [0, ...cuts.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return points.slice(1).map((point, index) => bytes.slice(points[index], point))
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n')
const line = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((value) => `data: ${value}`) },
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom('data', 'data:', 'data:  two spaces', 'data : no field', ' data: x', 'datax: y', '\uFEFFdata: bom'),
  fc.constantFrom('event: ping', 'event:', 'event', 'event:a:b', 'eventual: x', ': comment', ':', 'unknown: x', 'x'),
  fc.constantFrom('id: 7', 'id:', 'id', 'id: a\0b', 'retry: 30', 'retry: -1', 'retry: 3s', 'retry:', 'retry: 1e3'),
  fc.constantFrom('retry: 99999999999999999999', 'data: 日本 🎈 é', 'data: {"a":"b"}'),
)
const stream = fc
  .tuple(fc.constantFrom('', '\uFEFF', '\uFEFF\uFEFF'), fc.array(fc.tuple(line, lineEnd), { maxLength: 12 }), line)
  .map(([bom, lines, last]) => encode(bom + lines.map(([text, end]) => text + end).join('') + last))
const noise = fc
  .array(fc.constantFrom(0x0a, 0x0d, 0x3a, 0x20, 0x64, 0xc3, 0xa9, 0xe2, 0x82, 0xf0, 0x9f, 0xef, 0xbb, 0xbf, 0xff), {
    maxLength: 24,
  })
  .map((bytes) => Uint8Array.from([...encode('data:'), ...bytes]))
const bytes = fc.oneof(stream, noise, fc.uint8Array({ maxLength: 64 }))

describe('SseReader, by the rules', () => {
  it('reads what the rules say, on any bytes cut anywhere', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
        expect(readAll(cut(whole, cuts))).toEqual(reference(whole))
      }),
      { numRuns: runs(3000) },
    )
  })

  it('reads the same when every byte comes alone', () => {
    fc.assert(
      fc.property(bytes, (whole) => {
        expect(readAll(Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(reference(whole))
      }),
      { numRuns: runs(500) },
    )
  })

  it('gives every event as soon as its blank line is there', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), lineEnd, (texts, end) => {
        const reader = new SseReader()
        for (const text of texts) {
          const data = text.replaceAll(/[\r\n]/g, '')
          expect(reader.push(encode(`data: ${data}${end}`))).toEqual([])
          expect(reader.push(encode(end))).toEqual([{ data }])
        }
      }),
    )
  })

  it.each<[string, string, SseEvent[]]>([
    ['one event', 'data: {"a":1}\n\n', [{ data: '{"a":1}' }]],
    ['an event type', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['the type of its own event only', 'event: a\ndata: 1\n\ndata: 2\n\n', [{ event: 'a', data: '1' }, { data: '2' }]],
    ['the id of its own event only', 'id: 1\ndata: 1\n\ndata: 2\n\n', [{ data: '1', id: '1' }, { data: '2' }]],
    ['an empty id', 'id\ndata: 1\n\n', [{ data: '1', id: '' }]],
    ['no id with NUL', 'id: a\0\ndata: 1\n\n', [{ data: '1' }]],
    ['a retry time', 'retry: 0250\ndata: 1\n\n', [{ data: '1', retry: 250 }]],
    ['no retry time but digits', 'retry: 1.5\nretry: x\nretry: ٣\ndata: 1\n\n', [{ data: '1' }]],
    ['lines of data joined', 'data: a\ndata:\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['empty data', 'data\n\n', [{ data: '' }]],
    ['one space less, and only one', 'data:   x \n\n', [{ data: '  x ' }]],
    ['a tab as it stands', 'data:\tx\n\n', [{ data: '\tx' }]],
    ['nothing without data', 'event: a\nid: 1\n\n: comment\n\n', []],
    ['nothing of an unfinished event', 'data: a\n', []],
    ['CR as a line end', 'data: a\rdata: b\r\r', [{ data: 'a\nb' }]],
    ['CRLF as a line end', 'data: a\r\ndata: b\r\n\r\n', [{ data: 'a\nb' }]],
    [
      'line ends of all kinds in one stream',
      'data: a\rdata: b\ndata: c\r\n\ndata: d\n\r',
      [{ data: 'a\nb\nc' }, { data: 'd' }],
    ],
    ['no mark at the start', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['marks elsewhere as text', 'data: \uFEFFa\n\uFEFFdata: b\n\n', [{ data: '\uFEFFa' }]],
    ['other line separators as text', 'data: a\u2028b\u0085c\vd\n\n', [{ data: 'a\u2028b\u0085c\vd' }]],
  ])('reads %s', (_name, text, events) => {
    expect(read(text)).toEqual(events)
    expect(
      readAll(
        Array.from(encode(text), (byte) => Uint8Array.of(byte)),
        false,
      ),
    ).toEqual(events)
  })

  it('replaces what is not UTF-8', () => {
    const bad = Uint8Array.from([...encode('data: a'), 0xff, 0xe2, 0x82, ...encode('\n\n')])
    expect(readAll([bad])).toEqual([{ data: 'a\uFFFD\uFFFD' }])
  })
})

describe('SseReader at the end of a stream', () => {
  it.each<[string, string, SseEvent[]]>([
    ['an event without its blank line', 'data: a\n', [{ data: 'a' }]],
    ['an event without its line end', 'event: x\ndata: a\ndata: [DONE]', [{ event: 'x', data: 'a\n[DONE]' }]],
    ['nothing of a stream that ended well', 'data: a\n\n', []],
    ['nothing where there is no data', 'event: x', []],
  ])('delivers %s', (_name, text, events) => {
    const reader = new SseReader()
    reader.push(encode(text))
    expect(reader.end()).toEqual(events)
    expect(reader.end()).toEqual([])
    expect(reader.atBoundary).toBe(true)
  })

  it('is ready for another stream', () => {
    const reader = new SseReader()
    reader.push(encode('\uFEFFdata: a\r'))
    expect(reader.end()).toEqual([{ data: 'a' }])
    expect(reader.push(encode('\n\uFEFFdata: b\n\n\uFEFFdata: c\n\n'))).toEqual([])
    expect(reader.push(encode('data: d\n\n'))).toEqual([{ data: 'd' }])
    reader.end()
    expect(reader.push(encode('\uFEFFdata: e\n\n'))).toEqual([{ data: 'e' }])
  })
})

describe('SseReader between events', () => {
  it.each<[boolean, string]>([
    [true, ''],
    [true, 'data: a\n\n'],
    [true, 'data: a\r\r'],
    [true, ': comment\n'],
    [true, 'event: a\n\n'],
    [false, ': comm'],
    [false, 'd'],
    [false, 'data: a\n'],
    [false, 'event: a\n'],
    [false, 'id: a\n'],
    [false, 'retry: 1\n'],
    [false, 'data: a\n\ndata'],
  ])('says %s to a boundary after %j', (boundary, text) => {
    const reader = new SseReader()
    reader.push(encode(text))
    expect(reader.atBoundary).toBe(boundary)
  })

  it('lets another event in at a boundary without changing any', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (whole, at) => {
        const point = at % (whole.length + 1)
        const reader = new SseReader()
        reader.push(whole.slice(0, point))
        fc.pre(reader.atBoundary && point > 3)
        const expected = reference(whole)
        const mixed = readAll([whole.slice(0, point), encode('data: let in\n\n'), whole.slice(point)])
        expect(mixed.filter(({ data }) => data !== 'let in')).toEqual(expected)
        expect(mixed.length).toBe(expected.length + 1)
      }),
      { numRuns: runs(500) },
    )
  })
})

describe('SseReader and its limit', () => {
  const inPieces = (whole: Uint8Array, size: number): Uint8Array[] =>
    Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.slice(index * size, (index + 1) * size))

  it.each([1, 3, 7, 1000])('takes a line as long as the limit and no longer one, in pieces of %d bytes', (size) => {
    for (const [text, fits] of [
      [`data: ${'x'.repeat(14)}\n\n`, true],
      [`data: ${'x'.repeat(15)}\n\n`, false],
      [`: ${'é'.repeat(9)}\r\n\r\n`, true],
      [`: ${'é'.repeat(10)}\r\n\r\n`, false],
      [`data: ${'x'.repeat(15)}`, false],
    ] as const) {
      const reader = new SseReader({ maxLineBytes: 20 })
      const run = (): unknown => [
        ...inPieces(encode(text), size).flatMap((piece) => reader.push(piece)),
        ...reader.end(),
      ]
      if (fits) expect(run).not.toThrow()
      else expect(run).toThrow(SseLineTooLongError)
    }
  })

  it.each([1, 5, 1000])('takes data as long as the limit and no longer, in pieces of %d bytes', (size) => {
    for (const [lines, fits] of [
      [['0123456789', '012345678'], true],
      [['0123456789', '0123456789'], false],
      [['éé', 'éé', 'éé', 'éé', 'x'], false],
      [['éé', 'éé', 'éé', 'éé', ''], true],
      [Array<string>(21).fill(''), true],
      [Array<string>(22).fill(''), false],
    ] as const) {
      const reader = new SseReader({ maxLineBytes: 20 })
      const whole = encode(`${lines.map((text) => `data: ${text}\n`).join('')}\n`)
      const run = (): SseEvent[] => inPieces(whole, size).flatMap((piece) => reader.push(piece))
      if (fits) expect(run()).toEqual([{ data: lines.join('\n') }])
      else expect(run).toThrow(SseLineTooLongError)
    }
  })

  it('counts the data of each event anew', () => {
    const reader = new SseReader({ maxLineBytes: 20 })
    const text = `data: ${'x'.repeat(14)}\n\n`.repeat(50)
    expect(reader.push(encode(text))).toHaveLength(50)
    const lines = `data: ${'x'.repeat(9)}\n`
    expect(reader.push(encode(`${lines}${lines}\n`))).toHaveLength(1)
    expect(() => reader.push(encode(`${lines}${lines}${lines}\n`))).toThrow(SseLineTooLongError)
  })

  it('delivers the events before the overlong line, then throws for good', () => {
    const text = `data: a\n\ndata: b\n\ndata: ${'x'.repeat(50)}\n\ndata: c\n\n`
    for (const size of [1, 10, 1000]) {
      const reader = new SseReader({ maxLineBytes: 20 })
      const events: SseEvent[] = []
      expect(() => {
        for (const piece of inPieces(encode(text), size)) events.push(...reader.push(piece))
        events.push(...reader.end())
      }).toThrow(SseLineTooLongError)
      expect(events).toEqual([{ data: 'a' }, { data: 'b' }])
      expect(() => reader.push(encode('data: d\n\n'))).toThrow(SseLineTooLongError)
      expect(() => reader.end()).toThrow(SseLineTooLongError)
    }
  })

  it('takes a line of eight MiB in pieces of one KiB by default, and not one byte more', () => {
    const data = 'x'.repeat(8 * 1024 * 1024 - 6)
    expect(readAll(inPieces(encode(`data: ${data}\n\n`), 1024))).toEqual([{ data }])
    expect(() => readAll(inPieces(encode(`data: ${data}x\n\n`), 1024))).toThrow(SseLineTooLongError)
  })

  it('keeps of an event that does not end its data and not the chunks around it', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const reader = new SseReader()
    const chunk = encode(`data: ${'x'.repeat(100)}\n: ${'y'.repeat(64 * 1024)}\n`)
    collect()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 300; count++) reader.push(chunk)
    collect()
    const kept = process.memoryUsage().heapUsed - before
    expect(kept).toBeLessThan(4 * 1024 * 1024)
    expect(reader.end()[0]?.data).toHaveLength(300 * 101 - 1)
  })

  it('takes linear time for many tiny lines and for many tiny pieces', () => {
    const lines = encode('x\n'.repeat(500_000))
    expect(readAll([lines])).toEqual([])
    const reader = new SseReader()
    const piece = encode('x')
    for (let count = 0; count < 300_000; count++) reader.push(piece)
    expect(reader.atBoundary).toBe(false)
  })
})
