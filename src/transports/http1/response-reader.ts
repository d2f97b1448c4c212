/** Reads the answers to one request from the bytes of its connection, cut anywhere: interim ones, the head, the body, the end. */
import { ChunkedBody } from './chunked-body.ts'
import { HeaderReader } from '../../bytes/header-lines.ts'
import { MalformedAnswer, readResponseHead } from './response-head.ts'
import type { ResponseHead } from './response-head.ts'

export interface AnswerListener {
  onHead(head: ResponseHead): void
  /** Bytes that are another's as soon as this returns. */
  onBody(bytes: Buffer): void
}

const endOfHead = Buffer.from('\r\n\r\n')

type State = 'head' | 'length' | 'chunked' | 'close' | 'done'

export class ResponseReader {
  readonly #listener: AnswerListener
  readonly #maxHead: number
  readonly #lines = new HeaderReader('joined')
  #isHead = false
  #state: State = 'head'
  /** The part of a head that has come. */
  #text = ''
  #left = 0
  #chunks: ChunkedBody | undefined
  #heard = false

  constructor(listener: AnswerListener, maxHead: number) {
    this.#listener = listener
    this.#maxHead = maxHead
  }

  /** Begins with the answer to another request, which may have been one for the head alone. */
  begin(isHead: boolean): void {
    this.#isHead = isHead
    this.#state = 'head'
    this.#text = ''
    this.#chunks = undefined
    this.#heard = false
  }

  /** Any byte has come. */
  get heard(): boolean {
    return this.#heard
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /**
   * Takes what was read, and gives how much of it is the answer's: less than all when more came than that. The bytes of a chunked body
   * are moved within it. Throws a MalformedAnswer.
   */
  push(bytes: Buffer): number {
    this.#heard = true
    let at = 0
    while (at < bytes.length && this.#state !== 'done') {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(bytes, at)
          break
        case 'length':
          at = this.#readLength(bytes, at)
          break
        case 'chunked':
          at = this.#readChunks(bytes, at)
          break
        default:
          this.#listener.onBody(bytes.subarray(at))
          at = bytes.length
      }
    }
    return at
  }

  /** The server has ended the connection: false when the answer is not complete by that. */
  end(): boolean {
    if (this.#state === 'close') this.#state = 'done'
    return this.#state === 'done'
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#text.length
    // Where a head came in parts its end may have been cut, too; then it is looked for in the text.
    const found = before === 0 ? bytes.indexOf(endOfHead, at) : -1
    if (found !== -1) {
      if (found - at > this.#maxHead) throw tooLong()
      this.#takeHead(bytes.toString('latin1', at, found + 2))
      return found + endOfHead.length
    }
    const text =
      this.#text + bytes.toString('latin1', at, Math.min(bytes.length, at + this.#maxHead + endOfHead.length - before))
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3))
    if (end === -1) {
      if (text.length >= this.#maxHead + endOfHead.length) throw tooLong()
      if (!begins(text)) throw new MalformedAnswer('it does not begin as HTTP/1.1 does')
      if (hasBareLineFeed(text, before)) throw new MalformedAnswer('a line of the head does not end as it must')
      this.#text = text
      return bytes.length
    }
    this.#text = ''
    this.#takeHead(text.slice(0, end + 2))
    return at + end + endOfHead.length - before
  }

  #takeHead(text: string): void {
    const head = readResponseHead(text, this.#isHead, this.#lines)
    if (head.status < 200) {
      if (head.status === 101) throw new MalformedAnswer('the server goes on with a protocol that nobody asked for')
      return
    }
    const { framing } = head
    if (framing.kind === 'length') this.#left = framing.length
    if (framing.kind === 'chunked') this.#chunks = new ChunkedBody(this.#maxHead)
    this.#state = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0) ? 'done' : framing.kind
    this.#listener.onHead(head)
  }

  #readLength(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    this.#listener.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (this.#left === 0) this.#state = 'done'
    return end
  }

  #readChunks(bytes: Buffer, at: number): number {
    const chunks = this.#chunks as ChunkedBody
    const end = chunks.read(bytes, at, bytes.length, (from, to) => this.#listener.onBody(bytes.subarray(from, to)))
    if (chunks.isDone) this.#state = 'done'
    return end
  }
}

/** As far as it goes; whoever speaks something else may wait for us to speak next. */
const begins = (text: string): boolean => 'HTTP/1.'.startsWith(text.slice(0, 'HTTP/1.'.length))

/** From `at` on, where what came before has been looked at. A head of such lines would otherwise be waited for without an end. */
function hasBareLineFeed(text: string, at: number): boolean {
  for (let place = text.indexOf('\n', at); place !== -1; place = text.indexOf('\n', place + 1))
    if (text[place - 1] !== '\r') return true
  return false
}

const tooLong = (): MalformedAnswer => new MalformedAnswer('the head of the answer is too long')
