/**
 * Finds in one choice of an answer the value that was asked for, and turns the choice into what the client expects: a text that is
 * the value. One reader for each way in which a model was asked.
 */
import type { Finish } from '../../../model/finish.ts'
import { appendDelta } from '../../../model/fold-chat.ts'
import type { Part } from '../../../model/part.ts'
import type { ChoiceReshaper, PartEvent } from '../reshape-choices.ts'
import { MemberOf } from './member-of.ts'
import { ValueFinder } from './value-finder.ts'
import type { Opening } from './value-finder.ts'
import { wrapperMember } from './wrapper.ts'

export interface ChoiceValue extends ChoiceReshaper {
  /**
   * After the end: the text that has to be the value. Undefined where the answer is something else: a refusal, one that was cut short
   * or filtered, or a turn that calls the client's own tools first.
   */
  readonly value: string | undefined
}

/** Ends after which an answer is as whole as it will ever be. */
const ordinary: ReadonlySet<string> = new Set(['stop', 'stop-sequence', 'tool-calls', 'other'])

const isWhole = (finish: Finish | undefined): boolean => finish === undefined || ordinary.has(finish.reason)

/** What every reader has to know of a choice besides its text. */
class Circumstances {
  #ownCalls = false
  #refused = false

  note({ type }: Part): void {
    if (type === 'tool-call') this.#ownCalls = true
    if (type === 'refusal') this.#refused = true
  }

  get ownCalls(): boolean {
    return this.#ownCalls
  }

  expectsValue(finish: Finish | undefined): boolean {
    return isWhole(finish) && !this.#ownCalls && !this.#refused
  }
}

/** Text parts that are kept back until it is clear whether the client should see them as they are. */
class HeldTexts {
  readonly #parts = new Map<number, { value: Part; ended: boolean }>()

  has(part: number): boolean {
    return this.#parts.has(part)
  }

  take(event: PartEvent): void {
    if (event.type === 'part-start') {
      this.#parts.set(event.part, { value: event.value, ended: false })
      return
    }
    const held = this.#parts.get(event.part)
    if (held === undefined) return
    if (event.type === 'part-end') held.ended = true
    else held.value = appendDelta(held.value, event)
  }

  texts(): string[] {
    return [...this.#parts.values()].map(({ value }) => (value.type === 'text' ? value.text : ''))
  }

  get first(): number | undefined {
    return this.#parts.keys().next().value
  }

  /** As events; a part that has not ended stays open. */
  release(choice: number): PartEvent[] {
    const events: PartEvent[] = []
    for (const [part, { value, ended }] of this.#parts) {
      events.push({ type: 'part-start', choice, part, value })
      if (ended) events.push({ type: 'part-end', choice, part })
    }
    this.#parts.clear()
    return events
  }
}

/** The answer's text is the value, and goes to the client as it is. */
export class PlainValue implements ChoiceValue {
  readonly #circumstances = new Circumstances()
  readonly #texts = new Set<number>()
  #text = ''
  value: string | undefined

