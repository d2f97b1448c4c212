/** Encodes parts as content blocks: what this protocol has a block for, and a report of everything it has none for. */
import { documentText } from '../../kernel/codec/document-text.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import type { Node } from '../../model/node.ts'
import type { AudioPart, CacheMark, FilePart, Part } from '../../model/part.ts'
import { sameSource, thinkingText, urlOf } from './content-decode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { MemberWriter } from './members.ts'

/** Where a block may stand: roles other than the user's take text alone. */
export type Place = 'user' | 'text-only'

/** The block that says `part`; undefined, with the loss reported, where none does. */
export function encodeBlock(part: Part, place: Place, path: string, lost: Loss[]): JsonObject | undefined {
  reportForeignExtra(part, dialectId, path, lost)
  const writer = new MemberWriter(part)
  writeCache(writer, part, path, lost)
  switch (part.type) {
    case 'text':
      writer.set('type', 'text')
      writer.set('text', part.text)
      if (part.citations !== undefined && part.citations.length > 0)
        drop(lost, joinPath(path, 'citations'), `${dialectId} messages carry no citations here`)
      return writer.finish()
    case 'refusal':
      writer.set('type', 'refusal')
      writer.set('refusal', part.text)
      return writer.finish()
    case 'opaque':
      if (part.origin === dialectId) return part.value as JsonObject
      return drop(lost, path, `${dialectId} has no counterpart of this ${part.origin} block`)
    case 'reasoning':
      writer.set('type', 'thinking')
      writer.set('thinking', spelledThinking(writer, part.text) ?? [{ type: 'text', text: part.text }])
      return writer.finish()
    case 'image': {
      if (place === 'text-only' && !isOwn(part))
        return drop(lost, path, `${dialectId} takes images in user messages only`)
      const url = spelledUrl(writer, part.source, 'image/png')
      if (url === undefined)
        return drop(lost, path, `${dialectId} takes images by URL or as data, not ${sourceName(part.source)}`)
      writer.set('type', 'image_url')
      writer.set(writer.note('bareUrl') === true ? 'image_url' : 'image_url.url', url)
      if (writer.note('bareUrl') !== true) writer.set('image_url.detail', part.detail)
      return writer.finish()
    }
    case 'video': {
      if (!isOwn(part)) return drop(lost, path, `${dialectId} has no video input`)
      writer.set('type', 'video_url')
      writer.set('video_url.url', spelledUrl(writer, part.source, 'video/mp4'))
      return writer.finish()
    }
    case 'audio':
      return encodeAudio(part, writer, place, path, lost)
    case 'file':
      return encodeFile(part, writer, place, path, lost)
    case 'tool-call':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
      return drop(lost, path, `${dialectId} has no place for a ${part.type} here`)
  }
}

/** The URL as the client spelled it, unless the source is another one by now. */
function spelledUrl(writer: MemberWriter, source: MediaSource, fallbackType: string): string | undefined {
  const spelled = writer.note('url')
  return typeof spelled === 'string' && sameSource(spelled, source) ? spelled : urlOf(source, fallbackType)
}

/** Mistral's list of reasoning chunks as it came, unless the text is another one by now. */
function spelledThinking(writer: MemberWriter, text: string): JsonValue | undefined {
  const spelled = writer.note('thinking')
  return Array.isArray(spelled) && thinkingText(spelled) === text ? spelled : undefined
}

function sourceName(source: { readonly kind: string; readonly origin?: string }): string {
  return source.kind === 'file-id' ? `as a file of ${source.origin ?? 'another service'}` : `as ${source.kind}`
}

/** OpenAI caches prompts by itself; only a mark that came in this dialect goes out again. */
export function writeCache(
  writer: MemberWriter,
  node: Node & { readonly cache?: CacheMark },
  path: string,
  lost: Loss[],
): void {
  const { cache } = node
  if (cache === undefined) return
  const spelling = writer.note('cache')
  if (spelling === 'prompt_cache_breakpoint') writer.set(spelling, { mode: 'explicit' })
  else if (spelling === 'cache_control')
    writer.set(spelling, { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) })
  else drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
}

function encodeAudio(
  part: AudioPart,
  writer: MemberWriter,
  place: Place,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  const own = isOwn(part)
  if (place === 'text-only' && !own) return drop(lost, path, `${dialectId} takes audio in user messages only`)
  if (part.source?.kind !== 'base64') return drop(lost, path, `${dialectId} takes audio as data only`)
  const format =
    part.format ?? /^audio\/(?:x-)?(wav|mp3|mpeg)/.exec(part.source.mediaType ?? '')?.[1]?.replace('mpeg', 'mp3')
  if (format === undefined || (!own && format !== 'wav' && format !== 'mp3')) {
    return drop(
      lost,
      path,
      `${dialectId} takes audio as wav or mp3, not ${format ?? part.source.mediaType ?? 'without a type'}`,
    )
  }
  writer.set('type', 'input_audio')
  writer.set('input_audio.data', part.source.data)
  writer.set('input_audio.format', format)
  return writer.finish()
}

function encodeFile(
  part: FilePart,
  writer: MemberWriter,
  place: Place,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  const own = isOwn(part)
  const { source } = part
  if (place === 'text-only' && !own && source.kind !== 'text')
    return drop(lost, path, `${dialectId} takes files in user messages only`)
  if (part.citable === true) drop(lost, joinPath(path, 'citations'), `${dialectId} has no citations of documents`)
  if (part.context !== undefined) drop(lost, joinPath(path, 'context'), `${dialectId} documents have no context`)
  const text = own ? undefined : documentText(source)
  if (text !== undefined) {
    adapt(lost, path, `${dialectId} takes no text documents; its text is sent as a text part`)
    const heading = part.title ?? part.filename
    return { type: 'text', text: heading === undefined ? text : `${heading}\n\n${text}` }
  }
  if (part.title !== undefined && part.filename !== undefined)
    drop(lost, joinPath(path, 'title'), `${dialectId} documents have a filename only`)
  writer.set('type', 'file')
  if (source.kind === 'base64') {
    writer.set(
      'file.file_data',
      writer.note('bareData') === true ? source.data : spelledUrl(writer, source, 'application/pdf'),
    )
    // OpenAI refuses file data without a name; one that this dialect decoded may have gone without.
    writer.set('file.filename', part.filename ?? (own ? undefined : (part.title ?? 'document.pdf')))
    return writer.finish()
  }
  if (source.kind === 'file-id' && source.origin === dialectId) {
    writer.set('file.file_id', source.id)
    writer.set('file.filename', part.filename)
    return writer.finish()
  }
  if (source.kind === 'url' && own) {
    writer.set('file.file_data', spelledUrl(writer, source, ''))
    writer.set('file.filename', part.filename)
    return writer.finish()
  }
  return drop(lost, path, `${dialectId} takes files as data or by its own file ids, not ${sourceName(source)}`)
}
