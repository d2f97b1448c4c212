/**
 * Takes the chunks of an HTTP/1.1 body apart, wherever their bytes were cut. Sizes are hexadecimal and nothing else, every line ends
 * in CR LF, and what may stand beside the data (extensions, trailers) is bounded and thrown away.
 */
import { HeaderReader } from '../../bytes/header-lines.ts'
import { MalformedAnswer, readHeaders } from './response-head.ts'

const cr = 0x0d
const lf = 0x0a
const tab = 0x09
const space = 0x20
const semicolon = 0x3b
/** A size of so many hexadecimal digits is still exact as a number. */
const mostDigits = 12
/** Bytes of extensions that a chunk may have. */
const mostExtensions = 4096

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailer' | 'done'

export class ChunkedBody {
  readonly #maxTrailers: number
  #state: State = 'size'
  #digits = 0
  /** Of the chunk: as it is read, then what of it is still to come. */
  #size = 0
  #extensions = 0
  #trailers = ''

  constructor(maxTrailers: number) {
    this.#maxTrailers = maxTrailers
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /**
   * Reads `bytes` from `at` to `end` and moves the data in it together, from the place where the first of it stands; `onData` is told
   * once where that is. Gives the place behind what belongs to the body. Throws a MalformedAnswer.
   */
  read(bytes: Buffer, at: number, end: number, onData: (from: number, to: number) => void): number {
    let from = -1
    let to = -1
    let place = at
    while (place < end && this.#state !== 'done') {
      if (this.#state !== 'data') {
        place = this.#state === 'trailer' ? this.#trailer(bytes, place, end) : this.#mark(bytes[place] as number, place)
        continue
      }
      const until = Math.min(end, place + this.#size)
      if (from === -1) {
        from = place
        to = until
      } else {
        bytes.copyWithin(to, place, until)
        to += until - place
      }
      this.#size -= until - place
      place = until
      if (this.#size === 0) this.#state = 'data-cr'
    }
    if (from !== -1) onData(from, to)
    return place
  }

  /** One byte of what stands between the data. */
  #mark(byte: number, place: number): number {
    switch (this.#state) {
      case 'size':
        this.#sizeByte(byte)
        break
      case 'extension':
        if (byte === cr) this.#state = 'size-end'
        else if ((byte < space && byte !== tab) || byte === 0x7f)
          throw malformed('a chunk has an extension that is none')
        else if ((this.#extensions += 1) > mostExtensions) throw malformed('a chunk has extensions without end')
        break
      case 'size-end':
        if (byte !== lf) throw malformed('the line of a chunk’s size does not end as it must')
        this.#state = this.#size === 0 ? 'trailer' : 'data'
        this.#digits = 0
        this.#extensions = 0
        break
      case 'data-cr':
        if (byte !== cr) throw malformed('a chunk is longer than its size')
        this.#state = 'data-lf'
        break
      case 'data-lf':
        if (byte !== lf) throw malformed('a chunk is longer than its size')
        this.#state = 'size'
        break
      default:
    }
    return place + 1
  }

  #sizeByte(byte: number): void {
    const digit = hexOf(byte)
    if (digit !== -1) {
      if ((this.#digits += 1) > mostDigits) throw malformed('the size of a chunk is too large')
      this.#size = this.#size * 16 + digit
      return
    }
    if (this.#digits === 0) throw malformed('a chunk has no size')
    if (byte === cr) this.#state = 'size-end'
    else if (byte === semicolon) this.#state = 'extension'
    else throw malformed('the size of a chunk is not a hexadecimal number')
  }

  /** Lines like those of a head, up to an empty one. */
  #trailer(bytes: Buffer, at: number, end: number): number {
    const next = bytes.indexOf(lf, at) + 1
    const stop = next === 0 || next > end ? end : next
    this.#trailers += bytes.toString('latin1', at, stop)
    if (this.#trailers.length > this.#maxTrailers) throw malformed('the trailers are too long')
    if (next === 0 || next > end) return end
    if (this.#trailers === '\r\n') this.#state = 'done'
    else if (this.#trailers.endsWith('\r\n\r\n')) {
      readHeaders(this.#trailers.slice(0, -2), 0, new HeaderReader('joined'))
      this.#state = 'done'
    } else if (!this.#trailers.endsWith('\r\n')) throw malformed('a trailer does not end as it must')
    return next
  }
}

const malformed = (what: string): MalformedAnswer => new MalformedAnswer(what)

function hexOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
