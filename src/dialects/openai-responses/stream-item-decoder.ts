/**
 * The output items of a stream while they are being told: what belongs to which part, what of a part was told already, and so what an
 * event that tells it whole (as most do in the end) adds. Some services send the whole alone, others the pieces alone.
 */
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { decodeAnnotation } from './annotations.ts'
import { decodeBlock } from './content-decode.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import { inItem } from './envelope.ts'
import type { ItemKind } from './envelope.ts'
import { streamed } from './items-encode.ts'
import { decodeLogprobs } from './logprobs.ts'
import { MemberReader } from './members.ts'
import { decodeItem } from './output-items.ts'
import { decodeEntry } from './reasoning.ts'

interface OpenPart {
  readonly part: number
  /** What was told of its text. */
  text: string
  citations: number
  logprobs: boolean
  ended: boolean
}

/** Which part of an item: a block or entry by its list and position, or what there is one of. */
export type PartKey = `content ${number}` | `summary ${number}` | 'call' | 'encrypted' | 'hollow' | 'whole'

export class ItemDecoder {
  readonly kind: ItemKind
  readonly #ordinal: number
  readonly #id: string | undefined
  readonly #item: JsonObject
  readonly #parts = new Map<PartKey, OpenPart>()
  readonly #next: () => number
  done = false

  /** `next` gives the position of the choice's next part. */
  constructor(item: JsonObject, ordinal: number, next: () => number) {
    const { type, id } = item
    this.kind = type === 'message' || type === 'reasoning' ? type : 'other'
    this.#item = item
    this.#ordinal = ordinal
    this.#id = typeof id === 'string' && id !== '' ? id : undefined
    this.#next = next
  }

  /** Its pieces are told as they come; any other item is told when it is whole. */
  get isModelled(): boolean {
    const { type } = this.#item
    return this.kind !== 'other' || type === 'function_call' || type === 'custom_tool_call'
  }

