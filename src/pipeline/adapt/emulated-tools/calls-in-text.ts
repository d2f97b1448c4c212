/** Makes parts of the calls that a model wrote into its text, and gives them ids: the same ones for the same answer. */
import { createHash } from 'node:crypto'
import type { Finish } from '../../../model/finish.ts'
import type { TextPart } from '../../../model/part.ts'
import type { ChoiceReshaper, PartEvent } from '../reshape-choices.ts'
import { CallFinder } from './call-finder.ts'
import type { Piece } from './call-finder.ts'
import type { DescribedTool, ReadCall } from './call-format.ts'

export interface CallsContext {
  readonly tools: ReadonlyMap<string, DescribedTool>
  /** Calls that the conversation has had so far: ids must differ from theirs even where answers have none. */
  readonly earlierCalls: number
}

/** A text of the answer that is being read. */
interface Reading {
  readonly value: TextPart
  readonly finder: CallFinder
  /** The part that its text goes out in, while that is open. */
  out: number | undefined
  /** It has given anything at all. */
  given: boolean
}

export class CallsInText implements ChoiceReshaper {
  readonly #context: CallsContext
  readonly #choice: number
  readonly #answerId: string
  readonly #readings = new Map<number, Reading>()
  /** Where the parts that are not text went: calls that are found move what follows them. */
  readonly #moved = new Map<number, number>()
  #next = 0
  #calls = 0

  constructor(context: CallsContext, choice: number, answerId: string) {
    this.#context = context
    this.#choice = choice
    this.#answerId = answerId
  }

  part(event: PartEvent): PartEvent[] {
    const reading = this.#readings.get(event.part)
    if (event.type === 'part-start') {
      const { value } = event
      if (value.type === 'text') return this.#begin(event.part, value)
      const part = this.#next++
      this.#moved.set(event.part, part)
      return [{ ...event, part }]
    }
    if (reading === undefined) {
      const part = this.#moved.get(event.part)
      return part === undefined ? [] : [{ ...event, part }]
    }
    if (event.type === 'part-end') return this.#finish(event.part, reading)
    const events = this.#say(reading, reading.finder.push(event.text ?? ''))
    if (event.citation === undefined) return events
    const { text: _, ...rest } = event
    return [...events, ...this.#open(reading, ''), { ...rest, part: reading.out ?? 0 }]
  }

  #begin(part: number, value: TextPart): PartEvent[] {
    const reading: Reading = { value, finder: new CallFinder(this.#context.tools), out: undefined, given: false }
    this.#readings.set(part, reading)
    return this.#say(reading, reading.finder.push(value.text))
  }

  #finish(part: number, reading: Reading): PartEvent[] {
    this.#readings.delete(part)
    const events = this.#say(reading, reading.finder.end())
    const empty = reading.given ? [] : this.#open(reading, '')
    return [...events, ...empty, ...this.#close(reading)]
  }

  #say(reading: Reading, pieces: readonly Piece[]): PartEvent[] {
    return pieces.flatMap((piece) => {
      if ('call' in piece) return [...this.#close(reading), ...this.#call(reading, piece.call)]
      const { out } = reading
      if (out === undefined) return this.#open(reading, piece.text)
      return [{ type: 'part-delta' as const, choice: this.#choice, part: out, text: piece.text }]
    })
  }

  /** Nothing where it is open already. */
  #open(reading: Reading, text: string): PartEvent[] {
    if (reading.out !== undefined) return []
    reading.out = this.#next++
    const value: TextPart = reading.given ? { type: 'text', text } : { ...reading.value, text }
    reading.given = true
    return [{ type: 'part-start', choice: this.#choice, part: reading.out, value }]
  }

  #close(reading: Reading): PartEvent[] {
    const { out } = reading
    if (out === undefined) return []
    reading.out = undefined
    return [{ type: 'part-end', choice: this.#choice, part: out }]
  }

  #call(reading: Reading, call: ReadCall): PartEvent[] {
    reading.given = true
    const part = this.#next++
    const value = { type: 'tool-call' as const, id: this.#idOf(call), ...call }
    this.#calls += 1
    return [
      { type: 'part-start', choice: this.#choice, part, value },
      { type: 'part-end', choice: this.#choice, part },
    ]
  }

  #idOf({ name, arguments: text }: ReadCall): string {
    const place = [this.#answerId, this.#choice, this.#context.earlierCalls + this.#calls, name, text]
    return `call_${createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 24)}`
  }

  end(finish: Finish | undefined) {
    const parts = [...this.#readings].flatMap(([part, reading]) => this.#finish(part, reading))
    const called = this.#calls > 0 && (finish === undefined || ended.has(finish.reason))
    return { parts, finish: called ? { reason: 'tool-calls' as const } : finish }
  }
}

/** What a model that does not know of tools says when it has called some. */
const ended: ReadonlySet<string> = new Set(['stop', 'stop-sequence', 'other'])
