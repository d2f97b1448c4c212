/**
 * Canonical events to this protocol's event stream. Parts may overlap where they come from; here blocks follow one another, so what
 * belongs to a later one waits. Usage is told at the end, where other protocols tell it.
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent, PartDelta, ResponseStart } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Usage } from '../../model/usage.ts'
import { restore } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { errorEvent } from './faults.ts'
import { encodeFinish } from './finish.ts'
import { reportChoice, reportLogprobs } from './response.ts'
import { openBlock } from './stream-block.ts'
import type { BlockWriter } from './stream-block.ts'
import { encodeUsage } from './usage.ts'

/** An event of this protocol as text; its name stands in both places that clients look at. */
function eventText(json: JsonObject & { readonly type: string }): string {
  return formatSseEvent({ event: json.type, data: JSON.stringify(json) })
}

export function faultText(fault: Fault): string {
  return eventText(errorEvent(fault))
}

/** Usage members that a `message_delta` tells, besides those that changed. */
const deltaUsage: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
  'server_tool_use',
])

interface Part {
  readonly writer: BlockWriter | undefined
  readonly waiting: PartDelta[]
  ended: boolean
}

class MessagesEncoder implements StreamEncoder<ChatEvent> {
  readonly lost: Loss[] = []
  readonly #context: StreamContext
  /** Parts that have begun and are not written to their end, in the order they began; the first is being written. */
  readonly #open: Part[] = []
  readonly #parts = new Map<number, Part>()
  #text = ''
  /** Set until `message_start` is written, which waits for the usage that may follow at once. */
  #start: ResponseStart | undefined
  #begun = false
  #ended = false
  /** Index of the next block. */
  #next = 0
  #writing = false
  #startUsage: JsonObject = {}
  #usage: Usage | undefined
  #tier: string | undefined
  #late: JsonObject = {}
  #finish: Finish | undefined
  #toolCalls = false
  #refusals = false

  constructor(context: StreamContext) {
    this.#context = context
  }

  push(event: ChatEvent): string {
    this.#text = ''
    if (!this.#ended) this.#take(event)
    return this.#text
  }

  end(): string {
    this.#text = ''
    if (!this.#ended && (this.#begun || this.#start !== undefined)) this.#close()
    return this.#text
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#start = event
        this.#tier = event.serviceTier
        return
      case 'usage-update':
        this.#usage = event.usage
        return
      case 'response-update':
        this.#tier = event.serviceTier ?? this.#tier
        this.#keepLate(event.extra)
        return
      case 'safety-update':
        return
      case 'ping':
        // Before the message there is nothing to keep alive that clients would understand.
        if (this.#start !== undefined) this.#begin()
        return this.#write({ type: 'ping' })
      case 'error':
        this.#ended = true
        return this.#write(errorEvent(event.fault))
      case 'response-end':
        return this.#close()
      case 'opaque-event':
        return this.#opaque(event)
      case 'part-start':
      case 'part-delta':
      case 'part-end':
      case 'logprobs-delta':
      case 'choice-end':
        if (event.choice === 0) return this.#ofChoice(event)
        return this.#once({ path: joinPath('choices', event.choice) }, () => reportChoice(event.choice, this.lost))
    }
  }

  #ofChoice(event: Extract<ChatEvent, { choice: number }>): void {
    this.#begin()
    switch (event.type) {
      case 'part-start': {
        if (event.value.type === 'tool-call') this.#toolCalls = true
        if (event.value.type === 'refusal') this.#refusals = true
        const part = {
          writer: openBlock(event.value, `choices[0].content[${event.part}]`, this.lost),
          waiting: [],
          ended: false,
        }
        this.#parts.set(event.part, part)
        if (part.writer !== undefined) this.#open.push(part)
        return this.#advance()
      }
      case 'part-delta': {
        const part = this.#parts.get(event.part)
        if (part?.writer === undefined || part.ended) return
        if (part === this.#open[0]) this.#deltas(part.writer.add(event))
        else part.waiting.push(event)
        return
      }
      case 'part-end': {
        const part = this.#parts.get(event.part)
        if (part !== undefined) part.ended = true
        this.#parts.delete(event.part)
        return this.#advance()
      }
      case 'logprobs-delta':
        return this.#once({ path: 'choices[0].logprobs' }, () => reportLogprobs(this.lost))
      case 'choice-end':
        this.#finish = event.finish
        reportForeignExtra(event.extra === undefined ? {} : { extra: event.extra }, dialectId, 'choices[0]', this.lost)
        return this.#endParts()
    }
  }

  #once(loss: Pick<Loss, 'path'>, report: () => void): void {
    if (!this.lost.some(({ path }) => path === loss.path)) report()
  }

  #keepLate(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    reportForeignExtra({ extra }, dialectId, '', this.lost)
    this.#late = { ...this.#late, ...extra[dialectId] }
  }

