/**
 * Canonical events to Converse's binary event stream. Parts may overlap where they come from; here blocks follow one another, so what
 * belongs to a later one waits. Usage is told at the very end, behind the reason why the model stopped.
 */
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import { AwsEventError } from '../../bytes/aws-event-headers.ts'
import type { AwsEventHeader } from '../../bytes/aws-event-headers.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import { PartTurns } from '../../kernel/codec/part-turns.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import { withVerdict } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'
import { encodeException } from '../../kernel/codec/aws-errors.ts'
import { encodeFinish, sequenceField } from './finish.ts'
import { encodeGuardrail } from './guardrail.ts'
import { drop } from './report.ts'
import { answerContext, encodeTier, reportChoice, reportLogprobs } from './response.ts'
import { openBlock } from './stream-block-encode.ts'
import type { BlockWriter } from './stream-block-encode.ts'
import { encodeUsage } from './usage.ts'

const text = (value: string): AwsEventHeader => ({ type: 'string', value })
const json = text('application/json')
const nothing = new Uint8Array(0)

function eventBytes(type: string, payload: JsonValue): Uint8Array {
  return writeAwsEvent({
    headers: new Map([
      [':event-type', text(type)],
      [':content-type', json],
      [':message-type', text('event')],
    ]),
    payload: Buffer.from(JSON.stringify(payload)),
  })
}

export function faultBytes(fault: Fault): Uint8Array {
  const { type, message } = encodeException(fault)
  return writeAwsEvent({
    headers: new Map([
      [':exception-type', text(type)],
      [':content-type', json],
      [':message-type', text('exception')],
    ]),
    payload: Buffer.from(JSON.stringify({ message })),
  })
}

export class ConverseEncoder implements StreamEncoder<ChatEvent> {
  readonly lost: Loss[] = []
  readonly #context: StreamContext
  readonly #turns = new PartTurns(() => 'message')
  readonly #open = new Set<number>()
  /** Of the part that is being written, unless no block can hold it. */
  #writer: BlockWriter | undefined
  #out: Uint8Array[] = []
  #begun = false
  #ended = false
  /** The answer itself is of this dialect. */
  #own = false
  /** Index of the block that is being written, or will be next. */
  #index = 0
  #usage: Usage | undefined
  #tier: string | undefined
  #safety: SafetyVerdict[] = []
  #late: JsonObject = {}
  #finish: Finish | undefined
  #calls = false

  constructor(context: StreamContext) {
    this.#context = context
  }

