/** Images, documents, videos and sound to canonical parts: `{ format, source }`, the source being bytes or a place in S3. */
import type { MediaSource } from '../../model/media.ts'
import { isJsonObject } from '../../model/json.ts'
import type { AudioPart, FilePart, ImagePart, Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { mediaTypeOf } from './media-formats.ts'
import type { MediaKind } from './media-formats.ts'
import type { Reader } from './members.ts'
import { readPieces } from './text-pieces.ts'

/** What stands between pieces of a document that were one text each. */
export const documentJoiner = '\n'

/** An image, video or sound; undefined for a source of a kind that is not known. */
export function decodeMedia(kind: 'image' | 'video' | 'audio', block: Reader): Part | undefined {
  const format = block.string('format')
  if (format !== undefined) block.note('format', format)
  const source = decodeSource(kind, format, block)
  if (source === undefined) return undefined
  if (kind === 'audio') {
    const part: AudioPart = { type: kind, source, ...(format !== undefined && { format }) }
    return part
  }
  return { type: kind, source } satisfies ImagePart | { readonly type: 'video'; readonly source: MediaSource }
}

function decodeSource(kind: MediaKind, format: string | undefined, block: Reader): MediaSource | undefined {
  const source = block.nested('source')
  if (source === undefined) return undefined
  if (typeof source.peek('bytes') === 'string') {
    const data = source.requiredString('bytes')
    return { kind: 'base64', data, ...(format !== undefined && { mediaType: mediaTypeOf(kind, format) }) }
  }
  const place = source.peek('s3Location')
  if (!isJsonObject(place) || typeof place['uri'] !== 'string') return undefined
  return { kind: 'file-id', id: source.requiredNested('s3Location').requiredString('uri'), origin: dialectId }
}

export function decodeDocument(block: Reader): FilePart | undefined {
  const title = block.requiredString('name')
  const format = block.string('format')
  if (format !== undefined) block.note('format', format)
  const source = decodeText(format, block) ?? decodeSource('document', format, block)
  if (source === undefined) return undefined
  const context = block.string('context')
  const citable = block.nested('citations')?.boolean('enabled')
  return {
    type: 'file',
    source,
    title,
    ...(context !== undefined && { context }),
    ...(citable !== undefined && { citable }),
  }
}

/** A document given as text, or as texts that can be cited each for itself. */
function decodeText(format: string | undefined, block: Reader): MediaSource | undefined {
  const source = block.peek('source')
  if (!isJsonObject(source)) return undefined
  const typed = format === undefined ? {} : { mediaType: mediaTypeOf('document', format) }
  if (typeof source['text'] === 'string') {
    return { kind: 'text', text: block.requiredNested('source').requiredString('text'), ...typed }
  }
  const pieces = readPieces(source['content'], documentJoiner)
  if (pieces === undefined) return undefined
  block.requiredNested('source').take('content')
  block.note('pieces', pieces.lengths)
  return { kind: 'text', text: pieces.text, ...typed }
}

/** A search result is a document whose source is told in words; with anything but text in it, it is kept as it is. */
export function decodeSearchResult(block: Reader): FilePart | undefined {
  const pieces = readPieces(block.peek('content'), documentJoiner)
  if (pieces === undefined) return undefined
  block.take('content')
  block.note('block', 'searchResult')
  block.note('pieces', pieces.lengths)
  const title = block.requiredString('title')
  const context = block.requiredString('source')
  const citable = block.nested('citations')?.boolean('enabled')
  return {
    type: 'file',
    source: { kind: 'text', text: pieces.text },
    title,
    context,
    ...(citable !== undefined && { citable }),
  }
}
