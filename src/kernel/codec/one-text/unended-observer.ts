/**
 * Watches a stream of a protocol that has no last event: the answer is over when the connection is, so it is whole wherever an event
 * has ended and nothing went wrong.
 */
import type { ChatEvent } from '../../../model/chat-event.ts'
import type { Finish } from '../../../model/finish.ts'
import type { StreamDecoder, StreamFacts, StreamFraming, StreamObserver } from '../../dialect.ts'
import { DecodingObserver } from '../decoding-observer.ts'

interface UnendedDecoder extends StreamDecoder<ChatEvent> {
  /** Why the answer has ended, if it ends here; undefined before it has begun, and after it has failed. */
  readonly ending: Finish | undefined
}

export class UnendedObserver implements StreamObserver {
  readonly #decoder: UnendedDecoder
  readonly #inner: DecodingObserver

  /** `whole` as in `DecodingObserver`. */
  constructor(decoder: UnendedDecoder, framing: StreamFraming, whole?: () => boolean) {
    this.#decoder = decoder
    this.#inner = new DecodingObserver(decoder, framing, whole)
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#inner.push(chunk)
  }

  facts(): StreamFacts {
    const facts = this.#inner.facts()
    const { ending } = this.#decoder
    return ending === undefined || !facts.atBoundary ? facts : { ...facts, complete: true, finish: ending }
  }
}
