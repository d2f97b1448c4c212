/**
 * The items of a streamed answer while they are written: each knows the events that begin, grow and end its parts, and the item as it
 * is by now, which the last event repeats.
 */
import type { PartDelta } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, TextPart, ToolCallPart } from '../../model/part.ts'
import { citationPath, encodeCitation } from './annotations.ts'
import { encodeBlock } from './content-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { envelopeOf, isHollow } from './envelope.ts'
import { answeredMessage, encodeCall, isDecoded, ownMessage } from './items-encode.ts'
import { encodeLogprobs } from './logprobs.ts'
import { MemberWriter } from './members.ts'
import { encodeForeignReasoning, encodeReasoning, isBare, listOf } from './reasoning.ts'

/** Where an item writes to: an event of its own, and what could not be said. */
export interface ItemOutput {
  emit(type: string, members: JsonObject): void
  collect<T>(encode: (lost: Loss[]) => T): T
}

export interface ItemWriter {
  readonly index: number
  readonly id: string
  /** What parts have to have in common with the item to be of it; undefined for items of one part. */
  readonly key: string | undefined
  /** Parts that are not at their end. */
  readonly open: number
  /** The item as it is. */
  json(status: string): JsonObject
  start(part: number, value: Part, path: string): void
  delta(part: number, delta: PartDelta): void
  end(part: number): void
}

interface Place {
  readonly index: number
  /** For items that have no id of their own. */
  readonly id: string
  readonly key: string | undefined
}

interface Block {
  value: Part
  readonly path: string
  readonly contentIndex: number
  readonly logprobs: TokenLogprob[]
  readonly annotations: JsonValue[]
  /** How many were told, whether or not they can be said here. */
  citations: number
  ended: boolean
}

export class MessageWriter implements ItemWriter {
  readonly index: number
  readonly id: string
  readonly key: string | undefined
  readonly #first: Part
  readonly #output: ItemOutput
  readonly #blocks = new Map<number, Block>()
  open = 0

  constructor(place: Place, first: Part, output: ItemOutput) {
    this.index = place.index
    this.key = place.key
    this.#first = first
    this.#output = output
    const told = new MemberWriter(envelopeOf(first)).note('id')
    this.id = typeof told === 'string' && told !== '' ? told : place.id
  }

  json(status: string): JsonObject {
    const blocks = [...this.#blocks.values()].map((block) => this.#json(block))
    if (!isDecoded(this.#first)) return answeredMessage(this.id, blocks, status)
    return { ...ownMessage(this.#first, []), id: this.id, status, content: blocks }
  }

  #json({ value, path, logprobs, annotations }: Block): JsonObject {
    const json = this.#output.collect((lost) => encodeBlock(value, path, { place: 'answer', lost, logprobs })) ?? {}
    return value.type === 'text' ? { ...json, annotations: [...annotations] } : json
  }

  #emit(type: string, { contentIndex }: Block, members: JsonObject): void {
    this.#output.emit(type, { item_id: this.id, output_index: this.index, content_index: contentIndex, ...members })
  }

  start(part: number, value: Part, path: string): void {
    if (isHollow(value)) return
    const block: Block = {
      value: withoutText(value),
      path,
      contentIndex: this.#blocks.size,
      logprobs: [],
      annotations: [],
      citations: 0,
      ended: false,
    }
    this.#blocks.set(part, block)
    this.open++
    this.#emit('response.content_part.added', block, { part: this.#json(block) })
    const text = textOf(value)
    if (text !== '') this.#text(block, text)
    if (value.type === 'text') for (const citation of value.citations ?? []) this.#cite(block, citation)
  }

  delta(part: number, { text = '', citation }: PartDelta): void {
    const block = this.#blocks.get(part)
    if (block === undefined || block.ended) return
    if (text !== '') this.#text(block, text)
    if (citation !== undefined && block.value.type === 'text') this.#cite(block, citation)
  }

  #text(block: Block, text: string, logprobs: readonly TokenLogprob[] = []): void {
    block.value = appendDelta(block.value, { type: 'part-delta', choice: 0, part: 0, text })
    if (block.value.type === 'refusal') this.#emit('response.refusal.delta', block, { delta: text })
    else this.#emit('response.output_text.delta', block, { delta: text, logprobs: encodeLogprobs(logprobs) })
  }

  #cite(block: Block, citation: NonNullable<TextPart['citations']>[number]): void {
    const position = block.citations++
    const length = textOf(block.value).length
    const annotation = this.#output.collect((lost) =>
      encodeCitation(citation, length, citationPath(block.path, position), lost),
    )
    if (annotation === undefined) return
    const index = block.annotations.push(annotation) - 1
    this.#emit('response.output_text.annotation.added', block, { annotation_index: index, annotation })
  }

