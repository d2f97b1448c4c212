/** Ways a network may cut a stream: byte by byte, in small pieces, anywhere, or not at all. Seeded, so that a failure comes again. */
import { cutInto } from './upstream.ts'

export interface Cut {
  readonly name: string
  readonly apply: (text: string) => Buffer[]
}

export const cuts: readonly Cut[] = [
  { name: 'whole', apply: (text) => [Buffer.from(text)] },
  { name: '7 bytes', apply: (text) => cutInto(text, 7) },
  { name: 'random', apply: (text) => cutAnywhere(text, 20_240_601) },
  { name: '1 byte', apply: (text) => cutInto(text, 1) },
]

/** Pieces of so many bytes. */
export function cutBytes(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

/** Pieces of 1 to about 60 bytes; the same ones for the same seed. */
export function cutAnywhere(text: string, seed: number): Buffer[] {
  return cutBytesAnywhere(Buffer.from(text), seed)
}

export function cutBytesAnywhere(bytes: Buffer, seed: number): Buffer[] {
  const random = mulberry32(seed)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() ** 2 * 60)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

/** A small generator of numbers in [0, 1) (public domain, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
