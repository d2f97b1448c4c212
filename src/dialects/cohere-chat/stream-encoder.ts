/**
 * Canonical events to the event stream of Cohere's chat. Parts may overlap where they come from; here one is told after the other, so
 * what belongs to a later one waits.
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { PartTurns } from '../../kernel/codec/part-turns.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import type { StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'
import { namedMessageOf } from '../../kernel/codec/plain-fault.ts'
import { encodeFinish } from './finish.ts'
import { PartTeller, ofMessage } from './part-teller.ts'
import type { CohereEvent } from './part-teller.ts'
import { drop } from './report.ts'
import { reportChoice, reportTier } from './response.ts'
import { encodeUsage } from './usage.ts'

function eventText(json: CohereEvent): string {
  return formatSseEvent({ event: json.type, data: JSON.stringify(json) })
}

/** An error ends the message, and says why. */
export function faultText(fault: Fault): string {
  const word = fault.code.endsWith('timeout') ? 'TIMEOUT' : 'ERROR'
  return eventText({ type: 'message-end', delta: { error: namedMessageOf(fault), finish_reason: word } })
}

export class CohereEncoder implements StreamEncoder<ChatEvent> {
  readonly lost: Loss[] = []
  readonly #turns = new PartTurns(() => 'message')
  readonly #open = new Set<number>()
  readonly #teller = new PartTeller((json) => this.#write(json), this.lost)
  #text = ''
  #begun = false
  #ended = false
  #usage: Usage | undefined
  #late: JsonObject = {}
  #finish: Finish | undefined

  push(event: ChatEvent): string {
    this.#text = ''
    if (!this.#ended) this.#take(event)
    return this.#text
  }

  end(): string {
    this.#text = ''
    if (!this.#ended && this.#begun) this.#close()
    return this.#text
  }

  #write(json: CohereEvent): void {
    this.#text += eventText(json)
  }

  #take(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        if (event.serviceTier !== undefined) reportTier(this.lost)
        reportForeignExtra(event, dialectId, '', this.lost)
        return this.#begin(event.id, event.extra?.[dialectId])
      case 'response-update':
        if (event.serviceTier !== undefined) this.#once('service_tier', () => reportTier(this.lost))
        return this.#keepLate(event.extra)
      case 'usage-update':
        this.#usage = event.usage
        return
      case 'safety-update':
      case 'ping':
        return
      case 'error':
        this.#ended = true
        this.#text += faultText(event.fault)
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
    this.#begin('', undefined)
    switch (event.type) {
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#part(event)
      case 'logprobs-delta':
        return this.#teller.logprobs(event)
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
    this.#late = { ...this.#late, ...extra[dialectId] }
  }

  #opaque({ origin, event, value }: Extract<ChatEvent, { type: 'opaque-event' }>): void {
    if (origin === dialectId && isJsonObject(value)) {
      this.#text += formatSseEvent({ ...(event !== undefined && { event }), data: JSON.stringify(value) })
      return
    }
    const path = `events.${event ?? 'message'}`
    this.#once(path, () => drop(this.lost, path, `${dialectId} has no counterpart of this event of ${origin}`))
  }

  #begin(id: string, extra: JsonObject | undefined): void {
    if (this.#begun) return
    this.#begun = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    this.#write({ ...extra, id, type: 'message-start', ...ofMessage(message) })
  }

  #part(event: PartEvent): void {
    if (event.type === 'part-start') this.#open.add(event.part)
    else if (!this.#open.has(event.part)) return
    if (event.type === 'part-end') this.#open.delete(event.part)
    for (const due of this.#turns.push(event)) this.#teller.tell(due)
  }

  #endParts(): void {
    for (const part of this.#open) this.#part({ type: 'part-end', choice: 0, part })
  }

  #close(): void {
    this.#begin('', undefined)
    this.#endParts()
    this.#ended = true
    this.#teller.end()
    const word = encodeFinish(this.#finish, this.#teller.calls > 0, 'choices[0]', this.lost)
    const usage = this.#usage === undefined ? undefined : encodeUsage(this.#usage, this.lost)
    this.#write({
      type: 'message-end',
      delta: { ...this.#late, finish_reason: word, ...(usage !== undefined && { usage }) },
    })
  }
}
