/** Bytes are told apart by how they begin. */
import { describe, expect, it } from 'vitest'
import { mediaTypeOf } from './media-type.ts'

describe('the media type of bytes', () => {
  it.each([
    ['ffd8ffe000104a46', 'image/jpeg'],
    ['474946383961', 'image/gif'],
    ['255044462d312e37', 'application/pdf'],
    ['524946460000000057454250', 'image/webp'],
    ['524946460000000057415645', 'audio/wav'],
    ['000000206674797069736f6d', 'video/mp4'],
    ['00000020667479704d344120', 'audio/mp4'],
    ['000000206674797061766966', 'image/avif'],
    ['494433030000', 'audio/mpeg'],
    ['fffb9064', 'audio/mpeg'],
    ['1a45dfa3', 'video/webm'],
    ['664c6143', 'audio/flac'],
    ['68656c6c6f', undefined],
    ['', undefined],
    ['5249', undefined],
  ])('%s: %s', (hex, type) => {
    expect(mediaTypeOf(Buffer.from(hex, 'hex'))).toBe(type)
  })
})
