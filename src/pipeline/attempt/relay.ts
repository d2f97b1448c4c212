/**
 * The two ways a provider's stream becomes the client's: passed through with an observer beside it, or decoded and encoded anew.
 * Neither does I/O; an attempt feeds them.
 */
import { asBuffer } from '../../bytes/as-buffer.ts'
import type { AnyDialect } from '../../kernel/deployment.ts'
import type {
  AnswerFacts,
  Chunk,
  PassedStream,
  StreamCodec,
  StreamContext,
  StreamDecoder,
  StreamEncoder,
  StreamFacts,
  StreamObserver,
} from '../../kernel/dialect.ts'
import type { EventReshaper } from '../../kernel/reshaper.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault, redactedFault } from '../../model/fault.ts'
import type { Redact } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import { withVerdict } from '../../model/fold-chat.ts'
import type { Loss } from '../../model/loss.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import type { Usage } from '../../model/usage.ts'
import { sumOfUsage } from '../sum-of-usage.ts'
import type { StreamGate } from './stream-gate.ts'
import { EventsOpening, LinesOpening } from './stream-opening.ts'
import type { OpeningWatch } from './stream-opening.ts'
import { WholeEvents } from './whole-events.ts'
import { WholeLines } from './whole-lines.ts'

export interface Relay {
  /** What to send to the client for these bytes of the provider; may be empty. */
  push(chunk: Uint8Array): Chunk
  /** Something has come that the client should see; before it, the stream can still be given up unnoticed. */
  readonly begun: boolean
  /** The provider reported an error inside the stream, or left its protocol. Nothing more is to be pushed. */
  readonly fault: Fault | undefined
  /** The provider's stream is over: the rest for the client, and the fault if it ended too early. */
  finish(): { rest: Chunk; fault: Fault | undefined }
  /** An error event that ends a begun stream in the client's protocol. */
  breakOff(fault: Fault): Chunk
  /** What the provider has said by now: the end of its answer, or its own error, which the client has then been told. */
  told(): { readonly complete: boolean; readonly fault: Fault | undefined }
  facts(): AnswerFacts
  readonly estimatedOutput: number
  readonly lost: readonly Loss[]
  /** Its protocol has no words for an error once it has begun. */
  readonly wordless?: boolean
}

export const cut = (provider: string): Fault =>
  new Fault('provider_cut', `${provider} broke off its answer before the end.`, { upstream: { provider } })

export function streamCodecOf(dialect: AnyDialect): StreamCodec<unknown> {
  if (dialect.stream === undefined) throw new Fault('operation_not_supported', `${dialect.id} has no streams.`)
  return dialect.stream
}

/** How streams of the dialect are passed on; undefined where it has none. */
export const passedStreamOf = (dialect: AnyDialect): PassedStream | undefined => dialect.stream ?? dialect.passed

/** Bytes go through as they come, in whole events; only head and tail are looked at. */
export class PassThroughRelay implements Relay {
  readonly lost: readonly Loss[] = []
  readonly #codec: PassedStream
  readonly #observer: StreamObserver
  readonly #provider: string
  readonly #redact: Redact
  readonly #gate: StreamGate
  #begun = false
  #fault: Fault | undefined
  /** Watches the stream until it has begun. */
  #opening: OpeningWatch | undefined
  /** Reading head and tail costs as much as many chunks; they are read once after the last one. */
  #facts: StreamFacts | undefined

  /** `redact` takes out of a text what the provider is not to tell clients of. */
  constructor(codec: PassedStream, withholdUsage: boolean, provider: string, redact: Redact) {
    this.#codec = codec
    this.#observer = codec.observer({ withholdUsage })
    this.#gate = codec.framing === 'lines' ? new WholeLines() : new WholeEvents()
    this.#opening = openingOf(codec)
    this.#provider = provider
    this.#redact = redact
  }

  get begun(): boolean {
    return this.#begun
  }