  push(event: ChatEvent): Uint8Array {
    if (!this.#ended) this.#take(event)
    return this.#flush()
  }

  end(): Uint8Array {
    if (!this.#ended && this.#begun) this.#close()
    return this.#flush()
  }

  #flush(): Uint8Array {
    const [first = nothing, ...more] = this.#out
    this.#out = []
    return more.length === 0 ? first : Buffer.concat([first, ...more])
  }

  /** Text is cut into pieces that fit; what is left longer than a message is a picture or the like. */
  #write(type: string, payload: JsonValue): void {
    try {
      this.#out.push(eventBytes(type, payload))
    } catch (error) {
      if (!(error instanceof AwsEventError)) throw error
      drop(this.lost, `events.${type}`, `an event of the stream here cannot be so long: ${error.message}`)
    }
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#own = event.form?.[dialectId] !== undefined
        this.#tier = event.serviceTier
        this.#keepLate(event.extra)
        return this.#begin()
      case 'response-update':
        this.#tier = event.serviceTier ?? this.#tier
        return this.#keepLate(event.extra)
      case 'usage-update':
        this.#usage = event.usage
        return
      case 'safety-update':
        this.#safety = withVerdict(this.#safety, event.verdict)
        return
      case 'ping':
        return
      case 'error':
        this.#ended = true
        this.#out.push(faultBytes(event.fault))
        return
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
        return this.#once(joinPath('choices', event.choice), () => reportChoice(event.choice, this.lost))
    }
  }

  #ofChoice(event: Extract<ChatEvent, { choice: number }>): void {
    this.#begin()
    switch (event.type) {
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#part(event)
      case 'logprobs-delta':
        return this.#once('choices[0].logprobs', () => reportLogprobs(this.lost))
      case 'choice-end':
        this.#finish = event.finish
        reportForeignExtra(event.extra === undefined ? {} : { extra: event.extra }, dialectId, 'choices[0]', this.lost)
        return this.#endParts()
    }
  }

  #once(path: string, report: () => void): void {
    if (!this.lost.some((loss) => loss.path === path)) report()
  }

  #keepLate(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    reportForeignExtra({ extra }, dialectId, '', this.lost)
    for (const [key, value] of Object.entries(extra[dialectId] ?? {})) define(this.#late, key, value ?? null)
  }

  #opaque({ origin, event = '', value }: Extract<ChatEvent, { type: 'opaque-event' }>): void {
    if (origin === dialectId) {
      this.#begin()
      return this.#write(event, value)
    }
    const path = `events.${event === '' ? 'message' : event}`
    this.#once(path, () => drop(this.lost, path, `${dialectId} has no counterpart of this event of ${origin}`))
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#write('messageStart', { role: 'assistant' })
  }

  #part(event: PartEvent): void {
    if (event.type === 'part-start') {
      this.#open.add(event.part)
      this.#calls ||= event.value.type === 'tool-call'
    } else if (!this.#open.has(event.part)) return
    if (event.type === 'part-end') this.#open.delete(event.part)
    for (const due of this.#turns.push(event)) this.#writePart(due)
  }

  #writePart(event: PartEvent): void {
    switch (event.type) {
      case 'part-start': {
        const context = { ...answerContext(this.#context.model, this.lost), own: this.#own }
        const writer = openBlock(event.value, `choices[0].content[${event.part}]`, context)
        this.#writer = writer
        if (writer?.start !== undefined)
          this.#write('contentBlockStart', { start: writer.start, contentBlockIndex: this.#index })
        return this.#deltas(writer?.first() ?? [])
      }
      case 'part-delta':
        return this.#deltas(this.#writer?.add(event) ?? [])
      case 'part-end':
        if (this.#writer === undefined) return
        this.#deltas(this.#writer.end())
        this.#write('contentBlockStop', { contentBlockIndex: this.#index++ })
        this.#writer = undefined
    }
  }

  #deltas(deltas: readonly JsonObject[]): void {
    for (const delta of deltas) this.#write('contentBlockDelta', { delta, contentBlockIndex: this.#index })
  }

  #endParts(): void {
    for (const part of this.#open) this.#part({ type: 'part-end', choice: 0, part })
  }

  #close(): void {
    this.#begin()
    this.#endParts()
    this.#ended = true
    const { additionalModelResponseFields: fields, ...late } = this.#late
    const told = fields ?? sequenceField(this.#finish, true)
    this.#write('messageStop', {
      stopReason: encodeFinish(this.#finish, this.#calls, 'choices[0]', this.lost),
      ...(told !== undefined && { additionalModelResponseFields: told }),
    })
    const tier = encodeTier(this.#tier, this.#own, this.lost)
    const guardrail = encodeGuardrail(this.#safety)
    const metadata: JsonObject = {
      usage: encodeUsage(this.#usage, this.lost),
      metrics: { latencyMs: 0 },
      ...(guardrail !== undefined && { trace: { guardrail } }),
      ...(tier !== undefined && { serviceTier: { type: tier } }),
    }
    for (const [key, value] of Object.entries(late)) place(metadata, key, value ?? null)
    this.#write('metadata', metadata)
  }
}

/** Where a member stood that came at the end: `trace.…` within the trace, anything else by itself. */
function place(metadata: JsonObject, key: string, value: JsonValue): void {
  const nested = /^(trace|serviceTier)\.(.+)$/s.exec(key)
  const [, name, inner] = nested ?? []
  if (name === undefined || inner === undefined) return define(metadata, key, value)
  const object = isJsonObject(metadata[name]) ? { ...metadata[name] } : {}
  define(object, inner, value)
  metadata[name] = object
}