  #opaque(event: Extract<ChatEvent, { type: 'opaque-event' }>): void {
    const { origin, value } = event
    if (origin === dialectId && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if (this.#start !== undefined) this.#begin()
      this.#text += formatSseEvent({
        ...(event.event !== undefined && { event: event.event }),
        data: JSON.stringify(value),
      })
      return
    }
    const path = `events.${event.event ?? 'message'}`
    this.#once({ path }, () =>
      this.lost.push({ path, kind: 'dropped', reason: `${dialectId} has no counterpart of this event of ${origin}` }),
    )
  }

  #write(json: JsonObject & { readonly type: string }): void {
    this.#text += eventText(json)
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    const start: ResponseStart = this.#start ?? { type: 'response-start', id: '', model: '' }
    this.#start = undefined
    reportForeignExtra(start, dialectId, '', this.lost)
    this.#startUsage = encodeUsage(this.#usage, this.#tier, [])
    const message = restore(start, {
      id: start.id,
      type: 'message',
      role: 'assistant',
      model: this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.#startUsage,
    })
    this.#write({ type: 'message_start', message })
  }

  /** Writes what may be written by now: the first open part, and every part behind it whose turn has come. */
  #advance(): void {
    for (let part = this.#open[0]; part?.writer !== undefined; part = this.#open[0]) {
      if (!this.#writing) {
        this.#writing = true
        this.#write({ type: 'content_block_start', index: this.#next, content_block: part.writer.block })
        this.#deltas(part.writer.first())
        for (const delta of part.waiting.splice(0)) this.#deltas(part.writer.add(delta))
      }
      if (!part.ended) return
      this.#deltas(part.writer.end())
      this.#write({ type: 'content_block_stop', index: this.#next++ })
      this.#writing = false
      this.#open.shift()
    }
  }

  #deltas(deltas: readonly JsonObject[]): void {
    for (const delta of deltas) this.#write({ type: 'content_block_delta', index: this.#next, delta })
  }

  #endParts(): void {
    for (const part of this.#open) part.ended = true
    this.#parts.clear()
    this.#advance()
  }

  #close(): void {
    this.#begin()
    this.#endParts()
    const said = { toolCalls: this.#toolCalls, refusals: this.#refusals }
    const { container, ...late } = this.#late
    const stop = encodeFinish(this.#finish, said, 'choices[0]', this.lost)
    this.#write({
      ...late,
      type: 'message_delta',
      delta: { ...stop, ...(container !== undefined && { container }) },
      usage: this.#endUsage(),
    })
    this.#write({ type: 'message_stop' })
    this.#ended = true
  }

  #endUsage(): JsonObject {
    const usage = encodeUsage(this.#usage, this.#tier, this.lost)
    const told = Object.entries(usage).filter(
      ([key, value]) => deltaUsage.has(key) || !sameJson(value, this.#startUsage[key]),
    )
    return Object.fromEntries(told)
  }
}

function sameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

export function createEncoder(context: StreamContext): StreamEncoder<ChatEvent> {
  return new MessagesEncoder(context)
}
