/**
 * Requests of `generation`: a text to go on with and a few settings. The limit counts the input as well unless told otherwise, and the
 * answer repeats it, so both are always told otherwise for clients of other protocols.
 */
import type { Body } from '../../kernel/body.ts'
import { defined } from '../../kernel/codec/defined.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { promptMessages, writePrompt } from '../../kernel/codec/one-text/prompt.ts'
import { readSettings, reportUnsaid, spokenOf, writeSettings } from '../../kernel/codec/one-text/settings.ts'
import type { SettingNames } from '../../kernel/codec/one-text/settings.ts'
import { headNumber, requestSpans } from '../../kernel/codec/request-head.ts'
import { nextTurn } from '../../kernel/codec/transcript.ts'
import type { EncodeContext, Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { generation, isOwn } from './kind.ts'

const { id } = generation
const names: SettingNames = { maxOutputTokens: 'max_length', temperature: 'temperature', topP: 'top_p', topK: 'top_k' }
const spoken = spokenOf(names, 'stop')
/** Without a limit an answer ends after 50 tokens, which no client of a chat protocol expects. */
const usualLimit = 1024
/** Of an end sequence, in characters. */
const longestEnd = 9

export function readGenerationHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const spans = requestSpans(body)
  const text = spans.json('text')
  if (typeof text !== 'string') throw wrongType('text', 'a string', text)
  const limit = headNumber(spans, 'max_length')
  return {
    model: address.model ?? '',
    stream: address.stream ?? false,
    ...(limit !== undefined && { maxOutputTokens: limit }),
  }
}

export function decodeGeneration(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const text = reader.requiredString('text')
  const end = reader.string('end_sequence')
  // The clients write them always; what they say is no setting of an answer.
  for (const key of ['length_no_input', 'remove_input', 'remove_end_sequence']) {
    const value = reader.boolean(key)
    if (value !== undefined) reader.note(key, value)
  }
  return {
    model: address.model ?? '',
    stream: address.stream ?? false,
    messages: promptMessages(id, text, undefined),
    ...readSettings(reader, names),
    ...defined({ stop: end === undefined ? undefined : [end] }),
    ...reader.node(),
  }
}

export function encodeGeneration(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const own = isOwn(request, generation)
  const { prompt, transcribed } = writePrompt(request, { target: id, instructions: false }, lost)
  writer.set('text', prompt)
  writeSettings(writer, '', request, names)
  if (request.maxOutputTokens === undefined && !own) {
    const limit = Math.min(usualLimit, context.maxOutput ?? usualLimit)
    writer.set('max_length', limit)
    adapt(lost, 'max_tokens', `${id} ends answers after a few words unless it is told otherwise; ${limit} is sent`)
  }
  const end = endOf(request, { own, transcribed }, lost)
  writer.set('end_sequence', end)
  writer.set('length_no_input', own ? writer.note('length_no_input') : true)
  writer.set('remove_input', own ? writer.note('remove_input') : true)
  writer.set('remove_end_sequence', own ? writer.note('remove_end_sequence') : end === undefined ? undefined : true)
  reportUnsaid(request, id, spoken, lost)
  return { json: writer.finish(), lost }
}

/** One, and a short one; a model that continues a transcript would go on to speak for the user. */
function endOf(
  { stop = [] }: ChatRequest,
  { own, transcribed }: { readonly own: boolean; readonly transcribed: boolean },
  lost: Loss[],
): string | undefined {
  const end = stop.find((text) => own || text.length <= longestEnd)
  if (stop.length > 1 || (end === undefined && stop.length > 0))
    drop(lost, 'stop', `${id} takes one stop sequence of at most ${longestEnd} characters; no other is sent`)
  return end ?? (transcribed ? nextTurn : undefined)
}