  get fault(): Fault | undefined {
    return this.#fault
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#facts = undefined
    const out = this.#gate.push(this.#observer.push(chunk))
    if (this.#opening !== undefined) this.#watchOpening(this.#opening, chunk)
    return this.#withoutSecrets(out)
  }

  /** Services that are misconfigured quote in their errors what they were sent. */
  #withoutSecrets(events: Uint8Array): Uint8Array {
    const bytes = asBuffer(events)
    // Without the closing quote: see the media marks of dialects.
    if (!bytes.includes('"error')) return events
    const text = bytes.toString('latin1')
    const clean = this.#redact(text)
    return clean === text ? events : Buffer.from(clean, 'latin1')
  }

  #watchOpening(watch: OpeningWatch, chunk: Uint8Array): void {
    const opening = watch.push(chunk)
    if (opening === 'waiting') return
    if (opening === 'malformed') this.#fault = notAStream(this.#provider)
    else if (opening === 'suspicious') this.#fault = this.facts().fault
    this.#begun = this.#fault === undefined
    this.#opening = undefined
  }

  finish() {
    const facts = this.facts()
    this.#fault ??= facts.fault
    // A provider's own error event has already told the client.
    if (this.#fault !== undefined && this.#begun) return { rest: this.#lastEvent(), fault: this.#fault }
    if (facts.complete) {
      // Its one event may have lacked its end.
      this.#begun = this.#fault === undefined
      return { rest: this.#ending(facts), fault: this.#fault }
    }
    const fault = this.#fault ?? cut(this.#provider)
    return { rest: this.#begun ? this.breakOff(fault) : '', fault }
  }

  /** The last of a complete stream, and what its protocol ends streams with if that did not come. */
  #ending({ closing }: StreamFacts): Chunk {
    const last = this.#lastEvent()
    if (closing === undefined) return last
    const { atBoundary, separator } = this.#gate
    return joined(last, joined(last.length > 0 || !atBoundary ? separator : '', closing))
  }

  /** Of a stream whose last event lacks its end: that event, unless it is half of one. */
  #lastEvent(): Uint8Array | string {
    const rest = this.#withoutSecrets(this.#gate.rest())
    return rest.length === 0 || openingOf(this.#codec).isWhole(rest) ? rest : ''
  }

  breakOff(fault: Fault): Chunk {
    return joined(
      this.#gate.atBoundary ? '' : this.#gate.separator,
      this.#observer.fault?.(fault) ?? this.#codec.fault(fault),
    )
  }

  told() {
    const { complete, fault } = this.facts()
    return { complete, fault }
  }

  facts(): StreamFacts {
    this.#facts ??= withoutSecrets(this.#observer.facts(), this.#redact)
    return this.#facts
  }

  get estimatedOutput(): number {
    return this.facts().estimatedOutput
  }
}

const withoutSecrets = (facts: StreamFacts, redact: Redact): StreamFacts =>
  facts.fault === undefined ? facts : { ...facts, fault: redactedFault(facts.fault, redact) }

const openingOf = ({ framing, preludes, longestEvent }: PassedStream): OpeningWatch =>
  framing === 'lines' ? new LinesOpening() : new EventsOpening(preludes, longestEvent)

const notAStream = (provider: string): Fault =>
  new Fault('provider_malformed', `${provider} answered with something that is not a stream of its protocol.`, {
    upstream: { provider },
  })

export function joined(before: Chunk, after: Chunk): Chunk {
  if (after.length === 0) return before
  if (before.length === 0) return after
  if (typeof before === 'string' && typeof after === 'string') return before + after
  return Buffer.concat([asBytes(before), asBytes(after)])
}

const asBytes = (chunk: Chunk): Uint8Array => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)

/** Characters of ordinary text to a token, for estimates alone. */
const charactersPerToken = 4

/** `model` is what the client asked for, told where the provider names none. */
export interface RelayContext extends StreamContext {
  readonly redact: Redact
  /** Unix seconds. */
  readonly created: number
  /** What answers have consumed that the client did not get; told with this one's. */
  readonly consumedBefore?: Usage
}

/** Decodes one dialect's events and encodes them in another's. */
export class TranslatingRelay implements Relay {
  readonly #decoder: StreamDecoder<unknown>
  readonly #client: StreamCodec<unknown>
  readonly #context: RelayContext
  readonly #reshaper: EventReshaper | undefined
  readonly #provider: string
  /** Made when the answer begins: it writes the model that the provider names, as a complete answer does. */
  #encoder: StreamEncoder<unknown> | undefined
  #begun = false
  #fault: Fault | undefined
  #ended = false
  #characters = 0
  #usage: Usage | undefined
  #finish: Finish | undefined
  #id: string | undefined
  #model: string | undefined
  #safety: SafetyVerdict[] = []

