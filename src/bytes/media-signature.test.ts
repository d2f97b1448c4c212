/** What files are by their first bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mediaSignature } from './media-signature.ts'
import { wavDuration } from './wav-duration.ts'

describe('signatures', () => {
  it.each([
    ['RIFF\x24\x08\0\0WAVEfmt ', 'audio/wav', true],
    ['ID3\x04\0\0', 'audio/mpeg', true],
    ['\xff\xfb\x90\x64', 'audio/mpeg', true],
    ['\xff\xf1\x50\x80', 'audio/aac', true],
    ['fLaC\0\0\0\x22', 'audio/flac', true],
    ['OggS\0\x02', 'audio/ogg', true],
    ['\x1a\x45\xdf\xa3', 'audio/webm', true],
    ['\0\0\0\x20ftypM4A ', 'audio/mp4', true],
    ['%PDF-1.4', 'application/pdf', false],
    ['\xff\xd8\xff\xe0', 'image/jpeg', false],
    ['RIFF\x24\x08\0\0WEBPVP8 ', 'image/webp', false],
    ['PK\x03\x04', 'application/zip', false],
    ['{"model": "x"}', 'text/plain', false],
  ])('%j is %s', (bytes, type, audible) => {
    expect(mediaSignature(Buffer.from(bytes, 'latin1'))).toMatchObject({ type, audible })
  })

  it('are not seen in bytes that have none', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(512),
      Buffer.from('short'),
      Buffer.from([1, 2, 3, 200, 0, 9, 7, 5]),
    ])
      expect(mediaSignature(bytes)).toBeUndefined()
  })

  it('take a text for one wherever it is cut, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        mediaSignature(bytes)
      }),
    )
    const text = Buffer.from('Grüße aus München, €5 🎧 '.repeat(40))
    for (let end = 8; end < text.length; end += 1)
      expect(mediaSignature(text.subarray(0, end))).toMatchObject({ type: 'text/plain' })
  })
})

describe('the length of WAV files', () => {
  const wav = ({ rate = 16_000, data = 32_000, before = Buffer.alloc(0) } = {}): Buffer => {
    const head = Buffer.alloc(36)
    head.write('RIFF', 0, 'latin1')
    head.write('WAVEfmt ', 8, 'latin1')
    head.writeUInt32LE(16, 16)
    head.writeUInt32LE(rate, 28)
    const size = Buffer.alloc(8)
    size.write('data', 0, 'latin1')
    size.writeUInt32LE(data, 4)
    return Buffer.concat([head, before, size])
  }
  const list = Buffer.concat([Buffer.from('LIST\x03\0\0\0', 'latin1'), Buffer.alloc(4)])

  it.each([
    ['as the chunk says', wav(), 44 + 32_000, 2000],
    ['behind other chunks', wav({ before: list }), 44 + 12 + 32_000, 2000],
    ['as much as is there, where the chunk claims more', wav({ data: 1_000_000 }), 44 + 16_000, 1000],
    ['as much as is there, where its writer did not know', wav({ data: 0xffff_ffff }), 44 + 16_000, 1000],
    ['unknown without a rate', wav({ rate: 0 }), 44 + 16_000, undefined],
    ['unknown of other files', Buffer.from('ID3'), 16_000, undefined],
    ['unknown where the head is cut', wav().subarray(0, 38), 44 + 16_000, undefined],
  ])('is %s', (_what, head, size, ms) => {
    expect(wavDuration(head, size)).toBe(ms)
  })

  it('is never asked of bytes in vain', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (rest, size) => {
        const ms = wavDuration(Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), rest]), size)
        expect(ms === undefined || ms >= 0).toBe(true)
      }),
    )
  })
})
