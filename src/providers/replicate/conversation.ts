/**
 * The calls behind one answer of Replicate: a prediction is made, and then asked about until it has ended, or heard as a stream. To the
 * caller they are one call, so its deadlines bound all of them; when it gives up, the prediction is canceled.
 * https://replicate.com/docs/topics/predictions
 */
import { SseLineTooLongError } from '../../bytes/sse-reader.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { retryAfterMs } from '../../kernel/codec/retry-after.ts'
import type { Outbound, Transport, TransportCall, TransportHandler } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { addressAt } from './addresses.ts'
import { call } from '../../kernel/gathered-call.ts'
import type { Answered } from '../../kernel/gathered-call.ts'
import { isOver, predictionIn } from './prediction-state.ts'
import { StreamRelay, streamOf } from './stream-relay.ts'

/** Seconds that making a prediction waits for its end: few, because one whose id is not known yet cannot be canceled. */
const holdSeconds = 5
/** Milliseconds between two questions: the first, and the longest. */
const firstPause = 250
const longestPause = 5000
const growth = 1.5
/** Questions in a row that may go wrong before the answer is given up. */
const patience = 4
/** Milliseconds that making and canceling a prediction may still take after its caller has left. */
const afterwards = 30_000
/** What a streamed prediction took is known a moment after its end: milliseconds between questions, and for all of them. */
const metricsPause = 150
const metricsTime = 1000

export interface ConversationPorts {
  readonly network: Transport
  readonly clock: Clock
}

export class Conversation implements TransportCall {
  readonly #network: Transport
  readonly #clock: Clock
  readonly #outbound: Outbound
  readonly #handler: TransportHandler
  readonly #streams: boolean
  readonly #whenOver: () => void
  #call: TransportCall | undefined
  #hears = false
  #timer: Timer | undefined
  #prediction: JsonObject | undefined
  /** The handler hears nothing more. */
  #told = false
  #over = false

  /** `whenOver` is called once, when nothing of it is under way any more. */
  constructor(ports: ConversationPorts, outbound: Outbound, handler: TransportHandler, whenOver: () => void) {
    this.#network = ports.network
    this.#clock = ports.clock
    this.#outbound = outbound
    this.#handler = handler
    this.#streams = outbound.headers['accept'] === 'text/event-stream'
    this.#whenOver = whenOver
  }

