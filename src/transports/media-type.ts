/** Tells what bytes are by how they begin, because what servers say of them is often wrong. */

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.subarray(from, to)).toString('latin1')

/** Brands of the ISO base media format, https://mp4ra.org/registered-types/brands. */
const isoBrands: readonly (readonly [brand: RegExp, type: string])[] = [
  [/^avif|^avis/, 'image/avif'],
  [/^heic|^heix|^hevc|^mif1|^msf1/, 'image/heic'],
  [/^M4A /, 'audio/mp4'],
  [/^qt {2}/, 'video/quicktime'],
]

/** The media type of the bytes; undefined when they begin like none of those that models read. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  const start = latin(bytes, 0, 16)
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(start)) return 'image/gif'
  if (start.startsWith('%PDF-')) return 'application/pdf'
  if (start.startsWith('RIFF')) return riffTypes[start.slice(8, 12)]
  if (start.slice(4, 8) === 'ftyp')
    return isoBrands.find(([brand]) => brand.test(start.slice(8, 12)))?.[1] ?? 'video/mp4'
  if (start.startsWith('BM') && bytes.length > 26) return 'image/bmp'
  if (start.startsWith('II*\0') || start.startsWith('MM\0*')) return 'image/tiff'
  if (start.startsWith('OggS')) return 'audio/ogg'
  if (start.startsWith('fLaC')) return 'audio/flac'
  if (start.startsWith('ID3') || /^\xff[\xf2\xf3\xfa\xfb]/.test(start)) return 'audio/mpeg'
  if (start.startsWith('\x1aE\xdf\xa3')) return 'video/webm'
  return undefined
}

const riffTypes: Readonly<Record<string, string>> = {
  WEBP: 'image/webp',
  WAVE: 'audio/wav',
  'AVI ': 'video/x-msvideo',
}