  constructor(
    upstream: StreamCodec<unknown>,
    client: StreamCodec<unknown>,
    context: RelayContext,
    provider: string,
    reshaper?: EventReshaper,
  ) {
    this.#decoder = upstream.decoder()
    this.#client = client
    this.#context = context
    this.#provider = provider
    this.#reshaper = reshaper
  }

  get begun(): boolean {
    return this.#begun
  }

  get fault(): Fault | undefined {
    return this.#fault
  }

  get lost(): readonly Loss[] {
    return this.#encoder?.lost ?? []
  }

  push(chunk: Uint8Array): Chunk {
    return this.#encode(this.#decoder.push(chunk))
  }

  #encode(events: readonly unknown[]): Chunk {
    let out: Chunk = ''
    for (const given of events as readonly ChatEvent[]) {
      for (const event of this.#reshaper?.push(given) ?? [given]) {
        if (this.#fault !== undefined) return out
        this.#note(event)
        // What keeps a connection alive before the answer has begun says nothing of it.
        if (this.#encoder === undefined && event.type === 'ping') continue
        if (this.#fault === undefined) out = joined(out, this.#encoderNow().push(this.#completed(event)))
      }
    }
    return out
  }

  #encoderNow(): StreamEncoder<unknown> {
    const { created: _, consumedBefore: __, redact: ___, ...context } = this.#context
    const named = this.#model !== undefined && this.#model !== '' ? { model: this.#model } : {}
    return (this.#encoder ??= this.#client.encoder({ ...context, ...named }))
  }

  /** The time of the answer for protocols that must tell one, when the provider's does not, and all that it took. */
  #completed(event: ChatEvent): ChatEvent {
    const { created, consumedBefore, answerId: id } = this.#context
    if (event.type === 'response-start') {
      const identity = event.id === '' && id !== undefined ? { id } : {}
      return { ...event, ...identity, created: event.created ?? created }
    }
    if (event.type !== 'usage-update' || consumedBefore === undefined) return event
    return { ...event, usage: sumOfUsage([consumedBefore, event.usage]) }
  }

  #note(event: ChatEvent): void {
    switch (event.type) {
      case 'part-delta':
        this.#begun = true
        this.#characters += (event.text ?? event.transcript ?? '').length
        break
      case 'part-start':
        this.#begun = true
        this.#characters += 'text' in event.value ? event.value.text.length : 0
        break
      case 'response-start':
        this.#id = event.id
        this.#model = event.model
        break
      case 'usage-update':
        this.#usage = event.usage
        break
      case 'choice-end':
        this.#begun = true
        this.#finish ??= event.finish
        break
      case 'response-end':
        this.#begun = true
        this.#ended = true
        break
      case 'safety-update':
        this.#safety = withVerdict(this.#safety, event.verdict)
        break
      case 'error':
        this.#fault = redactedFault(event.fault, this.#context.redact)
        break
      default:
    }
  }

  finish() {
    let rest = this.#encode(this.#decoder.end())
    if (this.#fault === undefined && !this.#ended && this.#finish === undefined) this.#fault = cut(this.#provider)
    if (this.#fault === undefined) rest = joined(rest, this.#encoderNow().end())
    else if (this.#begun) rest = joined(rest, this.breakOff(this.#fault))
    return { rest, fault: this.#fault }
  }

  breakOff(fault: Fault): Chunk {
    return this.#encoder?.fault?.(fault) ?? this.#client.fault(fault)
  }

  told() {
    return { complete: this.#ended || this.#finish !== undefined, fault: undefined }
  }

  facts(): AnswerFacts {
    return {
      ...(this.#id !== undefined && { id: this.#id }),
      ...(this.#model !== undefined && { model: this.#model }),
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      ...(this.#safety.length > 0 && { safety: this.#safety }),
    }
  }

  get estimatedOutput(): number {
    return Math.ceil(this.#characters / charactersPerToken)
  }
}
