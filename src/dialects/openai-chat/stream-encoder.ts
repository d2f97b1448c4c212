/** Encodes events as chat completion chunks, as OpenAI's own SDKs read them. */
import { formatSseComment, formatSseEvent } from '../../bytes/sse-writer.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type {
  ChatEvent,
  ChoiceEnd,
  LogprobsDelta,
  PartDelta,
  PartStart,
  ResponseStart,
} from '../../model/chat-event.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Part, ReasoningPart, ToolCallPart } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import { encodeImageEntry } from './assistant.ts'
import { encodeCitation, encodeCitations } from './citations.ts'
import { encodeBlock } from './content-encode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { openaiErrorBody } from '../../kernel/codec/openai-errors.ts'
import { encodeLogprobs } from './logprobs.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import { PartTurns } from '../../kernel/codec/part-turns.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import { ReportedOnce } from '../../kernel/codec/reported-once.ts'
import { encodeDetail, needsDetails } from './reasoning.ts'
import { encodeTier } from './response.ts'
import { finishCodec, usageCodec } from './words.ts'

interface OpenPart {
  readonly value: Part
  /** Position among the tool calls of the choice, or among its reasoning details. */
  readonly position: number
  /** Of a text: where it began in the choice's content, and how long it is. Of a call: the length of its arguments. */
  readonly offset: number
  length: number
  /** Of a text: how many citations it has. */
  citations: number
}

interface OpenChoice {
  readonly parts: Map<number, OpenPart>
  calls: number
  details: number
  /** Length of the content so far, in UTF-16 code units. */
  content: number
  readonly turns: PartTurns
}

/** A message has one text of each of these kinds. */
const placeOf = ({ type }: Part): string | undefined =>
  type === 'text' || type === 'refusal' || type === 'reasoning' ? type : undefined

