/**
 * Reads what an answer took while it is passed on: the head and tail of a stream by its protocol's observer, a complete answer from a
 * copy that is kept of it within a bound. What cannot be read is passed on all the same, and counted by its size.
 */
import { Body } from '../../kernel/body.ts'
import type { AnswerFacts, StreamObserver } from '../../kernel/dialect.ts'
import type { MeteredPath } from '../../kernel/passage.ts'
import { Fault } from '../../model/fault.ts'

export interface PassMeter {
  /** What to send on of it: all, but for an event that the gateway asked for on its own account. */
  push(chunk: Uint8Array): Uint8Array
  /** `whole`: nothing more of it comes. */
  told(whole: boolean): Told
}

export interface Told {
  readonly facts: AnswerFacts
  readonly estimatedOutput: number
  /** Of a stream: whether it has said its last. Undefined where the answer's own framing is all that tells its end. */
  readonly complete: boolean | undefined
}

export interface MeterOptions {
  readonly metered: MeteredPath | undefined
  readonly stream: boolean
  readonly contentType: string | undefined
  readonly withholdUsage: boolean
  /** Bytes of a complete answer that are kept to be read. */
  readonly limit: number
}

/** Bytes of an answer to a token, whatever is around its text. */
const bytesPerToken = 4

export function meterOf(options: MeterOptions): PassMeter {
  const { metered, stream, contentType = '', withholdUsage } = options
  const codec = metered?.legible === true && stream ? metered.dialect.stream : undefined
  if (codec !== undefined && contentType.toLowerCase().startsWith(codec.contentType))
    return new StreamMeter(codec.observer({ withholdUsage }))
  return new WholeMeter(metered, options.limit)
}

class StreamMeter implements PassMeter {
  readonly #observer: StreamObserver

  constructor(observer: StreamObserver) {
    this.#observer = observer
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#observer.push(chunk)
  }

  told(): Told {
    const { estimatedOutput, complete, ...facts } = this.#observer.facts()
    return { facts, estimatedOutput, complete }
  }
}

class WholeMeter implements PassMeter {
  readonly #metered: MeteredPath | undefined
  readonly #limit: number
  #kept: Uint8Array[] = []
  #size = 0

  constructor(metered: MeteredPath | undefined, limit: number) {
    this.#metered = metered
    this.#limit = limit
  }

  push(chunk: Uint8Array): Uint8Array {
    this.#size += chunk.length
    if (this.#metered === undefined) return chunk
    if (this.#size <= this.#limit) this.#kept.push(chunk)
    else this.#kept = []
    return chunk
  }

  told(whole: boolean): Told {
    const facts = whole ? this.#facts() : {}
    const writes = this.#metered?.operation === 'chat' && facts.usage === undefined
    return { facts, estimatedOutput: writes ? Math.ceil(this.#size / bytesPerToken) : 0, complete: undefined }
  }

  #facts(): AnswerFacts {
    if (this.#metered?.legible !== true || this.#kept.length === 0) return {}
    const { dialect } = this.#metered
    try {
      return dialect.facts(new Body<unknown>(Buffer.concat(this.#kept), (json) => dialect.response.decode(json)))
    } catch (error) {
      if (error instanceof Fault) return {}
      throw error
    }
  }
}
