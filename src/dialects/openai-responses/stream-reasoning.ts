/** A reasoning item of a streamed answer while it is written: summaries and texts as they come, the proof of them in the end. */
import type { PartDelta } from '../../model/chat-event.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { encodeForeignReasoning, encodeReasoning, isBare, listOf } from './reasoning.ts'
import { textOf, withoutText } from './stream-item-writer.ts'
import type { ItemOutput, ItemSlot, ItemWriter } from './stream-item-writer.ts'

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
  readonly #output: ItemOutput
  readonly #thoughts = new Map<number, Thought>()
  readonly #entries = { summary: 0, content: 0 }
  open = 0

  /** `first` names the item; false where another has that name already. */
  constructor(slot: ItemSlot, first: Part | false, output: ItemOutput) {
    this.index = slot.index
    this.#output = output
    const told =
      first !== false && first.type === 'reasoning' && first.origin === dialectId ? first.signature : undefined
    this.id = told === undefined || told === '' ? slot.id : told
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