  part(event: PartEvent): PartEvent[] {
    if (event.type === 'part-start') {
      this.#circumstances.note(event.value)
      if (event.value.type === 'text') {
        this.#texts.add(event.part)
        this.#text += event.value.text
      }
    } else if (event.type === 'part-delta' && this.#texts.has(event.part)) this.#text += event.text ?? ''
    return [event]
  }

  end(finish: Finish | undefined) {
    if (this.#circumstances.expectsValue(finish)) this.value = this.#text
    return { parts: [], finish }
  }
}

/** The value is somewhere in the answer's text. */
export class TextValue implements ChoiceValue {
  readonly #choice: number
  readonly #finder: ValueFinder
  readonly #member: MemberOf | undefined
  readonly #circumstances = new Circumstances()
  readonly #held = new HeldTexts()
  readonly #texts = new Set<number>()
  /** The part that the value goes out in. */
  #out: number | undefined
  #closed = false
  /** The client's own tools are called: texts pass as they are. */
  #passing = false
  #found = ''
  #text = ''
  value: string | undefined

  constructor(choice: number, opening: Opening, wrapped: boolean) {
    this.#choice = choice
    this.#finder = new ValueFinder(wrapped ? '{' : opening)
    this.#member = wrapped ? new MemberOf(wrapperMember) : undefined
  }

  part(event: PartEvent): PartEvent[] {
    if (event.type !== 'part-start') return this.#texts.has(event.part) ? this.#ofText(event) : [event]
    this.#circumstances.note(event.value)
    if (event.value.type === 'text') {
      this.#texts.add(event.part)
      return this.#ofText(event)
    }
    if (!this.#circumstances.ownCalls || this.#out !== undefined || this.#passing) return [event]
    this.#passing = true
    return [...this.#held.release(this.#choice), event]
  }

  #ofText(event: PartEvent): PartEvent[] {
    if (this.#passing) return [event]
    if (this.#out === undefined) this.#held.take(event)
    const text = event.type === 'part-start' && event.value.type === 'text' ? event.value.text : textOf(event)
    const found = this.#finder.push(text)
    this.#found += found
    const events = this.#emit(this.#member === undefined ? found : this.#member.push(found), event.part)
    return this.#finder.done ? [...events, ...this.#close()] : events
  }

  #emit(text: string, part: number): PartEvent[] {
    if (text === '') return []
    this.#text += text
    if (this.#out !== undefined) return [{ type: 'part-delta', choice: this.#choice, part: this.#out, text }]
    this.#out = part
    return [{ type: 'part-start', choice: this.#choice, part, value: { type: 'text', text } }]
  }

  #close(): PartEvent[] {
    if (this.#out === undefined || this.#closed) return []
    this.#closed = true
    return [{ type: 'part-end', choice: this.#choice, part: this.#out }]
  }

  end(finish: Finish | undefined) {
    const expected = this.#circumstances.expectsValue(finish)
    // It wrote the bare value, without the member that it was to be.
    const bare = expected && this.#out === undefined ? this.#emit(this.#found, this.#held.first ?? 0) : []
    if (expected) this.value = this.#text
    const parts = this.#out === undefined && !expected ? this.#held.release(this.#choice) : this.#close()
    return { parts: [...bare, ...parts], finish }
  }
}

/** The value is what a tool was called with. */
export class ToolValue implements ChoiceValue {
  readonly #choice: number
  readonly #tool: string
  readonly #member: MemberOf | undefined
  readonly #circumstances = new Circumstances()
  readonly #held = new HeldTexts()
  /** The call whose arguments are the value: the first one. */
  #call: number | undefined
  readonly #furtherCalls = new Set<number>()
  #arguments = ''
  #text = ''
  value: string | undefined

  constructor(choice: number, tool: string, wrapped: boolean) {
    this.#choice = choice
    this.#tool = tool
    this.#member = wrapped ? new MemberOf(wrapperMember) : undefined
  }

  part(event: PartEvent): PartEvent[] {
    if (event.type === 'part-start') {
      const { value } = event
      if (value.type === 'text') {
        this.#held.take(event)
        return []
      }
      if (value.type !== 'tool-call' || value.name !== this.#tool) {
        this.#circumstances.note(value)
        return [event]
      }
      if (this.#call !== undefined) {
        this.#furtherCalls.add(event.part)
        return []
      }
      this.#call = event.part
      return [{ ...event, value: { type: 'text', text: this.#grow(value.arguments) } }]
    }
    if (this.#furtherCalls.has(event.part)) return []
    if (this.#held.has(event.part)) {
      this.#held.take(event)
      return []
    }
    if (event.part !== this.#call) return [event]
    // What it was called with may turn out to be the bare value.
    if (event.type === 'part-end') return this.#member === undefined ? [event] : []
    const text = this.#grow(event.text ?? '')
    return text === '' ? [] : [{ ...event, text }]
  }

  #grow(text: string): string {
    this.#arguments += text
    const grown = this.#member === undefined ? text : this.#member.push(text)
    this.#text += grown
    return grown
  }

  end(finish: Finish | undefined) {
    const expected = this.#circumstances.expectsValue(finish)
    if (this.#call !== undefined) {
      const parts = this.#close(this.#call)
      if (expected) this.value = this.#text
      const only = finish?.reason === 'tool-calls' && !this.#circumstances.ownCalls
      return { parts, finish: only ? { reason: 'stop' as const } : finish }
    }
    if (!expected) return { parts: this.#held.release(this.#choice), finish }
    // It wrote the value instead of calling the tool.
    const text = this.#inText()
    this.value = text
    const part = this.#held.first
    if (text === '' || part === undefined) return { parts: [], finish }
    const start: PartEvent = { type: 'part-start', choice: this.#choice, part, value: { type: 'text', text } }
    return { parts: [start, { type: 'part-end' as const, choice: this.#choice, part }], finish }
  }

  /** Ends a call whose value is the member of what it was called with, or all of it where it has no such member. */
  #close(part: number): PartEvent[] {
    if (this.#member === undefined) return []
    const bare: PartEvent[] =
      this.#text === '' && this.#arguments !== ''
        ? [{ type: 'part-delta', choice: this.#choice, part, text: this.#arguments }]
        : []
    if (bare.length > 0) this.#text = this.#arguments
    return [...bare, { type: 'part-end', choice: this.#choice, part }]
  }

  #inText(): string {
    const finder = new ValueFinder('{[')
    const found = this.#held
      .texts()
      .map((text) => finder.push(text))
      .join('')
    const inner = this.#member?.push(found) ?? ''
    return inner === '' ? found : inner
  }
}

const textOf = (event: PartEvent): string => (event.type === 'part-delta' ? (event.text ?? '') : '')
