/** Encodes events as JSON lines: each with the model and the time, the last one `done` and with the metrics. */
import { define } from '../../kernel/codec/member-reader.ts'
import { PartTurns } from '../../kernel/codec/part-turns.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import { ReportedOnce } from '../../kernel/codec/reported-once.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type {
  ChatEvent,
  ChoiceEnd,
  LogprobsDelta,
  PartDelta,
  PartStart,
  ResponseStart,
} from '../../model/chat-event.ts'
import type { Finish } from '../../model/finish.ts'
import { appendDelta } from '../../model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Part } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import * as answer from './answer.ts'
import { errorBody } from './faults.ts'
import type { Kind } from './kind.ts'
import { reportChoice, reportTier } from './response.ts'
import { reportCitations, reportSignature, sortPart } from './said-encode.ts'
import type { Said } from './said-encode.ts'
import { encodeToolCall } from './tool-calls.ts'

/** Texts share one member, and so does thinking; calls are written whole, in the order in which they began. */
const placeOf = ({ type }: Part): string | undefined =>
  type === 'refusal' ? 'text' : shared.has(type) ? type : undefined
const shared: ReadonlySet<Part['type']> = new Set<Part['type']>(['text', 'reasoning', 'tool-call'])

export class OllamaStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #kind: Kind
  readonly #model: string
  readonly #losses = new ReportedOnce()
  readonly #turns = new PartTurns(placeOf)
  /** Open parts as far as they are known. */
  readonly #open = new Map<number, Part>()
  /** Members that the next line has to tell. */
  #untold: JsonObject = {}
  #createdAt = answer.createdAt(undefined, undefined)
  #calls = 0
  #usage: Usage | undefined
  #finish: Finish | undefined
  #closed = false

  constructor(kind: Kind, context: StreamContext) {
    this.#kind = kind
    this.#model = context.model
  }

  get lost(): readonly Loss[] {
    return this.#losses.all
  }

  push(event: ChatEvent): string {
    if (this.#closed) return ''
    switch (event.type) {
      case 'response-start':
        return this.#start(event)
      case 'response-update':
        this.#members(event.extra)
        if (event.serviceTier !== undefined) this.#losses.of((lost) => reportTier(this.#kind, lost))
        return ''
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        if (!this.#isTold(event.choice)) return ''
        return this.#turns
          .push(event)
          .map((one) => this.#partNow(one))
          .join('')
      case 'logprobs-delta':
        return this.#isTold(event.choice) ? this.#logprobs(event) : ''
      case 'choice-end':
        if (this.#isTold(event.choice)) this.#choiceEnd(event)
        return ''
      case 'usage-update':
        this.#usage = event.usage
        return ''
      case 'response-end':
        return this.#close()
      case 'safety-update':
        return ''
      // Clients parse every line, so nothing can be sent that says nothing.
      case 'ping':
        return ''
      case 'error':
        this.#closed = true
        return `${JSON.stringify(errorBody(event.fault))}\n`
      case 'opaque-event':
        this.#losses.of((lost) =>
          drop(lost, '', `${this.#kind.id} has no counterpart of ${event.origin}'s event ${event.event ?? ''}`),
        )
        return ''
    }
  }

  end(): string {
    return !this.#closed && this.#finish !== undefined ? this.#close() : ''
  }

  /** There is one answer in this protocol; others are left out. */
  #isTold(choice: number): boolean {
    if (choice > 0) this.#losses.of((lost) => reportChoice(choice, this.#kind, lost))
    return choice === 0
  }

  #start(event: ResponseStart): string {
    this.#createdAt = answer.createdAt(event.created, event.form?.[this.#kind.id]?.['createdAt'])
    this.#members(event.extra)
    if (event.serviceTier !== undefined) this.#losses.of((lost) => reportTier(this.#kind, lost))
    return ''
  }

  #members(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    this.#losses.of((lost) => reportForeignExtra({ extra }, this.#kind.id, '', lost))
    const members = extra[this.#kind.id] ?? {}
    for (const key of Object.keys(members)) define(this.#untold, key, members[key] ?? null)
  }

  #line(said: JsonObject, rest: JsonObject = { done: false }): string {
    const { message, text } = this.#kind
    const head: JsonObject = { model: this.#model, created_at: this.#createdAt }
    const whole: JsonObject = { ...(message !== '' && { role: 'assistant' }), [text]: '', ...said }
    const prefix = `${message}.`
    for (const key of Object.keys(this.#untold)) {
      const inner = message !== '' && key.startsWith(prefix)
      define(inner ? whole : head, inner ? key.slice(prefix.length) : key, this.#untold[key] ?? null)
    }
    this.#untold = {}
    return `${JSON.stringify({ ...head, ...(message === '' ? whole : { [message]: whole }), ...rest })}\n`
  }

  #partNow(event: PartEvent): string {
    if (event.type === 'part-start') return this.#partStart(event)
    if (event.type === 'part-delta') return this.#partDelta(event)
    const part = this.#open.get(event.part)
    this.#open.delete(event.part)
    // Arguments are objects, which have no pieces.
    return part?.type === 'tool-call' ? this.#whole(part, event.part) : ''
  }

  #partStart({ part, value }: PartStart): string {
    this.#open.set(part, value)
    return value.type === 'tool-call' && this.#kind.message !== '' ? '' : this.#whole(value, part)
  }

  #whole(value: Part, part: number): string {
    const path = pathOf(part)
    if (value.type === 'tool-call' && this.#kind.message !== '') {
      const call = this.#losses.of((lost) => encodeToolCall(value, this.#calls++, path, lost))
      return this.#line({ tool_calls: [call] })
    }
    const said: Said = { texts: [], thinking: [], images: [], calls: [] }
    this.#losses.of((lost) => sortPart(value, said, 'answer', this.#kind, path, lost))
    const thinking = said.thinking.join('')
    return (
      this.#say(said.texts.join(''), thinking) +
      this.#listed('images', said.images) +
      this.#listed('tool_calls', said.calls)
    )
  }

  #listed(member: string, list: JsonValue[]): string {
    return list.length === 0 ? '' : this.#line({ [member]: list })
  }

  #say(text: string, thinking: string): string {
    const said: JsonObject = {
      ...(text !== '' && { [this.#kind.text]: text }),
      ...(thinking !== '' && { thinking }),
    }
    return Object.keys(said).length === 0 ? '' : this.#line(said)
  }

  #partDelta(event: PartDelta): string {
    const value = this.#open.get(event.part)
    const { text = '', citation, signature } = event
    switch (value?.type) {
      case 'text':
        if (citation !== undefined) this.#losses.of((lost) => reportCitations(pathOf(event.part), this.#kind, lost))
        return this.#say(text, '')
      case 'refusal':
        return this.#say(text, '')
      case 'reasoning':
        if (signature !== undefined && signature !== '')
          this.#losses.of((lost) => reportSignature(pathOf(event.part), this.#kind.id, lost))
        return this.#say('', text)
      case 'tool-call':
        this.#open.set(event.part, appendDelta(value, event))
        return ''
      default:
        return ''
    }
  }

  #logprobs({ content, refusal }: LogprobsDelta): string {
    if (refusal !== undefined) this.#losses.of((lost) => answer.reportRefusalLogprobs(0, this.#kind, lost))
    return content === undefined ? '' : this.#line({}, { done: false, logprobs: answer.encodeLogprobs(content) })
  }

  #choiceEnd({ finish, extra }: ChoiceEnd): void {
    this.#finish = finish
    if (extra !== undefined)
      this.#losses.of((lost) => reportForeignExtra({ extra }, this.#kind.id, joinPath('choices', 0), lost))
  }

  #close(): string {
    this.#closed = true
    const rest = this.#losses.of((lost): JsonObject => {
      const word = this.#finish && answer.encodeFinish(this.#finish, this.#kind, lost)
      const usage = this.#usage && answer.encodeUsage(this.#usage, this.#kind, lost)
      return { done: true, ...(word !== undefined && { done_reason: word }), ...usage }
    })
    return this.#line({}, rest)
  }
}

const pathOf = (part: number): string => joinPath('choices[0].content', part)
