/** One choice of a stream of completions: one text that grows, its log probabilities, and why it ended. */
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import { choiceVerdict } from '../../kernel/codec/openai-filters.ts'
import type { ChoiceDecoder } from '../../kernel/codec/openai-stream-decoder.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { dialectId, finishCodec } from './dialect-id.ts'
import { decodeLogprobs } from './logprobs.ts'

const choiceMembers: ReadonlySet<string> = new Set(['index', 'text', 'finish_reason', 'usage'])

export class CompletionChoiceDecoder implements ChoiceDecoder {
  readonly #index: number
  readonly #extra: JsonObject = {}
  #speaking = false
  ended = false

  constructor(index: number) {
    this.#index = index
  }

  push(choice: JsonObject, path: string): ChatEvent[] {
    if (this.ended) return []
    const events: ChatEvent[] = []
    const text = choice['text'] ?? ''
    if (typeof text !== 'string') throw wrongType(`${path}.text`, 'a string', text)
    if (text !== '') events.push(this.#said(text))
    const logprobs = decodeLogprobs(choice['logprobs'])
    if (logprobs !== undefined) events.push({ type: 'logprobs-delta', choice: this.#index, ...logprobs })
    this.#collect(choice, logprobs !== undefined)
    const word = choice['finish_reason'] ?? ''
    if (typeof word !== 'string') throw wrongType(`${path}.finish_reason`, 'a string', word)
    return word === '' ? events : [...events, ...this.#finish(finishCodec.decode(word))]
  }

  end(): ChatEvent[] {
    return this.ended ? [] : this.#finish({ reason: 'stop' })
  }

  #said(text: string): ChatEvent {
    const at = { choice: this.#index, part: 0 }
    if (this.#speaking) return { type: 'part-delta', ...at, text }
    this.#speaking = true
    return { type: 'part-start', ...at, value: { type: 'text', text } }
  }

  #finish(finish: Finish): ChatEvent[] {
    this.ended = true
    const verdict = choiceVerdict(this.#extra, this.#index, dialectId)
    const extra = Object.keys(this.#extra).length > 0 ? { extra: { [dialectId]: this.#extra } } : {}
    return [
      ...(this.#speaking ? [{ type: 'part-end' as const, choice: this.#index, part: 0 }] : []),
      ...(verdict === undefined ? [] : [{ type: 'safety-update' as const, verdict }]),
      { type: 'choice-end', choice: this.#index, finish, ...extra },
    ]
  }

  /** Members nobody models: the last that was not null holds. */
  #collect(choice: JsonObject, probable: boolean): void {
    for (const key of Object.keys(choice)) {
      const value = choice[key]
      const known = choiceMembers.has(key) || (key === 'logprobs' && (probable || value === null))
      if (known || value === undefined || (value === null && Object.hasOwn(this.#extra, key))) continue
      define(this.#extra, key, value)
    }
  }
}
