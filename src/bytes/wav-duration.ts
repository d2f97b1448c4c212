/** How long a WAV file sounds, from the chunks at its beginning. http://soundfile.sapp.org/doc/WaveFormat describes them. */
import { asBuffer } from './as-buffer.ts'

const headLength = 12
const chunkHead = 8
/** Of writers that did not know the length when they began. */
const unknownLength = 0xffff_ffff

/** Milliseconds; undefined where `start` is no WAV file, or does not reach to its sound. `size` is that of the whole file. */
export function wavDuration(start: Uint8Array, size: number): number | undefined {
  const head = asBuffer(start)
  if (head.length < headLength || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE')
    return undefined
  let bytesPerSecond: number | undefined
  for (let at = headLength; at + chunkHead <= head.length;) {
    const name = head.toString('latin1', at, at + 4)
    const length = head.readUInt32LE(at + 4)
    const from = at + chunkHead
    if (name === 'fmt ' && from + 12 <= head.length) bytesPerSecond = head.readUInt32LE(from + 8)
    if (name === 'data') {
      const there = Math.max(0, size - from)
      const sound = length === 0 || length === unknownLength ? there : Math.min(length, there)
      return bytesPerSecond === undefined || bytesPerSecond === 0
        ? undefined
        : Math.ceil((sound * 1000) / bytesPerSecond)
    }
    // Chunks begin at even places.
    at = from + length + (length % 2)
  }
  return undefined
}
