/**
 * A streamed prediction: `output` with a piece of text, `error`, and `done` (replicate.com/docs/topics/predictions/streaming). The
 * service's stream says neither whose it is nor what it took; the JSON of the calls around it does, which whoever makes those calls puts in
 * as events `prediction`: the first before everything else, the last before `done`.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import { OneTextStreamEncoder } from '../../kernel/codec/one-text/stream-encoder.ts'
import { OneTextTeller } from '../../kernel/codec/one-text/stream-teller.ts'
import type { StreamContext, StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { dialectId } from './dialect-id.ts'
import { carried, decodeUsage, encodeUsage, messageOf, ownAffairs, secondsOf, timeOf } from './prediction.ts'

const known: ReadonlySet<string> = new Set([...ownAffairs, 'id', 'model', 'created_at', 'metrics', 'output', 'error'])

export class PredictionDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #teller = new OneTextTeller(dialectId)

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#teller.during(() => this.#take(this.#reader.push(chunk)))
  }

  end(): ChatEvent[] {
    return this.#teller.during(() => {
      this.#take(this.#reader.end())
      if (!this.#teller.over) throw new Fault('provider_cut', 'The answer broke off before its end.')
    })
  }

  #take(events: readonly SseEvent[]): void {
    for (const event of events) if (!this.#teller.over) this.#event(event)
  }

  #event({ event, data }: SseEvent): void {
    switch (event) {
      case 'prediction':
        return this.#prediction(objectIn(data))
      case 'output':
        return this.#teller.say(data)
      case 'error':
        throw new Fault('provider_error', messageIn(data) ?? 'The prediction failed.')
      case 'done':
        return this.#done(objectIn(data))
      // What the model wrote into its log is no part of its answer.
      case 'logs':
        return
      default:
        throw new Fault('provider_malformed', `The provider sent an event of an unknown kind: ${event ?? 'none'}.`)
    }
  }

  #prediction(json: JsonObject): void {
    const usage = decodeUsage(json['metrics'])
    const members: JsonObject = {}
    for (const key of Object.keys(json)) if (!known.has(key)) define(members, key, json[key] ?? null)
    if (this.#teller.started) this.#teller.members(members)
    else this.#start(json, members)
    if (usage !== undefined) this.#teller.usage(usage)
  }

  #start(json: JsonObject, members: JsonObject): void {
    const { id, model, created_at: time } = json
    const created = secondsOf(time)
    this.#teller.start(
      {
        id: typeof id === 'string' ? id : '',
        model: typeof model === 'string' ? model : '',
        ...(created !== undefined && { created }),
        form: { [dialectId]: { ...(typeof time === 'string' && { createdAt: time }) } },
      },
      members,
    )
  }

  #done(json: JsonObject): void {
    const { reason } = json
    if (reason === 'canceled') throw new Fault('provider_error', 'The prediction was canceled before it had ended.')
    if (reason === 'error') throw new Fault('provider_error', 'The prediction failed.')
    this.#teller.finish({ reason: 'stop', origin: dialectId })
  }
}

/** Errors are JSON with `detail`; what is not is the message itself. */
function messageIn(data: string): string | undefined {
  try {
    const json: unknown = parsePreciseJson(data)
    return messageOf(isJsonObject(json) ? json : data)
  } catch {
    return messageOf(data)
  }
}

function objectIn(data: string): JsonObject {
  let json: unknown
  try {
    json = parsePreciseJson(data)
  } catch (cause) {
    throw new Fault('provider_malformed', 'The provider sent an event that is not JSON.', { cause })
  }
  if (!isJsonObject(json))
    throw new Fault('provider_malformed', 'The provider sent an event that is not a JSON object.')
  return json
}

const event = (name: string, json: JsonObject): string => formatSseEvent({ event: name, data: JSON.stringify(json) })

export const faultEvent = (fault: Fault): string => event('error', { detail: fault.message })

export function predictionEncoder(context: StreamContext): OneTextStreamEncoder {
  return new OneTextStreamEncoder({
    id: dialectId,
    start: ({ id, created, form }, members) => {
      const time = created === undefined ? {} : { created_at: timeOf(created, form?.[dialectId]?.['createdAt']) }
      return event('prediction', { id, model: context.model, ...time, ...members })
    },
    text: (text, lost) => formatSseEvent({ event: 'output', data: carried(text, lost) }),
    end({ usage, members }, lost) {
      const metrics = usage === undefined ? {} : { metrics: encodeUsage(usage, lost) }
      const last: JsonObject = { ...members, ...metrics }
      return (Object.keys(last).length > 0 ? event('prediction', last) : '') + event('done', {})
    },
    fault: faultEvent,
  })
}