  /** Tokens of the text so far; false when there is no text to which they could belong. */
  takeLogprobs(tokens: readonly TokenLogprob[]): boolean {
    const block = [...this.#blocks.values()].findLast(({ value, ended }) => value.type === 'text' && !ended)
    if (block === undefined) return false
    block.logprobs.push(...tokens)
    this.#text(block, '', tokens)
    return true
  }

  end(part: number): void {
    const block = this.#blocks.get(part)
    if (block === undefined || block.ended) return
    block.ended = true
    this.open--
    const { value, logprobs } = block
    if (value.type === 'text')
      this.#emit('response.output_text.done', block, { text: value.text, logprobs: encodeLogprobs(logprobs) })
    else if (value.type === 'refusal') this.#emit('response.refusal.done', block, { refusal: value.text })
    this.#emit('response.content_part.done', block, { part: this.#json(block) })
  }
}

interface Entry {
  readonly list: 'summary' | 'content'
  readonly position: number
}

interface Thought {
  value: Part
  entry: Entry | undefined
  ended: boolean
}

export class ReasoningWriter implements ItemWriter {
  readonly index: number
  readonly id: string
  readonly key: string | undefined
  readonly #output: ItemOutput
  readonly #thoughts = new Map<number, Thought>()
  readonly #entries = { summary: 0, content: 0 }
  open = 0

  /** `first` names the item; false where another has that name already. */
  constructor(place: Place, first: Part | false, output: ItemOutput) {
    this.index = place.index
    this.key = place.key
    this.#output = output
    const told =
      first !== false && first.type === 'reasoning' && first.origin === dialectId ? first.signature : undefined
    this.id = told === undefined || told === '' ? place.id : told
  }

  json(): JsonObject {
    const parts = [...this.#thoughts.values()].map(({ value }) => value)
    const [first] = parts
    if (first === undefined) return { id: this.id, type: 'reasoning', summary: [] }
    if (first.type === 'reasoning' && first.origin !== dialectId) return encodeForeignReasoning(first, this.id)
    return { ...encodeReasoning(parts, this.id), id: this.id }
  }

  start(part: number, value: Part): void {
    const thought: Thought = { value: withoutText(value), entry: undefined, ended: false }
    this.#thoughts.set(part, thought)
    this.open++
    if (value.type === 'reasoning' && isOwn(value) && !isBare(value)) this.#enter(thought)
    const text = textOf(value)
    if (text !== '') this.#text(thought, text)
  }

  delta(part: number, delta: PartDelta): void {
    const thought = this.#thoughts.get(part)
    if (thought === undefined || thought.ended) return
    const { text, ...proof } = delta
    thought.value = appendDelta(thought.value, proof)
    if (text !== undefined && text !== '') this.#text(thought, text)
  }

  #emit(kind: string, { list, position }: Entry, members: JsonObject): void {
    const at = list === 'summary' ? { summary_index: position } : { content_index: position }
    this.#output.emit(`response.${kind}`, { item_id: this.id, output_index: this.index, ...at, ...members })
  }

  #enter(thought: Thought): Entry {
    if (thought.entry !== undefined) return thought.entry
    const list = thought.value.type === 'reasoning' ? listOf(thought.value) : 'content'
    const entry = { list, position: this.#entries[list]++ }
    thought.entry = entry
    this.#emit(...added(entry))
    return entry
  }