  /** A call is known from its start. What else is one part is not, until it is whole. */
  begin(path: string, events: ChatEvent[]): void {
    if (this.kind !== 'other' || !this.isModelled) return
    const { status: _, ...begun } = this.#item
    const [call] = decodeItem(begun, path, this.#ordinal)
    if (call === undefined) return
    const form = { [dialectId]: { ...ownForm(call), [streamed]: true } }
    this.#start('call', { ...call, form }, events)
  }

  /** A block or an entry begins, with what is known of it. */
  beginPart(key: PartKey, json: JsonValue | undefined, path: string, events: ChatEvent[]): void {
    if (this.#parts.has(key) || !isJsonObject(json)) return
    const value = this.#decode(key, json, path)
    // Of what nobody knows only the whole is worth telling.
    if (value.type !== 'opaque') this.#start(key, value, events)
  }

  grow(
    key: PartKey,
    change: { text?: string; logprobs?: JsonValue | undefined },
    empty: JsonObject,
    events: ChatEvent[],
  ): void {
    if (!this.#parts.has(key)) this.beginPart(key, empty, '', events)
    const open = this.#parts.get(key)
    if (open === undefined || open.ended) return
    const { text = '' } = change
    open.text += text
    if (text !== '') this.#delta(open, { text }, events)
    this.#logprobs(open, change.logprobs, events)
  }

  cite(key: PartKey, annotation: JsonValue | undefined, events: ChatEvent[]): void {
    const open = this.#parts.get(key)
    if (open === undefined || open.ended || annotation === undefined || annotation === null) return
    open.citations++
    this.#delta(open, { citation: decodeAnnotation(annotation) }, events)
  }

  /** The part as it is in the end: tells what is missing of it, and ends it. */
  endPart(key: PartKey, json: JsonValue | undefined, path: string, events: ChatEvent[]): void {
    if (isJsonObject(json)) this.#whole(key, this.#decode(key, json, path), events)
  }

  /** The item as it is in the end. */
  end(json: JsonObject, path: string, events: ChatEvent[]): void {
    if (this.done) return
    this.done = true
    const counts = { content: 0, summary: 0 }
    for (const part of decodeItem(json, path, this.#ordinal)) {
      const key = this.#keyOf(part, counts)
      if (key !== 'hollow' || this.#parts.size === 0) this.#whole(key, part, events)
    }
    this.close(events)
  }

  /** Ends what is still open. */
  close(events: ChatEvent[]): void {
    for (const open of this.#parts.values()) this.#end(open, events)
  }

  #keyOf(part: Part, counts: { content: number; summary: number }): PartKey {
    if (this.kind === 'other') return part.type === 'tool-call' ? 'call' : 'whole'
    if (ownForm(part)?.['hollow'] === true) return 'hollow'
    if (this.kind === 'message') return `content ${counts.content++}`
    if (part.type === 'reasoning' && part.encrypted !== undefined) return 'encrypted'
    const list = part.type === 'reasoning' ? (part.summary === true ? 'summary' : 'content') : ownForm(part)?.['list']
    return list === 'summary' ? `summary ${counts.summary++}` : `content ${counts.content++}`
  }

  #decode(key: PartKey, json: JsonObject, path: string): Part {
    if (this.kind !== 'reasoning') return decodeBlock(json, path, 'output_text')
    const part = decodeEntry(json, path, key.startsWith('summary') ? 'summary' : 'content')
    return part.type === 'reasoning' && this.#id !== undefined ? { ...part, signature: this.#id } : part
  }

  /** Starts the part if it has not, tells what is missing of it, and ends it. */
  #whole(key: PartKey, value: Part, events: ChatEvent[]): void {
    const known = this.#parts.get(key)
    if (known === undefined) {
      const open = this.#start(key, value, events)
      this.#logprobs(open, ownForm(value)?.['logprobs'], events)
      return this.#end(open, events)
    }
    if (known.ended) return
    const text = textOf(value)
    if (text.length > known.text.length && text.startsWith(known.text))
      this.#delta(known, { text: text.slice(known.text.length) }, events)
    const citations = value.type === 'text' ? (value.citations ?? []) : []
    for (const citation of citations.slice(known.citations)) this.#delta(known, { citation }, events)
    if (!known.logprobs) this.#logprobs(known, ownForm(value)?.['logprobs'], events)
    this.#end(known, events)
  }

  #start(key: PartKey, value: Part, events: ChatEvent[]): OpenPart {
    const first = this.#parts.size === 0
    const place = { kind: this.kind, ordinal: this.#ordinal }
    const placed =
      ownForm(value)?.['item'] === undefined ? inItem(value, place, first ? this.#envelope() : undefined) : value
    const open: OpenPart = {
      part: this.#next(),
      text: textOf(value),
      citations: value.type === 'text' ? (value.citations?.length ?? 0) : 0,
      logprobs: false,
      ended: false,
    }
    this.#parts.set(key, open)
    events.push({ type: 'part-start', choice: 0, part: open.part, value: placed })
    return open
  }

  /** What the item says of itself, its content and its state apart: those are still to come. */
  #envelope(): ReturnType<MemberReader['node']> | undefined {
    if (this.kind === 'other') return undefined
    const { content: _, encrypted_content: __, status: ___, ...begun } = this.#item
    const reader = new MemberReader(this.kind === 'reasoning' ? { ...begun, summary: [] } : begun, '')
    for (const key of ['type', 'role']) reader.take(key)
    reader.keep(['id', 'phase'])
    reader.note(streamed, true)
    if (this.kind === 'reasoning') reader.list('summary')
    return reader.node()
  }

  #delta(open: OpenPart, change: Omit<PartDelta, 'type' | 'choice' | 'part'>, events: ChatEvent[]): void {
    if (!open.ended) events.push({ type: 'part-delta', choice: 0, part: open.part, ...change })
  }

  #logprobs(open: OpenPart, json: JsonValue | undefined, events: ChatEvent[]): void {
    const content = decodeLogprobs(json)
    if (content.length === 0) return
    open.logprobs = true
    events.push({ type: 'logprobs-delta', choice: 0, content })
  }

  #end(open: OpenPart, events: ChatEvent[]): void {
    if (open.ended) return
    open.ended = true
    events.push({ type: 'part-end', choice: 0, part: open.part })
  }
}

function textOf(part: Part): string {
  if (part.type === 'tool-call') return part.arguments
  return part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning' ? part.text : ''
}
