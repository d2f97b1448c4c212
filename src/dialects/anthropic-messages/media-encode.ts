/** Images and documents as this protocol writes them. It reads four image formats, PDF and plain text. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import type { FilePart, ImagePart } from '../../model/part.ts'
import { encodeCacheMark } from './cache-mark.ts'
import { notes } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { encodePieces, sniffMediaType } from './documents.ts'

function dropped(lost: Loss[], path: string, reason: string): undefined {
  lost.push({ path, kind: 'dropped', reason })
  return undefined
}

export function encodeImage(part: ImagePart, path: string, lost: Loss[]): JsonObject | undefined {
  const source = imageSource(part.source, path, lost)
  if (source === undefined) return undefined
  if (part.detail !== undefined && part.detail !== 'auto') {
    dropped(lost, joinPath(path, 'detail'), 'Claude decides itself how closely to look at an image')
  }
  return { type: 'image', source, ...encodeCacheMark(part.cache) }
}

function imageSource(source: MediaSource, path: string, lost: Loss[]): JsonObject | undefined {
  switch (source.kind) {
    case 'base64':
      return {
        type: 'base64',
        media_type: source.mediaType ?? sniffMediaType(source.data) ?? 'image/jpeg',
        data: source.data,
      }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file-id':
      return fileSource(source, path, lost)
    case 'text':
      return dropped(lost, path, 'an image cannot be given as text')
  }
}

function fileSource(
  source: Extract<MediaSource, { kind: 'file-id' }>,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  if (source.origin === dialectId) return { type: 'file', file_id: source.id }
  return dropped(
    lost,
    path,
    `the file was uploaded to another service (${source.origin}), where Anthropic cannot read it`,
  )
}

export function encodeFile(part: FilePart, path: string, lost: Loss[]): JsonObject | undefined {
  const note = notes(part)
  const citations = part.citable === undefined ? note['citations'] === 'object' && {} : { enabled: part.citable }
  if (note['block'] === 'search_result' && part.source.kind === 'text') {
    return {
      type: 'search_result',
      source: part.context ?? '',
      title: part.title ?? '',
      content: encodePieces(part.source.text, note['pieces']),
      ...(citations !== false && { citations }),
      ...encodeCacheMark(part.cache),
    }
  }
  const source = documentSource(part, note, path, lost)
  if (source === undefined) return undefined
  const title = part.title ?? part.filename
  return {
    type: 'document',
    source,
    ...(title !== undefined && { title }),
    ...(part.context !== undefined && { context: part.context }),
    ...(citations !== false && { citations }),
    ...encodeCacheMark(part.cache),
  }
}

function documentSource(part: FilePart, note: JsonObject, path: string, lost: Loss[]): JsonObject | undefined {
  const { source } = part
  switch (source.kind) {
    case 'text':
      if (note['source'] === 'content') return { type: 'content', content: encodePieces(source.text, note['pieces']) }
      return { type: 'text', media_type: plainType(source.mediaType, note), data: source.text }
    case 'url':
      return { type: 'url', url: source.url }
    case 'file-id':
      return fileSource(source, path, lost)
    case 'base64':
      return documentBytes(source, part, path, lost)
  }
}

/** Only plain text is accepted, which any text can be read as. */
function plainType(mediaType: string | undefined, note: JsonObject): JsonValue {
  return note['own'] === true && mediaType !== undefined ? mediaType : 'text/plain'
}

function documentBytes(
  source: Extract<MediaSource, { kind: 'base64' }>,
  part: FilePart,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  const named = part.filename?.toLowerCase().endsWith('.pdf') === true ? 'application/pdf' : undefined
  const mediaType = source.mediaType ?? sniffMediaType(source.data) ?? named
  if (mediaType !== undefined && /^(?:text\/|application\/(?:json|xml|x-yaml|yaml|javascript))/i.test(mediaType)) {
    return { type: 'text', media_type: 'text/plain', data: Buffer.from(source.data, 'base64').toString('utf8') }
  }
  if (mediaType === undefined)
    return dropped(lost, path, 'the file does not say what it is; documents here are PDF or plain text')
  if (mediaType !== 'application/pdf' && notes(part)['own'] !== true) {
    return dropped(lost, path, `documents here are PDF or plain text, not ${mediaType}`)
  }
  return { type: 'base64', media_type: mediaType, data: source.data }
}