  #text(thought: Thought, text: string): void {
    const entry = this.#enter(thought)
    thought.value = appendDelta(thought.value, { type: 'part-delta', choice: 0, part: 0, text })
    this.#emit(entry.list === 'summary' ? 'reasoning_summary_text.delta' : 'reasoning_text.delta', entry, {
      delta: text,
    })
  }

  end(part: number): void {
    const thought = this.#thoughts.get(part)
    if (thought === undefined || thought.ended) return
    thought.ended = true
    this.open--
    const { entry, value } = thought
    if (entry === undefined) return
    const text = textOf(value)
    if (entry.list === 'summary') {
      this.#emit('reasoning_summary_text.done', entry, { text })
      this.#emit('reasoning_summary_part.done', entry, { part: { type: 'summary_text', text } })
    } else {
      this.#emit('reasoning_text.done', entry, { text })
      this.#emit('content_part.done', entry, { part: { type: 'reasoning_text', text } })
    }
  }
}

function added(entry: Entry): [string, Entry, JsonObject] {
  if (entry.list === 'summary')
    return ['reasoning_summary_part.added', entry, { part: { type: 'summary_text', text: '' } }]
  return ['content_part.added', entry, { part: { type: 'reasoning_text', text: '' } }]
}

export class CallWriter implements ItemWriter {
  readonly index: number
  readonly id: string
  readonly key = undefined
  readonly #output: ItemOutput
  #call: ToolCallPart
  #begun = false
  open = 1

  constructor(place: Place, call: ToolCallPart, output: ItemOutput) {
    this.index = place.index
    this.#output = output
    this.#call = { ...call, arguments: '' }
    const told = ownForm(call)?.['id']
    this.id = typeof told === 'string' && told !== '' ? told : place.id
  }

  json(status: string): JsonObject {
    const json = {
      ...encodeCall(this.#call, this.#call.id),
      id: this.id,
      ...(this.#call.kind === undefined && { status }),
    }
    if (this.#begun) return json
    return { ...json, [this.#member]: '' }
  }

  get #member(): 'arguments' | 'input' {
    return this.#call.kind === 'custom' ? 'input' : 'arguments'
  }

  #emit(step: 'delta' | 'done', members: JsonObject): void {
    const kind = this.#call.kind === 'custom' ? 'custom_tool_call_input' : 'function_call_arguments'
    this.#output.emit(`response.${kind}.${step}`, { item_id: this.id, output_index: this.index, ...members })
  }

  start(_part: number, value: Part): void {
    this.#begun = true
    if (value.type === 'tool-call') this.#grow(value.arguments)
  }

  delta(_part: number, { text = '' }: PartDelta): void {
    if (this.open > 0) this.#grow(text)
  }

  #grow(text: string): void {
    if (text === '') return
    this.#call = { ...this.#call, arguments: this.#call.arguments + text }
    this.#emit('delta', { delta: text })
  }

  end(): void {
    if (this.open === 0) return
    // Readers parse the arguments, and no text is no JSON.
    if (this.#call.arguments === '' && this.#call.kind === undefined && !isOwn(this.#call)) this.#grow('{}')
    this.open = 0
    if (this.#call.kind === 'custom') this.#emit('done', { input: this.#call.arguments })
    else this.#emit('done', { name: this.#call.name, arguments: this.#call.arguments })
  }
}

/** An item that is told whole. */
export class WholeWriter implements ItemWriter {
  readonly index: number
  readonly id: string
  readonly key = undefined
  #item: JsonObject
  /** It was announced, and its end is still to come. */
  open: number

  constructor(index: number, item: JsonObject, open: number) {
    this.index = index
    this.id = typeof item['id'] === 'string' ? item['id'] : ''
    this.#item = item
    this.open = open
  }

  json(): JsonObject {
    return this.#item
  }

  complete(item: JsonObject): void {
    this.#item = item
    this.open = 0
  }

  start(): void {}
  delta(): void {}
  end(): void {
    this.open = 0
  }
}

function textOf(part: Part): string {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning' ? part.text : ''
}

function withoutText(part: Part): Part {
  if (part.type === 'text') {
    const { citations: _, ...rest } = part
    return { ...rest, text: '' }
  }
  return part.type === 'refusal' || part.type === 'reasoning' ? { ...part, text: '' } : part
}
