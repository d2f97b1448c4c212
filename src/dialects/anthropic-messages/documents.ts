/**
 * Documents and images: where their bytes come from, and documents given as pieces of text (custom content, search results), which
 * the canonical model holds as one text with notes on where it was cut.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { MediaSource } from '../../model/media.ts'
import { dialectId } from './dialect-id.ts'

const joiner = '\n'

const sourceMembers = {
  base64: new Set(['type', 'media_type', 'data']),
  url: new Set(['type', 'url']),
  file: new Set(['type', 'file_id']),
  text: new Set(['type', 'media_type', 'data']),
}

export interface ReadSource {
  readonly source: MediaSource
  readonly rest?: JsonObject | undefined
  readonly form?: JsonObject
}

/** Undefined for a source of a kind or shape that is not known: its block is then kept as it is. */
export function decodeSource(value: JsonValue | undefined): ReadSource | undefined {
  if (!isJsonObject(value)) return undefined
  const { type, media_type: mediaType, data, url, file_id: fileId } = value
  if (mediaType !== undefined && typeof mediaType !== 'string') return undefined
  const typed = mediaType === undefined ? {} : { mediaType }
  if (type === 'base64' && typeof data === 'string') {
    return { source: { kind: 'base64', data, ...typed }, rest: unknownMembers(value, sourceMembers.base64) }
  }
  if (type === 'url' && typeof url === 'string') {
    return { source: { kind: 'url', url }, rest: unknownMembers(value, sourceMembers.url) }
  }
  if (type === 'file' && typeof fileId === 'string') {
    return {
      source: { kind: 'file-id', id: fileId, origin: dialectId },
      rest: unknownMembers(value, sourceMembers.file),
    }
  }
  if (type === 'text' && typeof data === 'string') {
    return { source: { kind: 'text', text: data, ...typed }, rest: unknownMembers(value, sourceMembers.text) }
  }
  if (type === 'content' && Object.keys(value).length === 2) {
    const pieces = decodePieces(value['content'])
    return (
      pieces && { source: { kind: 'text', text: pieces.text }, form: { source: 'content', pieces: pieces.lengths } }
    )
  }
  return undefined
}

/** Text given as a string or as plain text blocks; undefined when there is more to it than text. */
export function decodePieces(
  content: JsonValue | undefined,
): { text: string; lengths: number[] | 'string' } | undefined {
  if (typeof content === 'string') return { text: content, lengths: 'string' }
  if (!Array.isArray(content)) return undefined
  const texts: string[] = []
  for (const block of content) {
    if (!isJsonObject(block) || block['type'] !== 'text' || Object.keys(block).length !== 2) return undefined
    if (typeof block['text'] !== 'string') return undefined
    texts.push(block['text'])
  }
  return { text: texts.join(joiner), lengths: texts.map((text) => text.length) }
}

/** The pieces as they were, or as one when the text has since been rewritten. */
export function encodePieces(text: string, lengths: JsonValue | undefined): JsonValue {
  if (lengths === 'string') return text
  const blocks: JsonValue[] = []
  let at = 0
  for (const length of Array.isArray(lengths) ? lengths : []) {
    if (typeof length !== 'number') return [{ type: 'text', text }]
    if (blocks.length > 0 && text.slice(at - joiner.length, at) !== joiner) return [{ type: 'text', text }]
    blocks.push({ type: 'text', text: text.slice(at, at + length) })
    at += length + joiner.length
  }
  const end = blocks.length === 0 ? 0 : at - joiner.length
  return end === text.length ? blocks : [{ type: 'text', text }]
}

/** Media types by the first characters of their base64 form. */
const signatures: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['JVBERi', 'application/pdf'],
]

/** The media type of base64 data that nobody named, where its first bytes tell it. */
export function sniffMediaType(data: string): string | undefined {
  return signatures.find(([start]) => data.startsWith(start))?.[1]
}
