/** Heads of WAV files around uncompressed sound: written, and taken off. http://soundfile.sapp.org/doc/WaveFormat describes them. */
import { asBuffer } from './as-buffer.ts'

export interface PcmShape {
  /** Samples a second. */
  readonly rate: number
  readonly channels: number
  readonly bits: number
}

const headBytes = 44
/** Stands for a length that is not known when a file begins; players read to its end then. */
const unknownLength = 0xffff_ffff

/** For sound that is `length` bytes long; without it, for as much as will come. */
export function wavHead({ rate, channels, bits }: PcmShape, length?: number): Buffer {
  const frame = (channels * bits) / 8
  const head = Buffer.alloc(headBytes)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(length === undefined ? unknownLength : length + headBytes - 8, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * frame, 28)
  head.writeUInt16LE(frame, 32)
  head.writeUInt16LE(bits, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(length ?? unknownLength, 40)
  return head
}

/** Where the sound of a WAV file begins; undefined where `start` is the beginning of none, or does not reach that far. */
export function wavSoundStart(start: Uint8Array): number | undefined {
  const bytes = asBuffer(start)
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') return undefined
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4)
    if (bytes.toString('latin1', at, at + 4) === 'data') return at + 8
    // Chunks begin at even places.
    at += 8 + length + (length % 2)
  }
  return undefined
}
