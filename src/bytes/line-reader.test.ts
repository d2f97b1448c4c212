/** Lines of a stream: the same ones wherever it is cut, and none without bounds. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineReader, LineTooLongError } from './line-reader.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

function readAll(reader: LineReader, chunks: Iterable<Uint8Array>): string[] {
  const lines: string[] = []
  for (const chunk of chunks) lines.push(...reader.push(chunk))
  return [...lines, ...reader.end()]
}

/** Copies, so that a reader that keeps a view of a chunk beyond its turn is found out. */
function cutAt(all: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (all.length + 1)).toSorted((a, b) => a - b), all.length]
  return at.slice(1).map((end, index) => Uint8Array.from(all.subarray(at[index], end)))
}

const plainSplit = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '')

const text: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom('\n', '\r\n', '\r', '\n\n', ''), fc.string({ unit: 'grapheme', maxLength: 6 })), {
    maxLength: 20,
  })
  // Halves of surrogate pairs have no bytes of their own.
  .map((pieces) => pieces.join('').toWellFormed())

describe('the reader of lines', () => {
  it('finds what a plain split finds, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 8 }), (whole, cuts) => {
        expect(readAll(new LineReader(), cutAt(bytes(whole), cuts))).toEqual(plainSplit(whole))
      }),
    )
  })

  it('finds it byte by byte, too', () => {
    const whole = '{"a":"é🌍"}\r\n\n{"b":1}\n\r\n{"c"'
    const single = Array.from(bytes(whole), (byte) => Uint8Array.of(byte))
    expect(readAll(new LineReader(), single)).toEqual(['{"a":"é🌍"}', '{"b":1}', '{"c"'])
  })

  it('gives lines as soon as they end, and the last one at the end', () => {
    const reader = new LineReader()
    expect(reader.push(bytes('one\ntwo'))).toEqual(['one'])
    expect(reader.pending).toBe('two')
    expect(reader.push(bytes(''))).toEqual([])
    expect(reader.push(bytes(' more\r'))).toEqual([])
    expect(reader.push(bytes('\nthree'))).toEqual(['two more'])
    expect(reader.end()).toEqual(['three'])
    expect(reader.pending).toBe('')
  })

  it('reads another stream after its end', () => {
    const reader = new LineReader()
    reader.push(bytes('half'))
    reader.end()
    expect(readAll(reader, [bytes('new\n')])).toEqual(['new'])
  })

  it('keeps a carriage return that ends no line', () => {
    expect(readAll(new LineReader(), [bytes('a\rb\n')])).toEqual(['a\rb'])
  })

  it('refuses the first line beyond the bound, whatever its line end and wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 14 }),
        fc.constantFrom('\n', '\r\n', ''),
        fc.array(fc.nat(), { maxLength: 5 }),
        (length, lineEnd, cuts) => {
          const reader = new LineReader({ maxLineBytes: 10 })
          const chunks = cutAt(bytes(`first\n${'x'.repeat(length)}${lineEnd}`), cuts)
          const found: string[] = []
          const read = (): void => {
            for (const chunk of chunks) found.push(...reader.push(chunk))
            found.push(...reader.end())
          }
          if (length <= 10) read()
          else expect(read).toThrow(LineTooLongError)
          expect(found).toEqual(length <= 10 ? ['first', 'x'.repeat(length)] : ['first'])
        },
      ),
    )
  })

  it('says what the bound is, again with every further push', () => {
    const reader = new LineReader({ maxLineBytes: 3 })
    const message = 'a line of the stream is longer than the limit of 3 bytes'
    expect(() => reader.push(bytes('long'))).toThrow(message)
    expect(() => reader.push(bytes('a\n'))).toThrow(message)
    expect(() => reader.end()).toThrow(message)
  })

  it('takes long lines in tiny pieces without copying them again and again', () => {
    const reader = new LineReader()
    const piece = bytes('0123456789abcdef')
    for (let count = 0; count < 65_536; count++) reader.push(piece)
    expect(reader.push(bytes('\n'))[0]).toHaveLength(16 * 65_536)
  })
})
