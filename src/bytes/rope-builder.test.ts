/** What arrives in pieces of any size is gathered whole, in memory that is in proportion to it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RopeBuilder } from './rope-builder.ts'

const size = fc.oneof(fc.nat(20), fc.constantFrom(1448, 4096, 16_383, 16_384, 65_000, 65_536, 100_000))

function gather(pieces: readonly Uint8Array[]): RopeBuilder {
  const builder = new RopeBuilder()
  for (const piece of pieces) builder.add(piece)
  return builder
}

describe('a rope that is gathered', () => {
  it('has what arrived', () => {
    fc.assert(
      fc.property(fc.array(size, { maxLength: 12 }), (sizes) => {
        const pieces = sizes.map((length, index) => Buffer.alloc(length, index + 1))
        const builder = gather(pieces)
        expect(builder.build().whole().equals(Buffer.concat(pieces))).toBe(true)
      }),
    )
  })

  it('has few pieces and little memory, however small the pieces were that it came in', () => {
    for (const [count, length] of [
      [200_000, 1],
      [1000, 1448],
      [40, 16_384],
      [400, 3],
    ] as const) {
      const rope = gather(Array.from({ length: count }, () => Buffer.alloc(length))).build()
      const views = rope.views(0, rope.length)
      expect(views.length).toBeLessThanOrEqual(Math.max(6, rope.length / 16_384 + 6))
      const held = new Map(views.map(({ buffer }) => [buffer, buffer.byteLength]))
      expect([...held.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2 * rope.length + 8192)
    }
  })

  it('keeps large pieces as they came, and puts small ones between them together', () => {
    const large = Buffer.alloc(20_000, 1)
    const views = gather([large, Buffer.from('a'), Buffer.from('b')])
      .build()
      .views(0, 20_002)
    expect(views.map(({ length }) => length)).toEqual([20_000, 2])
    expect(views[0]?.buffer).toBe(large.buffer)
  })
})
