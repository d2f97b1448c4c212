/** Compresses an answer chunk by chunk into one gzip stream, each chunk readable as soon as it is there; RFC 1951 and 1952. */
import { constants, crc32, deflateRawSync } from 'node:zlib'

/** Deflate, no name, no time, made on Unix. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
/** The last deflate block, which is empty. */
const lastBlock = Buffer.from([3, 0])

export class GzipChunks {
  readonly #corrupt: boolean
  #checksum = 0
  #size = 0

  /** `corrupt` breaks the compressed bytes, from the first chunk on. */
  constructor(corrupt: boolean) {
    this.#corrupt = corrupt
  }

  push(bytes: Uint8Array): Buffer {
    // Blocks that end on a byte and refer to nothing before them can be put one behind the other.
    const block = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    if (this.#corrupt) block.fill(0xff)
    const first = this.#size === 0
    this.#checksum = crc32(bytes, this.#checksum)
    this.#size += bytes.length
    return first ? Buffer.concat([header, block]) : block
  }

  end(): Buffer {
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(this.#checksum, 0)
    trailer.writeUInt32LE(this.#size >>> 0, 4)
    return Buffer.concat(this.#size === 0 ? [header, lastBlock, trailer] : [lastBlock, trailer])
  }
}
