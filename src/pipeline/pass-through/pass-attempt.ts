/**
 * One call of a provider whose answer is passed on as it is: status, headers and bytes, under the back-pressure of the client. What is
 * refused is read first, because a refusal of the gateway's own credential is nobody's concern but the gateway's. Everything else
 * belongs to the client from its head on.
 */
import { PassingBytes } from '../../bytes/collect-young.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { FaultCodec } from '../../kernel/dialect.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MeteredPath, Upload } from '../../kernel/passage.ts'
import type { Reply, StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { Outbound, TransportCall, TransportError, TransportHandler } from '../../kernel/transport.ts'
import { beginAttempt, endAttempt } from '../attempt/tell-signals.ts'
import { Fault, asFault } from '../../model/fault.ts'
import type { AttemptRecord, Outcome } from '../../model/record.ts'
import { Deadline } from '../attempt/deadline.ts'
import { faultOfTransport, toldToClient } from '../attempt/failure.ts'
import { recordText } from '../record-text.ts'
import { headersForClient } from './pass-headers.ts'
import { meterOf } from './pass-meter.ts'
import type { PassMeter } from './pass-meter.ts'

export interface PassInput {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly outbound: Outbound
  /** The body, where it is sent as it comes in. */
  readonly upload: Upload | undefined
  readonly metered: MeteredPath | undefined
  readonly withholdUsage: boolean
  readonly faults: FaultCodec
  /** No other credential is left to try. */
  readonly isLast: boolean
  readonly clock: Clock
  /** Monotonic time at which the whole exchange must be over. */
  readonly deadlineAt: number
}

/** A refusal that the client may see is an answer, too. */
export type PassResult =
  | { readonly ok: true; readonly reply: Reply }
  | { readonly ok: false; readonly fault: Fault; readonly another: boolean }

/** Bytes of a refusal that are read. */
const refusalLimit = 1 << 20
/** Refusals that are about the credential, so that another one may do better. Nothing has been done by then. */
const ofCredential = new Set(['provider_authentication', 'provider_billing', 'provider_rate_limited'])

export function passOnce(input: PassInput): Promise<PassResult> {
  return new Promise((resolve) => {
    void new PassAttempt(input, resolve).send()
  })
}

type Phase = 'waiting' | 'refusing' | 'passing' | 'over'

class PassAttempt implements TransportHandler, StreamSource {
  readonly #input: PassInput
  readonly #resolve: (result: PassResult) => void
  readonly #deadline: Deadline
  readonly #sentAt: number
  readonly #passing = new PassingBytes()
  #ticket = 0
  #phase: Phase = 'waiting'
  #call: TransportCall | undefined
  #status = 0
  #headers: Record<string, string> = {}
  #firstByteAt: number | undefined
  #meter: PassMeter | undefined
  /** A refusal, or what came before there was a sink. */
  #held: Uint8Array[] = []
  #heldSize = 0
  #sink: StreamSink | undefined
  #paused = false
  /** How the answer ended, when that happened before the sink was there. */
  #ending: { readonly outcome: Outcome; readonly fault: Fault | undefined } | undefined

  constructor(input: PassInput, resolve: (result: PassResult) => void) {
    this.#input = input
    this.#resolve = resolve
    this.#sentAt = input.clock.monotonic()
    this.#deadline = new Deadline(input.clock, () => this.#expire())
  }

  async send(): Promise<void> {
    const { exchange, deployment, outbound, deadlineAt } = this.#input
    this.#ticket = beginAttempt(deployment)
    exchange.whenGone(() => this.#abandon())
    if (this.#phase === 'over') return
    this.#deadline.at(Math.min(this.#sentAt + deployment.timeouts.firstByte, deadlineAt))
    try {
      const signing = deployment.sign(outbound)
      const signed = signing instanceof Promise ? await signing : signing
      if (this.#isOver()) return
      const { transport } = deployment
      this.#call = (transport.plain ?? transport).dispatch(signed, this)
    } catch (error) {
      this.#fail(asFault(error))
    }
  }

  onHead(status: number, headers: Record<string, string>): void {
    if (this.#phase !== 'waiting') return
    this.#status = status
    this.#headers = headers
    this.#firstByteAt = this.#input.clock.monotonic()
    this.#restartStall()
    if (status >= 400) this.#phase = 'refusing'
    else this.#begin()
  }

  onData(chunk: Uint8Array): void {
    if (this.#phase === 'refusing') this.#collect(chunk)
    else if (this.#phase === 'passing') this.#forward(chunk)
  }

  onEnd(): void {
    if (this.#phase === 'refusing') this.#finishRefusal()
    else if (this.#phase === 'passing') this.#finish()
    else if (this.#phase === 'waiting')
      this.#fail(new Fault('provider_malformed', `${this.#input.deployment.provider} gave no answer.`))
  }

  onError(error: TransportError): void {
    const { deployment, upload } = this.#input
    const { provider } = deployment
    if (this.#phase === 'passing') this.#break(cut(provider, error))
    else this.#fail(upload?.fault ?? faultOfTransport(error, provider))
  }

  // --- what is passed on

  /** From here on the answer is the client's, come what may. */
  #begin(): void {
    const { exchange, deployment, metered, withholdUsage } = this.#input
    const contentType = this.#headers['content-type']
    this.#meter = meterOf({
      metered,
      stream: exchange.head.stream,
      contentType,
      withholdUsage,
      limit: exchange.plan.responseLimit,
    })
    this.#phase = 'passing'
    this.#account()
    deployment.standing.answered()
    const headers = headersForClient(this.#headers, (text) => deployment.redact(text))
    // What is withheld makes it shorter than was said.
    if (withholdUsage) delete headers['content-length']
    this.#resolve({
      ok: true,
      reply: { kind: 'stream', status: this.#status, contentType: contentType ?? '', headers, source: this },
    })
  }

  #forward(chunk: Uint8Array): void {
    const meter = this.#meter
    if (meter === undefined) return
    this.#restartStall()
    let out: Uint8Array
    try {
      out = meter.push(chunk)
    } catch (error) {
      this.#break(asFault(error))
      return
    }
    if (out.length === 0) return
    if (this.#sink === undefined) {
      this.#held.push(out)
      this.#pause()
    } else this.#write(this.#sink, out)
  }

  #write(sink: StreamSink, out: Uint8Array): void {
    const { passed } = this.#input.exchange
    if (passed !== undefined) passed.sent += out.length
    if (!sink.write(out)) this.#pause()
    this.#passing.count(out.length)
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    this.#resumeNow()
    for (const out of this.#held.splice(0)) this.#write(sink, out)
    if (this.#ending !== undefined) this.#endSink(sink, this.#ending)
    else if (!this.#paused) this.#call?.resume()
  }

  resume(): void {
    if (!this.#paused || this.#phase !== 'passing') return
    this.#resumeNow()
    this.#call?.resume()
  }

  #resumeNow(): void {
    this.#paused = false
    if (this.#phase === 'passing') this.#restartStall()
  }

  #pause(): void {
    if (this.#paused || this.#phase !== 'passing') return
    this.#paused = true
    // A slow client is no fault of the provider: only the total deadline runs on.
    this.#deadline.at(this.#input.deadlineAt)
    this.#call?.pause()
  }

  /** A stream can end well as far as HTTP goes and lack its end all the same. */
  #finish(): void {
    if (this.#meter?.told(true).complete === false) this.#close('cut', cut(this.#input.deployment.provider))
    else this.#close('ok', undefined)
  }

  #close(outcome: Outcome, fault: Fault | undefined): void {
    this.#end(outcome === 'client-gone' ? undefined : fault)
    const { attempts } = this.#input.exchange
    attempts[attempts.length - 1] = this.#record(this.#input.clock.monotonic(), fault)
    this.#ending = { outcome, fault }
    if (this.#sink !== undefined) this.#endSink(this.#sink, this.#ending)
  }

  #endSink(sink: StreamSink, { outcome, fault }: { outcome: Outcome; fault: Fault | undefined }): void {
    const { facts, estimatedOutput } = this.#meter?.told(outcome === 'ok') ?? { facts: {}, estimatedOutput: 0 }
    sink.end({ outcome, ...(fault !== undefined && { fault }), facts, estimatedOutput })
  }

  // --- what is refused

  #collect(chunk: Uint8Array): void {
    this.#heldSize += chunk.length
    if (this.#heldSize > refusalLimit)
      return this.#fail(
        new Fault(
          'provider_too_large',
          `${this.#input.deployment.provider} refused the request (status ${this.#status}) with more than ${refusalLimit} bytes.`,
        ),
      )
    this.#held.push(chunk)
    this.#restartStall()
  }

  #finishRefusal(): void {
    const { deployment, faults, exchange, isLast } = this.#input
    const { provider } = deployment
    const told = Buffer.concat(this.#held)
    const original = told.toString('utf8')
    const text = deployment.redact(original)
    const decoded = faults.decode(this.#status, parsed(text), this.#headers)
    if (this.#status === 401 || this.#status === 403) deployment.refused?.()
    const fault = new Fault(decoded.code, decoded.message, {
      status: this.#status,
      ...(decoded.retryAfterMs !== undefined && { retryAfterMs: decoded.retryAfterMs }),
      upstream: { ...decoded.upstream, provider, status: this.#status },
    })
    const another = !isLast && (ofCredential.has(fault.code) || this.#status === 403)
    // 403 may as well be about what was asked for, which the client has to know.
    const ours = this.#status === 401 || this.#status === 402 || fault.code === 'provider_billing'
    if (another || ours) return this.#fail(ours ? credentialFault(fault) : fault, another)
    const bytes = text === original ? told : Buffer.from(text)
    this.#end(fault)
    this.#account(fault)
    if (this.#status === 429) deployment.standing.failed(fault)
    if (exchange.passed !== undefined) exchange.passed.sent += bytes.length
    const headers = headersForClient(this.#headers, (value) => deployment.redact(value))
    if (bytes !== told) delete headers['content-length']
    this.#resolve({
      ok: true,
      reply: {
        kind: 'bytes',
        status: this.#status,
        contentType: this.#headers['content-type'] ?? '',
        headers,
        bytes,
        fault,
      },
    })
  }

  // --- ways to end

  #expire(): void {
    const { clock, deadlineAt, deployment } = this.#input
    const { provider, timeouts } = deployment
    if (clock.monotonic() + 1 >= deadlineAt)
      this.#break(new Fault('deadline_exceeded', 'The time budget of the request ran out.'))
    else if (this.#phase === 'waiting')
      this.#break(new Fault('provider_timeout', `${provider} did not begin to answer within ${timeouts.firstByte} ms.`))
    else
      this.#break(
        new Fault('provider_stalled', `${provider} sent nothing for ${timeouts.stall} ms in the middle of its answer.`),
      )
  }

  #break(fault: Fault): void {
    if (this.#phase !== 'passing') return this.#fail(fault)
    this.#call?.abort()
    // All had been said: only the connection did not end well.
    if (this.#saidAll()) this.#close('ok', undefined)
    else this.#close('cut', fault)
  }

  #saidAll(): boolean {
    return this.#meter?.told(false).complete === true
  }

  #abandon(): void {
    const fault = new Fault('client_gone', 'The client closed the connection before the answer was complete.')
    this.#call?.abort()
    if (this.#phase !== 'passing') return this.#fail(fault)
    // Clients hang up as soon as they have read the end: who does has not left early.
    if (this.#saidAll()) this.#close('ok', undefined)
    else this.#close('client-gone', fault)
  }

  #fail(fault: Fault, another = false): void {
    if (this.#isOver()) return
    const { deployment } = this.#input
    this.#call?.abort()
    this.#end(fault)
    this.#account(fault)
    deployment.standing.failed(fault)
    this.#resolve({ ok: false, fault: toldToClient(fault, deployment.provider), another })
  }

  #end(fault: Fault | undefined): void {
    const { clock, deployment, exchange } = this.#input
    this.#phase = 'over'
    this.#deadline.cancel()
    exchange.whenGone(undefined)
    endAttempt(deployment, this.#ticket, {
      fault,
      durationMs: clock.monotonic() - this.#sentAt,
      firstByteMs: this.#firstByteAt === undefined ? undefined : this.#firstByteAt - this.#sentAt,
      stream: exchange.head.stream,
    })
  }

  #isOver(): boolean {
    return this.#phase === 'over'
  }

  #restartStall(): void {
    if (this.#paused) return
    const { clock, deployment, deadlineAt } = this.#input
    this.#deadline.at(Math.min(clock.monotonic() + deployment.timeouts.stall, deadlineAt))
  }

  // --- account

  #account(fault?: Fault): void {
    const { exchange, clock } = this.#input
    const now = clock.monotonic()
    exchange.waited += now - this.#sentAt
    exchange.attempts.push(this.#record(now, fault))
  }

  #record(now: number, fault: Fault | undefined): AttemptRecord {
    const { exchange, deployment } = this.#input
    const { id, provider, model, credential } = deployment
    const requestId = this.#headers['x-request-id'] ?? this.#headers['request-id']
    return {
      deployment: id,
      provider,
      model,
      ...(credential !== undefined && { credential }),
      startedMs: milliseconds(this.#sentAt - exchange.startedAt),
      durationMs: milliseconds(now - this.#sentAt),
      ...(this.#firstByteAt !== undefined && { firstByteMs: milliseconds(this.#firstByteAt - this.#sentAt) }),
      ...(this.#status !== 0 && { status: this.#status }),
      ...(fault !== undefined && { fault: fault.code, message: recordText(deployment.redact(fault.message)) }),
      ...(requestId !== undefined && { upstreamRequestId: recordText(deployment.redact(requestId)) }),
    }
  }
}

const cut = (provider: string, cause?: unknown): Fault =>
  new Fault('provider_cut', `${provider} broke off its answer before the end.`, { cause, upstream: { provider } })

/** The same refusal as the gateway's own: its status would tell the client that the client's key is wrong. */
function credentialFault({ code, message, upstream, retryAfterMs }: Fault): Fault {
  const billing = code === 'provider_billing' || upstream?.status === 402
  const ours = billing ? 'provider_billing' : 'provider_authentication'
  return new Fault(ours, message, {
    ...(upstream !== undefined && { upstream }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000
