/**
 * One connection: writes one request after the other, reads the answers, and says when it is free again. What comes out of turn, late
 * or malformed ends it, because nothing that follows on it could be trusted.
 */
import type { Socket } from 'node:net'
import { TransportError } from '../../kernel/transport.ts'
import type { Carrier, PendingCall } from './call.ts'
import type { ConnectionEvents } from './connect.ts'
import type { ResponseHead } from './response-head.ts'
import { MalformedAnswer } from './response-head.ts'
import { ResponseReader } from './response-reader.ts'
import type { AnswerListener } from './response-reader.ts'

/** A request of up to so many bytes is put together for one write; of a longer one the copy would cost more than it saves. */
const joinedBytes = 16_384
/** What a server says of how long it waits is taken with this much in hand: the request has to get there. */
const hintMarginMs = 2000
const longestHintMs = 600_000

export interface ConnectionOwner {
  readonly maxHead: number
  /** Milliseconds that an idle connection is kept where the server says nothing of it. */
  readonly keepAlive: number
  /** Milliseconds after which it takes no more requests, because its origin may have moved since. */
  readonly maxAge: number
  opened(connection: Connection): void
  /** Its answer is complete, and it can take the next request. */
  freed(connection: Connection): void
  /** It is gone. `error` where it never was; `again` is a call that nothing was heard of and that may be sent anew. */
  closed(connection: Connection, error: Error | undefined, again: PendingCall | undefined): void
}

export class Connection implements Carrier, ConnectionEvents, AnswerListener {
  readonly #owner: ConnectionOwner
  #socket: Socket | undefined
  #call: PendingCall | undefined
  readonly #reader: ResponseReader
  /** A request has been sent whose answer is not complete. */
  #isAsked = false
  #open = false
  #gone = false
  /** Calls that were answered on it. */
  #served = 0
  #keep = false
  #idleMs = 0
  #paused = false
  /** Monotonic time until which it may lie idle. */
  idleUntil = 0
  #isReferenced = true
  #bornAt = 0

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
    this.#reader = new ResponseReader(this, owner.maxHead)
  }

  /** Takes over the socket that is being connected for it. */
  attach(socket: Socket): void {
    this.#socket = socket
  }

  /** A connection has been made; it may be gone since. */
  get wasOpen(): boolean {
    return this.#open
  }

  /** It can take a request. */
  get isUsable(): boolean {
    return this.#open && !this.#gone && this.#call === undefined && this.#socket?.destroyed === false
  }

  send(call: PendingCall): void {
    this.#call = call
    if (!call.begin(this)) return
    const socket = this.#socket as Socket
    if (!this.#isReferenced) {
      this.#isReferenced = true
      socket.ref()
    }
    this.#isAsked = true
    this.#reader.begin(call.isHead)
    write(socket, call)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#socket?.resume()
  }

  /** Ends it without a word to its call. */
  drop(): void {
    this.#call = undefined
    this.#end()
  }

  /** Ends it; a call under way fails. */
  destroy(error: Error): void {
    const call = this.#call
    this.#call = undefined
    this.#end()
    call?.fail(error)
  }

  /** Does not keep the process alive while it lies idle. */
  unref(): void {
    if (!this.#isReferenced) return
    this.#isReferenced = false
    this.#socket?.unref()
  }

  onOpen(): void {
    this.#open = true
    this.#bornAt = performance.now()
    this.idleUntil = this.#bornAt + this.#owner.keepAlive
    this.#owner.opened(this)
  }

  onBytes(bytes: Buffer): void {
    if (this.#gone) return
    // Nobody has asked for anything.
    if (!this.#isAsked) return this.#end()
    let read: number
    try {
      read = this.#reader.push(bytes)
    } catch (error) {
      this.destroy(error instanceof MalformedAnswer ? malformed(error) : (error as Error))
      return
    }
    if (read < bytes.length) this.#keep = false
    if (this.#reader.isDone) this.#answered()
  }

  onHead({ status, headers, keepAlive, keepAliveMs }: ResponseHead): void {
    this.#idleMs =
      keepAliveMs === undefined ? this.#owner.keepAlive : Math.min(keepAliveMs - hintMarginMs, longestHintMs)
    this.#keep = keepAlive && this.#idleMs > 0
    this.#call?.answer(status, headers)
  }

  onBody(bytes: Buffer): void {
    const call = this.#call
    if (call === undefined) return
    const copy = Buffer.allocUnsafe(bytes.length)
    bytes.copy(copy)
    call.data(copy)
  }

  onHangUp(): void {
    if (this.#gone) return
    if (!this.#isAsked) this.#end()
    else if (this.#reader.end()) this.#answered()
    else {
      this.#socket?.destroy()
      this.onClose(undefined)
    }
  }

  onClose(error: Error | undefined): void {
    if (this.#gone) return
    const call = this.#call
    const again = call !== undefined && this.#mayRepeat(call) ? call : undefined
    this.#gone = true
    this.#call = undefined
    if (again === undefined) call?.fail(error ?? cut())
    else again.detach()
    this.#owner.closed(this, this.#open ? undefined : (error ?? cut()), again)
  }

  /**
   * Servers close connections that lie idle, and a request may meet that on its way. Nothing came of it then; but only what changes
   * nothing may be sent a second time without being asked, because the first may have arrived all the same.
   */
  #mayRepeat(call: PendingCall): boolean {
    return this.#served > 0 && !this.#reader.heard && call.isRepeatable && !call.repeated
  }

  #answered(): void {
    const call = this.#call
    this.#call = undefined
    this.#isAsked = false
    this.#served += 1
    // An answer that came before its request was taken in whole: the rest of it would be read as the next request.
    const isSent = this.#socket?.writableLength === 0
    const now = performance.now()
    if (this.#keep && isSent && !this.#gone && now - this.#bornAt < this.#owner.maxAge) {
      if (this.#paused) this.resume()
      this.idleUntil = now + this.#idleMs
      this.#owner.freed(this)
    } else this.#end()
    call?.complete()
  }

  #end(): void {
    if (this.#gone) return
    this.#gone = true
    this.#socket?.destroy()
    this.#owner.closed(this, undefined, undefined)
  }
}

function write(socket: Socket, { head, body, length }: PendingCall): void {
  if (body === null || length === 0) {
    socket.write(head, 'latin1')
    return
  }
  if (body instanceof Uint8Array && length <= joinedBytes) {
    const joined = Buffer.allocUnsafe(head.length + length)
    joined.write(head, 'latin1')
    joined.set(body, head.length)
    socket.write(joined)
    return
  }
  socket.cork()
  socket.write(head, 'latin1')
  if (body instanceof Uint8Array) socket.write(body)
  else for (const piece of body) socket.write(piece)
  socket.uncork()
}

const cut = (): TransportError => new TransportError('reset', 'the connection broke before the answer was complete')

const malformed = (error: MalformedAnswer): TransportError =>
  new TransportError('malformed', `the answer is not valid HTTP: ${error.message}`, error)
