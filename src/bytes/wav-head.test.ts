/** Heads of WAV files: what is written is read back by who tells how long a file sounds. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wavDuration } from './wav-duration.ts'
import { wavHead, wavSoundStart } from './wav-head.ts'

const shapes = fc.record({
  rate: fc.constantFrom(8000, 16_000, 24_000, 44_100, 48_000),
  channels: fc.integer({ min: 1, max: 8 }),
  bits: fc.constantFrom(8, 16, 24, 32),
})

it('tell how long the sound is, and where it begins', () => {
  fc.assert(
    fc.property(shapes, fc.nat(50_000_000), fc.boolean(), (shape, length, known) => {
      const head = wavHead(shape, known ? length : undefined)
      expect(wavSoundStart(head)).toBe(head.length)
      const seconds = (length * 8) / (shape.rate * shape.channels * shape.bits)
      expect(wavDuration(head, head.length + length)).toBe(Math.ceil(seconds * 1000))
    }),
  )
})

it.each([
  '',
  'RIFF',
  'RIFF\0\0\0\0WAVE',
  'RIFF\0\0\0\0WAVEfmt \x10\0\0\0',
  'ID3 and other things that are no WAV file',
])('begin nothing in %j', (text) => {
  expect(wavSoundStart(Buffer.from(text, 'latin1'))).toBeUndefined()
})
