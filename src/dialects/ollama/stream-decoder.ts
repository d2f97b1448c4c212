/**
 * Decodes a stream of JSON lines into events: pieces of thinking and text, whole calls of tools, and a last line that is `done` and
 * tells the metrics. https://docs.ollama.com/api/streaming
 */
import { LineReader } from '../../bytes/line-reader.ts'
import { parseJson } from '../../bytes/parse-json.ts'
import { LateMembers } from '../../kernel/codec/late-members.ts'
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import { asProviderFault } from '../../kernel/codec/provider-fault.ts'
import { decodeTokenLogprobs } from '../../kernel/codec/token-logprobs.ts'
import type { StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import * as answer from './answer.ts'
import { errorIn } from './faults.ts'
import { imageOf } from './images.ts'
import type { Kind } from './kind.ts'
import { decodeToolCall } from './tool-calls.ts'

const lineMembers = ['model', 'created_at', 'done', 'done_reason', 'logprobs']
const messageMembers: ReadonlySet<string> = new Set(['role', 'content', 'thinking', 'images', 'tool_calls'])

const closeBrace = 0x7d

/** A last line is whole without its line end, which not every proxy sends: what watches a stream should know it is over. */
function isLast(line: string): boolean {
  if (!/"done"\s*:\s*true/.test(line)) return false
  try {
    return isJsonObject(parseJson(line))
  } catch {
    return false
  }
}

type Growing = 'text' | 'reasoning'

export class OllamaStreamDecoder implements StreamDecoder<ChatEvent> {
  readonly #kind: Kind
  readonly #reader = new LineReader()
  readonly #members: LateMembers
  readonly #messageMembers = new LateMembers(messageMembers)
  /** The part that grows, which ends where another kind begins. */
  #open: Growing | undefined
  #parts = 0
  #calls = 0
  #createdAt: string | undefined
  #started = false
  #finished = false

  constructor(kind: Kind) {
    this.#kind = kind
    const said = kind.message === '' ? [kind.text, 'thinking'] : [kind.message]
    this.#members = new LateMembers(new Set([...lineMembers, ...said]))
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#guard((events) => {
      for (const line of this.#reader.push(chunk)) this.#line(line, events)
      if (!this.#finished && chunk.at(-1) === closeBrace && isLast(this.#reader.pending))
        for (const line of this.#reader.end()) this.#line(line, events)
    })
  }

  end(): ChatEvent[] {
    return this.#guard((events) => {
      for (const line of this.#reader.end()) this.#line(line, events)
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

  #line(line: string, events: ChatEvent[]): void {
    if (this.#finished || line.trim() === '') return
    const json = parseLine(line)
    const fault = errorIn(json)
    if (fault !== undefined) throw fault
    const done = json['done'] === true
    const said = this.#saidIn(json, done)
    const usage = answer.decodeUsage((key) => json[key], this.#kind)
    this.#tell(json, this.#kind.message === '' ? {} : said, usage !== undefined, events)
    this.#said(said, events)
    const logprobs = decodeTokenLogprobs(json['logprobs']) ?? []
    if (logprobs.length > 0) events.push({ type: 'logprobs-delta', choice: 0, content: logprobs })
    if (usage !== undefined) events.push({ type: 'usage-update', usage })
    if (done) this.#end(json['done_reason'], events)
  }

  /** The object that holds what the line says. A last line need not say anything. */
  #saidIn(json: JsonObject, done: boolean): JsonObject {
    const { message, text } = this.#kind
    if (message === '') {
      if (json[text] === undefined && !done) throw wrongType(text, 'a string', undefined)
      return json
    }
    const said = json[message] ?? (done ? {} : undefined)
    if (!isJsonObject(said)) throw wrongType(message, 'an object', said)
    return said
  }

  /** The answer begins, or tells members of its own that it has not told before. */
  #tell(json: JsonObject, message: JsonObject, metered: boolean, events: ChatEvent[]): void {
    const { id } = this.#kind
    const told: JsonObject = {}
    const own = this.#members.changes(metered ? withoutUsage(json) : json) ?? {}
    for (const key of Object.keys(own)) define(told, key, own[key] ?? null)
    const inner = this.#messageMembers.changes(message) ?? {}
    for (const key of Object.keys(inner)) define(told, joinPath(this.#kind.message, key), inner[key] ?? null)
    const extra = Object.keys(told).length > 0 ? { extra: { [id]: told } } : {}
    if (this.#started) {
      if (extra.extra !== undefined) events.push({ type: 'response-update', ...extra })
      return
    }
    this.#started = true
    const { model, created_at: time } = json
    const created = answer.secondsOf(time)
    if (typeof time === 'string') this.#createdAt = time
    events.push({
      type: 'response-start',
      id: answer.idOf(time),
      model: typeof model === 'string' ? model : '',
      ...(created !== undefined && { created }),
      ...extra,
      form: { [id]: { ...(this.#createdAt !== undefined && { createdAt: this.#createdAt }) } },
    })
  }

  #said(said: JsonObject, events: ChatEvent[]): void {
    const { id, message, text } = this.#kind
    this.#grow('reasoning', said['thinking'], (first) => ({ type: 'reasoning', text: first, origin: id }), events)
    if (message !== '') this.#images(said['images'], events)
    this.#grow('text', said[text], (first) => ({ type: 'text', text: first }), events)
    if (message !== '') this.#toolCalls(said['tool_calls'], events)
  }

  #grow(kind: Growing, value: JsonValue | undefined, make: (text: string) => Part, events: ChatEvent[]): void {
    const text = value ?? ''
    if (typeof text !== 'string') throw wrongType(kind, 'a string', value)
    if (text === '') return
    if (this.#open === kind) {
      events.push({ type: 'part-delta', choice: 0, part: this.#parts - 1, text })
      return
    }
    this.#close(events)
    this.#start(make(text), events)
    this.#open = kind
  }

  #start(value: Part, events: ChatEvent[]): void {
    events.push({ type: 'part-start', choice: 0, part: this.#parts++, value })
  }

  #close(events: ChatEvent[]): void {
    if (this.#open !== undefined) events.push({ type: 'part-end', choice: 0, part: this.#parts - 1 })
    this.#open = undefined
  }

  /** A part that comes whole. */
  #whole(value: Part, events: ChatEvent[]): void {
    this.#close(events)
    this.#start(value, events)
    events.push({ type: 'part-end', choice: 0, part: this.#parts - 1 })
  }

  #images(value: JsonValue | undefined, events: ChatEvent[]): void {
    if (value === undefined || value === null) return
    if (!Array.isArray(value)) throw wrongType('message.images', 'an array', value)
    for (const data of value) {
      if (typeof data !== 'string') throw wrongType('message.images', 'an array of strings', data)
      this.#whole(imageOf(data), events)
    }
  }

  #toolCalls(value: JsonValue | undefined, events: ChatEvent[]): void {
    if (value === undefined || value === null) return
    if (!Array.isArray(value)) throw wrongType('message.tool_calls', 'an array', value)
    for (const [index, json] of value.entries()) {
      const id = answer.callIdOf(this.#createdAt, this.#calls++)
      this.#whole(decodeToolCall(json, joinPath('message.tool_calls', index), id), events)
    }
  }

  #end(word: JsonValue | undefined, events: ChatEvent[]): void {
    this.#close(events)
    this.#finished = true
    const finish = answer.decodeFinish(typeof word === 'string' ? word : undefined, this.#calls > 0, this.#kind)
    events.push({ type: 'choice-end', choice: 0, finish }, { type: 'response-end' })
  }
}

/** The object on a line; throws a Fault (`provider_malformed`) for anything else. */
function parseLine(line: string): JsonObject {
  let json: unknown
  try {
    json = parseJson(line)
  } catch (cause) {
    throw new Fault('provider_malformed', 'The provider sent a line that is not JSON.', { cause })
  }
  if (!isJsonObject(json)) throw new Fault('provider_malformed', 'The provider sent a line that is not a JSON object.')
  return json
}

const usageMembers: ReadonlySet<string> = new Set(answer.usageMembers)

function withoutUsage(json: JsonObject): JsonObject {
  const rest: JsonObject = {}
  for (const key of Object.keys(json)) if (!usageMembers.has(key)) define(rest, key, json[key] ?? null)
  return rest
}
