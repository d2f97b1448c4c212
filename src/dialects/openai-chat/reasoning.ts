/**
 * Reasoning in a protocol that has no official place for it: `reasoning_content` (DeepSeek, xAI, vLLM) or `reasoning` (OpenRouter,
 * newer vLLM) as text, and `reasoning_details` for what must come back unharmed: signatures and encrypted reasoning, each with
 * the format that names its origin. https://openrouter.ai/docs/use-cases/reasoning-tokens describes the latter.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Part, ReasoningPart } from '../../model/part.ts'
import { joinPath } from '../../model/loss.ts'
import { opaqueBlock } from './content-decode.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader, MemberWriter } from './members.ts'

/** OpenRouter's names of formats, by what they mean here. This gateway writes the dialect id itself. */
const originByFormat: Readonly<Record<string, string>> = {
  'anthropic-claude-v1': 'anthropic-messages',
  'openai-responses-v1': 'openai-responses',
  'azure-openai-responses-v1': 'openai-responses',
  'google-gemini-v1': 'gemini',
  'anthropic-messages': 'anthropic-messages',
  'openai-responses': 'openai-responses',
  gemini: 'gemini',
  'bedrock-converse': 'bedrock-converse',
  'cohere-chat': 'cohere-chat',
}

function originOf(format: string | undefined): string {
  return (
    (format !== undefined && Object.hasOwn(originByFormat, format) ? originByFormat[format] : undefined) ?? dialectId
  )
}

const textMembers = ['reasoning_content', 'reasoning'] as const

/**
 * The reasoning of a message: its texts, then its details. A text that only repeats what the details or the other text say is
 * noted, not doubled.
 */
export function decodeReasoning(reader: MemberReader): Part[] {
  const details = decodeDetails(reader.list('reasoning_details') ?? [], reader.at('reasoning_details'))
  const parts: Part[] = []
  let shown = textOfReasoning(details)
  for (const member of textMembers) {
    // OpenAI's Responses-style object under the same name is nobody's text.
    if (isJsonObject(reader.peek(member))) continue
    const text = reader.string(member)
    if (text === undefined) continue
    if (text === '') reader.note(member, '')
    else if (text === shown) reader.note(member, true)
    else {
      parts.push({
        type: 'reasoning',
        text,
        origin: dialectId,
        form: { [dialectId]: member === 'reasoning' ? { place: member } : {} },
      })
      if (shown === '') shown = text
    }
  }
  return [...parts, ...details]
}

export function textOfReasoning(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
}

export function decodeDetails(list: readonly JsonValue[], path: string): Part[] {
  return list.map((json, index) => {
    if (!isJsonObject(json)) throw wrongType(joinPath(path, index), 'an object', json)
    return decodeDetail(json, joinPath(path, index)) ?? opaqueBlock(json, 'reasoning_details')
  })
}

function decodeDetail(json: JsonObject, path: string): Part | undefined {
  const type = json['type']
  if (type !== 'reasoning.text' && type !== 'reasoning.summary' && type !== 'reasoning.encrypted') return undefined
  const reader = new MemberReader(json, path)
  reader.take('type')
  reader.note('place', 'reasoning_details')
  const format = reader.string('format')
  if (format !== undefined) reader.note('format', format)
  // Where the entry stands and what it is called says nothing to another protocol.
  for (const key of ['index', 'id']) if (reader.has(key)) reader.note(key, reader.take(key) ?? null)
  const member = type === 'reasoning.text' ? 'text' : type === 'reasoning.summary' ? 'summary' : 'data'
  const value = reader.string(member)
  if (value === undefined && !reader.has(member)) reader.noteAbsent(member)
  const signature = reader.string('signature')
  const part: ReasoningPart = {
    type: 'reasoning',
    text: member === 'data' ? '' : (value ?? ''),
    origin: originOf(format),
    ...(member === 'summary' && { summary: true }),
    ...(member === 'data' && { encrypted: value ?? '' }),
    ...(signature !== undefined && { signature }),
  }
  return { ...part, ...reader.node() }
}

/** One entry of `reasoning_details`; `position` is its place among them. */
export function encodeDetail(part: ReasoningPart, position: number): JsonObject {
  const own = ownForm(part)?.['place'] === 'reasoning_details'
  const writer = new MemberWriter(own ? part : { ...part, form: {}, extra: {} })
  const kind = part.encrypted !== undefined ? 'encrypted' : part.summary === true ? 'summary' : 'text'
  writer.set('type', `reasoning.${kind}`)
  const member = kind === 'encrypted' ? 'data' : kind
  const value = part.encrypted ?? part.text
  if (value !== '' || !own || !(writer.wasAbsent(member) || writer.wasNull(member))) writer.set(member, value)
  writer.set('signature', own || part.signature !== '' ? part.signature : undefined)
  writer.set('format', own ? writer.note('format') : part.origin)
  writer.set('index', own ? writer.note('index') : position)
  if (own) writer.set('id', writer.note('id'))
  return writer.finish()
}

/** Whether reasoning must be carried in details so that it can come back with its origin. */
export function needsDetails(part: Part): boolean {
  if (part.type === 'opaque') return ownForm(part)?.['place'] === 'reasoning_details'
  if (part.type !== 'reasoning') return false
  return (
    ownForm(part)?.['place'] === 'reasoning_details' ||
    part.origin !== dialectId ||
    part.signature !== undefined ||
    part.encrypted !== undefined
  )
}

/**
 * Writes reasoning parts (and own opaque details) into the message: all into details as soon as one needs them, and all text where
 * clients look for it. `member` is the message's place in what `writer` writes.
 */
export function writeReasoning(writer: MemberWriter, member: string, parts: readonly Part[]): void {
  const at = (key: string): string => (member === '' ? key : `${member}.${key}`)
  const inDetails = parts.filter(needsDetails)
  const plain = parts.filter((part) => part.type === 'reasoning' && !needsDetails(part))
  const allOwn = inDetails.every((part) => ownForm(part)?.['place'] === 'reasoning_details')
  const listed = allOwn ? inDetails : parts
  if (inDetails.length > 0) {
    writer.set(
      at('reasoning_details'),
      listed.flatMap((part, index) =>
        part.type === 'reasoning' ? [encodeDetail(part, index)] : part.type === 'opaque' ? [part.value] : [],
      ),
    )
  }
  if (!allOwn) {
    const shown = textOfReasoning(parts)
    if (shown !== '') writer.set(at('reasoning_content'), shown)
    return
  }
  const texts = textMembers.map((name) =>
    textOfReasoning(plain.filter((part) => (ownForm(part)?.['place'] === 'reasoning') === (name === 'reasoning'))),
  )
  const repeated = textOfReasoning(inDetails) || (texts.find((text) => text !== '') ?? '')
  for (const [index, name] of textMembers.entries()) {
    const note = writer.note(name)
    if (texts[index] !== '') writer.set(at(name), texts[index])
    else if (note !== undefined) writer.set(at(name), note === true ? repeated : '')
  }
}
