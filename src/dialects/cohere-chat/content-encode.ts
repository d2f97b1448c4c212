/** Canonical parts as content blocks. What Cohere's messages have no block for is reported. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { FilePart, ImagePart, Part } from '../../model/part.ts'
import { sameSource, urlOf } from './content-decode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { dataOf, plainText } from './documents.ts'
import { MemberWriter } from './members.ts'
import { adapt, drop } from './report.ts'

/** Where a block stands: only users show pictures, only tools' results hold documents. */
export type Place = 'user' | 'assistant' | 'system' | 'result'

export interface BlockContext {
  readonly place: Place
  readonly answer: boolean
  /** Takes what stands beside the conversation here. */
  readonly documents?: JsonValue[]
  readonly lost: Loss[]
}

/** The block that says `part`; undefined, with the loss reported, where none does. */
export function encodeBlock(part: Part, path: string, context: BlockContext): JsonObject | undefined {
  const { lost, place, answer } = context
  reportForeignExtra(part, dialectId, path, lost)
  if (part.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), 'prompts are cached by themselves here')
  const writer = new MemberWriter(part)
  switch (part.type) {
    case 'text':
      if (place !== 'assistant' && part.citations !== undefined && part.citations.length > 0)
        drop(lost, joinPath(path, 'citations'), 'only what the assistant says has citations here')
      return written(writer, { type: 'text', text: part.text })
    case 'refusal':
      adapt(lost, path, 'a refusal is ordinary text here')
      return { type: 'text', text: part.text }
    case 'reasoning':
      if (part.origin !== dialectId && !answer)
        return drop(lost, path, `the reasoning is not of a model here (${part.origin}), which accepts only its own`)
      if (part.encrypted !== undefined || place !== 'assistant')
        return drop(lost, path, 'reasoning here is plain text of the assistant')
      if (part.origin !== dialectId && part.signature !== undefined)
        adapt(lost, path, `the proof that the reasoning is of ${part.origin} has no place here`)
      return written(writer, { type: 'thinking', thinking: part.text })
    case 'image':
      return encodeImage(part, writer, path, context)
    case 'file':
      return encodeFile(part, writer, path, context)
    case 'audio':
      if (part.transcript === undefined) return drop(lost, path, 'there is no sound here')
      adapt(lost, path, 'there is no sound here: its transcript is given as text')
      return { type: 'text', text: part.transcript }
    case 'video':
      return drop(lost, path, 'there is no video here')
    case 'opaque':
      if (part.origin === dialectId) return part.value as JsonObject
      return drop(lost, path, `${dialectId} has no counterpart of this block of ${part.origin}`)
    case 'server-tool-call':
    case 'server-tool-result':
      return drop(lost, path, `no tools run at the provider here, as one did at ${part.origin}`)
    case 'tool-call':
    case 'tool-result':
      return drop(lost, path, `there is no place for a ${part.type} here`)
  }
}

function written(writer: MemberWriter, members: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(members)) writer.set(key, value)
  return writer.finish()
}

function encodeImage(
  part: ImagePart,
  writer: MemberWriter,
  path: string,
  { place, lost }: BlockContext,
): JsonObject | undefined {
  if (place !== 'user' && !isOwn(part)) return drop(lost, path, 'images here are shown by users alone')
  const spelled = writer.note('url')
  const url = typeof spelled === 'string' && sameSource(spelled, part.source) ? spelled : urlOf(part.source)
  if (url === undefined) return drop(lost, path, 'images here are given by their address or as data')
  writer.set('type', 'image_url')
  writer.set('image_url.url', url)
  writer.set('image_url.detail', part.detail)
  return writer.finish()
}

/** Undefined also for a document that goes to stand beside the conversation. */
function encodeFile(
  part: FilePart,
  writer: MemberWriter,
  path: string,
  { place, documents, lost }: BlockContext,
): JsonObject | undefined {
  const text = plainText(part)
  if (text === undefined) return drop(lost, path, 'documents here are plain text')
  if (isOwn(part) || place === 'result') {
    writer.set('type', 'document')
    writer.set('document.data', dataOf(part, text, writer.note('data')))
    return writer.finish()
  }
  if (documents === undefined) return drop(lost, path, `the ${place} has no documents here`)
  adapt(lost, path, 'documents stand beside the conversation here')
  documents.push({ data: dataOf(part, text, undefined) })
  return undefined
}

/** A document of those beside the conversation. */
export function encodeDocument(part: Part, path: string, context: BlockContext): JsonValue | undefined {
  if (part.type === 'opaque' && part.origin === dialectId) return part.value
  const text = part.type === 'file' ? plainText(part) : undefined
  if (part.type !== 'file' || text === undefined) return drop(context.lost, path, 'documents here are plain text')
  reportForeignExtra(part, dialectId, path, context.lost)
  if (ownForm(part)?.['bare'] === true) return text
  const writer = new MemberWriter(part)
  writer.set('data', dataOf(part, text, writer.note('data')))
  return writer.finish()
}

const isPlainText = (block: JsonObject | undefined): boolean =>
  block?.['type'] === 'text' && Object.keys(block).length === 2

/** Writes the content: as a string where one plain text is all there is, unless the client had written a list. */
export function writeContent(writer: MemberWriter, member: string, blocks: readonly JsonObject[]): void {
  const own = writer.form !== undefined
  const [only] = blocks
  if (blocks.length === 1 && isPlainText(only) && (writer.note('text') === true || !own))
    writer.set(member, only?.['text'] ?? '')
  else writer.set(member, [...blocks])
}
