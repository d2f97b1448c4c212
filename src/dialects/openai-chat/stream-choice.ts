/**
 * One choice of a stream: turns its deltas into parts that start, grow and end. Text ends reasoning, a tool call ends text; a tool
 * call ends when the next one starts and its arguments are whole, so that protocols with one block at a time need not wait.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import type { ChatEvent, PartDelta } from '../../model/chat-event.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Part } from '../../model/part.ts'
import { decodeImageEntry } from './assistant.ts'
import { decodeAnnotation } from './citations.ts'
import { opaqueBlock, thinkingText } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { finishCodec } from './words.ts'
import { decodeLogprobs } from './logprobs.ts'
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import { choiceVerdict } from '../../kernel/codec/openai-filters.ts'
import type { ChoiceDecoder } from '../../kernel/codec/openai-stream-decoder.ts'
import { decodeDetails, textOfReasoning } from './reasoning.ts'
import { madeUpCallId } from './response.ts'

const own = { form: { [dialectId]: {} } } as const

interface Call {
  /** Position among the choice's parts; undefined until its name is known. */
  part: number | undefined
  id: string
  name: string
  custom: boolean
  arguments: string
  ended: boolean
  readonly place?: string
}

/** Parts that grow by what follows in a delta of the same kind. */
type Growing = 'text' | 'refusal' | 'reasoning' | 'audio'

const deltaMembers: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'audio',
  'images',
  'annotations',
])
const choiceMembers: ReadonlySet<string> = new Set(['index', 'delta', 'finish_reason', 'logprobs', 'usage'])

export class ChatChoiceDecoder implements ChoiceDecoder {
  readonly #index: number
  readonly #responseId: string
  #parts = 0
  readonly #open = new Map<Growing, number>()
  /** What tells one piece of reasoning from the next within details: their index, format and kind. */
  #detailKey: string | undefined
  readonly #calls: Call[] = []
  readonly #callByIndex = new Map<number, Call>()
  readonly #extra: JsonObject = {}
  ended = false

  constructor(index: number, responseId: string) {
    this.#index = index
    this.#responseId = responseId
  }

