/**
 * What an assistant says, in requests and answers alike: content, refusal, reasoning, audio, images, tool calls and annotations, each
 * in a member of its own, as one list of parts in that order.
 */
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { AudioPart, Part, TextPart } from '../../model/part.ts'
import { decodeAnnotation, encodeCitations } from './citations.ts'
import { decodeContent, decodeImage, opaqueBlock } from './content-decode.ts'
import { encodeBlock } from './content-encode.ts'
import { dialectId, isOwn, ownForm, withNote } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { decodeReasoning, writeReasoning } from './reasoning.ts'
import type { CallIds } from './tool-calls.ts'
import { decodeToolCalls, writeToolCalls } from './tool-calls.ts'

export function decodeAssistant(reader: MemberReader, ids: CallIds): Part[] {
  const reasoning = decodeReasoning(reader)
  const content = annotate(reader, decodeContent(reader))
  return [
    ...reasoning,
    ...content,
    ...decodeRefusal(reader),
    ...decodeAudio(reader),
    ...decodeImages(reader),
    ...decodeToolCalls(reader, ids),
  ]
}

/** Annotations belong to the content; without a text in it they stay unmodelled. */
function annotate(reader: MemberReader, parts: Part[]): Part[] {
  const at = parts.findIndex((part) => part.type === 'text')
  const text = parts[at]
  const list = reader.peek('annotations')
  if (Array.isArray(list) ? list.length > 0 && text === undefined : isJsonObject(list)) return parts
  const citations = (reader.list('annotations') ?? []).map(decodeAnnotation)
  if (text?.type !== 'text' || citations.length === 0) return parts
  return parts.with(at, { ...text, citations })
}

function decodeRefusal(reader: MemberReader): Part[] {
  const text = reader.string('refusal')
  if (text === '') reader.note('blankRefusal', true)
  return text === undefined || text === '' ? [] : [{ type: 'refusal', text }]
}

