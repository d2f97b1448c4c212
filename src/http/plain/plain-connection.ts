/**
 * A connection with plain requests: reads one after the other and has each answered. At the first that is anything else it gives itself
 * up to Node, from that request's first byte on; until then no other reader has seen any of it.
 */
import type { Socket } from 'node:net'
import { HeaderReader } from '../../bytes/header-lines.ts'
import { tooSlow } from '../malformed.ts'
import { PlainAnswer } from './plain-answer.ts'
import type { PlainAnswerOwner } from './plain-answer.ts'
import { PlainBody } from './plain-body.ts'
import { readPlainHead } from './plain-head.ts'
import type { PlainHead } from './plain-head.ts'

export interface PlainTimes {
  /** Milliseconds in which a request has to arrive. */
  readonly request: number
  /** Milliseconds that a connection waits for its first request. */
  readonly first: number
  /** Milliseconds that a connection is kept between requests. */
  readonly idle: number
}

export interface PlainOwner {
  readonly maxHead: number
  readonly times: PlainTimes
  readonly keepAliveLine: string
  /** Serves the request; false when it is not one of those that are served here, and nothing has been done. */
  serve(head: PlainHead, body: PlainBody, answer: PlainAnswer): boolean
  /** It is Node's from here on; `bytes` were read and are still to be understood. */
  handOver(connection: PlainConnection, socket: Socket, bytes: Buffer): void
  closed(connection: PlainConnection): void
}

const endOfHead = Buffer.from('\r\n\r\n')
/** Bytes of later requests that are read while one is answered. */
const mostAhead = 65_536
const longestLine = 4096

export class PlainConnection implements PlainAnswerOwner {
  readonly #owner: PlainOwner
  readonly #socket: Socket
  readonly keepAliveLine: string
  readonly #lines = new HeaderReader('refused')
  /** What is under way. */
  #answer: PlainAnswer | undefined
  /** The last request's, which may be still to come when it has been answered. */
  #body: PlainBody | undefined
  /** What came after it. */
  #ahead: Buffer[] = []
  #aheadBytes = 0
  #served = false
  /** The answer that is under way is the last. */
  #isEnding = false
  /** Monotonic time at which it was left idle, or its request began. */
  #since = performance.now()

  constructor(owner: PlainOwner, socket: Socket) {
    this.#owner = owner
    this.#socket = socket
    this.keepAliveLine = owner.keepAliveLine
    socket.on('data', this.#onData)
    socket.on('drain', this.#onDrain)
    socket.on('end', this.#onEnd)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /** Ends what has taken too long. */
  sweep(now: number): void {
    const waited = now - this.#since
    const { request, first, idle } = this.#owner.times
    if (this.#body !== undefined && !this.#body.isComplete) {
      if (waited < request) return
      // It has an answer coming when somebody is told; and there is no time for what follows.
      this.#since = now
      if (this.#answer?.headersSent !== false || !this.#body.breakOff(tooSlow())) this.#socket.destroy()
    } else if (this.#answer === undefined && waited >= (this.#served ? idle : first)) this.#socket.destroy()
  }

  answered(keep: boolean): void {
    this.#answer = undefined
    this.#served = true
    if (!keep || this.#isEnding) {
      this.#isEnding = true
      this.#socket.destroySoon()
      return
    }
    if (this.#body?.isComplete === false) this.#body.discard()
    else this.#since = performance.now()
    this.#resume()
    const ahead = this.#ahead
    if (ahead.length === 0) return
    this.#ahead = []
    this.#aheadBytes = 0
    this.#take(Buffer.concat(ahead))
  }

  readonly #onData = (bytes: Buffer): void => this.#take(bytes)

  readonly #onDrain = (): void => this.#answer?.drained()

  /** Whoever sends no more gets what was written so far. One who ends within a request waits for nothing. */
  readonly #onEnd = (): void => {
    if (this.#body?.isComplete === false) this.#socket.destroy()
    else this.#socket.end()
  }

  /** `close` follows it. */
  readonly #onError = (): void => undefined

  readonly #onClose = (): void => {
    const answer = this.#answer
    this.#answer = undefined
    this.#body?.broken()
    answer?.broken()
    this.#owner.closed(this)
  }

  readonly #resume = (): void => {
    if (this.#socket.isPaused()) this.#socket.resume()
  }

  #take(bytes: Buffer): void {
    let rest = bytes
    if (this.#body?.isComplete === false) {
      rest = bytes.subarray(this.#body.push(bytes))
      if (rest.length === 0) return
    }
    if (this.#isEnding) return
    if (this.#answer === undefined) this.#begin(rest)
    else this.#keepAhead(rest)
  }

  #keepAhead(bytes: Buffer): void {
    // Whoever sends what is no request hears no more than the answer to the one before it.
    if (this.#ahead.length === 0 && !mayBegin(bytes)) {
      this.#isEnding = true
      return
    }
    this.#ahead.push(bytes)
    this.#aheadBytes += bytes.length
    if (this.#aheadBytes > mostAhead) this.#socket.pause()
  }

  #begin(bytes: Buffer): void {
    const end = bytes.indexOf(endOfHead)
    const start = end + endOfHead.length
    const head =
      end === -1 || end > this.#owner.maxHead
        ? undefined
        : readPlainHead(bytes.toString('latin1', 0, end + 2), this.#lines)
    // Requests that come together are Node's, which begins with all of them at once.
    if (head === undefined || bytes.length > start + head.length) {
      this.#handOver(bytes)
      return
    }
    const body = new PlainBody(head, bytes.subarray(start), this.#resume)
    const answer = new PlainAnswer(this, this.#socket)
    if (!body.isComplete) this.#since = performance.now()
    this.#body = body
    this.#answer = answer
    if (!this.#owner.serve(head, body, answer)) {
      this.#body = undefined
      this.#answer = undefined
      this.#handOver(bytes)
      return
    }
    if (!body.isComplete && !body.isRead) this.#socket.pause()
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket
    socket.off('data', this.#onData)
    socket.off('drain', this.#onDrain)
    socket.off('end', this.#onEnd)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    this.#owner.handOver(this, socket, bytes)
  }
}

/** The bytes could be a request, by their first line. */
function mayBegin(bytes: Buffer): boolean {
  const line = bytes.toString('latin1', 0, Math.min(bytes.length, longestLine))
  return line.includes('\r\n') ? /^[A-Z]+ [^\s]+ HTTP\/1\.[01]\r\n/.test(line) : /^[A-Z]+(?: |$)/.test(line)
}
