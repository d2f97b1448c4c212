/**
 * A film of one grey picture, shown for as long as is asked for: a whole MP4 file of less than two kilobytes, which players play. The
 * picture is 16 by 16 in H.264 without compression, and is shown in the size that the track says. ISO/IEC 14496-12 and 14496-10.
 */

/** Of the clock of the file. */
const timescale = 1000
const side = 16

export interface Film {
  readonly seconds: number
  readonly width: number
  readonly height: number
  /** 16 to 235. */
  readonly brightness: number
}

export function mp4(film: Film): Buffer {
  const type = box('ftyp', text('isom'), u32(0x200), text('isomiso2avc1mp41'))
  const picture = pictureOf(film.brightness)
  const sample = Buffer.concat([u32(picture.length), picture])
  // Where the picture lies depends on how long what is before it is, which does not depend on where that is.
  const before = type.length + movie(film, sample.length, 0).length + 8
  return Buffer.concat([type, movie(film, sample.length, before), box('mdat', sample)])
}

const u8 = (...values: number[]): Buffer => Buffer.from(values)
const u16 = (value: number): Buffer => u8((value >> 8) & 255, value & 255)
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
const text = (value: string): Buffer => Buffer.from(value, 'latin1')
const zeros = (count: number): Buffer => Buffer.alloc(count)

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([u32(body.length + 8), text(type), body])
}

/** A box with a version and flags. */
const full = (type: string, flags: number, ...content: Buffer[]): Buffer => box(type, u32(flags), ...content)

/** Neither turned nor stretched. */
const matrix = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32))

function movie({ seconds, width, height }: Film, sampleSize: number, sampleAt: number): Buffer {
  const duration = u32(Math.round(seconds * timescale))
  const header = full(
    'mvhd',
    0,
    zeros(8),
    u32(timescale),
    duration,
    u32(0x10000),
    u16(0x100),
    zeros(10),
    matrix,
    zeros(24),
    u32(2),
  )
  const track = full(
    'tkhd',
    7,
    zeros(8),
    u32(1),
    zeros(4),
    duration,
    zeros(16),
    matrix,
    u32(width << 16),
    u32(height << 16),
  )
  const table = box(
    'stbl',
    full('stsd', 0, u32(1), entry()),
    full('stts', 0, u32(1), u32(1), duration),
    full('stsc', 0, u32(1), u32(1), u32(1), u32(1)),
    full('stsz', 0, u32(0), u32(1), u32(sampleSize)),
    full('stco', 0, u32(1), u32(sampleAt)),
  )
  const data = box('dinf', full('dref', 0, u32(1), full('url ', 1)))
  const media = box(
    'mdia',
    full('mdhd', 0, zeros(8), u32(timescale), duration, u16(0x55c4), u16(0)),
    full('hdlr', 0, zeros(4), text('vide'), zeros(12), text('sim\0')),
    box('minf', full('vmhd', 1, zeros(8)), data, table),
  )
  return box('moov', header, box('trak', track, media))
}

/** How the picture is coded. */
function entry(): Buffer {
  const parameters = [sequenceParameters(), pictureParameters()] as const
  const [sequence, picture] = parameters
  const config = Buffer.concat([
    u8(1, sequence[1] ?? 0, sequence[2] ?? 0, sequence[3] ?? 0, 0xff, 0xe1),
    u16(sequence.length),
    sequence,
    u8(1),
    u16(picture.length),
    picture,
  ])
  return box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(side),
    u16(side),
    u32(0x480000),
    u32(0x480000),
    zeros(4),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    box('avcC', config),
  )
}

/** Writes numbers bit by bit. */
class Bits {
  #bits = ''

  fixed(value: number, width: number): this {
    this.#bits += value.toString(2).padStart(width, '0')
    return this
  }

  /** Exponential Golomb codes. */
  golomb(...values: number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2)
      this.#bits += '0'.repeat(code.length - 1) + code
    }
    return this
  }

  aligned(): this {
    this.#bits += '0'.repeat((8 - (this.#bits.length % 8)) % 8)
    return this
  }

  /** With the bit that ends it. */
  ended(): Buffer {
    this.#bits += '1'
    return this.aligned().bytes()
  }

  bytes(): Buffer {
    return Buffer.from(this.#bits.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? [])
  }
}

/** Constrained baseline, level 1, pictures of one block each, which follow in the order of showing. */
function sequenceParameters(): Buffer {
  const bits = new Bits().golomb(0, 0, 2, 0).fixed(0, 1).golomb(0, 0).fixed(1, 1).fixed(1, 1).fixed(0, 1).fixed(0, 1)
  return Buffer.concat([u8(0x67, 66, 0xc0, 10), bits.ended()])
}

function pictureParameters(): Buffer {
  const bits = new Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(4, 3)
  return Buffer.concat([u8(0x68), bits.ended()])
}

/** One block whose samples stand as they are: 256 of brightness, and 64 of each colour, which say grey. */
function pictureOf(brightness: number): Buffer {
  const head = new Bits().golomb(0, 7, 0).fixed(0, 4).golomb(0).fixed(0, 2).golomb(0, 1).golomb(25).aligned().bytes()
  return Buffer.concat([u8(0x65), head, Buffer.alloc(256, brightness), Buffer.alloc(128, 128), u8(0x80)])
}
