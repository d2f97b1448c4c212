/**
 * Encodes events as those of a response, as OpenAI's own SDKs read them. Every event has its number; items and their parts may be open
 * side by side, as they may where they come from; the last event repeats the whole response.
 */
import { formatSseComment } from '../../bytes/sse-writer.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent, LogprobsDelta, PartStart } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { AudioPart, Part } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import { partsPath } from './answer-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { errorEvent, failureOf } from './faults.ts'
import { encodeFinish } from './finish.ts'
import type { Status } from './finish.ts'
import { itemIds } from './ids.ts'
import type { ItemIds } from './ids.ts'
import { closesItem, itemKey, itemKind, namesItem } from './item-groups.ts'
import { encodeKept, encodePicture, isDecoded, reportPart, sayablePart } from './items-encode.ts'
import { reportChoice, reportRefusalLogprobs } from './response.ts'
import { responseIds, writeFrame, writeStatus, writeUsage } from './response-frame.ts'
import type { Frame } from './response-frame.ts'
import { encodeTier } from './settings-encode.ts'
import { isBare } from './reasoning.ts'
import { eventText } from './stream-events.ts'
import { CallWriter, MessageWriter, ReasoningWriter, WholeWriter } from './stream-writers.ts'
import type { ItemOutput, ItemWriter } from './stream-writers.ts'

const inProgress: Status = { status: 'in_progress', details: null }

/** Sound that is on its way, and its place. */
interface SpokenPart {
  readonly value: AudioPart
  readonly path: string
}

export class ResponseStreamEncoder implements StreamEncoder<ChatEvent>, ItemOutput {
  readonly lost: Loss[] = []
  readonly #context: StreamContext
  readonly #output: ItemWriter[] = []
  readonly #done = new Set<ItemWriter>()
  readonly #spoken = new Map<number, SpokenPart>()
  /** Parts that have begun, by the item that has them. */
  readonly #parts = new Map<number, ItemWriter>()
  #text = ''
  #sequence = 0
  #frame: Frame = { id: '', model: '' }
  #ids: ItemIds = itemIds('0')
  #begun = false
  #closed = false
  /** Items that parts can name, wherever they come. */
  readonly #named = new Map<string, ItemWriter>()
  /** The last item, while further parts may belong to it. */
  #last: ItemWriter | undefined
  #lastKey: string | undefined
  #usage: Usage | undefined
  #finish: Finish | undefined
  #refused = false
  /** Tokens told before the text that they are of. */
  #tokens: TokenLogprob[] = []

  constructor(context: StreamContext) {
    this.#context = context
  }

