/** Bytes that are read when they are asked for, as an answer that is pushed: no faster than the client takes it. */
import type { StreamSink, StreamSource } from '../../kernel/reply.ts'
import { asFault } from '../../model/fault.ts'
import type { Exchange } from '../../kernel/exchange.ts'

export class BytesSource implements StreamSource {
  readonly #exchange: Exchange
  readonly #bytes: AsyncIterator<Uint8Array>
  #wake: (() => void) | undefined

  constructor(bytes: AsyncIterable<Uint8Array>, exchange: Exchange) {
    this.#bytes = bytes[Symbol.asyncIterator]()
    this.#exchange = exchange
  }

  start(sink: StreamSink): void {
    this.#exchange.whenGone(() => this.resume())
    this.#push(sink).catch(() => undefined)
  }

  resume(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  async #push(sink: StreamSink): Promise<void> {
    const exchange = this.#exchange
    try {
      // Begun even where nobody waits any more: what was never begun could not be let go of.
      for (;;) {
        const next = await this.#bytes.next()
        if (next.done === true) {
          sink.end({ outcome: 'ok', facts: {}, estimatedOutput: 0 })
          return
        }
        if (exchange.gone) break
        if (sink.write(next.value)) continue
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        if (exchange.gone) break
      }
      await this.#bytes.return?.()
      sink.end({ outcome: 'client-gone', facts: {}, estimatedOutput: 0 })
    } catch (error) {
      // The head is out: only a broken connection tells that this is not all.
      sink.end({ outcome: 'cut', fault: asFault(error), facts: {}, estimatedOutput: 0, untold: true })
    }
  }
}
