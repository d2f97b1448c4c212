/** Decodes a stream of response events, tolerating whatever services of this dialect leave out of it. */
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import { decodeFinish } from './finish.ts'
import { throwIfFailed } from './response.ts'
import { readFrame } from './response-frame.ts'
import { readEvent } from './stream-events.ts'
import { ItemDecoder } from './stream-item-decoder.ts'
import type { PartKey } from './stream-item-decoder.ts'
import { decodeUsage } from './usage.ts'

/** Events that end a response. */
const terminal: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
])

export class ResponseStreamDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #items = new Map<number, ItemDecoder>()
  #parts = 0
  #started = false
  #finished = false
  #calls = false
  #serviceTier: string | undefined
  #extra: JsonObject = {}

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard((events) => {
      for (const event of this.#reader.push(chunk)) this.#event(event, events)
    })
  }

  end(): ChatEvent[] {
    return this.#guard((events) => {
      for (const event of this.#reader.end()) this.#event(event, events)
      if (!this.#finished) throw new Fault('provider_cut', 'The answer broke off before its end.')
    })
  }

  /** Whatever goes wrong becomes the last event. */
  #guard(read: (events: ChatEvent[]) => void): ChatEvent[] {
    const events: ChatEvent[] = []
    if (this.#finished) return events
    try {
      read(events)
    } catch (error) {
      this.#finished = true
      events.push({ type: 'error', fault: asProviderFault(error) })
    }
    return events
  }

  #event(event: SseEvent, events: ChatEvent[]): void {
    const data = event.data.trim()
    // Some services end the stream as that of Chat Completions ends.
    if (this.#finished || data === '' || data === '[DONE]') return
    const { type, json } = readEvent(event)
    if (type === 'keepalive' || type === 'ping') return void events.push({ type: 'ping' })
    if (terminal.has(type)) return this.#end(type, json, events)
    if (type === 'response.created' || type === 'response.in_progress' || type === 'response.queued')
      return this.#start(json['response'], events)
    if (this.#told(type, json, events)) return
    this.#needStart(events)
    events.push({ type: 'opaque-event', origin: dialectId, event: type, value: json })
  }

  #start(response: JsonValue | undefined, events: ChatEvent[]): void {
    if (this.#started) return
    this.#started = true
    const { frame, reader } = readFrame(isJsonObject(response) ? response : {})
    for (const key of ['status', 'incomplete_details', 'usage']) reader.take(key)
    if (Array.isArray(reader.peek('output'))) reader.list('output')
    const { extra, form } = reader.node()
    this.#serviceTier = frame.serviceTier
    this.#extra = extra?.[dialectId] ?? {}
    events.push({ type: 'response-start', ...frame, ...(extra !== undefined && { extra }), form })
  }

  /** Tells what the event adds to an item; false for events that add nothing that the model knows. */
  #told(type: string, json: JsonObject, events: ChatEvent[]): boolean {
    switch (type) {
      case 'response.output_item.added':
        return this.#itemAdded(json, events)
      case 'response.output_item.done':
        return this.#itemDone(json, events)
      case 'response.content_part.added':
        this.#item(json)?.beginPart(contentKey(json), json['part'], 'part', events)
        return true
      case 'response.content_part.done':
        this.#item(json)?.endPart(contentKey(json), json['part'], 'part', events)
        return true
      case 'response.output_text.delta':
        this.#grow(json, contentKey(json), json['delta'], { type: 'output_text', text: '' }, events, json['logprobs'])
        return true
      case 'response.output_text.annotation.added':
        this.#item(json)?.cite(contentKey(json), json['annotation'], events)
        return true
      case 'response.refusal.delta':
        this.#grow(json, contentKey(json), json['delta'], { type: 'refusal', refusal: '' }, events)
        return true
      case 'response.reasoning_text.delta':
        this.#grow(json, contentKey(json), json['delta'], { type: 'reasoning_text', text: '' }, events)
        return true
      case 'response.reasoning_summary_part.added':
        this.#item(json)?.beginPart(summaryKey(json), json['part'], 'part', events)
        return true
      case 'response.reasoning_summary_part.done':
        this.#item(json)?.endPart(summaryKey(json), json['part'], 'part', events)
        return true
      case 'response.reasoning_summary_text.delta':
        this.#grow(json, summaryKey(json), json['delta'], { type: 'summary_text', text: '' }, events)
        return true
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#grow(json, 'call', json['delta'], {}, events)
        return true
      case 'response.output_text.done':
      case 'response.refusal.done':
      case 'response.reasoning_text.done':
      case 'response.reasoning_summary_text.done':
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        // The end of the part or item tells the same once more.
        return true
      default:
        return false
    }
  }

  #grow(
    json: JsonObject,
    key: PartKey,
    text: JsonValue | undefined,
    empty: JsonObject,
    events: ChatEvent[],
    logprobs?: JsonValue,
  ): void {
    this.#item(json)?.grow(key, { ...(typeof text === 'string' && { text }), logprobs }, empty, events)
  }

  /** False for items that are told whole in the end: clients of this protocol see them begin. */
  #itemAdded(json: JsonObject, events: ChatEvent[]): boolean {
    const { item, output_index: told } = json
    if (!isJsonObject(item)) return true
    const index = typeof told === 'number' ? told : this.#items.size
    if (this.#items.has(index)) return true
    const decoder = new ItemDecoder(item, index, () => this.#parts++)
    this.#items.set(index, decoder)
    this.#needStart(events)
    this.#noteCall(item)
    decoder.begin(joinPath('output', index), events)
    return decoder.isModelled
  }

  #itemDone(json: JsonObject, events: ChatEvent[]): boolean {
    const { item, output_index: told } = json
    if (!isJsonObject(item)) return true
    this.#whole(item, typeof told === 'number' ? told : this.#items.size - 1, events)
    return true
  }

  #whole(item: JsonObject, index: number, events: ChatEvent[]): void {
    let decoder = this.#items.get(index)
    if (decoder === undefined) {
      decoder = new ItemDecoder(item, index, () => this.#parts++)
      this.#items.set(index, decoder)
    }
    this.#needStart(events)
    this.#noteCall(item)
    decoder.end(item, joinPath('output', index), events)
  }

  #item(json: JsonObject): ItemDecoder | undefined {
    const { output_index: index } = json
    return typeof index === 'number' ? this.#items.get(index) : [...this.#items.values()].at(-1)
  }

  #needStart(events: ChatEvent[]): void {
    if (!this.#started) this.#start(undefined, events)
  }

  #noteCall({ type }: JsonObject): void {
    this.#calls ||= type === 'function_call' || type === 'custom_tool_call'
  }

  #end(type: string, json: JsonObject, events: ChatEvent[]): void {
    const response = isJsonObject(json['response']) ? json['response'] : json
    throwIfFailed((key) => (key === 'status' && type === 'response.failed' ? 'failed' : response[key]))
    this.#start(response, events)
    const { output } = response
    const untold = this.#items.size === 0
    for (const [index, item] of (Array.isArray(output) ? output : []).entries())
      if (isJsonObject(item) && (untold || this.#items.get(index)?.done === false)) this.#whole(item, index, events)
    for (const item of this.#items.values()) item.close(events)
    this.#update(response, events)
    const status = response['status'] ?? type.replace('response.', '')
    events.push({
      type: 'choice-end',
      choice: 0,
      finish: decodeFinish(status, response['incomplete_details'], this.#calls) ?? { reason: 'other' },
    })
    const usage = decodeUsage(response['usage'], response['tool_usage'])
    if (usage !== undefined) events.push({ type: 'usage-update', usage })
    this.#finished = true
    events.push({ type: 'response-end' })
  }

  /** Members of the response that are told now for the first time, or otherwise than before. */
  #update(response: JsonObject, events: ChatEvent[]): void {
    const { frame, reader } = readFrame(response)
    for (const key of ['status', 'incomplete_details', 'usage', 'output']) reader.take(key)
    const all = reader.node().extra?.[dialectId] ?? {}
    const changed = Object.keys(all).filter((key) => JSON.stringify(all[key]) !== JSON.stringify(this.#extra[key]))
    const tier = frame.serviceTier === this.#serviceTier ? undefined : frame.serviceTier
    if (changed.length === 0 && tier === undefined) return
    events.push({
      type: 'response-update',
      ...(tier !== undefined && { serviceTier: tier }),
      ...(changed.length > 0 && {
        extra: { [dialectId]: Object.fromEntries(changed.map((key) => [key, all[key]])) },
      }),
    })
  }
}

function contentKey(json: JsonObject): PartKey {
  return `content ${position(json['content_index'])}`
}

function summaryKey(json: JsonObject): PartKey {
  return `summary ${position(json['summary_index'])}`
}

function position(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function asProviderFault(error: unknown): Fault {
  if (error instanceof Fault && error.code !== 'invalid_request') return error
  const detail = error instanceof Error ? error.message : 'unknown'
  return new Fault('provider_malformed', `The provider sent an event that is not of its protocol: ${detail}`, {
    cause: error,
  })
}
