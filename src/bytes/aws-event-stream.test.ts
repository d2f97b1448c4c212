/** AWS's binary event streams: what is written is read back however it is cut, and damage is always found. */
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { AwsEventError } from './aws-event-headers.ts'
import type { AwsEventHeader } from './aws-event-headers.ts'
import { writeAwsEvent } from './aws-event-message.ts'
import type { AwsEventMessage } from './aws-event-message.ts'
import { AwsEventReader } from './aws-event-reader.ts'

const text = (value: string): AwsEventHeader => ({ type: 'string', value })

const header: fc.Arbitrary<AwsEventHeader> = fc.oneof(
  fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
  fc.integer({ min: -0x80, max: 0x7f }).map((value) => ({ type: 'byte' as const, value })),
  fc.integer({ min: -0x8000, max: 0x7fff }).map((value) => ({ type: 'short' as const, value })),
  fc.integer().map((value) => ({ type: 'integer' as const, value })),
  fc
    .tuple(
      fc.constantFrom('long' as const, 'timestamp' as const),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    )
    .map(([type, value]) => ({ type, value })),
  fc.uint8Array({ maxLength: 40 }).map((value) => ({ type: 'bytes' as const, value })),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => text(value.toWellFormed())),
  fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
)
const message: fc.Arbitrary<AwsEventMessage> = fc.record({
  headers: fc
    .uniqueArray(fc.tuple(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }), header), {
      maxLength: 6,
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
  payload: fc.uint8Array({ maxLength: 80 }),
})

function readAll(chunks: Iterable<Uint8Array>): { messages: AwsEventMessage[]; error?: unknown; whole: boolean } {
  const reader = new AwsEventReader()
  const messages: AwsEventMessage[] = []
  try {
    for (const chunk of chunks) messages.push(...reader.push(chunk))
    // What went wrong behind whole messages is told by the next call.
    messages.push(...reader.push(new Uint8Array(0)))
  } catch (error) {
    return { messages, error, whole: reader.atBoundary }
  }
  return { messages, whole: reader.atBoundary }
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => Uint8Array.from(bytes.subarray(at[index], end)))
}

const plain = ({ headers, payload }: AwsEventMessage): unknown => [
  [...headers].map(([name, { type, value }]) => [name, type, typeof value === 'object' ? Array.from(value) : value]),
  Array.from(payload),
]

describe('messages', () => {
  it('are laid out as the specification says', () => {
    const bytes = Buffer.from(writeAwsEvent({ headers: new Map([[':a', text('b')]]), payload: Buffer.from('{}') }))
    const headers = '023a6107000162'
    const prelude = Buffer.from('0000001900000007', 'hex')
    expect(bytes.toString('hex')).toBe(
      prelude.toString('hex') +
        crc32(prelude).toString(16).padStart(8, '0') +
        headers +
        '7b7d' +
        crc32(bytes.subarray(0, -4)).toString(16).padStart(8, '0'),
    )
  })

  it('are read back wherever they are cut, with headers of every type', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map(writeAwsEvent))
        const read = readAll(cut(bytes, cuts))
        expect(read.error).toBeUndefined()
        expect(read.whole).toBe(true)
        expect(read.messages.map(plain)).toEqual(messages.map(plain))
        expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte))).messages).toEqual(read.messages)
      }),
      { numRuns: runs(300) },
    )
  })

  it('are never read wrong when any bit is flipped', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 4 }),
        (messages, place, cuts) => {
          const bytes = Buffer.concat(messages.map(writeAwsEvent))
          const bit = place % (bytes.length * 8)
          const damaged = Uint8Array.from(bytes)
          damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const { messages: read, error } = readAll(cut(damaged, cuts))
          expect(error).toBeInstanceOf(AwsEventError)
          expect(read.map(plain)).toEqual(messages.slice(0, read.length).map(plain))
        },
      ),
      { numRuns: runs(500) },
    )
  })

  it('never hang or throw anything else on bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 4 }), (bytes, cuts) => {
        const { error, messages } = readAll(cut(bytes, cuts))
        if (bytes.length >= 12) expect(error).toBeInstanceOf(AwsEventError)
        expect(messages).toEqual([])
      }),
    )
  })

  it('say nothing while they are half there, and that they are', () => {
    const bytes = writeAwsEvent({ headers: new Map(), payload: Buffer.from('hello') })
    for (let length = 1; length < bytes.length; length++) {
      expect(readAll([bytes.subarray(0, length)])).toEqual({ messages: [], whole: false })
    }
  })
})

