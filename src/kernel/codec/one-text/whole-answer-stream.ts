/**
 * The stream of a protocol that has none: one JSON text, the complete answer. Clients that asked for a stream get theirs all the same, in
 * one go.
 */
import { parsePreciseJson } from '../../../bytes/precise-json.ts'
import type { ChatEvent } from '../../../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../../model/chat.ts'
import { Fault } from '../../../model/fault.ts'
import { foldChat } from '../../../model/fold-chat.ts'
import type { JsonObject } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { Loss } from '../../../model/loss.ts'
import type { Codec, StreamCodec, StreamContext, StreamDecoder, StreamEncoder } from '../../dialect.ts'
import { DecodingObserver } from '../decoding-observer.ts'
import { asProviderFault } from '../provider-fault.ts'

/** Bytes of an answer; more than any text. */
const longest = 8 << 20
const closeBrace = 0x7d
const lineFeed = 0x0a

/** `faultBody` is what the protocol says of an error. */
export function wholeAnswerStream(
  response: Codec<ChatResponse, ChatRequest>,
  faultBody: (fault: Fault) => JsonObject,
): StreamCodec<ChatEvent> {
  const fault = (given: Fault): string => line(faultBody(given))
  return {
    contentType: 'application/json',
    framing: 'lines',
    decoder: () => new WholeAnswerDecoder(response),
    encoder: (context) => new WholeAnswerEncoder(response, context, fault),
    observer: () => new DecodingObserver(new WholeAnswerDecoder(response), 'lines'),
    fault,
  }
}

const line = (json: unknown): string => `${JSON.stringify(json)}\n`

class WholeAnswerDecoder implements StreamDecoder<ChatEvent> {
  readonly #response: Codec<ChatResponse, ChatRequest>
  #chunks: Uint8Array[] = []
  #size = 0
  #over = false

  constructor(response: Codec<ChatResponse, ChatRequest>) {
    this.#response = response
  }

  push(chunk: Uint8Array): ChatEvent[] {
    if (this.#over || chunk.length === 0) return []
    this.#chunks.push(Uint8Array.from(chunk))
    this.#size += chunk.length
    if (this.#size > longest) return this.#fail(new Fault('provider_malformed', 'The answer is longer than any text.'))
    const last = chunk.at(-1)
    return last === closeBrace || last === lineFeed ? this.#read(this.#text()) : []
  }

  end(): ChatEvent[] {
    if (this.#over) return []
    const text = this.#text()
    if (text.trim() === '') return this.#fail(new Fault('provider_cut', 'The answer broke off before it began.'))
    const events = this.#read(text)
    return events.length > 0
      ? events
      : this.#fail(new Fault('provider_malformed', 'The provider answered with something that is not a JSON object.'))
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  /** Nothing as long as it is no whole object. */
  #read(text: string): ChatEvent[] {
    let json: unknown
    try {
      json = parsePreciseJson(text)
    } catch {
      return []
    }
    if (!isJsonObject(json)) return []
    this.#over = true
    try {
      return eventsOf(this.#response.decode(json))
    } catch (error) {
      return this.#fail(asProviderFault(error))
    }
  }

  #fail(fault: Fault): ChatEvent[] {
    this.#over = true
    this.#chunks = []
    return [{ type: 'error', fault }]
  }
}

/** A complete answer of one text as the events it could have come in. */
function eventsOf({ choices, usage, ...head }: ChatResponse): ChatEvent[] {
  const [choice] = choices
  const finish = choice?.finish ?? { reason: 'stop' as const }
  return [
    { type: 'response-start', ...head },
    ...(choice?.parts ?? []).flatMap((value, part): ChatEvent[] => [
      { type: 'part-start', choice: 0, part, value },
      { type: 'part-end', choice: 0, part },
    ]),
    ...(usage === undefined ? [] : [{ type: 'usage-update' as const, usage }]),
    { type: 'choice-end', choice: 0, finish },
    { type: 'response-end' },
  ]
}

class WholeAnswerEncoder implements StreamEncoder<ChatEvent> {
  readonly #response: Codec<ChatResponse, ChatRequest>
  readonly #context: StreamContext
  readonly #fault: (fault: Fault) => string
  readonly #events: ChatEvent[] = []
  #over = false
  lost: readonly Loss[] = []

  constructor(response: Codec<ChatResponse, ChatRequest>, context: StreamContext, fault: (fault: Fault) => string) {
    this.#response = response
    this.#context = context
    this.#fault = fault
  }

  push(event: ChatEvent): string {
    if (this.#over) return ''
    if (event.type === 'error') {
      this.#over = true
      return this.#fault(event.fault)
    }
    this.#events.push(event)
    return event.type === 'response-end' ? this.#whole() : ''
  }

  end(): string {
    return this.#over || !this.#events.some(({ type }) => type === 'choice-end') ? '' : this.#whole()
  }

  #whole(): string {
    this.#over = true
    const { json, lost } = this.#response.encode(foldChat(this.#events), this.#context)
    this.lost = lost
    return line(json)
  }
}
