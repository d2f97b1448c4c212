/**
 * An observer of passed-through streams that simply decodes them: exact by construction, and what a dialect starts with. A dialect
 * whose streams are so common that the cost of it matters writes one that looks at head and tail alone.
 */
import type { ChatEvent } from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { Usage } from '../../model/usage.ts'
import type { StreamDecoder, StreamFacts, StreamFraming, StreamObserver } from '../dialect.ts'

/** Characters of ordinary text to a token, for estimates alone. */
const charactersPerToken = 4
const lineFeed = 0x0a
const carriageReturn = 0x0d
/** As many of the last bytes as show whether an event has ended there. */
const longestEnd = 4

export class DecodingObserver implements StreamObserver {
  readonly #decoder: StreamDecoder<ChatEvent>
  readonly #framing: StreamFraming
  readonly #whole: (() => boolean) | undefined
  #last: Uint8Array = new Uint8Array(0)
  #id: string | undefined
  #model: string | undefined
  #usage: Usage | undefined
  #finish: Finish | undefined
  #fault: Fault | undefined
  #complete = false
  #characters = 0

  /** `whole` tells whether what was pushed ends between two events, where their bytes do not show it (`binary`). */
  constructor(decoder: StreamDecoder<ChatEvent>, framing: StreamFraming, whole?: () => boolean) {
    this.#decoder = decoder
    this.#framing = framing
    this.#whole = whole
  }

  push(chunk: Uint8Array): Uint8Array {
    for (const event of this.#decoder.push(chunk)) this.#note(event)
    const seen = chunk.length >= longestEnd ? chunk : Buffer.concat([this.#last, chunk])
    this.#last = Uint8Array.prototype.slice.call(seen, -longestEnd)
    return chunk
  }

  facts(): StreamFacts {
    return {
      ...(this.#id !== undefined && { id: this.#id }),
      ...(this.#model !== undefined && { model: this.#model }),
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      ...(this.#fault !== undefined && { fault: this.#fault }),
      complete: this.#complete,
      atBoundary: this.#whole?.() ?? this.#atBoundary(),
      estimatedOutput: Math.ceil(this.#characters / charactersPerToken),
    }
  }

  #atBoundary(): boolean {
    const last = this.#last
    const at = (fromEnd: number): number | undefined => last[last.length - fromEnd]
    if (last.length === 0) return true
    if (this.#framing === 'lines') return at(1) === lineFeed
    if (at(1) === carriageReturn) return at(2) === carriageReturn || (at(2) === lineFeed && at(3) === carriageReturn)
    if (at(1) !== lineFeed) return false
    const before = at(2) === carriageReturn ? at(3) : at(2)
    return before === lineFeed || before === carriageReturn
  }

  #note(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#id = event.id
        this.#model = event.model
        break
      case 'part-start':
        this.#characters += 'text' in event.value ? event.value.text.length : 0
        break
      case 'part-delta':
        this.#characters += (event.text ?? event.transcript ?? '').length
        break
      case 'usage-update':
        this.#usage = event.usage
        break
      case 'choice-end':
        this.#finish ??= event.finish
        break
      case 'response-end':
        this.#complete = true
        break
      case 'error':
        // That a stream broke off, or is none, is for whoever relays it to find.
        if (event.fault.code !== 'provider_cut' && event.fault.code !== 'provider_malformed') this.#fault = event.fault
        break
      default:
    }
  }
}
