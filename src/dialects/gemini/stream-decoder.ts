/**
 * The stream of an answer to events. Every chunk is an answer of its own shape; nothing marks the end but the finish reasons of its
 * candidates. What is no event but plain JSON is Google's way of telling an error half-way.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseLineTooLongError, SseReader } from '../../bytes/sse-reader.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import { dialectId } from './dialect-id.ts'
import { decodeGoogleFault, googleErrorIn } from '../../kernel/codec/google-errors.ts'
import { camelCase, memberOf } from './members.ts'
import { RawDocuments } from './raw-documents.ts'
import { malformed, secondsOf, silentFinish } from './response.ts'
import { decodeFeedback } from './safety.ts'
import { CandidateDecoder } from './stream-candidate.ts'
import { tierIn } from './service-tier.ts'
import { decodeUsage } from './usage.ts'

const lineFeed = 0x0a
/** More than anybody asks for. */
const mostCandidates = 1024

const chunkMembers: ReadonlySet<string> = new Set([
  'candidates',
  'promptFeedback',
  'usageMetadata',
  'modelVersion',
  'responseId',
  'createTime',
])

export class GeminiStreamDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #raw = new RawDocuments()
  readonly #candidates = new Map<number, CandidateDecoder>()
  readonly #extra: JsonObject = {}
  #id = ''
  #started = false
  #tier: string | undefined
  #finished = false
  /** The prompt was blocked: there will be no candidates. */
  #silent = false
  #feedback = ''

  /** All that was begun has told its end. */
  get complete(): boolean {
    const candidates = [...this.#candidates.values()]
    return this.#silent || (candidates.length > 0 && candidates.every(({ ended }) => ended))
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard((events) => {
      // Line by line, so that events and what stands between them are met in their order.
      for (let start = 0; start < chunk.length && !this.#finished;) {
        const end = chunk.indexOf(lineFeed, start)
        const line = chunk.subarray(start, end === -1 ? chunk.length : end + 1)
        start += line.length
        for (const { data } of this.#reader.push(line)) this.#event(data, events)
        const document = this.#raw.push(line)
        if (document !== undefined) this.#document(document, events)
      }
    })
  }

  end(): ChatEvent[] {
    return this.#guard((events) => {
      for (const { data } of this.#reader.end()) this.#event(data, events)
      if (!this.complete) throw new Fault('provider_cut', 'The answer broke off before its end.')
      this.#finished = true
      events.push({ type: 'response-end' })
    })
  }

  /** Whatever goes wrong becomes the last event. */
  #guard(read: (events: ChatEvent[]) => void): ChatEvent[] {
    const events: ChatEvent[] = []
    if (this.#finished) return events
    try {
      read(events)
    } catch (error) {
      this.#finished = true
      events.push({ type: 'error', fault: asProviderFault(error) })
    }
    return events
  }

  #event(data: string, events: ChatEvent[]): void {
    // Some services that imitate the protocol end their streams as others do.
    if (data === '' || data.trim() === '[DONE]') return
    let json: unknown
    try {
      json = parsePreciseJson(data)
    } catch (cause) {
      throw malformed('an event has data that is not JSON.', cause)
    }
    this.#checked(json, events)
  }

  /** One list of chunks, where a service does not write events. */
  #document(json: unknown, events: ChatEvent[]): void {
    if (!Array.isArray(json) || googleErrorIn(json) !== undefined) return this.#checked(json, events)
    for (const item of json as unknown[]) this.#checked(item, events)
  }

  #checked(json: unknown, events: ChatEvent[]): void {
    const error = googleErrorIn(json)
    if (error !== undefined) throw decodeGoogleFault(undefined, error)
    if (!isJsonObject(json)) throw malformed('an event has data that is not a JSON object.')
    this.#chunk(json, events)
  }

  #chunk(json: JsonObject, events: ChatEvent[]): void {
    const list = memberOf(json, 'candidates') ?? []
    if (!Array.isArray(list)) throw wrongType('candidates', 'an array', list)
    const extra = this.#changes(json)
    if (!this.#started) this.#start(json, events)
    else if (extra !== undefined) events.push({ type: 'response-update', extra: { [dialectId]: extra } })
    this.#promptFeedback(memberOf(json, 'promptFeedback'), list.length, events)
    for (const [position, candidate] of list.entries()) this.#candidate(candidate, position, events)
    const usage = decodeUsage(memberOf(json, 'usageMetadata'))
    if (usage !== undefined) events.push({ type: 'usage-update', usage })
    const tier = tierIn(memberOf(json, 'usageMetadata'))
    if (tier === undefined || tier === this.#tier) return
    this.#tier = tier
    events.push({ type: 'response-update', serviceTier: tier })
  }

  #start(json: JsonObject, events: ChatEvent[]): void {
    this.#started = true
    const id = memberOf(json, 'responseId')
    const model = memberOf(json, 'modelVersion')
    const time = memberOf(json, 'createTime')
    const created = typeof time === 'string' ? secondsOf(time) : undefined
    this.#id = typeof id === 'string' ? id : ''
    events.push({
      type: 'response-start',
      id: this.#id,
      model: typeof model === 'string' ? model : '',
      ...(created !== undefined && { created }),
      ...(Object.keys(this.#extra).length > 0 && { extra: { [dialectId]: { ...this.#extra } } }),
      form: { [dialectId]: {} },
    })
  }

  /** Members of the answer that this chunk tells for the first time or otherwise than before. */
  #changes(json: JsonObject): JsonObject | undefined {
    let extra: JsonObject | undefined
    for (const key of Object.keys(json)) {
      const value = json[key]
      if (value === undefined || chunkMembers.has(camelCase(key))) continue
      const before = Object.hasOwn(this.#extra, key) ? this.#extra[key] : undefined
      if (before !== undefined && (value === null || JSON.stringify(before) === JSON.stringify(value))) continue
      extra ??= {}
      define(extra, key, value)
      define(this.#extra, key, value)
    }
    return extra
  }

  #promptFeedback(feedback: JsonValue | undefined, candidates: number, events: ChatEvent[]): void {
    if (!isJsonObject(feedback)) return
    const verdict = decodeFeedback(feedback)
    const text = JSON.stringify(feedback)
    if (text !== this.#feedback) events.push({ type: 'safety-update', verdict })
    this.#feedback = text
    if (!verdict.blocked || candidates > 0 || this.#candidates.size > 0 || this.#silent) return
    this.#silent = true
    events.push({ type: 'choice-end', choice: 0, finish: silentFinish(verdict) })
  }

  #candidate(json: JsonValue, position: number, events: ChatEvent[]): void {
    const path = joinPath('candidates', position)
    if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
    if (this.#silent) return
    const { index: told } = json
    const index =
      typeof told === 'number' && Number.isInteger(told) && told >= 0 && told < mostCandidates ? told : position
    let candidate = this.#candidates.get(index)
    if (candidate === undefined) {
      candidate = new CandidateDecoder(index, this.#id)
      this.#candidates.set(index, candidate)
    }
    events.push(...candidate.push(json, path))
  }
}

function asProviderFault(error: unknown): Fault {
  if (error instanceof Fault && error.side !== 'client') return error
  const long = error instanceof SseLineTooLongError
  const detail = error instanceof Error ? error.message : 'unknown'
  return malformed(long ? `an event is too long (${detail}).` : detail, error)
}
