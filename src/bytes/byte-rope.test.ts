/** A rope reads as the bytes that it is made of, wherever they were cut. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { ByteRope } from './byte-rope.ts'

/** Few different bytes, so that searches find something. */
const bytes = fc.array(fc.constantFrom(0x61, 0x62, 0xe9), { maxLength: 60 }).map((list) => Buffer.from(list))
const rope = fc.tuple(bytes, fc.array(fc.nat(60), { maxLength: 8 })).map(([whole, cuts]) => {
  const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort((a, b) => a - b)
  const pieces = at.slice(1).map((end, index) => whole.subarray(at[index], end))
  return { whole, cut: () => new ByteRope(pieces) }
})

describe('a rope', () => {
  it('has the bytes of its pieces in order', () => {
    fc.assert(
      fc.property(rope, fc.nat(70), fc.nat(70), fc.boolean(), ({ whole, cut }, from, to, joined) => {
        const start = Math.min(from, to, whole.length)
        const end = Math.min(Math.max(from, to), whole.length)
        const read = joined ? new ByteRope(whole) : cut()
        expect(read.length).toBe(whole.length)
        expect(read.byte(from)).toBe(whole[from])
        expect(read.slice(start, end).equals(whole.subarray(start, end))).toBe(true)
        for (const encoding of ['latin1', 'utf8'] as const)
          expect(read.text(encoding, start, end)).toBe(whole.toString(encoding, start, end))
        expect(Buffer.concat(read.views(start, end)).equals(whole.subarray(start, end))).toBe(true)
        const target = Buffer.alloc(whole.length + 3)
        read.copyTo(target)
        expect(target.equals(Buffer.concat([whole, Buffer.alloc(3)]))).toBe(true)
      }),
      { numRuns: runs(1000) },
    )
  })

  it('finds what lies across any number of cuts', () => {
    fc.assert(
      fc.property(rope, fc.stringMatching(/^[abé]{1,6}$/), ({ whole, cut }, text) => {
        expect(cut().includes(text)).toBe(whole.includes(text, 0, 'latin1'))
      }),
      { numRuns: runs(2000) },
    )
  })

  it('becomes one piece when it is asked for whole, and stays the same otherwise', () => {
    fc.assert(
      fc.property(rope, fc.nat(60), ({ whole, cut }, at) => {
        const read = cut()
        expect(read.whole().equals(whole)).toBe(true)
        expect(read.whole()).toBe(read.whole())
        expect(read.byte(at)).toBe(whole[at])
        expect(read.slice(0, at).equals(whole.subarray(0, at))).toBe(true)
      }),
    )
  })

  it('is not copied where one piece has what is asked for', () => {
    const piece = Buffer.from('abc')
    const read = new ByteRope([piece, Buffer.from('def')])
    expect(read.slice(1, 3).buffer).toBe(piece.buffer)
    for (const one of [new ByteRope([piece]), new ByteRope(piece)]) expect(one.whole().buffer).toBe(piece.buffer)
  })
})
