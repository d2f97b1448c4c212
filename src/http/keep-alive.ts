/**
 * Tells a client now and then that its stream is still to come, or to go on: proxies between them close connections on which nothing
 * moves. What is written before the answer says 200 with it, so an answer that then fails does so within the stream.
 */
import type { Clock, Timer } from '../kernel/clock.ts'
import type { Exchange } from '../kernel/exchange.ts'
import type { StreamCodec } from '../kernel/dialect.ts'
import { Fault } from '../model/fault.ts'
import type { Answer } from './answer.ts'

/** Ends of what has been written behind which something else may stand. */
const eventEnds = ['\n\n', '\r\n\r\n', '\r\r']

export class KeepAlive {
  readonly #clock: Clock
  readonly #interval: number
  readonly #exchange: Exchange
  readonly #response: Answer
  readonly #writeHead: (contentType: string) => void
  #timer: Timer | undefined
  /** Monotonic time at which something was written last. */
  #last: number
  #isBetweenEvents = true
  #isOver = false
  /** The client has been told that a stream will come. */
  hasBegun = false

  /** `writeHead` begins the answer. */
  constructor(
    clock: Clock,
    interval: number,
    {
      exchange,
      response,
      writeHead,
    }: { exchange: Exchange; response: Answer; writeHead: (contentType: string) => void },
  ) {
    this.#clock = clock
    this.#interval = interval
    this.#exchange = exchange
    this.#response = response
    this.#writeHead = writeHead
    this.#last = clock.monotonic()
    this.#arm(interval)
  }

  /** Undefined where the client's protocol has no words for it, or wants its stream in another form. */
  get #codec(): StreamCodec<unknown> | undefined {
    const { head, address, surface, route, receivedAt } = this.#exchange
    const isWaited = head.stream && route !== undefined && receivedAt > 0
    return isWaited && address?.framing === undefined ? surface.dialect.stream : undefined
  }

  /** A piece of the answer was written. */
  wrote(chunk: Uint8Array | string): void {
    this.#last = this.#clock.monotonic()
    const end = typeof chunk === 'string' ? chunk.slice(-4) : Buffer.from(chunk.subarray(-4)).toString('latin1')
    this.#isBetweenEvents = eventEnds.some((text) => end.endsWith(text))
  }

  /** The answer failed after the client was told that it would come. */
  fail(fault: Fault): void {
    this.stop()
    const text = this.#exchange.surface.dialect.stream?.fault(fault)
    if (text !== undefined) this.#response.write(text)
    this.#response.end()
  }

  /** Nothing is written any more but by the answer itself. */
  stop(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }

  #arm(delay: number): void {
    this.#timer = this.#clock.after(delay, () => this.#tick())
  }

  #tick(): void {
    if (this.#isOver || this.#response.destroyed) return
    const quiet = this.#clock.monotonic() - this.#last
    const codec = this.#codec
    if (quiet < this.#interval) return this.#arm(this.#interval - quiet)
    // A client that has not taken what was written knows that there is more.
    if (codec?.keepAlive !== undefined && this.#isBetweenEvents && this.#response.writableLength === 0) {
      if (!this.hasBegun && !this.#response.headersSent) {
        this.hasBegun = true
        this.#writeHead(codec.contentType)
      }
      this.#response.write(codec.keepAlive)
      this.#last = this.#clock.monotonic()
    }
    this.#arm(this.#interval)
  }
}

export const notStreamed = (): Fault =>
  new Fault('provider_malformed', 'The provider answered whole what was asked as a stream, after the stream had begun.')
