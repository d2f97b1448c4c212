/** AWS's binary events of an answer of one text: reading them, and writing one. The answer ends when the connection does. */
import { AwsEventError } from '../../bytes/aws-event-headers.ts'
import type { AwsEventHeader } from '../../bytes/aws-event-headers.ts'
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import type { AwsEventMessage } from '../../bytes/aws-event-message.ts'
import { AwsEventReader } from '../../bytes/aws-event-reader.ts'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { decodeException, encodeException } from '../../kernel/codec/aws-errors.ts'
import { OneTextTeller } from '../../kernel/codec/one-text/stream-teller.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Tells what an event says; perhaps why the answer will have ended. */
export type ReadEvent = (type: string, json: JsonObject, teller: OneTextTeller) => Finish | undefined

export class BinaryEventDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new AwsEventReader()
  readonly #teller: OneTextTeller
  readonly #read: ReadEvent
  #finish: Finish

  constructor(dialectId: string, read: ReadEvent) {
    this.#teller = new OneTextTeller(dialectId)
    this.#read = read
    this.#finish = { reason: 'stop', origin: dialectId }
  }

  /** What was pushed so far ends between two events. */
  get atBoundary(): boolean {
    return this.#reader.atBoundary
  }

  /** Why the answer has ended, if it ends here: once it has begun, and if nothing went wrong. */
  get ending(): Finish | undefined {
    return this.#teller.started && !this.#teller.over ? this.#finish : undefined
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#teller.during(() => {
      try {
        for (const message of this.#reader.push(chunk)) this.#message(message)
        // Damage behind whole messages is told by the next call.
        this.#reader.push(new Uint8Array(0))
      } catch (error) {
        if (!(error instanceof AwsEventError)) throw error
        throw new Fault('provider_malformed', `The provider's event stream is damaged: ${error.message}`, {
          cause: error,
        })
      }
    })
  }

  end(): ChatEvent[] {
    return this.#teller.during(() => {
      if (!this.#teller.started || !this.#reader.atBoundary)
        throw new Fault('provider_cut', 'The stream ended before the answer did.')
      this.#teller.finish(this.#finish)
    })
  }

  #message({ headers, payload }: AwsEventMessage): void {
    const text = (name: string): string => {
      const header = headers.get(name)
      return header?.type === 'string' ? header.value : ''
    }
    switch (text(':message-type')) {
      case 'event':
        this.#teller.start()
        this.#finish = this.#read(text(':event-type'), objectIn(payload), this.#teller) ?? this.#finish
        return
      case 'exception':
        throw decodeException(text(':exception-type'), objectIn(payload))
      case 'error':
        throw decodeException(text(':error-code'), { message: text(':error-message') })
      default:
        throw new Fault('provider_malformed', 'The provider sent a message that is neither an event nor an error.')
    }
  }
}

function objectIn(payload: Uint8Array): JsonObject {
  if (payload.length === 0) return {}
  let json: unknown
  try {
    json = parsePreciseJson(Buffer.from(payload).toString('utf8'))
  } catch (cause) {
    throw new Fault('provider_malformed', 'The provider sent an event that is not JSON.', { cause })
  }
  if (!isJsonObject(json))
    throw new Fault('provider_malformed', 'The provider sent an event that is not a JSON object.')
  return json
}

const text = (value: string): AwsEventHeader => ({ type: 'string', value })

export function eventBytes(type: string, json: JsonObject): Uint8Array {
  return writeAwsEvent({
    headers: new Map([
      [':event-type', text(type)],
      [':content-type', text('application/json')],
      [':message-type', text('event')],
    ]),
    payload: Buffer.from(JSON.stringify(json)),
  })
}

export function faultBytes(fault: Fault): Uint8Array {
  const { type, message } = encodeException(fault)
  return writeAwsEvent({
    headers: new Map([
      [':exception-type', text(type)],
      [':content-type', text('application/json')],
      [':message-type', text('exception')],
    ]),
    payload: Buffer.from(JSON.stringify({ message })),
  })
}
