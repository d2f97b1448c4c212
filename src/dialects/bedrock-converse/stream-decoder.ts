/** The binary event stream of an answer to canonical events. */
import { AwsEventError } from '../../bytes/aws-event-headers.ts'
import type { AwsEventMessage } from '../../bytes/aws-event-message.ts'
import { AwsEventReader } from '../../bytes/aws-event-reader.ts'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { dialectId } from './dialect-id.ts'
import { decodeException } from '../../kernel/codec/aws-errors.ts'
import { decodeFinish, tellsSequenceAlone } from './finish.ts'
import { decodeGuardrail } from './guardrail.ts'
import { malformed } from './response.ts'
import { BlockDecoder } from './stream-block-decode.ts'
import { decodeUsage } from './usage.ts'

/** `p` is padding of random length, there to hide how long tokens are. */
const padding = 'p'
const stopMembers: ReadonlySet<string> = new Set(['stopReason', 'additionalModelResponseFields', padding])
const metadataMembers: ReadonlySet<string> = new Set(['usage', 'metrics', 'trace', 'serviceTier', padding])

export class ConverseDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new AwsEventReader()
  readonly #blocks: BlockDecoder
  #events: ChatEvent[] = []
  #started = false
  /** The model has stopped; what was used may still follow. */
  #stopped = false
  #told = false
  #done = false

  constructor() {
    this.#blocks = new BlockDecoder((event) => this.#events.push(event))
  }

  /** What was pushed so far ends between two events. */
  get atBoundary(): boolean {
    return this.#reader.atBoundary
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard(() => {
      for (const message of this.#reader.push(chunk)) if (!this.#done) this.#message(message)
      // Damage behind whole messages is told by the next call; without it, it would not be told before more has come.
      if (!this.#done) this.#reader.push(new Uint8Array(0))
    })
  }

  end(): ChatEvent[] {
    return this.#guard(() => {
      if (this.#done) return
      if (!this.#stopped || !this.#reader.atBoundary)
        throw new Fault('provider_cut', 'The stream ended before the answer did.')
      this.#finish()
    })
  }

  #guard(run: () => void): ChatEvent[] {
    if (this.#done) return []
    this.#events = []
    try {
      run()
    } catch (error) {
      this.#done = true
      this.#events.push({ type: 'error', fault: asFault(error) })
    }
    return this.#events
  }

  #message({ headers, payload }: AwsEventMessage): void {
    const text = (name: string): string => {
      const header = headers.get(name)
      return header?.type === 'string' ? header.value : ''
    }
    switch (text(':message-type')) {
      case 'event':
        return this.#event(text(':event-type'), parsed(payload))
      case 'exception':
        throw decodeException(text(':exception-type'), parsed(payload))
      case 'error':
        throw decodeException(text(':error-code'), { message: text(':error-message') })
      default:
        throw malformed(`a message of its stream has the type "${text(':message-type')}"`)
    }
  }

  #event(type: string, json: JsonObject): void {
    switch (type) {
      case 'messageStart':
        return this.#start()
      case 'contentBlockStart':
      case 'contentBlockDelta':
      case 'contentBlockStop':
        this.#start()
        // What comes behind the end has no place in the answer any more.
        if (!this.#stopped) this.#blocks.take(type, json)
        return
      case 'messageStop':
        this.#start()
        return this.#stop(json)
      case 'metadata':
        this.#start()
        return this.#metadata(json)
      default:
        this.#start()
        this.#events.push({ type: 'opaque-event', origin: dialectId, event: type, value: json })
    }
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    this.#events.push({ type: 'response-start', id: '', model: '', form: { [dialectId]: {} } })
  }

  #stop(json: JsonObject): void {
    if (this.#stopped) return
    const word = json['stopReason']
    if (typeof word !== 'string') throw malformed('its stream ends without a stopReason')
    const fields = json['additionalModelResponseFields']
    this.#blocks.closeAll()
    this.#late(json, stopMembers, tellsSequenceAlone(fields) ? {} : { additionalModelResponseFields: fields })
    this.#stopped = true
    this.#events.push({ type: 'choice-end', choice: 0, finish: decodeFinish(word, fields) })
    if (this.#told) this.#finish()
  }

  #metadata(json: JsonObject): void {
    const usage = decodeUsage(json['usage'])
    if (usage !== undefined) this.#events.push({ type: 'usage-update', usage })
    const { trace, serviceTier } = json
    const safety = isJsonObject(trace) ? decodeGuardrail(trace['guardrail']) : undefined
    for (const verdict of safety ?? []) this.#events.push({ type: 'safety-update', verdict })
    const rest: JsonObject = {}
    for (const [name, object, known] of [
      ['trace', trace, safety === undefined ? '' : 'guardrail'],
      ['serviceTier', serviceTier, 'type'],
    ] as const) {
      if (!isJsonObject(object)) continue
      for (const key of Object.keys(object)) if (key !== known) define(rest, `${name}.${key}`, object[key] ?? null)
    }
    const tier = isJsonObject(serviceTier) ? serviceTier['type'] : undefined
    this.#late(json, metadataMembers, rest, typeof tier === 'string' ? tier : undefined)
    this.#told = true
    if (this.#stopped) this.#finish()
  }

  /** Members of the answer that came with its end. */
  #late(json: JsonObject, known: ReadonlySet<string>, more: JsonObject, serviceTier?: string): void {
    const extra: JsonObject = {}
    for (const object of [json, more]) {
      for (const key of Object.keys(object)) {
        const value: JsonValue | undefined = object[key]
        if (value !== undefined && value !== null && (object === more || !known.has(key))) define(extra, key, value)
      }
    }
    const told = Object.keys(extra).length > 0
    if (!told && serviceTier === undefined) return
    this.#events.push({
      type: 'response-update',
      ...(serviceTier !== undefined && { serviceTier }),
      ...(told && { extra: { [dialectId]: extra } }),
    })
  }

  #finish(): void {
    this.#done = true
    this.#events.push({ type: 'response-end' })
  }
}

function parsed(payload: Uint8Array): JsonObject {
  if (payload.length === 0) return {}
  let value: unknown
  try {
    value = parsePreciseJson(Buffer.from(payload).toString('utf8'))
  } catch (error) {
    throw malformed('an event of its stream is not JSON', error)
  }
  if (!isJsonObject(value)) throw malformed('an event of its stream is not an object')
  return value
}

function asFault(error: unknown): Fault {
  if (error instanceof AwsEventError) return malformed(`its stream is damaged: ${error.message}`, error)
  if (error instanceof Fault && error.side !== 'client') return error
  if (error instanceof Fault) return malformed(error.message.replace(/\.$/, ''), error)
  throw error
}
