/**
 * Canonical events to the event stream of Cohere's chat. Parts may overlap where they come from; here one is told after the other, so
 * what belongs to a later one waits.
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent, LogprobsDelta, PartDelta } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Citation, Part, ToolCallPart } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import { encodeCitation } from './citations.ts'
import { encodeBlock } from './content-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { messageOf } from './faults.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprob } from './logprobs.ts'
import { isPlan } from './plan.ts'
import { adapt, drop } from './report.ts'
import { reportChoice, reportLogprobs, reportTier } from './response.ts'
import { encodeUsage } from './usage.ts'

function eventText(json: JsonObject & { readonly type: string }): string {
  return formatSseEvent({ event: json.type, data: JSON.stringify(json) })
}

const ofMessage = (message: JsonObject): JsonObject => ({ delta: { message } })

/** An error ends the message, and says why. */
export function faultText(fault: Fault): string {
  const word = fault.code.endsWith('timeout') ? 'TIMEOUT' : 'ERROR'
  return eventText({ type: 'message-end', delta: { error: messageOf(fault), finish_reason: word } })
}

interface Waiting {
  readonly value: Part
  readonly path: string
  readonly deltas: PartDelta[]
  ended: boolean
}

/** The part that is being told. */
type Teller = (delta: PartDelta | 'end') => void

export class CohereEncoder implements StreamEncoder<ChatEvent> {
  readonly lost: Loss[] = []
  /** Parts that have begun and are not told to their end, in the order they began; the first is being told. */
  readonly #open: Waiting[] = []
  readonly #parts = new Map<number, Waiting>()
  #teller: Teller | undefined
  #text = ''
  #begun = false
  #ended = false
  #content = 0
  #calls = 0
  #citations = 0
  /** Of the text that is being told. */
  #textIndex: number | undefined
  readonly #untold: TokenLogprob[] = []
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

  #write(json: JsonObject & { readonly type: string }): void {
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
      case 'part-start': {
        const path = `choices[0].content[${event.part}]`
        const part: Waiting = { value: event.value, path, deltas: [], ended: false }
        this.#parts.set(event.part, part)
        this.#open.push(part)
        return this.#advance()
      }
      case 'part-delta': {
        const part = this.#parts.get(event.part)
        if (part === undefined || part.ended) return
        if (part === this.#open[0]) this.#teller?.(event)
        else part.deltas.push(event)
        return
      }
      case 'part-end': {
        const part = this.#parts.get(event.part)
        if (part !== undefined) part.ended = true
        this.#parts.delete(event.part)
        return this.#advance()
      }
      case 'logprobs-delta':
        return this.#logprobs(event)
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

  /** Tells what may be told by now: the first open part, and every part behind it whose turn has come. */
  #advance(): void {
    for (let part = this.#open[0]; part !== undefined; part = this.#open[0]) {
      if (this.#teller === undefined) {
        this.#teller = this.#tell(part)
        for (const delta of part.deltas.splice(0)) this.#teller(delta)
      }
      if (!part.ended) return
      this.#teller('end')
      this.#teller = undefined
      this.#open.shift()
    }
  }

