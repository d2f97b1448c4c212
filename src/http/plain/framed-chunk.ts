/** One chunk of HTTP/1.1: its size in hexadecimal, the bytes, and a line end behind each. Written by hand, because a stream has hundreds. */

const digits = Buffer.from('0123456789abcdef')
const cr = 0x0d
const lf = 0x0a

/** `bytes` are some, because a chunk of none would be the last. */
export function framedChunk(bytes: Uint8Array): Buffer {
  const { length } = bytes
  let width = 1
  for (let rest = length >>> 4; rest > 0; rest >>>= 4) width += 1
  const chunk = Buffer.allocUnsafe(width + length + 4)
  for (let place = width - 1, rest = length; place >= 0; place -= 1, rest >>>= 4)
    chunk[place] = digits[rest & 0xf] as number
  chunk[width] = cr
  chunk[width + 1] = lf
  chunk.set(bytes, width + 2)
  chunk[chunk.length - 2] = cr
  chunk[chunk.length - 1] = lf
  return chunk
}
