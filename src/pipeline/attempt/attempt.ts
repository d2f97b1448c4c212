/**
 * One call of a provider: sends, waits under deadlines, and either has an answer for the client or a failure that others may make
 * good. The commit point is here: until something of a stream has been handed on, giving up is invisible to the client; after it,
 * an error event in the client's protocol ends the stream.
 */
import { ByteRope } from '../../bytes/byte-rope.ts'
import type { Clock } from '../../kernel/clock.ts'
import { limitsTold } from '../../kernel/codec/rate-limit-reset.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { BytesReply, Reply, StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { SlotEntry, Slots } from '../../kernel/slots.ts'
import type { TransportCall, TransportError, TransportHandler } from '../../kernel/transport.ts'
import { Fault, asFault, redactedFault } from '../../model/fault.ts'
import type { AttemptRecord, Outcome } from '../../model/record.ts'
import type { Usage } from '../../model/usage.ts'
import { likelyInput } from '../input-estimate.ts'
import { attemptRecord } from './attempt-record.ts'
import { completeAnswer, refusedAnswer } from './answer.ts'
import { CommitWatch } from './commit-watch.ts'
import { consumedBy, estimated, filteredFault, isFiltered } from './unwanted-answer.ts'
import type { AttemptInput, AttemptResult, Failure } from './attempt-result.ts'
import { chooseRelay } from './choose-relay.ts'
import { Deadline } from './deadline.ts'
import type { Lane } from './lanes.ts'
import { faultOfTransport, mayFailOver, mayRetry, toldToClient } from './failure.ts'
import type { Prepared } from './outbound.ts'
import { Outlet } from './outlet.ts'
import { passedStreamOf } from './relay.ts'
import type { Relay } from './relay.ts'
import { beginAttempt, endAttempt, slotOutcome } from './tell-signals.ts'

/** Bytes of an error answer that are read; the rest is of no use to anybody. */
const errorBodyLimit = 1 << 20
/** Bytes from which on an answer is not put together unless it has to be. */
const longAnswer = 256 << 10
/** Bytes kept of a stream that has not begun in earnest. */
const openingLimit = 8 << 20
/** Bytes of a stream that are held for the sake of its first tokens: pictures have none. */
const mostHeld = 256 << 10

type Phase = 'waiting' | 'collecting' | 'opening' | 'streaming' | 'over'

