/** Tells the parts of an answer in events of Cohere's stream, one part after the other. */
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import type { LogprobsDelta, PartDelta, PartStart } from '../../model/chat-event.ts'
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Citation, Part, ToolCallPart } from '../../model/part.ts'
import { encodeCitation } from './citations.ts'
import { encodeBlock } from './content-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { encodeLogprob } from './logprobs.ts'
import { isPlan } from './plan.ts'
import { adapt, drop } from './report.ts'
import { reportLogprobs } from './response.ts'

export type CohereEvent = JsonObject & { readonly type: string }

export const ofMessage = (message: JsonObject): JsonObject => ({ delta: { message } })

/** The part that is being told. */
type Telling = (delta: PartDelta | 'end') => void

export class PartTeller {
  readonly #write: (event: CohereEvent) => void
  readonly #lost: Loss[]
  #telling: Telling | undefined
  #content = 0
  /** Calls told so far. */
  calls = 0
  #citations = 0
  /** Of the text that is being told. */
  #textIndex: number | undefined
  readonly #untold: TokenLogprob[] = []

  constructor(write: (event: CohereEvent) => void, lost: Loss[]) {
    this.#write = write
    this.#lost = lost
  }

  /** A part ends before the next begins. */
  tell(event: PartEvent): void {
    switch (event.type) {
      case 'part-start':
        this.#telling = this.#begin(event)
        return
      case 'part-delta':
        return this.#telling?.(event)
      case 'part-end':
        this.#telling?.('end')
        this.#telling = undefined
    }
  }

  end(): void {
    if (this.#untold.length > 0)
      drop(this.#lost, 'choices[0].logprobs', 'log probabilities belong to text here, and there is none')
  }

  #begin({ value, part }: PartStart): Telling {
    const path = `choices[0].content[${part}]`
    switch (value.type) {
      case 'tool-call':
        reportForeignExtra(value, dialectId, path, this.#lost)
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
    return encodeBlock(value, path, { place: 'assistant', answer: true, lost: this.#lost }) !== undefined
  }

  #tellOwn(value: JsonObject, place: unknown, path: string): void {
    if (place === 'citations') this.#citation(value)
    else drop(this.#lost, path, 'a stream here cannot hold this block')
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
  ): Telling {
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
      const json = encodeCitation(citation, { text: said, index }, at, this.#lost)
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

  #tellReasoning(value: Extract<Part, { type: 'reasoning' }>, path: string): Telling {
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

  #tellCall(value: ToolCallPart, path: string): Telling {
    const index = this.calls++
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
        if (adapted !== undefined) adapt(this.#lost, joinPath(path, 'arguments'), adapted)
        write(JSON.stringify(input))
        // Readers parse the arguments, and no text is no JSON.
      } else if (all === '' && !isOwn(value)) write('{}')
      this.#write({ type: 'tool-call-end', index })
    }
  }

  /** They go with deltas of a text; those that come while none is being told wait for the next one. */
  logprobs({ content = [], refusal }: LogprobsDelta): void {
    const report: Loss[] = []
    reportLogprobs({ content, ...(refusal !== undefined && { refusal }) }, report)
    for (const loss of report) if (!this.#lost.some(({ path }) => path === loss.path)) this.#lost.push(loss)
    this.#untold.push(...content)
    if (this.#textIndex !== undefined) this.#tellLogprobs(this.#textIndex)
  }

  #tellLogprobs(index: number): void {
    for (const token of this.#untold.splice(0)) {
      const content = ofMessage({ content: { text: '' } })
      this.#write({ type: 'content-delta', index, ...content, logprobs: encodeLogprob(token) })
    }
  }
}
