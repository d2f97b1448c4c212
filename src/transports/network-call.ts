/** One call over the network as its caller sees it: decoded, held back while it is paused, and silent once it is aborted. */
import type { TransportCall, TransportHandler } from '../kernel/transport.ts'
import { TransportError } from '../kernel/transport.ts'
import { contentEncodingOf, ContentDecoder } from './content-decoder.ts'
import type { AnswerControl, AnswerHandler } from './http1/call.ts'
import { transportErrorOf } from './transport-failure.ts'

const aborted = new Error('aborted')
const nothing = (): void => {}

/** The pipeline's handle, and what the connection tells, in one object. */
export class NetworkCall implements TransportCall, AnswerHandler {
  readonly #handler: TransportHandler
  /** Called once, when it needs its connection no more; set with the connection. */
  giveBack: () => void = nothing
  #control: AnswerControl | undefined
  #decoder: ContentDecoder | undefined
  /** The handler is told nothing more. */
  #over = false
  #released = false
  /** `dispatch` has returned, so the caller holds this call and may be told things. */
  #handedOut = false
  #paused = false
  #decoderFull = false
  /** What arrived although the call was paused: the socket's own buffer, when the server closed behind it. */
  #held: Uint8Array[] | undefined
  /** How the answer ended while something was still held or being decoded; `null` for well. */
  #ending: TransportError | null | undefined

  constructor(handler: TransportHandler) {
    this.#handler = handler
  }

  /** Its handler is told nothing more. */
  get isOver(): boolean {
    return this.#over
  }

  pause(): void {
    this.#paused = true
    this.#control?.pause()
    this.#decoder?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    const held = this.#held
    this.#held = undefined
    for (const [index, chunk] of (held ?? []).entries()) {
      if (this.#over) return
      if (this.#paused) {
        this.#held = held?.slice(index)
        return
      }
      this.#handler.onData(chunk)
    }
    if (this.#over || this.#paused) return
    if (this.#ending !== undefined && this.#decoder === undefined) return this.#finish(this.#ending)
    this.#decoder?.resume()
    this.#letSocketFlow()
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#held = undefined
    this.#decoder?.destroy()
    // With undici a call that still waits for a connection cannot be held yet; it is dropped the moment it would begin.
    this.#control?.abort(aborted)
    this.#release()
  }

  onRequestStart(control: AnswerControl): void {
    this.#control = control
    if (this.#over) control.abort(aborted)
    else if (this.#paused) control.pause()
  }

  onResponseStart(control: AnswerControl, status: number, headers: Record<string, string>): void {
    // Interim answers (103 Early Hints) say nothing that matters here.
    if (this.#over || status < 200) return
    const encoding = contentEncodingOf(headers['content-encoding'])
    if (encoding === null) {
      this.#fail(new TransportError('malformed', 'the answer has a content encoding that nobody asked for'))
      control.abort(aborted)
      return
    }
    if (encoding !== undefined) {
      delete headers['content-encoding']
      delete headers['content-length']
      this.#decode(encoding)
    }
    this.#handler.onHead(status, headers)
  }

  onResponseData(_control: AnswerControl, chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#decoder !== undefined) this.#decoder.write(chunk)
    else if (this.#paused || this.#held !== undefined) (this.#held ??= []).push(chunk)
    else this.#handler.onData(chunk)
  }

  onResponseEnd(): void {
    this.#release()
    if (this.#over) return
    this.#ending = null
    if (this.#decoder !== undefined) this.#decoder.end()
    else if (this.#held === undefined) this.#finish(null)
  }

  onResponseError(_control: AnswerControl | undefined, error: Error): void {
    this.#release()
    if (this.#over) return
    const failure = transportErrorOf(error)
    this.#ending = failure
    if (!this.#handedOut) return queueMicrotask(() => this.#fail(failure))
    if (this.#decoder !== undefined) this.#decoder.end()
    else if (this.#held === undefined) this.#finish(failure)
  }

  /** How it can be dropped while it waits for a connection. */
  holdBy(control: AnswerControl): void {
    this.#control = control
  }

  /** The caller has the call now. */
  handOut(): this {
    this.#handedOut = true
    return this
  }

  #decode(encoding: string): void {
    this.#decoder = new ContentDecoder(encoding, {
      onData: (chunk) => this.#handler.onData(chunk),
      onReady: (ready) => {
        this.#decoderFull = !ready
        if (ready) this.#letSocketFlow()
        else this.#control?.pause()
      },
      onEnd: () => this.#finish(this.#ending ?? null),
      onCorrupt: (error) => {
        // A cut answer also ends its archive too early; then the cut is what happened.
        const failure =
          this.#ending ?? new TransportError('malformed', `the answer's ${encoding} encoding is corrupt`, error)
        this.#fail(failure)
        this.#control?.abort(aborted)
        this.#release()
      },
    })
    if (this.#paused) this.#decoder.pause()
  }

  #letSocketFlow(): void {
    if (!this.#paused && !this.#decoderFull) this.#control?.resume()
  }

  #finish(ending: TransportError | null): void {
    if (ending !== null) return this.#fail(ending)
    if (this.#over) return
    this.#over = true
    this.#handler.onEnd()
  }

  #fail(error: TransportError): void {
    if (this.#over) return
    this.#over = true
    this.#decoder?.destroy()
    this.#handler.onError(error)
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.giveBack()
  }
}
