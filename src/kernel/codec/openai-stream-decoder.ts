/**
 * Decodes a stream of OpenAI's protocols with `choices` into events, tolerating whatever services do to it: frames, ends and errors
 * are the same in all of them; what one choice says is for the dialect to read.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { StreamDecoder } from '../dialect.ts'
import { LateMembers } from './late-members.ts'
import { wrongType } from './member-reader.ts'
import { openaiErrorInEvent } from './openai-errors.ts'
import { promptVerdict } from './openai-filters.ts'
import type { OpenaiUsageCodec } from './openai-usage.ts'
import { asProviderFault } from './provider-fault.ts'

/** `obfuscation` is random padding of each chunk, there to hide lengths. */
const chunkMembers: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'obfuscation',
])

/** The object in an event's data; throws a Fault (`provider_malformed`) for anything else. */
function parseChunk(data: string): JsonObject {
  let json: unknown
  try {
    json = parseJson(data)
  } catch (cause) {
    throw new Fault('provider_malformed', 'The provider sent an event whose data is not JSON.', { cause })
  }
  if (!isJsonObject(json))
    throw new Fault('provider_malformed', 'The provider sent an event whose data is not a JSON object.')
  return json
}

/** Turns what the chunks say of one choice into events. */
export interface ChoiceDecoder {
  readonly ended: boolean
  /** The events of one chunk's choice; none after its end. */
  push(choice: JsonObject, path: string): ChatEvent[]
  /** Ends the choice, unless it has; without a word from the service the reason is what was said. */
  end(): ChatEvent[]
}

export interface OpenaiStreamKind {
  readonly dialectId: string
  readonly usage: OpenaiUsageCodec
  choice(index: number, responseId: string): ChoiceDecoder
}

export class OpenaiStreamDecoder implements StreamDecoder<ChatEvent> {
  readonly #kind: OpenaiStreamKind
  readonly #reader = new SseReader()
  readonly #choices = new Map<number, ChoiceDecoder>()
  readonly #members = new LateMembers(chunkMembers)
  #id = ''
  #started = false
  #finished = false
  #serviceTier: string | undefined
  #filtered: JsonValue | undefined

  constructor(kind: OpenaiStreamKind) {
    this.#kind = kind
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard((events) => {
      for (const event of this.#reader.push(chunk)) this.#event(event, events)
    })
  }

  end(): ChatEvent[] {
    return this.#guard((events) => {
      for (const event of this.#reader.end()) this.#event(event, events)
      if (this.#finished) return
      if (this.#started && this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.ended))
        this.#finish(events)
      else throw new Fault('provider_cut', 'The answer broke off before its end.')
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

  #event({ event, data }: SseEvent, events: ChatEvent[]): void {
    if (this.#finished || data === '') return
    if (data.trim() === '[DONE]') return this.#done(events)
    const json = parseChunk(data)
    const fault = openaiErrorInEvent(event, json)
    if (fault !== undefined) throw fault
    this.#chunk(json, events)
  }

  #done(events: ChatEvent[]): void {
    if (!this.#started) throw new Fault('provider_cut', 'The provider ended the stream without an answer.')
    for (const choice of this.#choices.values()) events.push(...choice.end())
    this.#finish(events)
  }

  #finish(events: ChatEvent[]): void {
    this.#finished = true
    events.push({ type: 'response-end' })
  }

  #chunk(json: JsonObject, events: ChatEvent[]): void {
    const choices = json['choices'] ?? undefined
    if (choices === undefined ? json['usage'] === undefined && json['id'] === undefined : !Array.isArray(choices))
      throw wrongType('choices', 'an array', choices)
    const list = Array.isArray(choices) ? choices : []
    const extra = this.#members.changes(json)
    const serviceTier = this.#newTier(json['service_tier'])
    if (!this.#started) this.#start(json, list, events)
    else if (extra !== undefined || serviceTier !== undefined) {
      events.push({
        type: 'response-update',
        ...(serviceTier !== undefined && { serviceTier }),
        ...(extra !== undefined && { extra: { [this.#kind.dialectId]: extra } }),
      })
    }
    for (const [position, choice] of list.entries()) this.#choice(choice, position, events)
    if (this.#started) this.#safety(events)
    const usage = this.#kind.usage.ofChunk(json)
    if (usage !== undefined && this.#started) events.push({ type: 'usage-update', usage })
  }

  /** Azure begins with a chunk that has neither id nor choices: the answer starts with the one after it. */
  #start(json: JsonObject, choices: readonly JsonValue[], events: ChatEvent[]): void {
    const { id, model, created } = json
    if (choices.length === 0 && (typeof id !== 'string' || id === '') && json['usage'] === undefined) return
    this.#started = true
    this.#id = typeof id === 'string' ? id : ''
    const { dialectId } = this.#kind
    const members = this.#members.all()
    events.push({
      type: 'response-start',
      id: this.#id,
      model: typeof model === 'string' ? model : '',
      ...(typeof created === 'number' && { created }),
      ...(this.#serviceTier !== undefined && { serviceTier: this.#serviceTier }),
      ...(Object.keys(members).length > 0 && { extra: { [dialectId]: members } }),
      form: { [dialectId]: {} },
    })
  }

  /** What was said of the prompt, in an event before the answer or with it. */
  #safety(events: ChatEvent[]): void {
    const results = this.#members.told('prompt_filter_results')
    if (results === undefined || results === this.#filtered) return
    this.#filtered = results
    const verdict = promptVerdict({ prompt_filter_results: results }, this.#kind.dialectId)
    if (verdict !== undefined) events.push({ type: 'safety-update', verdict })
  }

  #newTier(tier: JsonValue | undefined): string | undefined {
    if (typeof tier !== 'string' || tier === this.#serviceTier) return undefined
    this.#serviceTier = tier
    return tier
  }

  #choice(json: JsonValue, position: number, events: ChatEvent[]): void {
    const path = joinPath('choices', position)
    if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
    const { index: told } = json
    const index = typeof told === 'number' && Number.isInteger(told) && told >= 0 && told < 1024 ? told : position
    let choice = this.#choices.get(index)
    if (choice === undefined) {
      choice = this.#kind.choice(index, this.#id)
      this.#choices.set(index, choice)
    }
    events.push(...choice.push(json, path))
  }
}