  /** The events of one chunk's choice. After its end a choice says nothing more. */
  push(choice: JsonObject, path: string): ChatEvent[] {
    if (this.ended) return []
    const events: ChatEvent[] = []
    const delta = choice['delta'] ?? {}
    if (!isJsonObject(delta)) throw wrongType(`${path}.delta`, 'an object', delta)
    this.#collect(choice, choiceMembers, '')
    this.#collect(delta, deltaMembers, 'message.')
    this.#reasoning(delta, `${path}.delta`, events)
    this.#content(delta['content'], `${path}.delta.content`, events)
    this.#grow('refusal', textMember(delta, 'refusal', path), (text) => ({ type: 'refusal', text }), events)
    this.#audio(delta['audio'], events)
    this.#images(delta['images'], `${path}.delta.images`, events)
    this.#toolCalls(delta['tool_calls'], `${path}.delta.tool_calls`, events)
    this.#functionCall(delta['function_call'], events)
    this.#annotations(delta['annotations'], events)
    this.#logprobs(choice['logprobs'], events)
    const word = choice['finish_reason']
    if (typeof word === 'string' && word !== '')
      events.push(...this.end(finishCodec.decode(word, this.#calls.length > 0)))
    else if (word !== undefined && word !== null && word !== '')
      throw wrongType(`${path}.finish_reason`, 'a string', word)
    return events
  }

  /** Ends the choice. Without a word from the service the reason is what its parts say. */
  end(finish?: Finish): ChatEvent[] {
    if (this.ended) return []
    const events: ChatEvent[] = []
    for (const call of this.#calls) this.#startCall(call, events)
    this.#endOpen(events)
    for (const call of this.#calls) this.#endCall(call, events)
    this.ended = true
    const extra: PerDialect | undefined =
      Object.keys(this.#extra).length === 0 ? undefined : { [dialectId]: this.#extra }
    const reason = this.#calls.length > 0 ? 'tool-calls' : 'stop'
    const verdict = choiceVerdict(this.#extra, this.#index, dialectId)
    if (verdict !== undefined) events.push({ type: 'safety-update', verdict })
    events.push({
      type: 'choice-end',
      choice: this.#index,
      finish: finish ?? { reason },
      ...(extra !== undefined && { extra }),
    })
    return events
  }

  /** Members nobody models: the last that was not null holds. */
  #collect(object: JsonObject, known: ReadonlySet<string>, prefix: string): void {
    for (const key of Object.keys(object)) {
      const value = object[key]
      const name = prefix + key
      if (known.has(key) || value === undefined || (value === null && Object.hasOwn(this.#extra, name))) continue
      define(this.#extra, name, value)
    }
  }

  #start(value: Part, events: ChatEvent[]): number {
    const part = this.#parts++
    events.push({ type: 'part-start', choice: this.#index, part, value })
    return part
  }

  #delta(part: number, change: Omit<PartDelta, 'type' | 'choice' | 'part'>, events: ChatEvent[]): void {
    events.push({ type: 'part-delta', choice: this.#index, part, ...change })
  }

  /** A part that comes whole. */
  #whole(value: Part, events: ChatEvent[]): void {
    this.#endOpen(events)
    events.push({ type: 'part-end', choice: this.#index, part: this.#start(value, events) })
  }

  /** Ends growing parts of other kinds than `but`. */
  #endOpen(events: ChatEvent[], but?: Growing): void {
    for (const [kind, part] of this.#open) {
      if (kind === but) continue
      events.push({ type: 'part-end', choice: this.#index, part })
      this.#open.delete(kind)
    }
  }

  #grow(kind: Growing, text: string | undefined, make: (text: string) => Part, events: ChatEvent[]): void {
    if (text === undefined || text === '') return
    this.#endOpen(events, kind)
    const part = this.#open.get(kind)
    if (part === undefined) this.#open.set(kind, this.#start(make(text), events))
    else this.#delta(part, { text }, events)
  }

  #reasoning(delta: JsonObject, path: string, events: ChatEvent[]): void {
    const list = delta['reasoning_details']
    if (list !== undefined && list !== null && !Array.isArray(list))
      throw wrongType(`${path}.reasoning_details`, 'an array', list)
    const details = decodeDetails(list ?? [], `${path}.reasoning_details`)
    const told = textMember(delta, 'reasoning_content', path)
    const text =
      told === undefined || told === ''
        ? isJsonObject(delta['reasoning'])
          ? undefined
          : textMember(delta, 'reasoning', path)
        : told
    // Beside details the text only repeats theirs.
    if (text !== undefined && text !== '' && text !== textOfReasoning(details)) this.#plainReasoning(text, events)
    for (const [index, part] of details.entries()) this.#detail(part, keyOfDetail((list ?? [])[index]), events)
  }

  #plainReasoning(text: string, events: ChatEvent[]): void {
    if (this.#detailKey !== undefined) this.#endReasoning(events)
    this.#grow('reasoning', text, (first) => ({ type: 'reasoning', text: first, origin: dialectId }), events)
  }

  #endReasoning(events: ChatEvent[]): void {
    this.#detailKey = undefined
    const part = this.#open.get('reasoning')
    if (part === undefined) return
    this.#open.delete('reasoning')
    events.push({ type: 'part-end', choice: this.#index, part })
  }

  #detail(value: Part, key: string, events: ChatEvent[]): void {
    if (value.type !== 'reasoning') return this.#whole(value, events)
    const part = this.#open.get('reasoning')
    if (part !== undefined && this.#detailKey === key) {
      const { signature, encrypted, text } = value
      const change = {
        ...(text !== '' && { text }),
        ...(signature !== undefined && { signature }),
        ...(encrypted !== undefined && { encrypted }),
      }
      if (Object.keys(change).length > 0) this.#delta(part, change, events)
      return
    }
    this.#endReasoning(events)
    this.#endOpen(events)
    this.#detailKey = key
    this.#open.set('reasoning', this.#start(value, events))
  }

  #content(content: JsonValue | undefined, path: string, events: ChatEvent[]): void {
    if (content === undefined || content === null) return
    if (typeof content === 'string') return this.#text(content, events)
    if (!Array.isArray(content)) throw wrongType(path, 'a string or an array', content)
    for (const block of content) {
      if (!isJsonObject(block)) throw wrongType(path, 'an array of objects', block)
      const { type, text, thinking } = block
      if (type === 'text' && typeof text === 'string') this.#text(text, events)
      else if (type === 'thinking' && Array.isArray(thinking)) this.#plainReasoning(thinkingText(thinking), events)
      else this.#whole(opaqueBlock(block), events)
    }
  }

  #text(text: string, events: ChatEvent[]): void {
    this.#grow('text', text, (first) => ({ type: 'text', text: first }), events)
  }

  #audio(audio: JsonValue | undefined, events: ChatEvent[]): void {
    if (!isJsonObject(audio)) return
    const { id, data, transcript, expires_at: expiresAt } = audio
    this.#endOpen(events, 'audio')
    let part = this.#open.get('audio')
    if (part === undefined) {
      part = this.#start({ type: 'audio', ...(typeof id === 'string' && { id }), ...own }, events)
      this.#open.set('audio', part)
    }
    const change = {
      ...(typeof data === 'string' && data !== '' && { text: data }),
      ...(typeof transcript === 'string' && transcript !== '' && { transcript }),
      ...(typeof expiresAt === 'number' && { expiresAt }),
    }
    if (Object.keys(change).length > 0) this.#delta(part, change, events)
  }

  #images(images: JsonValue | undefined, path: string, events: ChatEvent[]): void {
    if (!Array.isArray(images)) return
    for (const [index, image] of images.entries())
      if (isJsonObject(image)) this.#whole(decodeImageEntry(image, `${path}[${index}]`), events)
  }

  #toolCalls(calls: JsonValue | undefined, path: string, events: ChatEvent[]): void {
    if (calls === undefined || calls === null) return
    if (!Array.isArray(calls)) throw wrongType(path, 'an array', calls)
    for (const json of calls) {
      if (!isJsonObject(json)) throw wrongType(path, 'an array of objects', json)
      const { type } = json
      if (typeof type === 'string' && type !== '' && type !== 'function' && type !== 'custom')
        this.#whole(opaqueBlock(json, 'tool_calls'), events)
      else this.#toolCall(json, events)
    }
  }

  #toolCall(json: JsonObject, events: ChatEvent[]): void {
    const custom = isJsonObject(json['custom'])
    const nested = isJsonObject(json['custom'])
      ? json['custom']
      : isJsonObject(json['function'])
        ? json['function']
        : {}
    const { name } = nested
    const id = typeof json['id'] === 'string' ? json['id'] : ''
    const call = this.#callFor(
      json['index'],
      id,
      typeof name === 'string' ? name : '',
      custom || json['type'] === 'custom',
      events,
    )
    this.#growCall(call, nested[custom ? 'input' : 'arguments'], events)
  }

  #functionCall(json: JsonValue | undefined, events: ChatEvent[]): void {
    if (!isJsonObject(json)) return
    const { name } = json
    let call = this.#calls.find((known) => known.place === 'function_call')
    if (call === undefined) {
      call = this.#addCall('', typeof name === 'string' ? name : '', false, 'function_call', events)
    } else if (call.name === '' && typeof name === 'string') call.name = name
    this.#growCall(call, json['arguments'], events)
  }

  /** By index; by id where a service numbers nothing; else the last one. An index taken by a call of another id means a new call. */
  #callFor(index: JsonValue | undefined, id: string, name: string, custom: boolean, events: ChatEvent[]): Call {
    const numbered = typeof index === 'number' ? this.#callByIndex.get(index) : undefined
    const sameId = id === '' ? undefined : this.#calls.find((call) => call.id === id)
    const known =
      numbered !== undefined && (id === '' || numbered.id === id || name === '')
        ? numbered
        : typeof index === 'number'
          ? sameId
          : (sameId ?? (id === '' && name === '' ? this.#calls.at(-1) : undefined))
    if (known !== undefined && !known.ended) {
      if (known.part === undefined) known.name += name
      return known
    }
    const call = this.#addCall(id, name, custom, undefined, events)
    if (typeof index === 'number') this.#callByIndex.set(index, call)
    return call
  }

  #addCall(id: string, name: string, custom: boolean, place: string | undefined, events: ChatEvent[]): Call {
    this.#endOpen(events)
    for (const call of this.#calls)
      if (!call.ended && !call.custom && isWhole(call.arguments)) this.#endCall(call, events)
    const call: Call = {
      part: undefined,
      id,
      name,
      custom,
      arguments: '',
      ended: false,
      ...(place !== undefined && { place }),
    }
    if (call.id === '') call.id = madeUpCallId(this.#responseId, this.#index, this.#calls.length)
    this.#calls.push(call)
    return call
  }

  #growCall(call: Call, value: JsonValue | undefined, events: ChatEvent[]): void {
    const text = typeof value === 'string' ? value : isJsonObject(value) ? JSON.stringify(value) : ''
    call.arguments += text
    const before = call.part
    if (call.name !== '') this.#startCall(call, events)
    if (before !== undefined && text !== '') this.#delta(before, { text }, events)
  }

  /** Starts the call with what is known of it, once. */
  #startCall(call: Call, events: ChatEvent[]): void {
    if (call.part !== undefined) return
    const form = { [dialectId]: call.place === undefined ? {} : { place: call.place } }
    const { id, name, arguments: text } = call
    call.part = this.#start(
      { type: 'tool-call', id, name, arguments: text, ...(call.custom && { kind: 'custom' as const }), form },
      events,
    )
  }

  #endCall(call: Call, events: ChatEvent[]): void {
    if (call.part === undefined || call.ended) return
    call.ended = true
    events.push({ type: 'part-end', choice: this.#index, part: call.part })
  }

  /** Annotations belong to the text that is open; there is only one text in a plain answer. */
  #annotations(list: JsonValue | undefined, events: ChatEvent[]): void {
    if (!Array.isArray(list) || list.length === 0) return
    const part = this.#open.get('text')
    if (part === undefined) {
      const before = this.#extra['message.annotations']
      this.#extra['message.annotations'] = [...(Array.isArray(before) ? before : []), ...list]
    } else for (const json of list) this.#delta(part, { citation: decodeAnnotation(json) }, events)
  }

  #logprobs(json: JsonValue | undefined, events: ChatEvent[]): void {
    const logprobs = decodeLogprobs(json)
    if (logprobs !== undefined && Object.keys(logprobs).length > 0)
      events.push({ type: 'logprobs-delta', choice: this.#index, ...logprobs })
  }
}

/** A text member of a delta; null and absent are nothing. */
function textMember(delta: JsonObject, key: string, path: string): string | undefined {
  const value = delta[key] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw wrongType(`${path}.${key}`, 'a string', value)
  return value
}

function keyOfDetail(json: JsonValue | undefined): string {
  return isJsonObject(json) ? JSON.stringify([json['type'], json['index'] ?? null]) : ''
}

/** Whether arguments are complete JSON; the last character rules most unfinished ones out at once. */
function isWhole(text: string): boolean {
  if (!/[}\]"\w]\s*$/.test(text)) return false
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}
