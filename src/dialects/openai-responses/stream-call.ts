/** Items of one part in a streamed answer: calls of the client's tools, piece by piece, and what is told whole. */
import type { PartDelta } from '../../model/chat-event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { isOwn, ownForm } from './dialect-id.ts'
import { encodeCall } from './items-encode.ts'
import type { ItemOutput, ItemSlot, ItemWriter } from './stream-item-writer.ts'

export class CallWriter implements ItemWriter {
  readonly index: number
  readonly id: string
  readonly #output: ItemOutput
  #call: ToolCallPart
  #begun = false
  open = 1

  constructor(slot: ItemSlot, call: ToolCallPart, output: ItemOutput) {
    this.index = slot.index
    this.#output = output
    this.#call = { ...call, arguments: '' }
    const told = ownForm(call)?.['id']
    this.id = typeof told === 'string' && told !== '' ? told : slot.id
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
