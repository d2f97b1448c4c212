/**
 * The output of a streamed answer while it is written: which item a part belongs to, and when an item is at its end. The last item may
 * get further parts, so it is ended when the next one begins, or the answer ends.
 */
import type { PartDelta } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { partsPath } from './answer-encode.ts'
import { dialectId } from './dialect-id.ts'
import type { Status } from './finish.ts'
import type { ItemIds } from './ids.ts'
import { closesItem, itemKey, itemKind, namesItem } from './item-groups.ts'
import { encodeKept, encodePicture, isDecoded, reportPart, sayablePart } from './items-encode.ts'
import { adapt, drop } from './losses.ts'
import { isBare } from './reasoning.ts'
import { CallWriter, WholeWriter } from './stream-call.ts'
import type { ItemOutput, ItemWriter } from './stream-item-writer.ts'
import { MessageWriter } from './stream-message.ts'
import { ReasoningWriter } from './stream-reasoning.ts'

export class OutputWriter {
  readonly #ids: ItemIds
  readonly #out: ItemOutput
  readonly #items: ItemWriter[] = []
  readonly #done = new Set<ItemWriter>()
  /** Parts that have begun, by the item that has them. */
  readonly #parts = new Map<number, ItemWriter>()
  /** Sounds of which nothing was told in words yet. */
  readonly #silent = new Set<number>()
  /** Items that parts can name, wherever they come. */
  readonly #named = new Map<string, ItemWriter>()
  #last: ItemWriter | undefined
  #lastKey: string | undefined
  /** Tokens told before the text that they are of. */
  #tokens: TokenLogprob[] = []
  /** The model has refused in so many words. */
  refused = false

  constructor(ids: ItemIds, out: ItemOutput) {
    this.#ids = ids
    this.#out = out
  }

  /** All items as they are now. */
  json(status: Status): JsonObject[] {
    return this.#items.map((item, index) => item.json(this.#statusOf(status, index)))
  }

  start(part: number, told: Part): void {
    const path = joinPath(partsPath, part)
    if (told.type === 'audio') return this.#speak(part, told.transcript ?? '')
    const value = this.#out.collect((lost) => sayablePart(told, path, lost))
    if (value === undefined) return this.#out.collect((lost) => reportPart(told, path, lost))
    if (value.type === 'refusal') this.refused = true
    const kind = itemKind(value)
    // Of a message its blocks report what they carry.
    if (kind !== 'message') this.#out.collect((lost) => reportPart(value, path, lost))
    if (kind === 'other' && value.type !== 'tool-call') this.#whole(value, path)
    else this.#begin(part, value, path)
  }

  delta(part: number, delta: PartDelta): void {
    if (delta.transcript !== undefined) return this.#speak(part, delta.transcript)
    this.#parts.get(part)?.delta(part, delta)
  }