describe('what is out of bounds', () => {
  /** A prelude whose checksum is right, whatever its lengths. */
  const prelude = (length: number, headers: number): Uint8Array => {
    const bytes = Buffer.alloc(12)
    bytes.writeUInt32BE(length, 0)
    bytes.writeUInt32BE(headers, 4)
    bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
    return bytes
  }
  /** A message whose checksums are right, whatever its headers. */
  const withHeaders = (headers: Uint8Array): Uint8Array => {
    const bytes = Buffer.concat([prelude(16 + headers.length, headers.length), headers, Buffer.alloc(4)])
    bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
    return bytes
  }

  it.each([
    ['a message longer than 16 MiB', prelude(16 * 1024 * 1024 + 1, 0), /at most 16777216 are accepted/],
    ['headers longer than 128 KiB', prelude(1024 * 1024, 128 * 1024 + 1), /at most 131072 are accepted/],
    ['a message too short for itself', prelude(15, 0), /cannot have 0 bytes of headers/],
    ['headers longer than their message', prelude(20, 5), /cannot have 5 bytes of headers/],
    ['a wrong checksum of lengths', Buffer.alloc(12, 1), /checksum of a prelude/],
    ['a web page', Buffer.from('<html>Bad gateway</html>'), /not an event stream/],
    ['a header without a name', withHeaders(Uint8Array.of(0, 0)), /has no name/],
    ['a header twice', withHeaders(Uint8Array.of(1, 97, 0, 1, 97, 1)), /"a" appears twice/],
    ['a header of no type', withHeaders(Uint8Array.of(1, 97, 10)), /type 10/],
    ['a header that is cut', withHeaders(Uint8Array.of(1, 97, 7, 0, 9, 98)), /in the middle of one/],
    ['a header that is not UTF-8', withHeaders(Uint8Array.of(1, 97, 7, 0, 1, 0xff)), /not valid UTF-8/],
  ])('is refused in words: %s', (_name, bytes, words) => {
    expect(readAll([bytes]).error).toMatchObject({ name: 'AwsEventError', message: expect.stringMatching(words) })
  })

  it('is told after the messages before it, and ever after', () => {
    const reader = new AwsEventReader()
    const good = writeAwsEvent({ headers: new Map(), payload: Buffer.from('good') })
    expect(reader.push(Buffer.concat([good, Buffer.alloc(12, 1)]))).toHaveLength(1)
    expect(() => reader.push(good)).toThrow(AwsEventError)
    expect(() => reader.push(good)).toThrow(AwsEventError)
  })

  it.each<[string, AwsEventMessage]>([
    ['a name of 256 bytes', { headers: new Map([['n'.repeat(256), text('')]]), payload: new Uint8Array(0) }],
    ['no name', { headers: new Map([['', text('')]]), payload: new Uint8Array(0) }],
    ['a value of 64 KiB', { headers: new Map([['a', text('v'.repeat(65_536))]]), payload: new Uint8Array(0) }],
    [
      'headers of 128 KiB',
      {
        headers: new Map(['a', 'b', 'c'].map((name) => [name, text('v'.repeat(60_000))])),
        payload: new Uint8Array(0),
      },
    ],
    ['a number out of range', { headers: new Map([['a', { type: 'byte', value: 128 }]]), payload: new Uint8Array(0) }],
    ['what is no UUID', { headers: new Map([['a', { type: 'uuid', value: 'a-b' }]]), payload: new Uint8Array(0) }],
    ['a payload of 16 MiB', { headers: new Map(), payload: new Uint8Array(16 * 1024 * 1024) }],
  ])('is not written: %s', (_name, one) => {
    expect(() => writeAwsEvent(one)).toThrow(AwsEventError)
  })
})
