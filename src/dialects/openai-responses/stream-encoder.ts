/**
 * Encodes events as those of a response, as OpenAI's own SDKs read them. Every event has its number; items and their parts may be open
 * side by side, as they may where they come from; the last event repeats the whole response.
 */
import { formatSseComment } from '../../bytes/sse-writer.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { errorEvent, failureOf } from './faults.ts'
import { encodeFinish } from './finish.ts'
import type { Status } from './finish.ts'
import { itemIds } from './ids.ts'
import { reportChoice, reportRefusalLogprobs } from './response.ts'
import { responseIds, writeFrame, writeStatus, writeUsage } from './response-frame.ts'
import type { Frame } from './response-frame.ts'
import { encodeTier } from './settings-encode.ts'
import { eventText } from './stream-events.ts'
import type { ItemOutput } from './stream-item-writer.ts'
import { OutputWriter } from './stream-output.ts'

const inProgress: Status = { status: 'in_progress', details: null }

export class ResponseStreamEncoder implements StreamEncoder<ChatEvent>, ItemOutput {
  readonly lost: Loss[] = []
  readonly #context: StreamContext
  #output: OutputWriter
  #text = ''
  #sequence = 0
  #frame: Frame = { id: '', model: '' }
  #begun = false
  #closed = false
  #usage: Usage | undefined
  #finish: Finish | undefined

  constructor(context: StreamContext) {
    this.#context = context
    this.#output = this.#newOutput()
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
    this.#output = this.#newOutput()
    this.emit('response.created', { response: this.#response(inProgress) })
    this.emit('response.in_progress', { response: this.#response(inProgress) })
  }

  #newOutput(): OutputWriter {
    return new OutputWriter(itemIds(responseIds(this.#frame, this.#context.answerId).base), this)
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
    writer.set('output', this.#output.json(status))
    writer.set('service_tier', tier)
    this.collect((lost) => writeUsage(writer, this.#usage, lost))
    return writer.finish()
  }

  #ofAnswer(event: Extract<ChatEvent, { choice: number }>): void {
    this.#begin()
    switch (event.type) {
      case 'part-start':
        return this.#output.start(event.part, event.value)
      case 'part-delta':
        return this.#output.delta(event.part, event)
      case 'part-end':
        return this.#output.end(event.part)
      case 'logprobs-delta':
        if ((event.refusal ?? []).length > 0) this.collect(reportRefusalLogprobs)
        if (event.content !== undefined && event.content.length > 0) this.#output.logprobs(event.content)
        return
      case 'choice-end':
        this.#finish = event.finish
        if (event.extra !== undefined) {
          const { extra } = event
          this.collect((lost) => reportForeignExtra({ extra }, dialectId, 'choices[0]', lost))
        }
    }
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
    const { item, item_id: id, type } = value
    if (typeof type !== 'string') return
    this.#begin()
    const index =
      type === 'response.output_item.added' && isJsonObject(item)
        ? this.#output.announce(item)
        : this.#output.indexOf(id)
    this.emit(type, { ...value, ...(index !== undefined && { output_index: index }) })
  }

  #close(): void {
    this.#begin()
    const status = this.collect((lost) => encodeFinish(this.#finish, this.#output.refused, 'choices[0]', lost))
    this.#output.close(status)
    this.#closed = true
    const type = status.status === 'completed' ? 'response.completed' : 'response.incomplete'
    this.emit(type, { response: this.#response(status) })
  }

  /** The error is told as the service does it: an event for it, and the response that has failed. */
  #fail(fault: Fault): void {
    this.#closed = true
    this.emit('error', errorEvent(fault))
    if (!this.#begun) return
    this.emit('response.failed', { response: this.#response({ status: 'failed', details: null }, failureOf(fault)) })
  }
}