  end(part: number): void {
    const item = this.#parts.get(part)
    if (item === undefined) return this.#silence(part)
    this.#parts.delete(part)
    item.end(part)
    if (item.open === 0 && item !== this.#last) this.#itemDone(item, 'completed')
  }

  logprobs(tokens: readonly TokenLogprob[]): void {
    const messages = this.#items.filter((item) => item instanceof MessageWriter)
    if (!messages.toReversed().some((item) => item.takeLogprobs(tokens))) this.#tokens.push(...tokens)
  }

  /** An item that the service works on; its end comes as a part. */
  announce(item: JsonObject): number {
    this.#add(new WholeWriter(this.#items.length, item, 1))
    return this.#items.length - 1
  }

  /** Where the item of this id stands. */
  indexOf(id: unknown): number | undefined {
    return this.#items.find((item) => item.id !== '' && item.id === id)?.index
  }

  /** The answer is over, in this state. */
  close(status: Status): void {
    for (const part of this.#silent) this.#silence(part)
    for (const [part, item] of this.#parts) item.end(part)
    this.#parts.clear()
    this.#last = undefined
    for (const [index, item] of this.#items.entries()) this.#itemDone(item, this.#statusOf(status, index))
    if (this.#tokens.length > 0)
      this.#out.collect((lost) =>
        drop(lost, 'choices[0].logprobs.content', `${dialectId} tells log probabilities of texts alone`),
      )
  }

  /** Of an item at its end: what a limit or a filter cut off, or an error, is the last one. */
  #statusOf({ status }: Status, index: number): string {
    if (status === 'in_progress') return status
    return index === this.#items.length - 1 && status !== 'completed' ? 'incomplete' : 'completed'
  }

  /** What is spoken is told as text, since there is no sound in this protocol's answers. */
  #speak(part: number, transcript: string): void {
    if (this.#parts.has(part)) return this.#parts.get(part)?.delta(part, { ...spoken, part, text: transcript })
    if (transcript === '') return void this.#silent.add(part)
    this.#silent.delete(part)
    const path = joinPath(partsPath, part)
    this.#out.collect((lost) =>
      adapt(lost, path, `${dialectId} answers with text, not with audio: what was spoken is told as text`),
    )
    this.#begin(part, { type: 'text', text: transcript }, path)
  }

  #silence(part: number): void {
    if (this.#silent.delete(part))
      this.#out.collect((lost) =>
        drop(lost, joinPath(partsPath, part), `${dialectId} answers with text, not with audio`),
      )
  }

  #begin(part: number, value: Part, path: string): void {
    const item = this.#itemFor(value)
    this.#parts.set(part, item)
    item.start(part, value, path)
    if (closesItem(value)) this.#lastKey = undefined
    if (value.type !== 'text' || this.#tokens.length === 0 || !(item instanceof MessageWriter)) return
    item.takeLogprobs(this.#tokens)
    this.#tokens = []
  }

  /** The item that the part is of: the last one, if they belong together. */
  #itemFor(value: Part): ItemWriter {
    const key = itemKey(value)
    const named = key === undefined ? undefined : this.#named.get(key)
    // What shows nothing changes nothing that was told of an item; the last event has it all.
    if (named !== undefined && (!this.#done.has(named) || (value.type === 'reasoning' && isBare(value)))) return named
    if (this.#last !== undefined && key !== undefined && key === this.#lastKey) return this.#last
    const item = this.#newItem(value, named !== undefined)
    this.#add(item)
    this.#lastKey = key
    if (key !== undefined && namesItem(value)) this.#named.set(key, item)
    this.#out.emit('response.output_item.added', { output_index: item.index, item: item.json('in_progress') })
    return item
  }

  #newItem(value: Part, isNamed: boolean): ItemWriter {
    const index = this.#items.length
    if (value.type === 'tool-call') {
      const id = this.#ids(value.kind === 'custom' ? 'custom' : 'function', index)
      return new CallWriter({ index, id }, value, this.#out)
    }
    if (itemKind(value) !== 'reasoning')
      return new MessageWriter({ index, id: this.#ids('message', index) }, value, this.#out)
    return new ReasoningWriter({ index, id: this.#ids('reasoning', index) }, !isNamed && value, this.#out)
  }

  /** What stood last takes no more parts. */
  #add(item: ItemWriter): void {
    const before = this.#last
    if (before?.open === 0) this.#itemDone(before, 'completed')
    this.#items.push(item)
    this.#last = item
    this.#lastKey = undefined
  }

  #itemDone(item: ItemWriter, status: string): void {
    if (this.#done.has(item)) return
    this.#done.add(item)
    this.#out.emit('response.output_item.done', { output_index: item.index, item: item.json(status) })
  }

  /** An item of one part that is there at once, perhaps announced before. */
  #whole(value: Part, path: string): void {
    const index = this.#items.length
    const answered = isDecoded(value) ? undefined : { id: this.#ids('image', index), status: 'completed' }
    const json = this.#out.collect((lost) =>
      value.type === 'image' ? encodePicture(value, answered, path, lost) : encodeKept(value, path, lost),
    )
    if (json === undefined) return
    const announced = this.#items.find((item) => item.id !== '' && item.id === json['id'])
    if (announced instanceof WholeWriter) {
      announced.complete(json)
      if (announced !== this.#last) this.#itemDone(announced, 'completed')
      return
    }
    this.#add(new WholeWriter(index, json, 0))
    const begun = value.type === 'image' ? { ...json, status: 'in_progress', result: null } : json
    this.#out.emit('response.output_item.added', { output_index: index, item: begun })
  }
}

const spoken = { type: 'part-delta', choice: 0 } as const
