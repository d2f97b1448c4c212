/** One request on its way: what is to be sent, who hears of the answer, and the handle to hold it up or to drop it. */
import type { Outbound } from '../../kernel/transport.ts'

/** The same names as undici's, so that one and the same handler can be served by either. */
export interface AnswerHandler {
  onRequestStart(control: AnswerControl): void
  onResponseStart(control: AnswerControl, status: number, headers: Record<string, string>): void
  /** The bytes are the handler's to keep. */
  onResponseData(control: AnswerControl, bytes: Uint8Array): void
  onResponseEnd(): void
  /** At most once, and nothing follows it. */
  onResponseError(control: AnswerControl | undefined, error: Error): void
}

export interface AnswerControl {
  pause(): void
  resume(): void
  abort(reason: Error): void
}

/** What carries a call: its connection. */
export interface Carrier {
  pause(): void
  resume(): void
  /** Ends it without a word to its call. */
  drop(): void
}

/** Where calls wait for a connection. */
export interface CallQueue {
  remove(call: PendingCall): void
}

export type InMemory = Omit<Outbound, 'body'> & { readonly body: Uint8Array | readonly Uint8Array[] | null }

export class PendingCall implements AnswerControl {
  readonly head: string
  readonly body: InMemory['body']
  /** Bytes of the body. */
  readonly length: number
  readonly isHead: boolean
  /** May be sent a second time where it is not known whether the first came through. */
  readonly isRepeatable: boolean
  readonly handler: AnswerHandler
  /** It has been sent again. */
  repeated = false
  /** Where it waits, and its neighbours there. */
  queue: CallQueue | undefined
  before: PendingCall | undefined
  after: PendingCall | undefined
  /** Neither answered nor failed nor dropped. */
  #open = true
  #started = false
  #connection: Carrier | undefined

  constructor(outbound: InMemory, head: string, length: number, handler: AnswerHandler) {
    this.head = head
    this.body = outbound.body
    this.length = length
    this.isHead = outbound.method === 'HEAD'
    this.isRepeatable = this.isHead || outbound.method === 'GET'
    this.handler = handler
  }

  /** Its connection takes it up; false when the handler dropped it at the last moment. */
  begin(connection: Carrier): boolean {
    this.#connection = connection
    if (!this.#started) {
      this.#started = true
      this.handler.onRequestStart(this)
    }
    return this.#open
  }

  /** The connection has failed before anything of the answer came, and another is to be tried. */
  detach(): void {
    this.#connection = undefined
  }

  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }

  abort(reason: Error): void {
    if (!this.#open) return
    const connection = this.#close()
    this.queue?.remove(this)
    connection?.drop()
    this.handler.onResponseError(this, reason)
  }

  answer(status: number, headers: Record<string, string>): void {
    if (this.#open) this.handler.onResponseStart(this, status, headers)
  }

  data(bytes: Uint8Array): void {
    if (this.#open) this.handler.onResponseData(this, bytes)
  }

  complete(): void {
    if (!this.#open) return
    this.#close()
    this.handler.onResponseEnd()
  }

  fail(error: Error): void {
    if (!this.#open) return
    this.#close()
    this.handler.onResponseError(this, error)
  }

  /** From here on the connection is another's. */
  #close(): Carrier | undefined {
    const connection = this.#connection
    this.#open = false
    this.#connection = undefined
    return connection
  }
}