function decodeAudio(reader: MemberReader): Part[] {
  const json = reader.peek('audio')
  if (reader.take('audio') === undefined) return []
  if (!isJsonObject(json)) throw wrongType(reader.at('audio'), 'an object', json)
  const audio = new MemberReader(json, reader.at('audio'))
  const id = audio.string('id')
  const data = audio.string('data')
  const transcript = audio.string('transcript')
  const expiresAt = audio.number('expires_at')
  const part: AudioPart = {
    type: 'audio',
    ...(data !== undefined && { source: { kind: 'base64', data } }),
    ...(id !== undefined && { id }),
    ...(transcript !== undefined && { transcript }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
  return [{ ...part, ...audio.node() }]
}

/** Images that a model made, where gateways and compatible services put them. */
function decodeImages(reader: MemberReader): Part[] {
  return (reader.list('images') ?? []).map((json, index) => {
    const path = joinPath(reader.at('images'), index)
    if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
    return decodeImageEntry(json, path)
  })
}

export function decodeImageEntry(json: { [key: string]: JsonValue | undefined }, path: string): Part {
  if (json['type'] !== 'image_url' || (!isJsonObject(json['image_url']) && typeof json['image_url'] !== 'string'))
    return opaqueBlock(json, 'images')
  const reader = new MemberReader(json, path)
  reader.take('type')
  const part = decodeImage(reader)
  reader.note('place', 'images')
  return { ...part, ...reader.node() }
}

type Member = 'content' | 'reasoning' | 'refusal' | 'audio' | 'images' | 'calls'

function memberOf(part: Part, answer: boolean): Member {
  const place = ownForm(part)?.['place']
  if (place === 'content') return 'content'
  if (place === 'reasoning_details') return 'reasoning'
  if (place === 'images') return 'images'
  if (place === 'tool_calls' || part.type === 'tool-call') return 'calls'
  if (part.type === 'reasoning' || part.type === 'refusal') return part.type
  if (part.type === 'image' && answer && !isOwn(part)) return 'images'
  // An audio block of the content has a format, an answer's audio none.
  if (part.type === 'audio' && (answer || (isOwn(part) && part.format === undefined))) return 'audio'
  return 'content'
}

interface AssistantPlace {
  /** Where the message stands in what is written: empty, or `message`. */
  readonly member: '' | 'message'
  /** The message in the client's terms, for losses. */
  readonly path: string
}

/** Writes the parts into the message. An answer has defaults that a request has not: `content` and `refusal` are always there. */
export function writeAssistant(
  writer: MemberWriter,
  { member, path }: AssistantPlace,
  parts: readonly Part[],
  lost: Loss[],
): void {
  const answer = member === 'message'
  const at = (key: string): string => joinPath(member, key)
  const of: Record<Member, Part[]> = { content: [], reasoning: [], refusal: [], audio: [], images: [], calls: [] }
  for (const part of parts) of[memberOf(part, answer)].push(part)

  writeReasoning(writer, member, keptReasoning(of.reasoning, answer, path, lost))
  writeContent(writer, at, of.content, of.calls.length + of.refusal.length + of.audio.length === 0, answer, path, lost)
  writeRefusal(writer, at('refusal'), of.refusal, answer, path, lost)
  for (const [index, part] of of.audio.entries())
    if (part.type === 'audio') writeAudio(writer, at('audio'), part, index, answer, path, lost)
  const images = of.images
    .map((part, index) => encodeImageEntry(part, joinPath(joinPath(path, 'images'), index), lost))
    .filter((json) => json !== undefined)
  if (images.length > 0) writer.set(at('images'), images)
  writeToolCalls(writer, member, of.calls, path, lost)
}

/** Requests carry only reasoning of this dialect, or what a client sent back in it: a service could not use any other. */
function keptReasoning(parts: readonly Part[], answer: boolean, path: string, lost: Loss[]): Part[] {
  return parts.filter((part, index) => {
    if (part.type !== 'reasoning') return true
    const at = joinPath(joinPath(path, 'reasoning'), index)
    reportForeignExtra(part, dialectId, at, lost)
    if (answer || part.origin === dialectId || isOwn(part)) return true
    drop(lost, at, `reasoning of ${part.origin} means nothing to ${dialectId}`)
    return false
  })
}

function writeContent(
  writer: MemberWriter,
  at: (key: string) => string,
  parts: readonly Part[],
  alone: boolean,
  answer: boolean,
  path: string,
  lost: Loss[],
): void {
  const blocks: { [key: string]: JsonValue | undefined }[] = []
  const annotations: JsonValue[] = []
  let offset = 0
  for (const [index, part] of parts.entries()) {
    const place = joinPath(joinPath(path, 'content'), index)
    if (part.type === 'text') annotations.push(...annotationsOf(part, offset, answer, place, lost))
    const { citations: _, ...bare } = part as TextPart
    const block = encodeBlock(part.type === 'text' ? bare : part, 'text-only', place, lost)
    if (block !== undefined) blocks.push(block)
    if (part.type === 'text') offset += part.text.length
  }
  if (annotations.length > 0) writer.set(at('annotations'), annotations)
  const list = writer.note('listContent') === true
  const plain = blocks.every((block) => block['type'] === 'text' && Object.keys(block).length === 2)
  if (blocks.length > 0) {
    const asText = plain && !list && (answer || blocks.length === 1)
    writer.set(
      at('content'),
      asText ? blocks.map(({ text }) => (typeof text === 'string' ? text : '')).join('') : blocks,
    )
  } else if (writer.note('blankContent') === true) writer.set(at('content'), '')
  else if (list) writer.set(at('content'), [])
  else if (!writer.wasAbsent(at('content')))
    writer.set(at('content'), alone && !writer.wasNull(at('content')) ? '' : null)
}

/** Citations of this dialect go back as they came; others go into answers only, where the protocol has a place for them. */
function annotationsOf(part: TextPart, offset: number, answer: boolean, path: string, lost: Loss[]): JsonValue[] {
  const citations = part.citations ?? []
  if (answer) return encodeCitations(citations, { offset, length: part.text.length }, path, lost)
  const foreign = citations.filter((citation) => citation.origin !== dialectId)
  if (foreign.length > 0) drop(lost, joinPath(path, 'citations'), `${dialectId} requests carry no citations`)
  return citations.flatMap((citation) => (citation.origin === dialectId ? [citation.raw] : []))
}

function writeRefusal(
  writer: MemberWriter,
  member: string,
  parts: readonly Part[],
  answer: boolean,
  path: string,
  lost: Loss[],
): void {
  const text = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('')
  for (const [index, part] of parts.entries())
    reportForeignExtra(part, dialectId, joinPath(joinPath(path, 'refusal'), index), lost)
  if (text !== '') writer.set(member, text)
  else if (writer.note('blankRefusal') === true) writer.set(member, '')
  else if (answer && !writer.wasAbsent(member)) writer.set(member, null)
}

function writeAudio(
  writer: MemberWriter,
  member: string,
  part: AudioPart,
  index: number,
  answer: boolean,
  path: string,
  lost: Loss[],
): void {
  const at = joinPath(path, 'audio')
  reportForeignExtra(part, dialectId, at, lost)
  if (index > 0) return drop(lost, joinPath(at, index), `${dialectId} messages have one audio each`)
  const data = part.source?.kind === 'base64' ? part.source.data : undefined
  const own = isOwn(part)
  if (data === undefined && part.source !== undefined) return drop(lost, at, `${dialectId} gives audio as data only`)
  const audio = new MemberWriter(part)
  audio.set('id', part.id ?? (own || !answer ? undefined : 'audio_0'))
  audio.set('data', data ?? (own || !answer ? undefined : ''))
  audio.set('expires_at', part.expiresAt ?? (own || !answer ? undefined : 0))
  audio.set('transcript', part.transcript ?? (own || !answer ? undefined : ''))
  writer.set(member, audio.finish())
}

export function encodeImageEntry(part: Part, path: string, lost: Loss[]): JsonValue | undefined {
  if (part.type !== 'image') return encodeBlock(part, 'user', path, lost)
  return encodeBlock(isOwn(part) ? part : withNote(part, {}), 'user', path, lost)
}
