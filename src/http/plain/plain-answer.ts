/** The answer to a plain request, written to its connection: head and first bytes in one piece, and each chunk in one. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer } from '../answer.ts'
import { framedChunk } from './framed-chunk.ts'
import { headerDate } from './header-date.ts'

/** Bytes up to this many are put together with what frames them: two writes would cost more than the copy. */
const joinedBytes = 16_384
const noBytes = new Uint8Array(0)
const lineEnd = Buffer.from('\r\n')
const lastChunk = '0\r\n\r\n'
/** What no header may hold: with a line break in it, it would be two. */
const forbidden = /[^\t\x20-\x7e\x80-\xff]/

export interface PlainAnswerOwner {
  /** What every head says of how long the connection is kept. */
  readonly keepAliveLine: string
  /** All of the answer is on its way; `keep` when the connection can take the next request. */
  answered(keep: boolean): void
}

export class PlainAnswer implements Answer {
  readonly #owner: PlainAnswerOwner
  readonly socket: Socket
  /** A head that waits for the first bytes behind it. */
  #head = ''
  #isChunked = false
  #hasBody = true
  #keep = true
  #onTimeout: (() => void) | undefined
  #onClose: (() => void)[] = []
  #onDrain: (() => void) | undefined
  headersSent = false
  destroyed = false
  writableFinished = false

  constructor(owner: PlainAnswerOwner, socket: Socket) {
    this.#owner = owner
    this.socket = socket
  }

  get writableLength(): number {
    return this.socket.writableLength
  }

  writeHead(status: number, headers: readonly string[]): void {
    if (this.headersSent) throw new Error('the headers of this answer have been sent')
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
    let isMeasured = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] ?? ''
      const value = headers[index + 1] ?? ''
      if (forbidden.test(value)) throw new TypeError(`the header ${name} has characters that no header may have`)
      if (name === 'content-length') isMeasured = true
      else if (name === 'connection' && value === 'close') this.#keep = false
      head += `${name}: ${value}\r\n`
    }
    this.#hasBody = status !== 204 && status !== 304
    this.#isChunked = this.#hasBody && !isMeasured
    this.headersSent = true
    const framing = this.#isChunked ? 'transfer-encoding: chunked\r\n' : ''
    this.#head = `${head}date: ${headerDate()}\r\n${framing}${this.#keep ? this.#owner.keepAliveLine : ''}\r\n`
  }

  write(given: Uint8Array | string): boolean {
    const bytes = typeof given === 'string' ? Buffer.from(given) : given
    if (this.destroyed || bytes.length === 0 || !this.#hasBody) return true
    if (!this.#isChunked) return this.#put(this.#takeHead(), bytes)
    const head = this.#takeHead()
    if (head === '' && bytes.length <= joinedBytes) return this.socket.write(framedChunk(bytes))
    return this.#put(`${head}${bytes.length.toString(16)}\r\n`, bytes, lineEnd)
  }

  end(bytes: Uint8Array = noBytes): void {
    if (this.destroyed) return
    if (!this.#isChunked) {
      this.#put(this.#takeHead(), this.#hasBody ? bytes : noBytes, noBytes, this.#written)
      return
    }
    this.write(bytes)
    this.socket.write(this.#takeHead() + lastChunk, 'latin1', this.#written)
  }

  destroy(): void {
    this.socket.destroy()
  }

  setTimeout(milliseconds: number, tell: () => void): void {
    this.#onTimeout = tell
    this.socket.setTimeout(milliseconds, tell)
  }

  on(event: 'close' | 'drain', hear: () => void): void {
    if (event === 'close') this.#onClose.push(hear)
    else this.#onDrain = hear
  }

  drained(): void {
    this.#onDrain?.()
  }

  /** Its connection is gone. */
  broken(): void {
    this.destroyed = true
    this.#close()
  }

  readonly #written = (error?: Error | null): void => {
    // Then the connection is about to close.
    if (error instanceof Error || this.destroyed) return
    this.writableFinished = true
    if (this.#onTimeout !== undefined) this.socket.setTimeout(0, this.#onTimeout)
    this.#close()
    this.#owner.answered(this.#keep)
  }

  #close(): void {
    const hearers = this.#onClose
    this.#onClose = []
    for (const hear of hearers) hear()
  }

  #takeHead(): string {
    const head = this.#head
    this.#head = ''
    return head
  }

  #put(before: string, bytes: Uint8Array, after = noBytes, written?: (error?: Error | null) => void): boolean {
    const socket = this.socket
    if (bytes.length <= joinedBytes) {
      const joined = Buffer.allocUnsafe(before.length + bytes.length + after.length)
      joined.write(before, 'latin1')
      joined.set(bytes, before.length)
      joined.set(after, before.length + bytes.length)
      return socket.write(joined, written)
    }
    socket.cork()
    if (before !== '') socket.write(before, 'latin1')
    let isTaken = socket.write(bytes, written)
    if (after.length > 0) isTaken = socket.write(after)
    socket.uncork()
    return isTaken
  }
}