  push(event: ChatEvent): string {
    this.#text = ''
    if (!this.#closed) this.#take(event)
    return this.#text
  }

  end(): string {
    this.#text = ''
    if (!this.#closed && this.#begun) this.#close()
    return this.#text
  }

  fault(fault: Fault): string {
    this.#text = ''
    if (!this.#closed) this.#fail(fault)
    return this.#text
  }

  emit(type: string, members: JsonObject): void {
    this.#text += eventText(type, { ...members, sequence_number: this.#sequence++ })
  }

  /** Reports each loss once: a stream would repeat it with every event. */
  collect<T>(encode: (lost: Loss[]) => T): T {
    const lost: Loss[] = []
    const value = encode(lost)
    for (const loss of lost)
      if (!this.lost.some((known) => known.path === loss.path && known.reason === loss.reason)) this.lost.push(loss)
    return value
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start': {
        const { type: _, ...frame } = event
        this.#frame = frame
        this.collect((lost) => reportForeignExtra(frame, dialectId, '', lost))
        return this.#begin()
      }
      case 'response-update':
        return this.#update(event.serviceTier, event.extra)
      case 'usage-update':
        this.#usage = event.usage
        return
      case 'response-end':
        return this.#close()
      case 'safety-update':
        return
      case 'ping':
        this.#text += formatSseComment('ping')
        return
      case 'error':
        return this.#fail(event.fault)
      case 'opaque-event':
        return this.#opaque(event.origin, event.event, event.value)
      case 'part-start':
      case 'part-delta':
      case 'part-end':
      case 'logprobs-delta':
      case 'choice-end':
        if (event.choice === 0) return this.#ofAnswer(event)
        return this.collect((lost) => reportChoice(event.choice, lost))
    }
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#ids = itemIds(responseIds(this.#frame, this.#context.answerId).base)
    this.emit('response.created', { response: this.#response(inProgress) })
    this.emit('response.in_progress', { response: this.#response(inProgress) })
  }

  #update(serviceTier: string | undefined, extra: PerDialect | undefined): void {
    if (extra !== undefined) this.collect((lost) => reportForeignExtra({ extra }, dialectId, '', lost))
    const members = { ...this.#frame.extra?.[dialectId], ...extra?.[dialectId] }
    this.#frame = {
      ...this.#frame,
      ...(serviceTier !== undefined && { serviceTier }),
      ...(Object.keys(members).length > 0 && { extra: { [dialectId]: members } }),
    }
  }

  /** The whole response as it is now. */
  #response(status: Status, failure?: JsonObject): JsonObject {
    const writer = writeFrame(this.#frame, this.#context)
    const tier = this.collect((lost) => encodeTier(this.#frame.serviceTier, isOwn(this.#frame), lost))
    writeStatus(writer, status)
    if (failure !== undefined) writer.set('error', failure)
    writer.set(
      'output',
      this.#output.map((item, index) => item.json(statusOf(status, index === this.#output.length - 1))),
    )
    writer.set('service_tier', tier)
    this.collect((lost) => writeUsage(writer, this.#usage, lost))
    return writer.finish()
  }

  #ofAnswer(event: Extract<ChatEvent, { choice: number }>): void {
    this.#begin()
    switch (event.type) {
      case 'part-start':
        return this.#partStart(event)
      case 'part-delta': {
        const spoken = this.#spoken.get(event.part)
        if (spoken !== undefined) return this.#speak(event.part, spoken, event.transcript)
        return this.#parts.get(event.part)?.delta(event.part, event)
      }
      case 'part-end':
        return this.#partEnd(event.part)
      case 'logprobs-delta':
        return this.#logprobs(event)
      case 'choice-end':
        this.#finish = event.finish
        if (event.extra !== undefined) {
          const { extra } = event
          this.collect((lost) => reportForeignExtra({ extra }, dialectId, 'choices[0]', lost))
        }
    }
  }

  #partStart({ part, value: told }: PartStart): void {
    const path = joinPath(partsPath, part)
    if (told.type === 'audio') {
      const spoken = { value: told, path }
      this.#spoken.set(part, spoken)
      return this.#speak(part, spoken, told.transcript)
    }
    const value = this.collect((lost) => sayablePart(told, path, lost))
    if (value === undefined) return this.collect((lost) => reportPart(told, path, lost))
    this.#sayable(part, value, path)
  }

  /** There is no sound here, but what was spoken is told as text, as it comes. */
  #speak(part: number, { value, path }: SpokenPart, transcript: string | undefined): void {
    if (transcript === undefined || transcript === '') return
    const item = this.#parts.get(part)
    if (item !== undefined) return item.delta(part, { type: 'part-delta', choice: 0, part, text: transcript })
    const text = this.collect((lost) => sayablePart({ ...value, transcript }, path, lost))
    if (text !== undefined) this.#sayable(part, text, path)
  }

  #sayable(part: number, value: Part, path: string): void {
    if (value.type === 'refusal') this.#refused = true
    const kind = itemKind(value)
    // Of a message its blocks report what they carry.
    if (kind !== 'message') this.collect((lost) => reportPart(value, path, lost))
    if (kind === 'other' && value.type !== 'tool-call') return this.#whole(value, path)
    const item = this.#itemFor(value)
    this.#parts.set(part, item)
    item.start(part, value, path)
    if (closesItem(value)) this.#lastKey = undefined
    if (value.type === 'text' && this.#tokens.length > 0 && item instanceof MessageWriter) {
      item.takeLogprobs(this.#tokens)
      this.#tokens = []
    }
  }

  /** The item that the part is of: the last one, if they belong together. */
  #itemFor(value: Part): ItemWriter {
    const key = itemKey(value)
    const named = key === undefined ? undefined : this.#named.get(key)
    // What shows nothing changes nothing that was told of an item; the last event has it all.
    if (named !== undefined && (!this.#done.has(named) || (value.type === 'reasoning' && isBare(value)))) return named
    if (this.#last !== undefined && key !== undefined && key === this.#lastKey) return this.#last
    const index = this.#output.length
    const place = { index, key }
    let item: ItemWriter
    if (value.type === 'tool-call') {
      const id = this.#ids(value.kind === 'custom' ? 'custom' : 'function', index)
      item = new CallWriter({ ...place, id }, value, this)
    } else if (itemKind(value) === 'reasoning')
      item = new ReasoningWriter({ ...place, id: this.#ids('reasoning', index) }, named === undefined && value, this)
    else item = new MessageWriter({ ...place, id: this.#ids('message', index) }, value, this)
    this.#add(item)
    this.#lastKey = key
    if (key !== undefined && namesItem(value)) this.#named.set(key, item)
    this.emit('response.output_item.added', { output_index: index, item: item.json('in_progress') })
    return item
  }

  /** What stood last takes no more parts. */
  #add(item: ItemWriter): void {
    this.#seal('completed')
    this.#output.push(item)
    this.#last = item
    this.#lastKey = undefined
  }

  #seal(status: string): void {
    const item = this.#last
    this.#last = undefined
    if (item?.open === 0) this.#itemDone(item, status)
  }

  #itemDone(item: ItemWriter, status: string): void {
    if (this.#done.has(item)) return
    this.#done.add(item)
    this.emit('response.output_item.done', { output_index: item.index, item: item.json(status) })
  }

  #partEnd(part: number): void {
    const item = this.#parts.get(part)
    const spoken = this.#spoken.get(part)
    this.#spoken.delete(part)
    if (spoken !== undefined && item === undefined) this.collect((lost) => sayablePart(spoken.value, spoken.path, lost))
    if (item === undefined) return
    this.#parts.delete(part)
    item.end(part)
    if (item.open === 0 && item !== this.#last) this.#itemDone(item, 'completed')
  }

  /** An item of one part that is there at once, perhaps announced before. */
  #whole(value: Part, path: string): void {
    const index = this.#output.length
    const answered = isDecoded(value) ? undefined : { id: this.#ids('image', index), status: 'completed' }
    const json = this.collect((lost) =>
      value.type === 'image' ? encodePicture(value, answered, path, lost) : encodeKept(value, path, lost),
    )
    if (json === undefined) return
    const announced = this.#output.find((item) => item.id !== '' && item.id === json['id'])
    if (announced instanceof WholeWriter) {
      announced.complete(json)
      if (announced !== this.#last) this.#itemDone(announced, 'completed')
      return
    }
    this.#add(new WholeWriter(index, json, 0))
    const begun = value.type === 'image' ? { ...json, status: 'in_progress', result: null } : json
    this.emit('response.output_item.added', { output_index: index, item: begun })
  }

  #logprobs({ content = [], refusal = [] }: LogprobsDelta): void {
    if (refusal.length > 0) this.collect(reportRefusalLogprobs)
    if (content.length === 0) return
    const messages = this.#output.filter((item) => item instanceof MessageWriter)
    if (!messages.toReversed().some((item) => item.takeLogprobs(content))) this.#tokens.push(...content)
  }

  /** Events of this protocol about items that the service works on: they go on with numbers and positions of this stream. */
  #opaque(origin: string, event: string | undefined, value: JsonValue): void {
    if (origin !== dialectId || !isJsonObject(value)) {
      const path = `events.${event ?? 'message'}`
      this.collect((lost) =>
        lost.push({ path, kind: 'dropped', reason: `${dialectId} has no counterpart of this event of ${origin}` }),
      )
      return
    }
    this.#begin()
    const { item, item_id: id, type } = value
    if (typeof type !== 'string') return
    const index = this.#output.length
    if (type === 'response.output_item.added' && isJsonObject(item)) {
      this.#add(new WholeWriter(index, item, 1))
      return this.emit(type, { ...value, output_index: index })
    }
    const known = this.#output.find((writer) => writer.id !== '' && writer.id === id)
    this.emit(type, { ...value, ...(known !== undefined && { output_index: known.index }) })
  }

  #close(): void {
    this.#begin()
    const status = this.collect((lost) => encodeFinish(this.#finish, this.#refused, 'choices[0]', lost))
    this.#endParts(status)
    if (this.#tokens.length > 0)
      this.collect((lost) =>
        lost.push({
          path: 'choices[0].logprobs.content',
          kind: 'dropped',
          reason: `${dialectId} tells log probabilities of texts alone`,
        }),
      )
    this.#closed = true
    const type = status.status === 'completed' ? 'response.completed' : 'response.incomplete'
    this.emit(type, { response: this.#response(status) })
  }

  #endParts(status: Status): void {
    for (const [part, item] of this.#parts) item.end(part)
    this.#parts.clear()
    for (const [index, item] of this.#output.entries())
      this.#itemDone(item, statusOf(status, index === this.#output.length - 1))
    this.#last = undefined
  }

  /** The error is told as the service does it: an event for it, and the response that has failed. */
  #fail(fault: Fault): void {
    this.#closed = true
    this.emit('error', errorEvent(fault))
    if (!this.#begun) return
    this.emit('response.failed', { response: this.#response({ status: 'failed', details: null }, failureOf(fault)) })
  }
}

/** Of an item at its end: what a limit or a filter cut off, or an error, is the last one. */
function statusOf({ status }: Status, last: boolean): string {
  if (status === 'in_progress') return status
  return last && status !== 'completed' ? 'incomplete' : 'completed'
}