export class ChatStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #losses = new ReportedOnce()
  readonly #context: StreamContext
  readonly #choices = new Map<number, OpenChoice>()
  #head: JsonObject = {}
  #usage: Usage | undefined
  #open = 0
  #begun = false
  /** The answer itself is of this dialect. */
  #own = false
  #closed = false
  /** Members of the answer that no chunk has told yet. */
  #untold = false

  constructor(context: StreamContext) {
    this.#context = context
  }

  get lost(): readonly Loss[] {
    return this.#losses.all
  }

  push(event: ChatEvent): string {
    if (this.#closed) return ''
    switch (event.type) {
      case 'response-start':
        return this.#start(event)
      case 'response-update':
        this.#members(event.extra)
        this.#tier(event.serviceTier)
        this.#untold = true
        return ''
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#partEvent(event)
      case 'logprobs-delta':
        return this.#logprobs(event)
      case 'choice-end':
        return this.#choiceEnd(event)
      case 'usage-update':
        this.#usage = event.usage
        return ''
      case 'response-end':
        return this.#close()
      case 'safety-update':
        return ''
      case 'ping':
        return formatSseComment('ping')
      case 'error':
        this.#closed = true
        return formatSseEvent({ data: JSON.stringify(openaiErrorBody(event.fault)) })
      case 'opaque-event':
        if (event.origin === dialectId)
          return formatSseEvent({
            ...(event.event !== undefined && { event: event.event }),
            data: JSON.stringify(event.value),
          })
        this.#drop('', `${dialectId} has no counterpart of ${event.origin}'s event ${event.event ?? ''}`)
        return ''
    }
  }

  end(): string {
    return !this.#closed && this.#begun && this.#open === 0 && this.#choices.size > 0 ? this.#close() : ''
  }

  #drop(path: string, reason: string): void {
    this.#losses.of((lost) => drop(lost, path, reason))
  }

  #start(event: ResponseStart): string {
    this.#begun = true
    this.#head = {
      id: event.id,
      object: 'chat.completion.chunk',
      created: event.created ?? 0,
      model: this.#context.model,
    }
    this.#losses.of((lost) => reportForeignExtra(event, dialectId, '', lost))
    this.#members(event.extra)
    this.#own = isOwn(event)
    this.#tier(event.serviceTier)
    this.#untold = true
    return ''
  }

  #members(extra: PerDialect | undefined): void {
    const members = extra?.[dialectId]
    for (const key of Object.keys(members ?? {})) {
      const value = members?.[key]
      if (value !== undefined) define(this.#head, key, value)
    }
    if (extra !== undefined) this.#losses.of((lost) => reportForeignExtra({ extra }, dialectId, '', lost))
  }

  #tier(tier: string | undefined): void {
    const told = this.#losses.of((lost) => encodeTier(tier, this.#own, lost))
    if (told !== undefined) this.#head['service_tier'] = told
  }

  #chunk(choices: JsonValue[], usage: JsonValue | undefined = this.#context.streamUsage ? null : undefined): string {
    this.#untold = false
    return formatSseEvent({ data: JSON.stringify({ ...this.#head, choices, ...(usage !== undefined && { usage }) }) })
  }

  /** One chunk with a delta; the first of its choice says the role. */
  #delta(index: number, delta: JsonObject, rest: JsonObject = { finish_reason: null }): string {
    return this.#opening(index) + this.#chunk([{ index, delta, logprobs: null, ...rest }])
  }

  #opening(index: number): string {
    if (this.#choices.has(index)) return ''
    this.#choices.set(index, { parts: new Map(), calls: 0, details: 0, content: 0, turns: new PartTurns(placeOf) })
    this.#open++
    return this.#chunk([
      { index, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null },
    ])
  }

  #choice(index: number): OpenChoice {
    const choice = this.#choices.get(index)
    if (choice === undefined) throw new Error('a choice is opened before its parts')
    return choice
  }

  #partEvent(event: PartEvent): string {
    const opening = this.#opening(event.choice)
    const due = this.#choice(event.choice).turns.push(event)
    return opening + due.map((one) => this.#partNow(one)).join('')
  }

  #partNow(event: PartEvent): string {
    if (event.type === 'part-start') return this.#partStart(event)
    return event.type === 'part-delta' ? this.#partDelta(event) : this.#partEnd(event.choice, event.part)
  }

  #partStart({ choice: index, part, value }: PartStart): string {
    const choice = this.#choice(index)
    const path = `choices[${index}].message`
    const at = joinPath(joinPath(path, 'content'), part)
    const position =
      value.type === 'tool-call'
        ? choice.calls++
        : value.type === 'reasoning' && needsDetails(value)
          ? choice.details++
          : 0
    const citations = value.type === 'text' ? (value.citations?.length ?? 0) : 0
    const open: OpenPart = { value, position, offset: choice.content, length: 0, citations }
    choice.parts.set(part, open)
    switch (value.type) {
      case 'text': {
        const text = this.#text(index, choice, open, value.text)
        const span = { offset: open.offset, length: open.length }
        this.#losses.of((lost) => reportForeignExtra(value, dialectId, at, lost))
        if (value.cache !== undefined)
          this.#drop(joinPath(at, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
        const annotations = this.#losses.of((lost) => encodeCitations(value.citations ?? [], span, at, lost))
        return text + (annotations.length > 0 ? this.#delta(index, { annotations }) : '')
      }
      case 'refusal':
        this.#losses.of((lost) => reportForeignExtra(value, dialectId, at, lost))
        return value.text === '' ? '' : this.#delta(index, { refusal: value.text })
      case 'reasoning':
        this.#losses.of((lost) => reportForeignExtra(value, dialectId, at, lost))
        return this.#reasoning(index, open, value)
      case 'tool-call':
        this.#losses.of((lost) => reportForeignExtra(value, dialectId, at, lost))
        return this.#callStart(index, open, value)
      case 'audio': {
        const { source, id, transcript, expiresAt } = value
        const data = source?.kind === 'base64' ? source.data : undefined
        if (source !== undefined && data === undefined) this.#drop(at, `${dialectId} gives audio as data only`)
        return this.#delta(index, {
          audio: audioDelta(id ?? (isOwn(value) ? undefined : 'audio_0'), data, transcript, expiresAt),
        })
      }
      case 'image': {
        const image = this.#losses.of((lost) => encodeImageEntry(value, at, lost))
        return image === undefined ? '' : this.#delta(index, { images: [image] })
      }
      case 'opaque': {
        const block = this.#losses.of((lost) => encodeBlock(value, 'text-only', at, lost))
        if (block === undefined) return ''
        const place = ownForm(value)?.['place']
        const member = typeof place === 'string' ? place : 'content'
        return this.#delta(index, { [member]: [block] })
      }
      default:
        this.#losses.of((lost) => encodeBlock(value, 'text-only', at, lost))
        return ''
    }
  }

  #partDelta(event: PartDelta): string {
    const choice = this.#choices.get(event.choice)
    const open = choice?.parts.get(event.part)
    if (choice === undefined || open === undefined) return ''
    const { value } = open
    const { text = '' } = event
    switch (value.type) {
      case 'text': {
        const grown = this.#text(event.choice, choice, open, text)
        const { citation } = event
        if (citation === undefined) return grown
        const at = `choices[${event.choice}].message.content[${event.part}].citations[${open.citations++}]`
        const annotation = this.#losses.of((lost) =>
          encodeCitation(citation, { offset: open.offset, length: open.length }, at, lost),
        )
        return annotation === undefined ? grown : grown + this.#delta(event.choice, { annotations: [annotation] })
      }
      case 'refusal':
        return text === '' ? '' : this.#delta(event.choice, { refusal: text })
      case 'reasoning': {
        const { signature, encrypted } = event
        const grown: ReasoningPart = {
          ...value,
          text,
          ...(signature !== undefined && { signature }),
          ...(encrypted !== undefined && { encrypted }),
        }
        return this.#reasoning(event.choice, open, signature === undefined ? withoutSignature(grown) : grown)
      }
      case 'tool-call':
        return text === '' ? '' : this.#callDelta(event.choice, open, value, text)
      case 'audio':
        return this.#delta(event.choice, {
          audio: audioDelta(undefined, text === '' ? undefined : text, event.transcript, event.expiresAt),
        })
      default:
        return ''
    }
  }

  #partEnd(index: number, part: number): string {
    const choice = this.#choice(index)
    const open = choice.parts.get(part)
    if (open === undefined) return ''
    choice.parts.delete(part)
    if (open.value.type !== 'tool-call') return ''
    // Readers parse the arguments, and no text is no JSON.
    const bare = open.length === 0 && open.value.kind === undefined && !isOwn(open.value)
    return bare ? this.#callDelta(index, open, open.value, '{}') : ''
  }

  #text(index: number, choice: OpenChoice, open: OpenPart, text: string): string {
    if (text === '') return ''
    open.length += text.length
    choice.content += text.length
    return this.#delta(index, { content: text })
  }

  /** The text where clients look for it, and again with its origin where that has to come back. */
  #reasoning(index: number, open: OpenPart, piece: ReasoningPart): string {
    const shown = piece.text === '' ? {} : { reasoning_content: piece.text }
    const detailed = needsDetails(open.value) || piece.signature !== undefined || piece.encrypted !== undefined
    if (!detailed) return piece.text === '' ? '' : this.#delta(index, shown)
    // Anthropic starts a signature empty; only a whole one says something.
    if (piece.text === '' && !piece.signature && piece.encrypted === undefined && !isOwn(piece)) return ''
    return this.#delta(index, { ...shown, reasoning_details: [encodeDetail(piece, open.position)] })
  }

  #callStart(index: number, open: OpenPart, call: ToolCallPart): string {
    open.length = call.arguments.length
    const { id, name, arguments: text } = call
    if (ownForm(call)?.['place'] === 'function_call')
      return this.#delta(index, { function_call: { name, arguments: text } })
    const body: JsonObject =
      call.kind === 'custom'
        ? { type: 'custom', custom: { name, input: text } }
        : { type: 'function', function: { name, arguments: text } }
    return this.#delta(index, { tool_calls: [{ index: open.position, id, ...body }] })
  }

  #callDelta(index: number, open: OpenPart, call: ToolCallPart, text: string): string {
    open.length += text.length
    if (ownForm(call)?.['place'] === 'function_call') return this.#delta(index, { function_call: { arguments: text } })
    const body: JsonObject = call.kind === 'custom' ? { custom: { input: text } } : { function: { arguments: text } }
    return this.#delta(index, { tool_calls: [{ index: open.position, ...body }] })
  }

  #logprobs({ choice, content, refusal }: LogprobsDelta): string {
    const logprobs = encodeLogprobs({
      ...(content !== undefined && { content }),
      ...(refusal !== undefined && { refusal }),
    })
    return this.#delta(choice, {}, { logprobs, finish_reason: null })
  }

  #choiceEnd({ choice: index, finish, extra }: ChoiceEnd): string {
    const opening = this.#opening(index)
    this.#open--
    const path = `choices[${index}]`
    const word = this.#losses.of((lost) => {
      if (extra !== undefined) reportForeignExtra({ extra }, dialectId, path, lost)
      return finishCodec.encode(finish, path, lost)
    })
    const delta: JsonObject = {}
    const rest: JsonObject = { finish_reason: word }
    const members = extra?.[dialectId] ?? {}
    for (const key of Object.keys(members)) {
      const value = members[key]
      if (value !== undefined) define(key.startsWith('message.') ? delta : rest, key.replace(/^message\./, ''), value)
    }
    return opening + this.#delta(index, delta, rest)
  }

  #close(): string {
    this.#closed = true
    const told = this.#context.streamUsage ? this.#usage : undefined
    const usage = told === undefined ? undefined : this.#losses.of((lost) => usageCodec.encode(told, lost))
    const last = usage !== undefined || this.#untold ? this.#chunk([], usage) : ''
    return `${last}data: [DONE]\n\n`
  }
}

function withoutSignature(part: ReasoningPart): ReasoningPart {
  const { signature: _, ...rest } = part
  return rest
}

function audioDelta(
  id: string | undefined,
  data: string | undefined,
  transcript: string | undefined,
  expiresAt: number | undefined,
): JsonObject {
  return {
    ...(id !== undefined && { id }),
    ...(data !== undefined && { data }),
    ...(transcript !== undefined && { transcript }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  }
}
