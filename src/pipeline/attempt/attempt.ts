/**
 * One call of a provider: sends, waits under deadlines, and either has an answer for the client or a failure that others may make
 * good. The commit point is here: until something of a stream has been handed on, giving up is invisible to the client; after it,
 * an error event in the client's protocol ends the stream.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { AnswerFacts, PassedStream } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reply, StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { TransportCall, TransportError, TransportHandler } from '../../kernel/transport.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { AttemptRecord, Outcome } from '../../model/record.ts'
import type { Usage } from '../../model/usage.ts'
import { inputEstimateOf } from '../input-estimate.ts'
import { recordText } from '../record-text.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import { completeAnswer, refusedAnswer } from './answer.ts'
import { Deadline } from './deadline.ts'
import { faultOfTransport, mayFailOver, mayRetry, toldToClient } from './failure.ts'
import type { Prepared } from './outbound.ts'
import { MediaEventsRelay, MediaRelay, UnwrappingRelay } from './media-relay.ts'
import { PassThroughRelay, TranslatingRelay, passedStreamOf, streamCodecOf } from './relay.ts'
import type { Relay } from './relay.ts'
import { beginAttempt, endAttempt } from './tell-signals.ts'

export interface Success {
  readonly ok: true
  readonly reply: Reply
}

export interface Failure {
  readonly ok: false
  readonly fault: Fault
  /** Another target may do better. */
  readonly failOver: boolean
  /** The same target may do better later. */
  readonly retry: boolean
  /** The provider's own error, to be passed on as it is when nothing better comes. */
  readonly verbatim?: Reply
  /** There was a whole answer, and it has to be paid for, but it was not what had been asked for. */
  readonly unfit?: Usage
}

export type AttemptResult = Success | Failure

export interface AttemptInput {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly prepared: Prepared
  readonly clock: Clock
  /** Monotonic time at which the whole exchange must be over. */
  readonly deadlineAt: number
  /** Fetches what answers name by URL, where that is wanted otherwise. */
  readonly media?: MediaFetcher | undefined
}

/** Bytes of an error answer that are read; the rest is of no use to anybody. */
const errorBodyLimit = 1 << 20
/** Bytes kept of a stream that has not begun in earnest. */
const openingLimit = 8 << 20

type Phase = 'waiting' | 'collecting' | 'opening' | 'streaming' | 'over'

export function attempt(input: AttemptInput): Promise<AttemptResult> {
  return new Promise((resolve) => {
    void new Attempt(input, resolve).send()
  })
}

class Attempt implements TransportHandler, StreamSource {
  readonly #exchange: Exchange
  #openingLimit = openingLimit
  readonly #deployment: Deployment
  readonly #prepared: Prepared
  readonly #clock: Clock
  readonly #deadlineAt: number
  readonly #media: MediaFetcher | undefined
  readonly #resolve: (result: AttemptResult) => void
  readonly #deadline: Deadline
  readonly #sentAt: number
  #ticket = 0
  #phase: Phase = 'waiting'
  #call: TransportCall | undefined
  #status: number | undefined
  #headers: Record<string, string> = {}
  #firstByteAt: number | undefined
  /** Of a stream that has not begun in earnest: when its latest piece came. */
  #pieceAt: number | undefined
  #chunks: Uint8Array[] = []
  #size = 0
  #relay: Relay | undefined
  /** Of the answer to the client, where it is the provider's own. */
  #contentType: string | undefined
  #held: (Uint8Array | string)[] = []
  #heldSize = 0
  #sink: StreamSink | undefined
  #paused = false
  /** How the stream ended, when that happened before the sink was there. */
  #ending: { outcome: Outcome; fault: Fault | undefined } | undefined

  constructor(input: AttemptInput, resolve: (result: AttemptResult) => void) {
    this.#exchange = input.exchange
    this.#deployment = input.deployment
    this.#prepared = input.prepared
    this.#clock = input.clock
    this.#deadlineAt = input.deadlineAt
    this.#media = input.media
    this.#resolve = resolve
    this.#sentAt = input.clock.monotonic()
    this.#deadline = new Deadline(input.clock, () => this.#expire())
  }

