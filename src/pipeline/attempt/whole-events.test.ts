/** Streams end between two events, whatever the provider was in the middle of. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WholeEvents } from './whole-events.ts'

const blank = /(?:\n\n|\n\r\n|\r\r)$/

function pass(pieces: readonly string[]): { out: string[]; rest: string; atBoundary: boolean } {
  const gate = new WholeEvents()
  const out = pieces.map((piece) => Buffer.from(gate.push(Buffer.from(piece, 'latin1'))).toString('latin1'))
  return { out, atBoundary: gate.atBoundary, rest: Buffer.from(gate.rest()).toString('latin1') }
}

describe('an event stream in whole events', () => {
  it.each([
    ['LF', ['data: a\n', '\ndata: b\n\nda', 'ta: c'], ['', 'data: a\n\ndata: b\n\n', ''], 'data: c'],
    ['CR LF', ['data: a\r\n\r', '\ndata: b\r', '\n\r\n'], ['', 'data: a\r\n\r\n', 'data: b\r\n\r\n'], ''],
    ['CR', ['data: a\r', '\rdata: b'], ['', 'data: a\r\r'], 'data: b'],
  ])('passes with lines that end in %s, wherever it is cut', (_name, pieces, out, rest) => {
    expect(pass(pieces)).toEqual({ out, rest, atBoundary: true })
  })

  it('gives every byte in its order, and nothing that is not followed by a blank line', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\n\n', '\r\n\r\n', 'data: x'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { out, rest } = pass(pieces)
        expect(out.join('') + rest).toBe(pieces.join(''))
        for (const text of out) expect(text === '' || blank.test(text) || text.endsWith('\n')).toBe(true)
        expect(rest).not.toMatch(/\n\n|\n\r\n|\r\r[^]/)
      }),
    )
  })

  it('passes the very bytes that came when they end with an event', () => {
    const bytes = Buffer.from('data: a\n\ndata: b\n\n')
    expect(new WholeEvents().push(bytes)).toBe(bytes)
  })

  it('passes an event too long to hold in pieces, and holds again after it', () => {
    const gate = new WholeEvents()
    const start = `data: ${'x'.repeat(65_536)}`
    expect(gate.push(Buffer.from(start))).toHaveLength(start.length)
    expect(gate.atBoundary).toBe(false)
    expect(Buffer.from(gate.push(Buffer.from('more'))).toString()).toBe('more')
    expect(Buffer.from(gate.push(Buffer.from('\n\ndata: b'))).toString()).toBe('\n\n')
    expect(gate.atBoundary).toBe(true)
    expect(Buffer.from(gate.rest()).toString()).toBe('data: b')
  })
})
