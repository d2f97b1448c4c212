/** Encodes a stream for a protocol of one text: its first choice speaks, part after part, and the rest is reported. */
import type { Chunk, StreamEncoder } from '../../dialect.ts'
import type { ChatEvent, PartStart, ResponseStart } from '../../../model/chat-event.ts'
import type { Fault } from '../../../model/fault.ts'
import type { Finish } from '../../../model/finish.ts'
import type { JsonObject } from '../../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { PerDialect } from '../../../model/node.ts'
import type { Citation, Part } from '../../../model/part.ts'
import type { Usage } from '../../../model/usage.ts'
import { define } from '../member-reader.ts'
import { PartTurns } from '../part-turns.ts'
import type { PartEvent } from '../part-turns.ts'
import { ReportedOnce } from '../reported-once.ts'
import { isSpoken, reportChoice, reportCitations, reportFinish, reportLogprobs, reportTier, saidBy } from './said.ts'

export interface AnswerEnd {
  readonly finish: Finish
  readonly usage?: Usage
  /** The answer's own members that nothing has told yet. */
  readonly members: JsonObject
}

/** The protocol's words. */
export interface OneTextVoice {
  readonly id: string
  start(event: ResponseStart, members: JsonObject): Chunk
  text(text: string, lost: Loss[]): Chunk
  /** Of protocols that have citations; `path` is the citation's. */
  readonly cite?: (citation: Citation, path: string, lost: Loss[]) => Chunk
  end(told: AnswerEnd, lost: Loss[]): Chunk
  fault(fault: Fault): Chunk
  /** Of protocols that tell why an answer ended. */
  readonly tellsFinish?: boolean
}

const placeOf = ({ type }: Part): string | undefined => (isSpoken(type) ? 'text' : undefined)
const pathOf = (part: number): string => joinPath('choices[0].content', part)

export class OneTextStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #losses = new ReportedOnce()
  readonly #voice: OneTextVoice
  readonly #turns = new PartTurns(placeOf)
  readonly #spoken = new Set<number>()
  #members: JsonObject = {}
  #usage: Usage | undefined
  #finish: Finish | undefined
  #closed = false

  constructor(voice: OneTextVoice) {
    this.#voice = voice
  }

  get lost(): readonly Loss[] {
    return this.#losses.all
  }

  push(event: ChatEvent): Chunk {
    if (this.#closed) return ''
    switch (event.type) {
      case 'response-start':
        return this.#start(event)
      case 'response-update':
        this.#keep(event.extra)
        if (event.serviceTier !== undefined) this.#losses.of((lost) => reportTier(this.#voice.id, lost))
        return ''
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#isTold(event.choice) ? joined(this.#turns.push(event).map((one) => this.#part(one))) : ''
      case 'logprobs-delta':
        if (this.#isTold(event.choice))
          this.#losses.of((lost) => reportLogprobs(joinPath('choices', 0), this.#voice.id, lost))
        return ''
      case 'choice-end':
        if (this.#isTold(event.choice)) this.#end(event.finish, event.extra)
        return ''
      case 'usage-update':
        this.#usage = event.usage
        return ''
      case 'response-end':
        return this.#close()
      case 'error':
        this.#closed = true
        return this.#voice.fault(event.fault)
      case 'safety-update':
      case 'ping':
        return ''
      case 'opaque-event':
        this.#losses.of((lost) =>
          drop(lost, '', `${this.#voice.id} has no counterpart of ${event.origin}'s event ${event.event ?? ''}`),
        )
        return ''
    }
  }

  end(): Chunk {
    return !this.#closed && this.#finish !== undefined ? this.#close() : ''
  }

  #isTold(choice: number): boolean {
    if (choice > 0) this.#losses.of((lost) => reportChoice(choice, this.#voice.id, lost))
    return choice === 0
  }

  #start(event: ResponseStart): Chunk {
    this.#keep(event.extra)
    if (event.serviceTier !== undefined) this.#losses.of((lost) => reportTier(this.#voice.id, lost))
    const members = this.#members
    this.#members = {}
    return this.#voice.start(event, members)
  }

  #keep(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    this.#losses.of((lost) => reportForeignExtra({ extra }, this.#voice.id, '', lost))
    const members = extra[this.#voice.id] ?? {}
    for (const key of Object.keys(members)) define(this.#members, key, members[key] ?? null)
  }

  #part(event: PartEvent): Chunk {
    if (event.type === 'part-start') return this.#partStart(event)
    if (event.type === 'part-end' || !this.#spoken.has(event.part)) return ''
    const { text = '', citation } = event
    const said = text === '' ? '' : this.#losses.of((lost) => this.#voice.text(text, lost))
    return citation === undefined ? said : joined([said, this.#cite(citation, event.part, 0)])
  }

  #partStart({ part, value }: PartStart): Chunk {
    const { id, cite } = this.#voice
    if (isSpoken(value.type)) this.#spoken.add(part)
    const citations = value.type === 'text' ? (value.citations ?? []) : []
    const plain = cite === undefined || value.type !== 'text' ? value : { ...value, citations: [] }
    const text = this.#losses.of((lost) => saidBy(plain, pathOf(part), id, lost))
    const said = text === '' ? '' : this.#losses.of((lost) => this.#voice.text(text, lost))
    if (cite === undefined) return said
    return joined([said, ...citations.map((citation, index) => this.#cite(citation, part, index))])
  }

  #cite(citation: Citation, part: number, index: number): Chunk {
    const { id } = this.#voice
    return this.#losses.of((lost) => {
      const path = joinPath(joinPath(pathOf(part), 'citations'), index)
      if (this.#voice.cite !== undefined) return this.#voice.cite(citation, path, lost)
      reportCitations(pathOf(part), id, lost)
      return ''
    })
  }

  #end(finish: Finish, extra: PerDialect | undefined): void {
    this.#finish = finish
    if (extra !== undefined)
      this.#losses.of((lost) => reportForeignExtra({ extra }, this.#voice.id, joinPath('choices', 0), lost))
  }

  #close(): Chunk {
    this.#closed = true
    const finish = this.#finish ?? { reason: 'stop' }
    return this.#losses.of((lost) => {
      if (this.#voice.tellsFinish !== true) reportFinish(finish, joinPath('choices', 0), this.#voice.id, lost)
      const usage = this.#usage === undefined ? {} : { usage: this.#usage }
      return this.#voice.end({ finish, ...usage, members: this.#members }, lost)
    })
  }
}

/** Several pieces of one stream: text, or bytes where the protocol is binary. */
function joined(chunks: readonly Chunk[]): Chunk {
  const told = chunks.filter((chunk) => chunk.length > 0)
  if (told.every((chunk) => typeof chunk === 'string')) return told.join('')
  return Buffer.concat(told.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)))
}
