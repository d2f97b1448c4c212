/** The event stream of a message to canonical events. Tolerates what services that resemble this protocol leave out. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseLineTooLongError, SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Part } from '../../model/part.ts'
import { decodeBlock, decodeCitation } from './blocks-decode.ts'
import { carry } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { decodeError } from './faults.ts'
import { decodeFinish } from './finish.ts'
import { HeldBlock } from './held-block.ts'
import { asProviders, readObject, readString } from './reading.ts'
import { malformed, responseMembers } from './response.ts'
import { decodeTier, decodeUsage, mergeUsage } from './usage.ts'

const deltaMembers = new Set(['stop_reason', 'stop_sequence', 'stop_details'])
const deltaEventMembers = new Set(['type', 'delta', 'usage'])

interface OpenBlock {
  readonly part: number
  readonly type: Part['type']
  /** Set for blocks that are passed on whole. */
  readonly held?: HeldBlock
  /** A call's input as the block began with it: it counts when no delta follows. */
  readonly input?: string
  grown: boolean
}

/** One event's JSON; a Fault when it is not of the protocol. */
export function parseEvent({ event, data }: SseEvent): JsonObject {
  let value: unknown
  try {
    value = parsePreciseJson(data)
  } catch (error) {
    throw new Fault('provider_malformed', 'An event of the stream is not valid JSON.', { cause: error })
  }
  if (!isJsonObject(value)) throw malformed('an event of the stream is not an object')
  if (typeof value['type'] === 'string') return value
  if (event === undefined) throw malformed('an event of the stream has no type')
  return { ...value, type: event }
}

class MessagesDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #blocks = new Map<number, OpenBlock>()
  #events: ChatEvent[] = []
  #parts = 0
  #usage: JsonObject | undefined
  #tier: string | undefined
  #started = false
  #finished = false
  #done = false

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard(() => this.#take(this.#reader.push(chunk)))
  }

  end(): ChatEvent[] {
    return this.#guard(() => {
      this.#take(this.#reader.end())
      if (this.#done) return
      if (!this.#finished) throw new Fault('provider_cut', 'The stream ended before the message did.')
      this.#emit({ type: 'response-end' })
      this.#done = true
    })
  }

  #guard(run: () => void): ChatEvent[] {
    if (this.#done) return []
    this.#events = []
    try {
      run()
    } catch (error) {
      this.#done = true
      if (error instanceof Fault) this.#emit({ type: 'error', fault: error })
      else if (error instanceof SseLineTooLongError) this.#emit({ type: 'error', fault: malformed(error.message) })
      else throw error
    }
    return this.#events
  }

  #take(events: readonly SseEvent[]): void {
    for (const event of events) {
      if (this.#done) return
      // Some services keep a connection alive with events that say nothing.
      if (event.data === '') continue
      asProviders(() => this.#event(parseEvent(event), event))
    }
  }

  #emit(event: ChatEvent): void {
    this.#events.push(event)
  }

  #event(json: JsonObject, { event }: SseEvent): void {
    switch (json['type']) {
      case 'message_start':
        return this.#start(readObject(json['message'], 'message'))
      case 'content_block_start':
        return this.#blockStart(indexOf(json), readObject(json['content_block'], 'content_block'))
      case 'content_block_delta':
        return this.#blockDelta(json)
      case 'content_block_stop':
        return this.#blockStop(indexOf(json))
      case 'message_delta':
        return this.#messageDelta(json)
      case 'message_stop':
        this.#begin()
        this.#closeBlocks()
        this.#emit({ type: 'response-end' })
        this.#done = true
        return
      case 'ping':
        return this.#emit({ type: 'ping' })
      case 'error':
        throw decodeError(json)
      default:
        this.#emit({ type: 'opaque-event', origin: dialectId, ...(event !== undefined && { event }), value: json })
    }
  }

  #start(message: JsonObject): void {
    if (this.#started) return
    this.#started = true
    const tier = decodeTier(message['usage'])
    this.#emit({
      type: 'response-start',
      id: readString(message['id'], 'message.id'),
      model: readString(message['model'], 'message.model'),
      ...(tier !== undefined && { serviceTier: tier }),
      ...carry(message, responseMembers),
    })
    this.#tier = tier
    this.#takeUsage(message['usage'])
    const { content } = message
    if (Array.isArray(content))
      for (const block of content) this.#whole(decodeBlock(block, 'message.content', 'response'))
  }

  /** For streams that leave out their beginning. */
  #begin(): void {
    if (this.#started) return
    this.#started = true
    this.#emit({ type: 'response-start', id: '', model: '' })
  }

  #takeUsage(raw: JsonValue | undefined): void {
    if (!isJsonObject(raw)) return
    this.#usage = mergeUsage(this.#usage, raw)
    const usage = decodeUsage(this.#usage)
    if (usage !== undefined) this.#emit({ type: 'usage-update', usage })
    const tier = decodeTier(raw)
    if (tier === undefined || tier === this.#tier) return
    this.#tier = tier
    this.#emit({ type: 'response-update', serviceTier: tier })
  }

  #whole(value: Part): void {
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, value })
    this.#emit({ type: 'part-end', choice: 0, part })
  }

  #blockStart(index: number, block: JsonObject): void {
    this.#begin()
    // What comes behind the finish has no place in the answer any more.
    if (this.#finished) return
    if (this.#blocks.has(index)) this.#blockStop(index)
    const value = decodeBlock(block, 'content_block', 'response')
    const part = this.#parts++
    const { type } = value
    if (isHeld(value)) {
      this.#blocks.set(index, { part, type, held: new HeldBlock(block), grown: false })
      return
    }
    const isCall = value.type === 'tool-call' || value.type === 'server-tool-call'
    this.#blocks.set(index, { part, type, ...(isCall && { input: value.arguments }), grown: false })
    this.#emit({ type: 'part-start', choice: 0, part, value: isCall ? { ...value, arguments: '' } : value })
  }

  #blockDelta(json: JsonObject): void {
    if (this.#finished) return
    const delta = readObject(json['delta'], 'delta')
    const kind = readString(delta['type'], 'delta.type')
    const block = this.#blocks.get(indexOf(json)) ?? this.#openFor(kind, indexOf(json))
    if (block.held !== undefined) return block.held.add(delta)
    const at = { type: 'part-delta', choice: 0, part: block.part } as const
    if (kind === 'text_delta' && block.type === 'text') {
      this.#emit({ ...at, text: readString(delta['text'], 'delta.text') })
    } else if (kind === 'input_json_delta' && block.input !== undefined) {
      const text = readString(delta['partial_json'], 'delta.partial_json')
      if (text !== '') block.grown = true
      this.#emit({ ...at, text })
    } else if (kind === 'thinking_delta' && block.type === 'reasoning') {
      this.#emit({ ...at, text: readString(delta['thinking'], 'delta.thinking') })
    } else if (kind === 'signature_delta' && block.type === 'reasoning') {
      this.#emit({ ...at, signature: readString(delta['signature'], 'delta.signature') })
    } else if (kind === 'citations_delta' && block.type === 'text') {
      this.#emit({ ...at, citation: decodeCitation(readObject(delta['citation'], 'delta.citation')) })
    } else {
      this.#emit({ type: 'opaque-event', origin: dialectId, event: 'content_block_delta', value: json })
    }
  }

  /** Some services send deltas of a block that they never began. */
  #openFor(kind: string, index: number): OpenBlock {
    if (kind === 'text_delta') this.#blockStart(index, { type: 'text', text: '' })
    else if (kind === 'thinking_delta') this.#blockStart(index, { type: 'thinking', thinking: '' })
    const block = this.#blocks.get(index)
    if (block === undefined) throw malformed(`a delta belongs to block ${index}, which is not open`)
    return block
  }

  #blockStop(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined) return
    this.#blocks.delete(index)
    const at = { choice: 0, part: block.part }
    if (block.held !== undefined) {
      this.#emit({ type: 'part-start', ...at, value: decodeBlock(endOf(block.held), 'content_block', 'response') })
    } else if (block.input !== undefined && !block.grown) {
      this.#emit({ type: 'part-delta', ...at, text: block.input })
    }
    this.#emit({ type: 'part-end', ...at })
  }

  #closeBlocks(): void {
    // A map may lose the key that a walk over it is at.
    for (const index of this.#blocks.keys()) this.#blockStop(index)
  }

  #messageDelta(json: JsonObject): void {
    this.#begin()
    const delta = isJsonObject(json['delta']) ? json['delta'] : {}
    const extra = lateMembers({ ...unknownMembers(json, deltaEventMembers), ...unknownMembers(delta, deltaMembers) })
    if (extra !== undefined) this.#emit({ type: 'response-update', extra })
    this.#takeUsage(json['usage'])
    const finish = decodeFinish(delta)
    if (finish === undefined || this.#finished) return
    this.#closeBlocks()
    this.#finished = true
    this.#emit({ type: 'choice-end', choice: 0, finish })
  }
}

/** Members of the message that came with its end; nulls tell nothing. */
function lateMembers(members: JsonObject): PerDialect | undefined {
  return carry(members, new Set()).extra
}

function isHeld(value: Part): boolean {
  return (
    value.type !== 'text' &&
    value.type !== 'reasoning' &&
    value.type !== 'tool-call' &&
    value.type !== 'server-tool-call'
  )
}

function endOf(held: HeldBlock): JsonValue {
  try {
    return held.end()
  } catch (error) {
    throw new Fault('provider_malformed', 'The input of a block in the stream is not valid JSON.', { cause: error })
  }
}

function indexOf(json: JsonObject): number {
  const { index } = json
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : 0
}

export function createDecoder(): StreamDecoder<ChatEvent> {
  return new MessagesDecoder()
}
