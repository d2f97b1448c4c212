/**
 * Watches a stream that passes through by decoding it, as this protocol tells its usage in every chunk and its end in none. Complete
 * is what has told a finish reason, whether or not the connection has ended yet.
 */
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import type { StreamFacts, StreamObserver } from '../../kernel/dialect.ts'
import { GeminiStreamDecoder } from './stream-decoder.ts'

class GeminiObserver implements StreamObserver {
  readonly #decoder = new GeminiStreamDecoder()
  readonly #observer = new DecodingObserver(this.#decoder, 'sse')

  push(chunk: Uint8Array): Uint8Array {
    return this.#observer.push(chunk)
  }

  facts(): StreamFacts {
    const facts = this.#observer.facts()
    return { ...facts, complete: this.#decoder.complete && facts.fault === undefined }
  }
}

/** Usage is always told here, so that nothing ever has to be withheld. */
export function createObserver(): StreamObserver {
  return new GeminiObserver()
}
