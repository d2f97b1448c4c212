/** The event stream of an answer to canonical events. Content and calls are numbered each for itself; the plan has no number. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseLineTooLongError, SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { citedBlock, decodeCitation } from './citations.ts'
import { looseCitation } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { decodeFinish } from './finish.ts'
import { decodeChunk } from './logprobs.ts'
import { planPart } from './plan.ts'
import { malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

const own = { form: { [dialectId]: {} } }
const startMembers: ReadonlySet<string> = new Set(['type', 'id', 'delta'])
const endMembers: ReadonlySet<string> = new Set(['finish_reason', 'usage', 'error'])

interface OpenText {
  readonly part: number
  readonly type: 'text' | 'reasoning'
  /** The block has ended; citations of it may still follow. */
  ended: boolean
}

export class CohereDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #content = new Map<number, OpenText>()
  readonly #calls = new Map<number, number>()
  #events: ChatEvent[] = []
  #parts = 0
  #plan: number | undefined
  #started = false
  #done = false

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard(() => this.#take(this.#reader.push(chunk)))
  }

  end(): ChatEvent[] {
    return this.#guard(() => {
      this.#take(this.#reader.end())
      if (!this.#done) throw new Fault('provider_cut', 'The stream ended before the answer did.')
    })
  }

  #guard(run: () => void): ChatEvent[] {
    if (this.#done) return []
    this.#events = []
    try {
      run()
    } catch (error) {
      this.#done = true
      this.#emit({ type: 'error', fault: asFault(error) })
    }
    return this.#events
  }

  #take(events: readonly SseEvent[]): void {
    for (const event of events) if (!this.#done && event.data !== '' && event.data !== '[DONE]') this.#event(event)
  }

  #emit(event: ChatEvent): void {
    this.#events.push(event)
  }

  #event(event: SseEvent): void {
    const json = parsed(event.data)
    const type = typeof json['type'] === 'string' ? json['type'] : event.event
    if (type === undefined) throw malformed('an event of its stream has no type')
    const index = typeof json['index'] === 'number' ? json['index'] : 0
    const delta = isJsonObject(json['delta']) ? json['delta'] : {}
    const message = isJsonObject(delta['message']) ? delta['message'] : {}
    switch (type) {
      case 'message-start':
        return this.#start(json)
      case 'content-start':
        return this.#contentStart(index, message['content'])
      case 'content-delta':
        return this.#contentDelta(index, message['content'], json['logprobs'])
      case 'content-end':
        return this.#contentEnd(index)
      case 'tool-plan-delta':
        return this.#planDelta(message['tool_plan'])
      case 'tool-call-start':
        return this.#callStart(index, message['tool_calls'])
      case 'tool-call-delta':
        return this.#callDelta(index, message['tool_calls'])
      case 'tool-call-end':
        return this.#callEnd(index)
      case 'citation-start':
        return this.#citation(message['citations'])
      case 'citation-end':
        return
      case 'message-end':
        return this.#end(delta)
      default:
        this.#emit({ type: 'opaque-event', origin: dialectId, event: type, value: json })
    }
  }

  #start(json: JsonObject): void {
    if (this.#started) return
    this.#started = true
    const { id } = json
    const extra = unknownMembers(json, startMembers)
    this.#emit({
      type: 'response-start',
      id: typeof id === 'string' ? id : '',
      model: '',
      ...(extra !== undefined && { extra: { [dialectId]: extra } }),
      ...own,
    })
  }

  /** For streams that leave out their beginning. */
  #begin(value: Part): number {
    this.#start({})
    const part = this.#parts++
    this.#emit({ type: 'part-start', choice: 0, part, value })
    return part
  }

  #grow(part: number, change: Omit<PartDelta, 'type' | 'choice' | 'part'>): void {
    this.#emit({ type: 'part-delta', choice: 0, part, ...change })
  }

  #close(part: number): void {
    this.#emit({ type: 'part-end', choice: 0, part })
  }

  /** What has ended by the provider's word, and waited for citations only. */
  #settle(): void {
    if (this.#plan !== undefined) this.#close(this.#plan)
    this.#plan = undefined
    for (const [index, open] of this.#content) {
      if (!open.ended) continue
      this.#content.delete(index)
      this.#close(open.part)
    }
  }

  #contentStart(index: number, content: JsonValue | undefined): void {
    const before = this.#content.get(index)
    if (before !== undefined) before.ended = true
    this.#settle()
    const json = isJsonObject(content) ? content : {}
    const type = json['type'] === 'thinking' || typeof json['thinking'] === 'string' ? 'reasoning' : 'text'
    const text = textIn(json)
    const value: Part = type === 'text' ? { type, text, ...own } : { type, text, origin: dialectId, ...own }
    this.#content.set(index, { part: this.#begin(value), type, ended: false })
  }

  #contentDelta(index: number, content: JsonValue | undefined, logprobs: JsonValue | undefined): void {
    const json = isJsonObject(content) ? content : {}
    // Some services leave out the beginning of a block.
    if (this.#content.get(index)?.ended !== false)
      this.#contentStart(index, { type: typeof json['thinking'] === 'string' ? 'thinking' : 'text' })
    const open = this.#content.get(index)
    if (open !== undefined) this.#grow(open.part, { text: textIn(json) })
    const chunk = decodeChunk(logprobs)
    if (chunk !== undefined) this.#emit({ type: 'logprobs-delta', choice: 0, content: chunk })
  }

  #contentEnd(index: number): void {
    const open = this.#content.get(index)
    if (open !== undefined) open.ended = true
  }

  #planDelta(text: JsonValue | undefined): void {
    if (typeof text !== 'string') throw wrongType('delta.message.tool_plan', 'a string', text)
    if (this.#plan === undefined) {
      this.#settle()
      this.#plan = this.#begin(planPart(''))
    }
    this.#grow(this.#plan, { text })
  }

  #callStart(index: number, json: JsonValue | undefined): void {
    if (!isJsonObject(json)) throw wrongType('delta.message.tool_calls', 'an object', json)
    this.#callEnd(index)
    this.#settle()
    const { id } = json
    const call = isJsonObject(json['function']) ? json['function'] : {}
    const { name } = call
    const value: Part = {
      type: 'tool-call',
      id: typeof id === 'string' ? id : `call_${index}`,
      name: typeof name === 'string' ? name : '',
      arguments: typeof call['arguments'] === 'string' ? call['arguments'] : '',
      ...own,
    }
    this.#calls.set(index, this.#begin(value))
  }

  #callDelta(index: number, json: JsonValue | undefined): void {
    const part = this.#calls.get(index)
    if (part === undefined) throw malformed(`arguments belong to call ${index}, which has not begun`)
    const call = isJsonObject(json) && isJsonObject(json['function']) ? json['function'] : {}
    const text = call['arguments']
    if (typeof text === 'string') this.#grow(part, { text })
  }

  #callEnd(index: number): void {
    const part = this.#calls.get(index)
    if (part === undefined) return
    this.#calls.delete(index)
    this.#close(part)
  }

  #citation(raw: JsonValue | undefined): void {
    for (const one of Array.isArray(raw) ? raw : [raw]) {
      if (!isJsonObject(one)) continue
      const block = citedBlock(one)
      const open =
        block === undefined ? undefined : this.#textAt(one['content_index'] === undefined ? undefined : block)
      if (open !== undefined) this.#grow(open.part, { citation: decodeCitation(one) })
      else this.#close(this.#begin(looseCitation(one)))
    }
  }

  /** Where no block is named, the first text is meant. */
  #textAt(index: number | undefined): OpenText | undefined {
    if (index === undefined) return [...this.#content.values()].find(({ type }) => type === 'text')
    const open = this.#content.get(index)
    return open?.type === 'text' ? open : undefined
  }

  #end(delta: JsonObject): void {
    this.#start({})
    const { finish_reason: word, error } = delta
    if (typeof error === 'string' && error !== '')
      throw new Fault(word === 'TIMEOUT' ? 'provider_timeout' : 'provider_error', error)
    for (const index of this.#calls.keys()) this.#callEnd(index)
    for (const open of this.#content.values()) open.ended = true
    this.#settle()
    const extra = unknownMembers(delta, endMembers)
    if (extra !== undefined) this.#emit({ type: 'response-update', extra: { [dialectId]: extra } })
    const usage = decodeUsage(delta['usage'])
    if (usage !== undefined) this.#emit({ type: 'usage-update', usage })
    const finish = decodeFinish(typeof word === 'string' ? word : 'COMPLETE')
    this.#emit({ type: 'choice-end', choice: 0, finish })
    this.#emit({ type: 'response-end' })
    this.#done = true
  }
}

function textIn(content: JsonObject): string {
  const text = content['text'] ?? content['thinking'] ?? ''
  if (typeof text !== 'string') throw wrongType('delta.message.content.text', 'a string', text)
  return text === '' && typeof content['thinking'] === 'string' ? content['thinking'] : text
}

function parsed(data: string): JsonObject {
  let value: unknown
  try {
    value = parsePreciseJson(data)
  } catch (error) {
    throw malformed('an event of its stream is not JSON', error)
  }
  if (!isJsonObject(value)) throw malformed('an event of its stream is not an object')
  return value
}

function asFault(error: unknown): Fault {
  if (error instanceof SseLineTooLongError) return malformed(error.message, error)
  if (error instanceof Fault && error.side !== 'client') return error
  if (error instanceof Fault) return malformed(error.message.replace(/\.$/, ''), error)
  throw error
}