export function attempt(input: AttemptInput): Promise<AttemptResult> {
  return new Promise((resolve) => {
    new Attempt(input, resolve).send()
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
  readonly #lane: Lane | undefined
  readonly #watchFilter: boolean
  readonly #resolve: (result: AttemptResult) => void
  readonly #deadline: Deadline
  #sentAt: number
  /** Undefined while nothing has been sent. */
  #ticket: number | undefined
  #slot: SlotEntry | undefined
  /** Where it stands among the attempts on record. */
  #recordedAt = 0
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
  /** Where a stream is to be held until there is more of it than its beginning. */
  #watch: CommitWatch | undefined
  /** Of the answer to the client, where it is the provider's own. */
  #contentType: string | undefined
  readonly #outlet = new Outlet()
  #paused = false

  constructor(input: AttemptInput, resolve: (result: AttemptResult) => void) {
    this.#exchange = input.exchange
    this.#deployment = input.deployment
    this.#prepared = input.prepared
    this.#clock = input.clock
    this.#deadlineAt = input.deadlineAt
    this.#media = input.media
    this.#lane = input.lane
    this.#watchFilter = input.watchFilter === true
    this.#resolve = resolve
    this.#sentAt = input.clock.monotonic()
    this.#deadline = new Deadline(input.clock, () => this.#expire())
  }

  send(): void {
    if (this.#lane === undefined) this.#exchange.whenGone(() => this.#abandon())
    else this.#lane.listen({ gone: () => this.#abandon(), lost: () => this.#lose() })
    if (this.#phase === 'over' || (this.#deployment.slots !== undefined && !this.#enter(this.#deployment.slots))) return
    void this.#dispatch()
  }

  /** False where it has to wait for its turn, or cannot have one. */
  #enter(slots: Slots): boolean {
    const slot = slots.enter(this.#exchange.key?.id ?? '', (inTime) => {
      this.#exchange.queued += this.#clock.monotonic() - this.#sentAt
      if (this.#lane === undefined) this.#exchange.waited += this.#clock.monotonic() - this.#sentAt
      this.#sentAt = this.#clock.monotonic()
      if (inTime) void this.#dispatch()
      else this.#turnAway(slots)
    })
    this.#slot = slot
    if (slot === undefined) this.#turnAway(slots)
    else if (slot.waits) this.#deadline.at(this.#deadlineAt)
    return slot?.waits === false
  }

  /** There is no room for it at this target. Who waited for it has waited long enough. */
  #turnAway({ queues }: Slots): void {
    const { id } = this.#deployment
    const fault = new Fault(
      'overloaded',
      `${id} has as many requests under way and waiting as it may have (max_concurrent).`,
      {
        retryAfterMs: 1000,
      },
    )
    this.#end(fault)
    this.#resolve({ ok: false, fault, failOver: true, retry: !queues })
  }

  async #dispatch(): Promise<void> {
    this.#ticket = beginAttempt(this.#deployment)
    const { limits } = this.#deployment.standing
    if (limits?.known === true) limits.took(likelyInput(this.#exchange))
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
    this.#noteLimits(headers)
    if (status >= 200 && status < 300) this.#relay = this.#relayFor(headers['content-type'])
    this.#phase = this.#relay === undefined ? 'collecting' : 'opening'
    this.#restartStall()
  }

  /** Of use only where there is somebody else to ask. */
  #noteLimits(headers: Record<string, string>): void {
    const { limits } = this.#deployment.standing
    if (limits === undefined || (this.#exchange.route?.deployments.length ?? 0) < 2) return
    const told = limitsTold(headers)
    if (told !== undefined) limits.tell(told)
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
        reply = completeAnswer(place, status, this.#headers, this.#collected(), Math.floor(this.#clock.now() / 1000))
      } catch (error) {
        this.#fail(asFault(error))
        return
      }
      if (reply instanceof Promise) {
        reply.then(
          (made) => this.#succeed(made),
          (error: unknown) => this.#fail(asFault(error)),
        )
        return
      }
      const stopped = reply.kind === 'bytes' && isFiltered(reply.facts?.finish)
      if (stopped && this.#watchFilter) {
        this.#payFor((reply as BytesReply).facts?.usage ?? estimated(this.#exchange, this.#size))
        this.#fail(filteredFault(this.#deployment.provider))
      } else if (reply.kind !== 'unfit') this.#succeed(reply)
      else this.#fail(reply.fault, { unfit: reply.facts.usage ?? estimated(this.#exchange, this.#size) })
      return
    }
    // AWS says 403 of keys that have ended.
    if (status === 401 || status === 403) this.#deployment.refused?.()
    const { fault, verbatim } = refusedAnswer(place, status, this.#headers, Buffer.concat(this.#chunks))
    this.#fail(fault, verbatim === undefined ? {} : { verbatim })
  }

  /** A long answer stays in its pieces: a copy of it would be as much fresh memory again. */
  #collected(): Uint8Array | ByteRope {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    return this.#size < longAnswer ? Buffer.concat(this.#chunks) : new ByteRope(this.#chunks)
  }

  // --- streams

  /** Undefined for an answer that is taken in whole. */
  #relayFor(contentType: string | undefined): Relay | undefined {
    const chosen = chooseRelay(
      {
        exchange: this.#exchange,
        provider: this.#deployment.provider,
        redact: this.#deployment.redact,
        prepared: this.#prepared,
        created: Math.floor(this.#clock.now() / 1000),
      },
      contentType,
    )
    if (chosen === undefined) return undefined
    this.#contentType = chosen.contentType
    if (chosen.passed !== undefined) {
      this.#openingLimit = Math.max(openingLimit, chosen.passed.longestEvent ?? 0)
      const held = this.#tokensToHold()
      const { stream } = this.#prepared.endpoint.dialect
      if (held > 0 && stream !== undefined) this.#watch = new CommitWatch(stream.decoder(), held)
    }
    return chosen.relay
  }

  /** A stream that others race with has to have a word, or whoever greets first would win. */
  #tokensToHold(): number {
    const { surface, route, plan } = this.#exchange
    if (surface.operation !== 'chat') return 0
    return Math.max(route?.commit ?? plan.commit, this.#lane !== undefined || this.#watchFilter ? 1 : 0)
  }

  #forward(chunk: Uint8Array): void {
    const relay = this.#relay
    if (relay === undefined) return
    this.#restartStall()
    this.#size += chunk.length
    if (this.#phase === 'opening') this.#pieceAt = this.#clock.monotonic()
    if (!this.#outlet.write(relay.push(chunk))) this.#pause()
    if (this.#outlet.heldSize > this.#openingLimit) throw this.#beginsNothing()
    if (relay.fault !== undefined) {
      this.#break(relay.fault)
      return
    }
    if (this.#phase === 'opening' && this.#isHeldLongEnough(relay, chunk)) this.#commit()
  }

  #isHeldLongEnough({ begun }: Relay, chunk: Uint8Array): boolean {
    const watch = this.#watch
    if (watch === undefined) return begun
    watch.push(chunk)
    if (watch.fault !== undefined) this.#break(watch.fault)
    else if (this.#watchFilter && watch.filtered) this.#break(filteredFault(this.#deployment.provider))
    else return begun && (watch.enough || this.#outlet.heldSize > mostHeld)
    return false
  }

  /** Nobody takes the stream until it has begun in earnest, so it must not wait for that. */
  #beginsNothing(): Fault {
    const { provider } = this.#deployment
    return new Fault(
      'provider_malformed',
      `${provider} sent ${this.#openingLimit} bytes without beginning an answer.`,
      { upstream: { provider } },
    )
  }

  /** From here on the answer is this deployment's, come what may. */
  #commit(): void {
    if (this.#lane?.claim() === false) return this.#lose()
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
    if (this.#outlet.open(sink)) this.resume()
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
    const filtered = this.#watchFilter && this.#watch?.filtered === true
    const whole = fault === undefined ? !filtered : this.#watch === undefined
    if (this.#phase === 'opening' && relay.begun && !unfit && whole) this.#commit()
    if (this.#phase === 'opening') {
      this.#failUnseen(
        fault ??
          (filtered ? filteredFault(this.#deployment.provider) : undefined) ??
          new Fault('provider_malformed', `${this.#deployment.provider} answered with an empty stream.`),
      )
      return
    }
    this.#outlet.write(rest)
    this.#close(fault === undefined ? 'ok' : 'cut', fault)
  }

  #close(outcome: Outcome, fault: Fault | undefined): void {
    // A client that leaves an answer that has begun well says nothing against whoever gives it.
    this.#end(outcome === 'client-gone' ? undefined : fault, this.#relay?.facts().usage)
    this.#patchRecord(fault)
    this.#outlet.end(() => {
      const relay = this.#relay
      // Too late for a header; the record has it.
      if (relay !== undefined) this.#exchange.lost.push(...relay.lost)
      return {
        outcome,
        ...(fault !== undefined && { fault }),
        facts: relay?.facts() ?? {},
        estimatedOutput: relay?.estimatedOutput ?? 0,
        ...(fault !== undefined && relay?.wordless === true && { untold: true }),
      }
    })
  }

  // --- ways to end

  #expire(): void {
    const { provider, timeouts } = this.#deployment
    if (this.#call?.isMade === true) this.#payFor(consumedBy(this.#exchange, this.#relay, this.#size))
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
    this.#outlet.write(relay.breakOff(this.#told(fault)))
    this.#close('cut', fault)
  }

  /** A stream can turn out not to be what was asked for before any of it could be handed on. */
  #failUnseen(fault: Fault): void {
    const relay = this.#relay
    if (relay === undefined || fault.code !== 'invalid_structured_output') {
      // What was held back had been written all the same.
      if (relay?.begun === true && this.#watch !== undefined && this.#phase === 'opening')
        this.#payFor(consumedBy(this.#exchange, this.#relay, this.#size))
      return this.#fail(fault)
    }
    this.#fail(fault, { unfit: relay.facts().usage ?? estimated(this.#exchange, this.#size) })
  }

  #told(fault: Fault): Fault {
    const { provider, redact } = this.#deployment
    return toldToClient(redactedFault(fault, redact), provider)
  }

  #abandon(): void {
    const streaming = this.#phase === 'streaming'
    const fault = new Fault('client_gone', 'The client closed the connection before the answer was complete.')
    this.#call?.abort()
    if (!streaming) {
      // What had come and was held back had been written all the same.
      if (this.#size > 0 && (this.#status ?? 0) < 300)
        this.#exchange.leftBehind = consumedBy(this.#exchange, this.#relay, this.#size)
      return this.#fail(fault)
    }
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
      fault: this.#told(fault),
      failOver: mayFailOver(fault, status),
      retry: mayRetry(fault, status),
      status: this.#status,
      ...more,
    })
  }

  #succeed(reply: Reply): void {
    if (this.#isOver()) return
    if (this.#lane?.claim() === false) return this.#lose()
    this.#end(undefined, reply.kind === 'bytes' ? reply.facts?.usage : undefined)
    this.#account()
    this.#deployment.standing.answered()
    this.#resolve({ ok: true, reply })
  }

  /** Another was quicker. What it has done so far is paid for. */
  #lose(): void {
    if (this.#isOver()) return
    const consumed =
      this.#call === undefined || (this.#status ?? 0) >= 300
        ? undefined
        : consumedBy(this.#exchange, this.#relay, this.#size)
    this.#call?.abort()
    if (consumed !== undefined) this.#payFor(consumed)
    const fault = new Fault('client_gone', `Another target was quicker than ${this.#deployment.id}.`)
    this.#end(undefined, undefined, true)
    this.#account(undefined, true)
    this.#resolve({ ok: false, fault, failOver: false, retry: false })
  }

  #payFor(usage: Usage): void {
    this.#exchange.unfit.push({ deployment: this.#deployment, usage })
  }

  #end(fault: Fault | undefined, usage?: Usage, outrun = false): void {
    this.#phase = 'over'
    this.#deadline.cancel()
    if (this.#lane === undefined) this.#exchange.whenGone(undefined)
    else this.#lane.listen(undefined)
    const firstByteMs = this.#firstByteAt === undefined ? undefined : this.#firstByteAt - this.#sentAt
    this.#slot?.leave({ kind: outrun ? 'other' : slotOutcome(fault), firstByteMs })
    if (this.#ticket === undefined) return
    endAttempt(this.#deployment, this.#ticket, {
      fault,
      outrun,
      durationMs: this.#clock.monotonic() - this.#sentAt,
      firstByteMs,
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

  #account(fault?: Fault, outrun = false): void {
    // Who left while it waited for its turn has called nobody.
    if (this.#ticket === undefined) return
    const now = this.#clock.monotonic()
    const heard = this.#phase === 'streaming' ? this.#pieceAt : undefined
    // What passes in several lanes at once is counted once, for all of them.
    if (this.#lane === undefined) this.#exchange.waited += (heard ?? now) - this.#sentAt
    this.#recordedAt = this.#exchange.attempts.push(this.#record(now, fault, outrun)) - 1
  }

  #record(now: number, fault: Fault | undefined, outrun = false): AttemptRecord {
    return attemptRecord({
      exchange: this.#exchange,
      deployment: this.#deployment,
      sentAt: this.#sentAt,
      firstByteAt: this.#firstByteAt,
      now,
      status: this.#status,
      headers: this.#headers,
      fault,
      outrun,
    })
  }

  /** A stream's attempt is entered when it begins; its end is known only now. */
  #patchRecord(fault: Fault | undefined): void {
    this.#exchange.attempts[this.#recordedAt] = this.#record(this.#clock.monotonic(), fault)
  }
}
