/**
 * One candidate of a stream: its parts come in pieces, text by text and thought by thought, all else whole. Pieces of a kind grow
 * together as they stand in the plain answer; a signature ends what it stands on.
 */
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { AudioPart, Part, ReasoningPart, TextPart } from '../../model/part.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import { answerPrefix, callIds } from './call-ids.ts'
import type { CallIds } from './call-ids.ts'
import { citationsOf, hasSources } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { decodeFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { memberOf, camelCase } from './members.ts'
import { decodePart } from './parts-decode.ts'
import { decodeVerdict } from './safety.ts'
import { carriedFor, PartCounter } from './signatures.ts'

const candidateMembers: ReadonlySet<string> = new Set([
  'index',
  'content',
  'finishReason',
  'finishMessage',
  'safetyRatings',
  'logprobsResult',
])
const contentMembers: ReadonlySet<string> = new Set(['parts', 'role'])

interface Growing {
  readonly kind: 'text' | 'thought' | 'audio'
  readonly part: number
  readonly mediaType?: string | undefined
  /** Of a text: all of it, for the sources that may come at its end, and whether a signature has ended it. */
  text: string
  signed: boolean
  /** Of a sound: the base64 that waits for more, because it does not end on a whole number of bytes. */
  tail: string
}

export class CandidateDecoder {
  readonly #index: number
  readonly #ids: CallIds
  readonly #counter = new PartCounter()
  readonly #extra: JsonObject = {}
  #parts = 0
  #growing: Growing | undefined
  #calls = false
  #sources: JsonObject = {}
  #ratings: JsonValue | undefined
  ended = false

  constructor(index: number, responseId: string) {
    this.#index = index
    this.#ids = callIds(answerPrefix(responseId, index))
  }

  /** The events of one chunk's candidate. After its end a candidate says nothing more. */
  push(candidate: JsonObject, path: string): ChatEvent[] {
    const events: ChatEvent[] = []
    if (this.ended) return events
    const content = memberOf(candidate, 'content') ?? {}
    if (!isJsonObject(content)) throw wrongType(`${path}.content`, 'an object', content)
    const parts = memberOf(content, 'parts') ?? []
    if (!Array.isArray(parts)) throw wrongType(`${path}.content.parts`, 'an array', parts)
    this.#collect(candidate, candidateMembers, '')
    this.#collect(content, contentMembers, 'content.')
    for (const [index, part] of parts.entries()) this.#part(part, `${path}.content.parts[${index}]`, events)
    const logprobs = decodeLogprobs(memberOf(candidate, 'logprobsResult'))
    if (logprobs?.content !== undefined)
      events.push({ type: 'logprobs-delta', choice: this.#index, content: logprobs.content })
    if (hasSources(candidate)) this.#sources = { ...this.#sources, ...candidate }
    this.#ratings = memberOf(candidate, 'safetyRatings') ?? this.#ratings
    const word = memberOf(candidate, 'finishReason') ?? undefined
    if (word !== undefined && typeof word !== 'string') throw wrongType(`${path}.finishReason`, 'a string', word)
    if (word !== undefined) {
      const verdict = decodeVerdict(this.#ratings, this.#index, word)
      events.push(
        ...this.#end(decodeFinish(word, this.#calls, memberOf(candidate, 'finishMessage') ?? undefined), verdict),
      )
    }
    return events
  }

  #end(finish: Finish, verdict: SafetyVerdict | undefined): ChatEvent[] {
    const events: ChatEvent[] = []
    const text = this.#growing?.kind === 'text' ? this.#growing.text : undefined
    if (this.#growing !== undefined && text !== undefined)
      for (const citation of citationsOf(this.#sources, text)) this.#delta(this.#growing.part, { citation }, events)
    this.#close(events)
    this.ended = true
    if (verdict !== undefined) events.push({ type: 'safety-update', verdict })
    events.push({
      type: 'choice-end',
      choice: this.#index,
      finish,
      ...(Object.keys(this.#extra).length > 0 && { extra: { [dialectId]: this.#extra } }),
    })
    return events
  }

  /** Members nobody models: the last that was not null holds. */
  #collect(object: JsonObject, known: ReadonlySet<string>, prefix: string): void {
    for (const key of Object.keys(object)) {
      const value = object[key]
      const name = prefix + key
      if (value === undefined || known.has(camelCase(key)) || (value === null && Object.hasOwn(this.#extra, name)))
        continue
      define(this.#extra, name, value)
    }
  }

  #part(json: JsonValue, path: string, events: ChatEvent[]): void {
    const [first, second] = decodePart(json, path, this.#ids)
    if (first === undefined) return
    if (first.type === 'tool-call' || second?.type === 'tool-call') this.#calls = true
    if (first.type === 'text') this.#text(first, second, events)
    else if (first.type === 'reasoning' && carriedFor(first) === undefined) this.#thought(first, events)
    else if (first.type === 'audio') this.#audio(first, events)
    else {
      this.#close(events)
      for (const part of this.#counter.count(second === undefined ? [first] : [first, second]))
        this.#whole(part, events)
    }
  }

  /** `carrier` is that of the text's signature. A text that says nothing but comes with one belongs to the text before it. */
  #text(part: TextPart, carrier: Part | undefined, events: ChatEvent[]): void {
    const open = this.#open('text')
    const grows = open !== undefined && !open.signed && part.extra === undefined
    if (grows) {
      if (part.text !== '') this.#delta(open.part, { text: part.text }, events)
      open.text += part.text
    } else if (part.text !== '' || part.extra !== undefined || carrier !== undefined) {
      this.#close(events)
      const [counted = part] = this.#counter.count([part])
      this.#growing = { kind: 'text', part: this.#start(counted, events), text: part.text, signed: false, tail: '' }
    }
    if (carrier === undefined || this.#growing === undefined) return
    // It stays open for its sources, which come last.
    this.#growing.signed = true
    const [marked = carrier] = this.#counter.count([carrier])
    this.#whole(marked, events)
  }

  #thought(part: ReasoningPart, events: ChatEvent[]): void {
    const open = this.#open('thought')
    if (open !== undefined && part.extra === undefined && part.origin === dialectId) {
      const { signature } = part
      if (part.text !== '' || signature !== undefined)
        this.#delta(
          open.part,
          { ...(part.text !== '' && { text: part.text }), ...(signature !== undefined && { signature }) },
          events,
        )
      if (signature !== undefined) this.#close(events)
      return
    }
    if (part.text === '' && part.extra === undefined && part.signature === undefined && part.origin === dialectId)
      return
    this.#close(events)
    const [counted = part] = this.#counter.count([part])
    const at = this.#start(counted, events)
    this.#growing = { kind: 'thought', part: at, text: '', signed: false, tail: '' }
    if (part.signature !== undefined) this.#close(events)
  }

  /** Voices are told in many pieces of one sound. */
  #audio(part: AudioPart, events: ChatEvent[]): void {
    const source = part.source?.kind === 'base64' ? part.source : undefined
    const open = this.#open('audio')
    if (source === undefined || part.extra !== undefined) {
      this.#close(events)
      for (const counted of this.#counter.count([part])) this.#whole(counted, events)
    } else if (open !== undefined && open.mediaType === source.mediaType) {
      const { whole, tail } = splitBase64(open.tail, source.data)
      open.tail = tail
      if (whole !== '') this.#delta(open.part, { text: whole }, events)
    } else {
      this.#close(events)
      const { whole, tail } = splitBase64('', source.data)
      const [counted = part] = this.#counter.count([{ ...part, source: { ...source, data: whole } }])
      const at = this.#start(counted, events)
      this.#growing = { kind: 'audio', part: at, mediaType: source.mediaType, text: '', signed: false, tail }
    }
  }

  #open(kind: Growing['kind']): Growing | undefined {
    return this.#growing?.kind === kind ? this.#growing : undefined
  }

  #start(value: Part, events: ChatEvent[]): number {
    const part = this.#parts++
    events.push({ type: 'part-start', choice: this.#index, part, value })
    return part
  }

  #delta(part: number, change: Omit<PartDelta, 'type' | 'choice' | 'part'>, events: ChatEvent[]): void {
    events.push({ type: 'part-delta', choice: this.#index, part, ...change })
  }

  #whole(value: Part, events: ChatEvent[]): void {
    events.push({ type: 'part-end', choice: this.#index, part: this.#start(value, events) })
  }

  #close(events: ChatEvent[]): void {
    const growing = this.#growing
    if (growing === undefined) return
    this.#growing = undefined
    if (growing.tail !== '') this.#delta(growing.part, { text: growing.tail }, events)
    events.push({ type: 'part-end', choice: this.#index, part: growing.part })
  }
}

/** Base64 of what was held back and what has come, up to a whole number of its units, and the rest. */
function splitBase64(held: string, data: string): { readonly whole: string; readonly tail: string } {
  const all =
    held === '' ? data : Buffer.concat([Buffer.from(held, 'base64'), Buffer.from(data, 'base64')]).toString('base64')
  return all.endsWith('=') ? { whole: all.slice(0, -4), tail: all.slice(-4) } : { whole: all, tail: '' }
}