  start(): void {
    const headers = {
      ...this.#outbound.headers,
      accept: 'application/json',
      ...(!this.#streams && { prefer: `wait=${holdSeconds}` }),
    }
    this.#ask(
      { ...this.#outbound, headers },
      {
        answered: (answer) => this.#made(answer),
        failed: (error) => this.#fail(error),
      },
    )
  }

  /** Only a stream has anything to hold back. */
  pause(): void {
    if (this.#hears) this.#call?.pause()
  }

  resume(): void {
    if (this.#hears) this.#call?.resume()
  }

  abort(): void {
    if (this.#told) return
    this.#told = true
    if (this.#prediction !== undefined) return this.#cancel()
    // It may have been made already: only the answer tells what there is to cancel.
    this.#after(afterwards, () => this.#end())
  }

  /** Breaks off whatever is under way. */
  close(): void {
    if (this.#told) return this.#end()
    this.#told = true
    this.#end()
    this.#handler.onError(new TransportError('reset', 'the connection to Replicate is closed'))
  }

  // --- making it

  #made(answer: Answered): void {
    const prediction = predictionIn(answer)
    this.#prediction = prediction
    if (this.#told) return this.#cancel()
    if (prediction === undefined) return this.#deliver(answer)
    const stream = this.#streams ? this.#urls()['stream'] : undefined
    if (typeof stream === 'string') return this.#listen(stream)
    if (isOver(prediction)) this.#deliver(answer)
    else this.#poll(firstPause, 0)
  }

  #urls(): JsonObject {
    const urls = this.#prediction?.['urls']
    return isJsonObject(urls) ? urls : {}
  }

  /** A call with the key of the first; undefined where it would go to somebody else. */
  #outboundTo(url: unknown, method: 'GET' | 'POST', accept: string): Outbound | undefined {
    const address = addressAt(url, this.#outbound.origin)
    if (address === undefined) return undefined
    const { 'content-type': _, ...headers } = this.#outbound.headers
    return { method, ...address, headers: { ...headers, accept }, body: null }
  }

  #ask(
    outbound: Outbound,
    hear: { answered(answer: Answered): void; failed(error: TransportError | undefined): void },
  ): void {
    this.#call = call(this.#network, outbound, hear)
  }

  #after(delay: number, fire: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(delay, fire)
  }

  // --- asking until it has ended

  #poll(pause: number, failures: number): void {
    this.#after(pause, () => {
      const outbound = this.#outboundTo(this.#urls()['get'], 'GET', 'application/json')
      if (outbound === undefined) return this.#refuse('get')
      const next = Math.min(pause * growth, longestPause)
      this.#ask(outbound, {
        answered: (answer) => {
          const prediction = predictionIn(answer)
          this.#prediction = prediction ?? this.#prediction
          if (prediction !== undefined && !isOver(prediction)) this.#poll(next, 0)
          else if (prediction === undefined && mayPass(answer.status) && failures < patience)
            this.#poll(Math.max(retryAfterMs(answer.headers) ?? 0, next), failures + 1)
          else this.#deliver(answer)
        },
        failed: (error) => (failures < patience ? this.#poll(next, failures + 1) : this.#fail(error)),
      })
    })
  }

  // --- hearing it as a stream

  #listen(url: string): void {
    const outbound = this.#outboundTo(url, 'GET', 'text/event-stream')
    if (outbound === undefined) return this.#refuse('stream')
    const relay = new StreamRelay(this.#handler, this.#prediction ?? {}, {
      onDone: () => this.#measure(relay),
      onFailed: () => (this.#prediction = { ...this.#prediction, status: 'failed' }),
    })
    this.#hears = true
    const heard = (work: () => void): void => {
      if (this.#told || !this.#hears) return
      try {
        work()
      } catch (error) {
        if (!(error instanceof SseLineTooLongError)) throw error
        this.#fail(new TransportError('malformed', error.message))
      }
    }
    this.#call = this.#network.dispatch(outbound, {
      onHead: (status, headers) => heard(() => relay.head(status, headers)),
      onData: (chunk) => heard(() => relay.data(chunk)),
      onEnd: () =>
        heard(() => {
          relay.end()
          if (!this.#hears) return
          this.#told = true
          this.#cancel()
        }),
      onError: (error) => heard(() => this.#fail(error)),
    })
  }

  /** Its stream has ended: what it took is in the prediction itself, if that can be had soon. */
  #measure(relay: StreamRelay): void {
    this.#hears = false
    this.#call?.abort()
    this.#prediction = { ...this.#prediction, status: 'succeeded' }
    const until = this.#clock.monotonic() + metricsTime
    const close = (metrics?: JsonObject): void => {
      if (this.#told) return
      this.#told = true
      this.#end()
      relay.close(metrics)
    }
    const question = (): void => {
      const outbound = this.#outboundTo(this.#urls()['get'], 'GET', 'application/json')
      const left = until - this.#clock.monotonic()
      if (outbound === undefined || left <= 0) return close()
      this.#after(left, () => close())
      const again = (): void => this.#after(Math.min(metricsPause, left), question)
      this.#ask(outbound, {
        answered: (answer) => {
          const prediction = predictionIn(answer)
          if (prediction === undefined || !isOver(prediction)) return again()
          const { metrics } = prediction
          close(isJsonObject(metrics) ? metrics : undefined)
        },
        failed: again,
      })
    }
    question()
  }

  // --- ways to end

  /** What ends it, as it came, or as the stream that was asked for. */
  #deliver({ status, headers, body }: Answered): void {
    this.#told = true
    const prediction = this.#prediction
    this.#cancel()
    const { 'content-length': _, ...rest } = headers
    const asStream = this.#streams && status < 300 && prediction !== undefined
    this.#handler.onHead(status, asStream ? { ...rest, 'content-type': 'text/event-stream' } : rest)
    this.#handler.onData(asStream ? Buffer.from(streamOf(prediction)) : body)
    this.#handler.onEnd()
  }

  #fail(error: TransportError | undefined): void {
    if (this.#told) return this.#end()
    this.#told = true
    this.#cancel()
    this.#handler.onError(error ?? new TransportError('malformed', 'the answer is longer than any text'))
  }

  #refuse(what: string): void {
    this.#fail(
      new TransportError('refused-address', `the address to ${what} a prediction is at a host that is not Replicate's`),
    )
  }

  /** Stops the prediction if it still runs: nobody will ask for it again. */
  #cancel(): void {
    this.#hears = false
    this.#call?.abort()
    const running = this.#prediction !== undefined && !isOver(this.#prediction)
    const outbound = running ? this.#outboundTo(this.#urls()['cancel'], 'POST', 'application/json') : undefined
    if (outbound === undefined) return this.#end()
    this.#after(afterwards, () => this.#end())
    this.#ask(outbound, { answered: () => this.#end(), failed: () => this.#end() })
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    this.#call?.abort()
    this.#whenOver()
  }
}

/** Statuses of a question that may be answered when it is asked again. */
const mayPass = (status: number): boolean => status === 429 || status === 408 || status >= 500
