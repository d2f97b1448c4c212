/** A message of a streamed answer while it is written: its texts and refusals begin, grow and end, perhaps side by side. */
import type { PartDelta } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Part, TextPart } from '../../model/part.ts'
import { citationPath, encodeCitation } from './annotations.ts'
import { encodeBlock } from './content-encode.ts'
import { envelopeOf, isHollow } from './envelope.ts'
import { answeredMessage, isDecoded, ownMessage } from './items-encode.ts'
import { encodeLogprobs } from './logprobs.ts'
import { MemberWriter } from './members.ts'
import { textOf, withoutText } from './stream-item-writer.ts'
import type { ItemOutput, ItemSlot, ItemWriter } from './stream-item-writer.ts'

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
  readonly #first: Part
  readonly #output: ItemOutput
  readonly #blocks = new Map<number, Block>()
  open = 0

  constructor(slot: ItemSlot, first: Part, output: ItemOutput) {
    this.index = slot.index
    this.#first = first
    this.#output = output
    const told = new MemberWriter(envelopeOf(first)).note('id')
    this.id = typeof told === 'string' && told !== '' ? told : slot.id
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
