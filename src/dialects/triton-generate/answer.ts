/**
 * Answers, complete and streamed: objects of one shape, each with a text. What a backend tells besides when it is asked to, vLLM's reason to
 * end and its counts of tokens (docs.nvidia.com, "Additional Outputs from vLLM"), is read; a stream has no last event.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { MemberReader, define, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { LateMembers } from '../../kernel/codec/late-members.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { reportFinish, reportUsage, textOfAnswer } from '../../kernel/codec/one-text/said.ts'
import { OneTextStreamEncoder } from '../../kernel/codec/one-text/stream-encoder.ts'
import { OneTextTeller } from '../../kernel/codec/one-text/stream-teller.ts'
import type { EncodeContext, Encoded, StreamContext, StreamDecoder } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'

export const whatItIs = 'a generated text of Triton'
export const decodeResponse = answerDecoder(whatItIs, readAnswer)

const counts = ['num_input_tokens', 'num_output_tokens'] as const
const known: ReadonlySet<string> = new Set([...counts, 'model_name', 'text_output', 'finish_reason', 'error'])
const reasons: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length', abort: 'error' }

const countOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

function decodeFinish(word: JsonValue | undefined): Finish {
  if (typeof word !== 'string' || !Object.hasOwn(reasons, word)) return { reason: 'stop', origin: dialectId }
  return { reason: reasons[word] ?? 'other', raw: word, origin: dialectId }
}

function encodeFinish(finish: Finish, lost: Loss[]): string | undefined {
  if (finish.origin === dialectId) return finish.raw
  if (finish.reason === 'length') return 'length'
  reportFinish(finish, 'choices[0]', dialectId, lost)
  return undefined
}

function usageOf(input: number | undefined, output: number | undefined): Usage | undefined {
  if (input === undefined && output === undefined) return undefined
  const raw: JsonObject = {}
  if (input !== undefined) raw['num_input_tokens'] = input
  if (output !== undefined) raw['num_output_tokens'] = output
  return { input: { total: input ?? 0 }, output: { total: output ?? 0 }, raw: { [dialectId]: raw } }
}

function encodeUsage(usage: Usage | undefined, lost: Loss[]): JsonObject {
  if (usage === undefined) return {}
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return raw
  reportUsage(usage, dialectId, lost, { counts: true })
  return { num_input_tokens: usage.input.total, num_output_tokens: usage.output.total }
}

/** An error with a status of success, or in a stream that has begun. */
function throwIfError({ error }: JsonObject): void {
  if (error === undefined || error === null) return
  throw new Fault('provider_error', typeof error === 'string' && error !== '' ? error : 'The model reported an error.')
}

function readAnswer(json: JsonObject): ChatResponse {
  throwIfError(json)
  const reader = new MemberReader(dialectId, json, '')
  const text = reader.requiredString('text_output')
  const model = reader.string('model_name') ?? ''
  if (!reader.has('model_name')) reader.noteAbsent('model_name')
  // Which version served is nobody's business but the server's.
  const version = reader.take('model_version')
  if (version !== undefined) reader.note('version', version)
  const finish = decodeFinish(reader.peek('finish_reason'))
  if (finish.raw !== undefined) reader.take('finish_reason')
  const [input, output] = counts.map((key) => countOf(reader.peek(key)))
  if (input !== undefined) reader.take('num_input_tokens')
  if (output !== undefined) reader.take('num_output_tokens')
  const usage = usageOf(input, output)
  return {
    id: '',
    model,
    choices: [{ index: 0, parts: text === '' ? [] : [{ type: 'text', text }], finish }],
    ...(usage !== undefined && { usage }),
    ...reader.node(),
  }
}

export function encodeResponse(response: ChatResponse, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const writer = new MemberWriter(dialectId, response)
  if (context.model !== '' || !(writer.wasAbsent('model_name') || writer.wasNull('model_name')))
    writer.set('model_name', context.model)
  writer.set('model_version', writer.note('version'))
  writer.set('text_output', textOfAnswer(response, dialectId, lost))
  const finish = response.choices[0]?.finish
  writer.set('finish_reason', finish && encodeFinish(finish, lost))
  const told = encodeUsage(response.usage, lost)
  for (const key of counts) writer.set(key, told[key])
  return { json: writer.finish(), lost }
}

export class GenerateDecoder implements StreamDecoder<ChatEvent> {
  readonly #reader = new SseReader()
  readonly #teller = new OneTextTeller(dialectId)
  readonly #members = new LateMembers(known)
  #finish = decodeFinish(undefined)
  #input: number | undefined
  #output: number | undefined

  /** Why the answer has ended, if it ends here. */
  get ending(): Finish | undefined {
    return this.#teller.started && !this.#teller.over ? this.#finish : undefined
  }

  push(chunk: Uint8Array): ChatEvent[] {
    return this.#teller.during(() => this.#take(this.#reader.push(chunk)))
  }

  end(): ChatEvent[] {
    return this.#teller.during(() => {
      const whole = this.#reader.atBoundary
      this.#take(this.#reader.end())
      if (!this.#teller.started || !whole) throw new Fault('provider_cut', 'The answer broke off before its end.')
      this.#teller.finish(this.#finish)
    })
  }

  #take(events: readonly SseEvent[]): void {
    for (const { data } of events) if (!this.#teller.over && data !== '') this.#event(objectIn(data))
  }

  #event(json: JsonObject): void {
    throwIfError(json)
    const { model_name: model, text_output: text } = json
    if (typeof text !== 'string') throw wrongType('text_output', 'a string', text)
    const { model_version: version, ...members } = this.#members.changes(json) ?? {}
    const form = { [dialectId]: version === undefined ? {} : { version } }
    if (this.#teller.started) this.#teller.members(members)
    else this.#teller.start({ model: typeof model === 'string' ? model : '', form }, members)
    this.#teller.say(text)
    if (json['finish_reason'] !== undefined && json['finish_reason'] !== null)
      this.#finish = decodeFinish(json['finish_reason'])
    this.#count(json)
  }

  /** Each event counts what it has written itself. */
  #count(json: JsonObject): void {
    const [input, output] = counts.map((key) => countOf(json[key]))
    if (input === undefined && output === undefined) return
    this.#input = input ?? this.#input
    this.#output = output === undefined ? this.#output : (this.#output ?? 0) + output
    const usage = usageOf(this.#input, this.#output)
    if (usage !== undefined) this.#teller.usage(usage)
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

const event = (json: JsonObject): string => formatSseEvent({ data: JSON.stringify(json) })

export const errorBody = (fault: Fault): JsonObject => ({ error: fault.message })
export const faultEvent = (fault: Fault): string => event(errorBody(fault))

export function generateEncoder(context: StreamContext): OneTextStreamEncoder {
  const head: JsonObject = context.model === '' ? {} : { model_name: context.model }
  return new OneTextStreamEncoder({
    id: dialectId,
    start({ form }, members) {
      const version = form?.[dialectId]?.['version']
      if (version !== undefined) define(head, 'model_version', version)
      return event({ ...head, ...members, text_output: '' })
    },
    text: (text) => event({ ...head, text_output: text }),
    end({ finish, usage, members }, lost) {
      const word = encodeFinish(finish, lost)
      const last = { ...members, ...(word !== undefined && { finish_reason: word }), ...encodeUsage(usage, lost) }
      return Object.keys(last).length > 0 ? event({ ...head, ...last, text_output: '' }) : ''
    },
    fault: faultEvent,
    tellsFinish: true,
  })
}