  async send(): Promise<void> {
    this.#ticket = beginAttempt(this.#deployment)
    this.#exchange.whenGone(() => this.#abandon())
    if (this.#phase === 'over') return
    this.#deadline.at(Math.min(this.#sentAt + this.#deployment.timeouts.firstByte, this.#deadlineAt))
    try {
      const signed = this.#deployment.sign(this.#prepared.outbound)
      const outbound = signed instanceof Promise ? await signed : signed
      if (this.#isOver()) return
      const handler = this.#prepared.endpoint.receive?.(this, this.#exchange.head.stream) ?? this
      this.#call = this.#deployment.transport.dispatch(outbound, handler)
    } catch (error) {
      this.#fail(asFault(error))
    }
  }

  onHead(status: number, headers: Record<string, string>): void {
    if (this.#phase !== 'waiting') return
    try {
      this.#receiveHead(status, headers)
    } catch (error) {
      this.#break(asFault(error))
    }
  }

  #receiveHead(status: number, headers: Record<string, string>): void {
    this.#status = status
    this.#headers = headers
    this.#firstByteAt = this.#clock.monotonic()
    if (status >= 200 && status < 300) this.#relay = this.#relayFor(headers['content-type'])
    this.#phase = this.#relay === undefined ? 'collecting' : 'opening'
    this.#restartStall()
  }

  onData(chunk: Uint8Array): void {
    try {
      if (this.#phase === 'collecting') this.#collect(chunk)
      else if (this.#phase === 'opening' || this.#phase === 'streaming') this.#forward(chunk)
    } catch (error) {
      this.#break(asFault(error))
    }
  }

  onEnd(): void {
    try {
      if (this.#phase === 'collecting') this.#finishCollected()
      else if (this.#phase === 'opening' || this.#phase === 'streaming') this.#finishStream()
      else if (this.#phase === 'waiting')
        this.#fail(new Fault('provider_malformed', `${this.#deployment.provider} gave no answer.`))
    } catch (error) {
      this.#break(asFault(error))
    }
  }

  onError(error: TransportError): void {
    const { provider } = this.#deployment
    const begun = this.#phase === 'streaming' || (this.#phase !== 'waiting' && error.failure === 'reset')
    this.#break(
      begun
        ? new Fault('provider_cut', `${provider} broke off its answer before the end.`, {
            cause: error,
            upstream: { provider },
          })
        : faultOfTransport(error, provider),
    )
  }

  // --- complete answers

  #collect(chunk: Uint8Array): void {
    this.#size += chunk.length
    const failed = (this.#status ?? 0) >= 300
    if (failed && this.#size > errorBodyLimit) {
      this.#call?.abort()
      this.#finishCollected()
      return
    }
    if (this.#size > this.#exchange.plan.responseLimit) {
      this.#fail(
        new Fault(
          'provider_too_large',
          `${this.#deployment.provider} answered with more than ${this.#exchange.plan.responseLimit} bytes (limits.response_bytes).`,
        ),
      )
      return
    }
    this.#chunks.push(chunk)
    this.#restartStall()
  }

  #finishCollected(): void {
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    const status = this.#status ?? 0
    const place = {
      exchange: this.#exchange,
      deployment: this.#deployment,
      prepared: this.#prepared,
      media: this.#media,
    }
    if (status >= 200 && status < 300) {
      let reply: ReturnType<typeof completeAnswer>
      try {
        reply = completeAnswer(place, status, this.#headers, bytes, Math.floor(this.#clock.now() / 1000))
      } catch (error) {
        this.#fail(asFault(error))
        return
      }
      if (reply instanceof Promise) {
        reply.then(
          (made) => this.#succeed(made),
          (error: unknown) => this.#fail(asFault(error)),
        )
      } else if (reply.kind !== 'unfit') this.#succeed(reply)
      else this.#fail(reply.fault, { unfit: reply.facts.usage ?? estimated(this.#exchange, bytes.length) })
      return
    }
    // AWS says 403 of keys that have ended.
    if (status === 401 || status === 403) this.#deployment.refused?.()
    const { fault, verbatim } = refusedAnswer(place, status, this.#headers, bytes)
    this.#fail(fault, verbatim === undefined ? {} : { verbatim })
  }

  // --- streams

  /** Undefined for an answer that is taken in whole. */
  #relayFor(contentType: string | undefined): Relay | undefined {
    const { dialect } = this.#prepared.endpoint
    const { stream } = this.#exchange.head
    const given = contentType?.toLowerCase()
    const { media } = dialect
    if (media?.wrapped !== undefined && given?.startsWith(media.wrapped.contentType) === true) {
      const reader = media.wrapped.reader(this.#exchange.body.read())
      return new UnwrappingRelay(
        reader,
        this.#mediaRelay(reader.contentType, () => reader.facts()),
      )
    }
    if (media !== undefined && (given === undefined ? !stream : media.is(given)))
      return this.#mediaRelay(contentType ?? 'application/octet-stream')
    const passed = stream ? passedStreamOf(dialect) : undefined
    if (passed === undefined || (given !== undefined && !given.startsWith(passed.contentType))) return undefined
    return this.#streamRelay(passed)
  }

  /** `facts`: what the answer itself tells by now. */
  #mediaRelay(contentType: string, facts: () => AnswerFacts = () => ({})): Relay {
    const { head, surface } = this.#exchange
    const total = head.usualOutput ?? 0
    const events = surface.dialect.media?.events
    const stream = head.stream ? passedStreamOf(surface.dialect) : undefined
    if (stream === undefined || events === undefined) {
      this.#contentType = contentType
      return new MediaRelay(total)
    }
    const guessed = { input: { total: inputEstimateOf(this.#exchange) }, output: { total }, estimated: true }
    const usage = (): Usage => facts().usage ?? guessed
    return new MediaEventsRelay({ events, stream, provider: this.#deployment.provider, usage })
  }

  #streamRelay(passed: PassedStream): Relay {
    const { endpoint, verbatim, withholdUsage, reshaper } = this.#prepared
    this.#openingLimit = Math.max(openingLimit, passed.longestEvent ?? 0)
    if (verbatim) return new PassThroughRelay(passed, withholdUsage, this.#deployment.provider)
    const upstream = streamCodecOf(endpoint.dialect)
    const client = streamCodecOf(this.#exchange.surface.dialect)
    const request = this.#exchange.body.read() as ChatRequest
    const framing = this.#exchange.address?.framing
    const { unfit } = this.#exchange
    return new TranslatingRelay(
      upstream,
      client,
      {
        model: this.#exchange.head.model,
        streamUsage: request.streamUsage === true,
        created: Math.floor(this.#clock.now() / 1000),
        request,
        answerId: this.#exchange.id,
        ...(unfit.length > 0 && { consumedBefore: sumOfUsage(unfit.map(({ usage }) => usage)) }),
        ...(framing !== undefined && { framing }),
      },
      this.#deployment.provider,
      reshaper?.events(),
    )
  }

  #forward(chunk: Uint8Array): void {
    const relay = this.#relay
    if (relay === undefined) return
    this.#restartStall()
    this.#size += chunk.length
    if (this.#phase === 'opening') this.#pieceAt = this.#clock.monotonic()
    const out = relay.push(chunk)
    if (this.#sink !== undefined) {
      if (out.length > 0 && !this.#sink.write(out)) this.#pause()
    } else if (out.length > 0) {
      this.#hold(out)
    }
    if (relay.fault !== undefined) {
      this.#break(relay.fault)
      return
    }
    if (this.#phase === 'opening' && relay.begun) this.#commit()
  }

  /** Nobody takes the stream until it has begun in earnest, so it must not wait for that. */
  #hold(out: Uint8Array | string): void {
    this.#held.push(out)
    this.#heldSize += out.length
    if (this.#heldSize > this.#openingLimit)
      throw new Fault(
        'provider_malformed',
        `${this.#deployment.provider} sent ${this.#openingLimit} bytes without beginning an answer.`,
        { upstream: { provider: this.#deployment.provider } },
      )
  }

  /** From here on the answer is this deployment's, come what may. */
  #commit(): void {
    this.#phase = 'streaming'
    this.#account()
    this.#deployment.standing.answered()
    const contentType = this.#contentType ?? this.#streamType()
    this.#resolve({ ok: true, reply: { kind: 'stream', status: this.#status ?? 200, contentType, source: this } })
  }

  #streamType(): string {
    const { address, surface } = this.#exchange
    if (address?.framing === 'json-array') return 'application/json'
    return passedStreamOf(surface.dialect)?.contentType ?? 'application/octet-stream'
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    let takes = true
    for (const out of this.#held) takes = sink.write(out) && takes
    this.#held = []
    this.#heldSize = 0
    if (this.#ending !== undefined) this.#endSink(this.#ending.outcome, this.#ending.fault)
    else if (takes) this.resume()
    else this.#pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#restartStall()
    this.#call?.resume()
  }

  #pause(): void {
    if (this.#paused || this.#isOver()) return
    this.#paused = true
    // A slow client is no fault of the provider: only the total deadline runs on.
    this.#deadline.at(this.#deadlineAt)
    this.#call?.pause()
  }

  #finishStream(): void {
    const relay = this.#relay
    if (relay === undefined) return
    const { rest, fault } = relay.finish()
    const unfit = fault?.code === 'invalid_structured_output'
    if (this.#phase === 'opening' && relay.begun && !unfit) this.#commit()
    if (this.#phase === 'opening') {
      this.#failUnseen(
        fault ?? new Fault('provider_malformed', `${this.#deployment.provider} answered with an empty stream.`),
      )
      return
    }
    if (rest.length > 0) this.#emit(rest)
    this.#close(fault === undefined ? 'ok' : 'cut', fault)
  }

  #emit(out: Uint8Array | string): void {
    if (this.#sink === undefined) this.#held.push(out)
    else this.#sink.write(out)
  }

  #close(outcome: Outcome, fault: Fault | undefined): void {
    // A client that leaves an answer that has begun well says nothing against whoever gives it.
    this.#end(outcome === 'client-gone' ? undefined : fault, this.#relay?.facts().usage)
    this.#patchRecord(fault)
    if (this.#sink === undefined) this.#ending = { outcome, fault }
    else this.#endSink(outcome, fault)
  }

  #endSink(outcome: Outcome, fault: Fault | undefined): void {
    const relay = this.#relay
    // Too late for a header; the record has it.
    if (relay !== undefined) this.#exchange.lost.push(...relay.lost)
    this.#sink?.end({
      outcome,
      ...(fault !== undefined && { fault }),
      facts: relay?.facts() ?? {},
      estimatedOutput: relay?.estimatedOutput ?? 0,
      ...(fault !== undefined && relay?.wordless === true && { untold: true }),
    })
  }

  // --- ways to end

  #expire(): void {
    const { provider, timeouts } = this.#deployment
    if (this.#clock.monotonic() + 1 >= this.#deadlineAt) {
      this.#break(new Fault('deadline_exceeded', 'The time budget of the request ran out.'))
    } else if (this.#phase === 'waiting') {
      this.#break(new Fault('provider_timeout', `${provider} did not begin to answer within ${timeouts.firstByte} ms.`))
    } else {
      this.#break(
        new Fault('provider_stalled', `${provider} sent nothing for ${timeouts.stall} ms in the middle of its answer.`),
      )
    }
  }

  /** Ends the attempt: invisibly before the commit point, with an error event after it. */
  #break(fault: Fault): void {
    const relay = this.#relay
    if (this.#phase !== 'streaming' || relay === undefined) return this.#failUnseen(fault)
    this.#call?.abort()
    // All had been said: only the connection did not end well.
    const told = relay.told()
    if (told.complete || told.fault !== undefined) return this.#finishStream()
    this.#emit(relay.breakOff(toldToClient(fault, this.#deployment.provider)))
    this.#close('cut', fault)
  }

  /** A stream can turn out not to be what was asked for before any of it could be handed on. */
  #failUnseen(fault: Fault): void {
    const relay = this.#relay
    if (relay === undefined || fault.code !== 'invalid_structured_output') return this.#fail(fault)
    this.#fail(fault, { unfit: relay.facts().usage ?? estimated(this.#exchange, this.#size) })
  }

  #abandon(): void {
    const streaming = this.#phase === 'streaming'
    const fault = new Fault('client_gone', 'The client closed the connection before the answer was complete.')
    this.#call?.abort()
    if (!streaming) return this.#fail(fault)
    // Clients hang up as soon as they have read the end, or an error: who does has not left early.
    const told = this.#relay?.told()
    if (told?.fault !== undefined) this.#close('cut', told.fault)
    else if (told?.complete === true) this.#close('ok', undefined)
    else this.#close('client-gone', fault)
  }

  #fail(fault: Fault, more: Pick<Failure, 'verbatim' | 'unfit'> = {}): void {
    if (this.#isOver()) return
    this.#call?.abort()
    this.#end(fault)
    this.#account(fault)
    this.#deployment.standing.failed(fault)
    const status = fault.upstream?.status ?? ((this.#status ?? 0) >= 300 ? this.#status : undefined)
    this.#resolve({
      ok: false,
      fault: toldToClient(fault, this.#deployment.provider),
      failOver: mayFailOver(fault, status),
      retry: mayRetry(fault, status),
      ...more,
    })
  }

  #succeed(reply: Reply): void {
    if (this.#isOver()) return
    this.#end(undefined, reply.kind === 'bytes' ? reply.facts?.usage : undefined)
    this.#account()
    this.#deployment.standing.answered()
    this.#resolve({ ok: true, reply })
  }

  #end(fault: Fault | undefined, usage?: Usage): void {
    this.#phase = 'over'
    this.#deadline.cancel()
    this.#exchange.whenGone(undefined)
    endAttempt(this.#deployment, this.#ticket, {
      fault,
      durationMs: this.#clock.monotonic() - this.#sentAt,
      firstByteMs: this.#firstByteAt === undefined ? undefined : this.#firstByteAt - this.#sentAt,
      stream: this.#exchange.head.stream,
      outputTokens: usage?.output.total,
    })
  }

  #isOver(): boolean {
    return this.#phase === 'over'
  }

  #restartStall(): void {
    if (this.#paused) return
    this.#deadline.at(Math.min(this.#clock.monotonic() + this.#deployment.timeouts.stall, this.#deadlineAt))
  }

  // --- account

  #account(fault?: Fault): void {
    const now = this.#clock.monotonic()
    const heard = this.#phase === 'streaming' ? this.#pieceAt : undefined
    this.#exchange.waited += (heard ?? now) - this.#sentAt
    this.#exchange.attempts.push(this.#record(now, fault))
  }

  #record(now: number, fault: Fault | undefined): AttemptRecord {
    const { id, provider, model, credential } = this.#deployment
    const requestId = this.#headers['x-request-id'] ?? this.#headers['request-id']
    return {
      deployment: id,
      provider,
      model,
      ...(credential !== undefined && { credential }),
      startedMs: milliseconds(this.#sentAt - this.#exchange.startedAt),
      durationMs: milliseconds(now - this.#sentAt),
      ...(this.#firstByteAt !== undefined && { firstByteMs: milliseconds(this.#firstByteAt - this.#sentAt) }),
      ...(this.#status !== undefined && { status: this.#status }),
      ...(fault !== undefined && { fault: fault.code, message: recordText(this.#deployment.redact(fault.message)) }),
      ...(requestId !== undefined && { upstreamRequestId: recordText(requestId) }),
    }
  }

  /** A stream's attempt is entered when it begins; its end is known only now. */
  #patchRecord(fault: Fault | undefined): void {
    this.#exchange.attempts[this.#exchange.attempts.length - 1] = this.#record(this.#clock.monotonic(), fault)
  }
}

/** Bytes of an answer to a token, whatever is around its text. */
const bytesPerToken = 4

const estimated = (exchange: Exchange, bytes: number): Usage => ({
  input: { total: inputEstimateOf(exchange) },
  output: { total: Math.ceil(bytes / bytesPerToken) },
  estimated: true,
})

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000
