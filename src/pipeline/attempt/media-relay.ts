/**
 * Answers that are media on their way to the client: as they are, or in events where the client asked for those and the provider has
 * none. Neither is looked into, so nothing tells how much there was but the request, unless the media came within something that does.
 */
import { asBuffer } from '../../bytes/as-buffer.ts'
import { PassingBytes } from '../../bytes/collect-young.ts'
import type { AnswerFacts, Chunk, MediaEvents, MediaReader, PassedStream } from '../../kernel/dialect.ts'
import { asFault } from '../../model/fault.ts'
import type { Fault } from '../../model/fault.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { cut } from './relay.ts'
import type { Relay } from './relay.ts'

export class MediaRelay implements Relay {
  readonly fault = undefined
  readonly lost: readonly Loss[] = []
  readonly wordless = true
  readonly estimatedOutput: number
  readonly #passing = new PassingBytes()
  begun = false

  /** `estimatedOutput`: tokens, as the request tells. */
  constructor(estimatedOutput: number) {
    this.estimatedOutput = estimatedOutput
  }

  push(chunk: Uint8Array): Uint8Array {
    this.begun ||= chunk.length > 0
    this.#passing.count(chunk.length)
    return chunk
  }

  finish(): { rest: Chunk; fault: Fault | undefined } {
    return { rest: '', fault: undefined }
  }

  breakOff(): Chunk {
    return ''
  }

  /** Only the end of the connection says that it was all. */
  told() {
    return { complete: false, fault: undefined }
  }

  facts(): AnswerFacts {
    return {}
  }
}

export interface MediaInEvents {
  readonly events: MediaEvents
  readonly stream: PassedStream
  readonly provider: string
  /** Told at the end, since the protocol must tell one. */
  usage(): Usage
}

export class MediaEventsRelay implements Relay {
  readonly fault = undefined
  readonly lost: readonly Loss[] = []
  readonly #to: MediaInEvents
  begun = false

  constructor(to: MediaInEvents) {
    this.#to = to
  }

  get estimatedOutput(): number {
    return this.#to.usage().output.total
  }

  push(chunk: Uint8Array): Chunk {
    if (chunk.length === 0) return ''
    this.begun = true
    return this.#to.events.piece(chunk)
  }

  finish(): { rest: Chunk; fault: Fault | undefined } {
    if (!this.begun) return { rest: '', fault: cut(this.#to.provider) }
    return { rest: this.#to.events.end(this.#to.usage()), fault: undefined }
  }

  breakOff(fault: Fault): Chunk {
    return this.#to.stream.fault(fault)
  }

  told() {
    return { complete: false, fault: undefined }
  }

  facts(): AnswerFacts {
    return {}
  }
}

/** Media that come within something else: they are taken out of it, and go on as any others. */
export class UnwrappingRelay implements Relay {
  readonly #reader: MediaReader
  readonly #inner: Relay
  readonly wordless: boolean
  fault: Fault | undefined

  constructor(reader: MediaReader, inner: Relay) {
    this.#reader = reader
    this.#inner = inner
    this.wordless = inner.wordless === true
  }

  get lost(): readonly Loss[] {
    return this.#inner.lost
  }

  get begun(): boolean {
    return this.#inner.begun
  }

  get estimatedOutput(): number {
    return this.#inner.estimatedOutput
  }

  push(chunk: Uint8Array): Chunk {
    try {
      return this.#inner.push(this.#reader.push(chunk))
    } catch (error) {
      this.fault = asFault(error)
      return ''
    }
  }

  finish(): { rest: Chunk; fault: Fault | undefined } {
    try {
      const last = this.#inner.push(this.#reader.end())
      const { rest, fault } = this.#inner.finish()
      return { rest: joined(last, rest), fault }
    } catch (error) {
      const fault = asFault(error)
      return { rest: this.begun ? this.breakOff(fault) : '', fault }
    }
  }

  breakOff(fault: Fault): Chunk {
    return this.#inner.breakOff(fault)
  }

  told() {
    return this.#inner.told()
  }

  facts(): AnswerFacts {
    return this.#reader.facts()
  }
}

function joined(first: Chunk, second: Chunk): Chunk {
  if (second.length === 0) return first
  if (typeof first === 'string' && typeof second === 'string') return first + second
  return Buffer.concat([first, second].map((each) => (typeof each === 'string' ? Buffer.from(each) : asBuffer(each))))
}
