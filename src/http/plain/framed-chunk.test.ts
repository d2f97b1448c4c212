/** Chunks are what Node would write. */
import { describe, expect, it } from 'vitest'
import { framedChunk } from './framed-chunk.ts'

describe('a chunk', () => {
  it.each([1, 15, 16, 17, 255, 256, 4095, 4096, 65_535, 65_536, 1_048_576])(
    'of %i bytes has its size before it',
    (size) => {
      const bytes = Buffer.alloc(size, 'x')
      expect(
        framedChunk(bytes).equals(Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])),
      ).toBe(true)
    },
  )
})
