/**
 * One call whose answer is read as it comes, for work that waits for it in line: the head as a promise, the bytes as an iterable that asks
 * for more only when it is asked. A reader that stops early drops the call.
 */
import type { Clock, Timer } from './clock.ts'
import { TransportError } from './transport.ts'
import type { Outbound, Transport, TransportCall, TransportHandler } from './transport.ts'

export interface OpenAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** To be read once, or closed. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Drops what has not been read. */
  close(): void
}

export interface AnswerTerms {
  readonly clock: Clock
  /** Milliseconds from sending the request to the head of the answer. */
  readonly firstByte: number
  /** Milliseconds between two pieces of it. */
  readonly stall: number
  /** Drops the call. */
  readonly signal?: AbortSignal
}

/** Nothing came in time. */
export class AnswerTimeout extends Error {
  override readonly name = 'AnswerTimeout'
  readonly phase: 'first-byte' | 'stall'

  constructor(phase: 'first-byte' | 'stall', milliseconds: number) {
    super(`nothing came for ${milliseconds} ms`)
    this.phase = phase
  }
}

/** Rejects with a TransportError, an AnswerTimeout, or the signal's reason. */
export function openAnswer(transport: Transport, outbound: Outbound, terms: AnswerTerms): Promise<OpenAnswer> {
  return new Promise((resolve, reject) => {
    new Answering(transport, terms, resolve, reject).send(outbound)
  })
}

/** The whole answer, up to so many bytes; undefined when there are more. */
export async function readWhole(bytes: AsyncIterable<Uint8Array>, most: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

class Answering implements TransportHandler {
  readonly #transport: Transport
  readonly #terms: AnswerTerms
  readonly #resolve: (answer: OpenAnswer) => void
  readonly #reject: (error: unknown) => void
  readonly #queue: Uint8Array[] = []
  readonly #onAbort = (): void => this.#fail(this.#terms.signal?.reason)
  #call: TransportCall | undefined
  #timer: Timer | undefined
  #paused = false
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(
    transport: Transport,
    terms: AnswerTerms,
    resolve: (answer: OpenAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#transport = transport
    this.#terms = terms
    this.#resolve = resolve
    this.#reject = reject
  }

  send(outbound: Outbound): void {
    const { signal } = this.#terms
    if (signal?.aborted === true) {
      this.#fail(signal.reason)
      return
    }
    signal?.addEventListener('abort', this.#onAbort)
    this.#await('first-byte')
    this.#call = this.#transport.dispatch(outbound, this)
    if (this.#paused) this.#call.pause()
  }

  onHead(status: number, headers: Record<string, string>): void {
    this.#await('stall')
    this.#resolve({ status, headers, bytes: this.#read(), close: () => this.#drop() })
  }

  onData(chunk: Uint8Array): void {
    // A network that was told to go on may begin with nothing; pausing for that would go on for ever.
    if (chunk.length === 0) return
    this.#queue.push(chunk)
    this.#timer?.cancel()
    if (!this.#paused) {
      this.#paused = true
      this.#call?.pause()
    }
    this.#wake?.()
  }

  onEnd(): void {
    this.#settle()
    // A whole answer has a head.
    this.#reject(new TransportError('malformed', 'there was no answer'))
  }

  onError(error: TransportError): void {
    this.#fail(error)
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) yield chunk
        if (this.#failure !== undefined) throw this.#failure.error
        if (this.#ended) return
        this.#await('stall')
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        if (this.#paused) {
          this.#paused = false
          this.#call?.resume()
        }
        await woken
      }
    } finally {
      this.#drop()
    }
  }

  #await(phase: 'first-byte' | 'stall'): void {
    const { clock } = this.#terms
    const milliseconds = phase === 'stall' ? this.#terms.stall : this.#terms.firstByte
    this.#timer?.cancel()
    this.#timer = clock.after(milliseconds, () => this.#fail(new AnswerTimeout(phase, milliseconds)))
  }

  #drop(): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#settle()
    this.#call?.abort()
  }

  #fail(error: unknown): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#failure = { error }
    this.#settle()
    this.#call?.abort()
    this.#reject(error)
  }

  #settle(): void {
    this.#ended = true
    this.#timer?.cancel()
    this.#terms.signal?.removeEventListener('abort', this.#onAbort)
    this.#wake?.()
  }
}
