/**
 * Reads the beginning of a stream beside its relay, to tell when as many tokens of it are there as the client is to be given at once, and
 * whether a filter of the provider ended it before there was a word.
 */
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { FinishReason } from '../../model/finish.ts'

const charactersPerToken = 4

export class CommitWatch {
  readonly #decoder: StreamDecoder<unknown>
  readonly #tokens: number
  #characters = 0
  #finish: FinishReason | undefined
  #over = false
  /** What it reports in place of an answer. */
  fault: Fault | undefined

  constructor(decoder: StreamDecoder<unknown>, tokens: number) {
    this.#decoder = decoder
    this.#tokens = tokens
  }

  /** Whether it is to be held no longer. */
  get enough(): boolean {
    return this.#over || Math.ceil(this.#characters / charactersPerToken) >= this.#tokens
  }

  /** It ended without a word, because a filter or the model itself would not answer. */
  get filtered(): boolean {
    return this.#characters === 0 && (this.#finish === 'content-filter' || this.#finish === 'refusal')
  }

  push(chunk: Uint8Array): void {
    if (this.enough) return
    try {
      for (const event of this.#decoder.push(chunk) as readonly ChatEvent[]) this.#note(event)
    } catch {
      // Whatever is wrong with it is for the relay to say.
      this.#over = true
    }
  }

  #note(event: ChatEvent): void {
    if (event.type === 'part-delta') this.#characters += (event.text ?? event.transcript ?? '').length
    else if (event.type === 'part-start') this.#characters += beginningOf(event.value)
    else if (event.type === 'choice-end') {
      this.#finish ??= event.finish.reason
      this.#over = true
    } else if (event.type === 'response-end') this.#over = true
    else if (event.type === 'error') this.fault ??= event.fault
  }
}

/** What a part has from its start on. A call that is made, or a file, says something by itself. */
function beginningOf(value: (ChatEvent & { type: 'part-start' })['value']): number {
  if ('text' in value && value.text !== undefined) return value.text.length
  return value.type === 'reasoning' ? 0 : 1
}
