/**
 * Lines of the journal being gathered for one write: each is encoded once, into memory that is used again, and sealed in place. Made
 * as strings they would be joined, measured and encoded over and over.
 */
import { crc32 } from 'node:zlib'
import type { JournalEntry } from './journal-line.ts'

const usualBytes = 1 << 16
/** A block that grew beyond this for once is not kept. */
const mostKept = 1 << 20
/** The most bytes that UTF-8 needs for one unit of a string. */
const bytesPerUnit = 3

const zero = '00000000'
/** `{"crc":"` */
const checksumAt = 8
/** `{"crc":"` + 8 hex digits + `",` */
const memberAt = checksumAt + zero.length + 2
const starts: Readonly<Record<JournalEntry['kind'], Buffer>> = {
  record: Buffer.from(`{"crc":"${zero}","record":`),
  reserve: Buffer.from(`{"crc":"${zero}","reserve":`),
}
const brace = 0x7d
const lineFeed = 0x0a
const digits = Buffer.from('0123456789abcdef')

export class LineBlock {
  #bytes = Buffer.allocUnsafeSlow(usualBytes)
  #used = 0
  #lines = 0

  get lines(): number {
    return this.#lines
  }

  /** Adds the line of an entry that is JSON already. */
  add(kind: JournalEntry['kind'], json: string): void {
    const start = starts[kind]
    this.#makeRoom(start.length + json.length * bytesPerUnit + 2)
    const bytes = this.#bytes
    const from = this.#used
    bytes.set(start, from)
    const end = from + start.length + bytes.write(json, from + start.length)
    const checksum = crc32(bytes.subarray(from + memberAt, end))
    for (let index = 0; index < zero.length; index += 1)
      bytes[from + checksumAt + index] = digits[(checksum >>> (28 - index * 4)) & 0xf] as number
    bytes[end] = brace
    bytes[end + 1] = lineFeed
    this.#used = end + 2
    this.#lines += 1
  }

  /** What was gathered; only until the next line is added. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#used)
    if (this.#bytes.length > mostKept) this.#bytes = Buffer.allocUnsafeSlow(usualBytes)
    this.#used = 0
    this.#lines = 0
    return taken
  }

  #makeRoom(bytes: number): void {
    const needed = this.#used + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}