  #tell({ value, path }: Waiting): Teller {
    switch (value.type) {
      case 'tool-call':
        reportForeignExtra(value, dialectId, path, this.lost)
        return this.#tellCall(value, path)
      case 'reasoning':
        return this.#tellReasoning(value, path)
      case 'text': {
        const { citations = [], ...text } = value
        this.#report({ ...text, text: '' }, path)
        return this.#tellText(value.text, citations, path)
      }
      case 'refusal':
        this.#report({ ...value, text: '' }, path)
        return this.#tellText(value.text, [], path)
      case 'audio':
        this.#report({ ...value, transcript: '' }, path)
        return this.#tellText(value.transcript ?? '', [], path, (delta) => delta.transcript)
      case 'opaque':
        if (value.origin === dialectId) {
          this.#tellOwn(value.value as JsonObject, ownForm(value)?.['place'], path)
          return () => {}
        }
        break
      default:
    }
    this.#report(value, path)
    return () => {}
  }

  /** What is lost of the part itself; true when there is a block for it. */
  #report(value: Part, path: string): boolean {
    return encodeBlock(value, path, { place: 'assistant', answer: true, lost: this.lost }) !== undefined
  }

  #tellOwn(value: JsonObject, place: unknown, path: string): void {
    if (place === 'citations') this.#citation(value)
    else drop(this.lost, path, 'a stream here cannot hold this block')
  }

  #citation(json: JsonObject): void {
    const index = this.#citations++
    this.#write({ type: 'citation-start', index, ...ofMessage({ citations: json }) })
    this.#write({ type: 'citation-end', index })
  }

  #tellText(
    first: string,
    citations: readonly Citation[],
    path: string,
    textOf: (delta: PartDelta) => string | undefined = (delta) => delta.text,
  ): Teller {
    const index = this.#content++
    this.#write({ type: 'content-start', index, ...ofMessage({ content: { type: 'text', text: '' } }) })
    this.#textIndex = index
    this.#tellLogprobs(index)
    let said = ''
    let cited = 0
    const say = (text: string): void => {
      if (text === '') return
      said += text
      this.#write({ type: 'content-delta', index, ...ofMessage({ content: { text } }) })
    }
    const cite = (citation: Citation): void => {
      const at = joinPath(joinPath(path, 'citations'), cited++)
      const json = encodeCitation(citation, { text: said, index }, at, this.lost)
      if (isJsonObject(json)) this.#citation(json)
    }
    say(first)
    for (const citation of citations) cite(citation)
    return (delta) => {
      if (delta === 'end') {
        this.#textIndex = undefined
        return this.#write({ type: 'content-end', index })
      }
      say(textOf(delta) ?? '')
      if (delta.citation !== undefined) cite(delta.citation)
    }
  }

  #tellReasoning(value: Extract<Part, { type: 'reasoning' }>, path: string): Teller {
    if (!this.#report({ ...value, text: '' }, path)) return () => {}
    if (isPlan(value)) {
      const say = (text: string): void => {
        if (text !== '') this.#write({ type: 'tool-plan-delta', ...ofMessage({ tool_plan: text }) })
      }
      say(value.text)
      return (delta) => (delta === 'end' ? undefined : say(delta.text ?? ''))
    }
    const index = this.#content++
    this.#write({ type: 'content-start', index, ...ofMessage({ content: { type: 'thinking', thinking: '' } }) })
    const say = (thinking: string): void => {
      if (thinking !== '') this.#write({ type: 'content-delta', index, ...ofMessage({ content: { thinking } }) })
    }
    say(value.text)
    return (delta) => (delta === 'end' ? this.#write({ type: 'content-end', index }) : say(delta.text ?? ''))
  }

  #tellCall(value: ToolCallPart, path: string): Teller {
    const index = this.#calls++
    const { id, name, kind } = value
    const call = { id, type: 'function', function: { name, arguments: '' } }
    this.#write({ type: 'tool-call-start', index, ...ofMessage({ tool_calls: call }) })
    let all = ''
    const write = (text: string): void => {
      if (text !== '')
        this.#write({ type: 'tool-call-delta', index, ...ofMessage({ tool_calls: { function: { arguments: text } } }) })
    }
    const add = (text: string): void => {
      all += text
      // Free text becomes an object, for which it must be there as a whole.
      if (kind !== 'custom') write(text)
    }
    add(value.arguments)
    return (delta) => {
      if (delta !== 'end') return add(delta.text ?? '')
      if (kind === 'custom') {
        const { input, adapted } = toolInputOf(all, kind)
        if (adapted !== undefined) adapt(this.lost, joinPath(path, 'arguments'), adapted)
        write(JSON.stringify(input))
        // Readers parse the arguments, and no text is no JSON.
      } else if (all === '' && !isOwn(value)) write('{}')
      this.#write({ type: 'tool-call-end', index })
    }
  }

  /** They go with deltas of a text; those that come while none is being told wait for the next one. */
  #logprobs({ content = [], refusal }: LogprobsDelta): void {
    const report: Loss[] = []
    reportLogprobs({ content, ...(refusal !== undefined && { refusal }) }, report)
    for (const loss of report) this.#once(loss.path, () => this.lost.push(loss))
    this.#untold.push(...content)
    if (this.#textIndex !== undefined) this.#tellLogprobs(this.#textIndex)
  }

  #tellLogprobs(index: number): void {
    for (const token of this.#untold.splice(0)) {
      const content = ofMessage({ content: { text: '' } })
      this.#write({ type: 'content-delta', index, ...content, logprobs: encodeLogprob(token) })
    }
  }

  #endParts(): void {
    for (const part of this.#open) part.ended = true
    this.#parts.clear()
    this.#advance()
  }

  #close(): void {
    this.#begin('', undefined)
    this.#endParts()
    this.#ended = true
    if (this.#untold.length > 0)
      drop(this.lost, 'choices[0].logprobs', 'log probabilities belong to text here, and there is none')
    const word = encodeFinish(this.#finish, this.#calls > 0, 'choices[0]', this.lost)
    const usage = this.#usage === undefined ? undefined : encodeUsage(this.#usage, this.lost)
    this.#write({
      type: 'message-end',
      delta: { ...this.#late, finish_reason: word, ...(usage !== undefined && { usage }) },
    })
  }
}
