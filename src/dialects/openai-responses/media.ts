/** Pictures and documents by URL, as data or by file id: what says where the bytes come from, both ways. */
import { invalidRequest } from '../../model/fault.ts'
import { dataUrlOf, mediaFromUrl } from '../../model/media.ts'
import type { MediaSource } from '../../model/media.ts'
import { dialectId } from './dialect-id.ts'
import type { MemberReader, MemberWriter } from './members.ts'

/** Reads a URL that may be a data URL, and notes its spelling where it could not be written again from what it says. */
export function readUrl(reader: MemberReader, key: string): MediaSource | undefined {
  const url = reader.string(key)
  if (url === undefined) return undefined
  const source = sourceOf(url, reader.at(key))
  if (urlOf(source, '') !== url) reader.note('url', url)
  return source
}

function sourceOf(url: string, path: string): MediaSource {
  try {
    return mediaFromUrl(url)
  } catch {
    throw invalidRequest(path, `\`${path}\` is a data URL whose percent-encoding is broken.`)
  }
}

export function readFileId(reader: MemberReader): MediaSource | undefined {
  const id = reader.string('file_id')
  return id === undefined ? undefined : { kind: 'file-id', id, origin: dialectId }
}

/** The URL that says `source`; undefined where none does. */
function urlOf(source: MediaSource, fallbackType: string): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? dataUrlOf(source.data, source.mediaType, fallbackType) : undefined
}

/** The URL as the client spelled it, unless the source is another one by now. */
export function writtenUrl(writer: MemberWriter, source: MediaSource, fallbackType: string): string | undefined {
  const spelled = writer.note('url')
  const same = typeof spelled === 'string' && urlOf(sourceOf(spelled, ''), '') === urlOf(source, '')
  return same ? spelled : urlOf(source, fallbackType)
}

export function sourceName(source: MediaSource): string {
  return source.kind === 'file-id' ? `as a file of ${source.origin}` : `as ${source.kind}`
}
