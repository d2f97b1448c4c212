/**
 * Pictures, sounds, films and documents, both ways: bytes in `inlineData`, addresses in `fileData`. One kind of part for all of them
 * here; the media type says which it is. https://ai.google.dev/api/caching#Blob
 */
import type { MemberReader as KernelReader } from '../../kernel/codec/member-reader.ts'
import type { JsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import type { AudioPart, FilePart, ImagePart, Part, VideoPart } from '../../model/part.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { adapt, drop } from './losses.ts'
import { typeByName } from './media-names.ts'
import type { MemberReader } from './members.ts'
import { MemberWriter } from './members.ts'

type MediaPart = ImagePart | AudioPart | VideoPart | FilePart

/** Addresses that only Google can read: files uploaded to it, and its own storage. */
const googlesOwn = /^(?:gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|files\/)/
const film = /^https?:\/\/(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)\//

export function decodeInlineData(reader: MemberReader): MediaPart | undefined {
  const blob = reader.nested('inlineData')
  if (blob === undefined || typeof blob.peek('data') !== 'string') return undefined
  const data = blob.requiredString('data')
  const mediaType = blob.string('mimeType')
  return mediaPart({ kind: 'base64', data, ...(mediaType !== undefined && { mediaType }) }, mediaType)
}

export function decodeFileData(reader: MemberReader): MediaPart | undefined {
  const file: KernelReader | undefined = reader.nested('fileData')
  if (file === undefined || typeof file.peek('fileUri') !== 'string') return undefined
  const uri = file.requiredString('fileUri')
  const mediaType = file.string('mimeType')
  if (!googlesOwn.test(uri))
    return mediaPart({ kind: 'url', url: uri, ...(mediaType !== undefined && { mediaType }) }, mediaType, uri)
  if (mediaType !== undefined) reader.note('mimeType', mediaType)
  return mediaPart({ kind: 'file-id', id: uri, origin: dialectId }, mediaType)
}

function mediaPart(source: MediaSource, mediaType: string | undefined, uri = ''): MediaPart {
  const kind = /^(image|audio|video)\//i.exec(mediaType ?? typeByName(uri) ?? '')?.[1]?.toLowerCase()
  if (kind === 'image') return { type: 'image', source }
  if (kind === 'video' || (kind === undefined && film.test(uri))) return { type: 'video', source }
  if (kind !== 'audio') return { type: 'file', source }
  const format = formatOf(mediaType ?? '')
  return { type: 'audio', source, ...(format !== undefined && { format }) }
}

const formats: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mp3': 'mp3',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/aac': 'aac',
  'audio/aiff': 'aiff',
  'audio/opus': 'opus',
  // What Gemini's voices write: raw samples of 16 bits.
  'audio/l16': 'pcm16',
  'audio/pcm': 'pcm16',
}

function formatOf(mediaType: string): string | undefined {
  const bare = /^[^;\s]*/.exec(mediaType.toLowerCase())?.[0] ?? ''
  return Object.hasOwn(formats, bare) ? formats[bare] : undefined
}

/** The part's JSON; undefined, with the loss reported, where there is none. `path` is the part's. */
export function encodeMedia(part: MediaPart, path: string, lost: Loss[]): JsonObject | undefined {
  if (!isOwn(part)) reportDescription(part, path, lost)
  const writer = new MemberWriter(part)
  const source = part.source
  switch (source?.kind) {
    case 'base64':
      writer.set('inlineData.mimeType', source.mediaType ?? (isOwn(part) ? undefined : guessedType(part, source.data)))
      writer.set('inlineData.data', source.data)
      return writer.finish()
    case 'url':
      writer.set('fileData.mimeType', source.mediaType ?? (isOwn(part) ? undefined : typeByName(source.url)))
      writer.set('fileData.fileUri', source.url)
      return writer.finish()
    case 'file-id':
      if (source.origin !== dialectId)
        return drop(
          lost,
          path,
          `the file was uploaded to another service (${source.origin}), where Google cannot read it`,
        )
      writer.set('fileData.mimeType', writer.note('mimeType'))
      writer.set('fileData.fileUri', source.id)
      return writer.finish()
    case 'text':
      adapt(lost, path, `${dialectId} takes documents of text as text`)
      return { text: withHeading(part, source.text) }
    case undefined:
      return encodeTranscript(part, path, lost)
  }
}

/** An earlier answer's sound that is only referred to. */
function encodeTranscript(part: Part, path: string, lost: Loss[]): JsonObject | undefined {
  const transcript = part.type === 'audio' ? part.transcript : undefined
  if (transcript === undefined)
    return drop(lost, path, `the sound is kept by another service, where Google cannot hear it`)
  adapt(lost, path, `the sound is kept by another service: its transcript is given as text`)
  return { text: transcript }
}

function withHeading(part: MediaPart, text: string): string {
  const heading = part.type === 'file' ? (part.title ?? part.filename) : undefined
  return heading === undefined ? text : `${heading}\n\n${text}`
}

/** What other protocols say of a medium besides its content. */
function reportDescription(part: MediaPart, path: string, lost: Loss[]): void {
  if (part.type === 'audio' && part.source !== undefined && part.transcript !== undefined)
    drop(lost, joinPath(path, 'transcript'), `${dialectId} tells no transcript beside a sound`)
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    drop(
      lost,
      joinPath(path, 'detail'),
      `${dialectId} sets the resolution of media for the whole request, not for one image`,
    )
  if (part.type !== 'file') return
  if (part.citable === true) drop(lost, joinPath(path, 'citations'), `${dialectId} has no citations of given documents`)
  if (part.context !== undefined) drop(lost, joinPath(path, 'context'), `${dialectId} documents have no context`)
  if (part.source.kind === 'text') return
  if (part.filename !== undefined) drop(lost, joinPath(path, 'filename'), `${dialectId} documents have no name`)
  if (part.title !== undefined) drop(lost, joinPath(path, 'title'), `${dialectId} documents have no title`)
}

/** What files of these kinds begin with, in base64. */
const beginnings: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['JVBERi', 'application/pdf'],
  ['SUQz', 'audio/mp3'],
]

const usualType: Readonly<Record<MediaPart['type'], string>> = {
  image: 'image/jpeg',
  audio: 'audio/wav',
  video: 'video/mp4',
  file: 'application/pdf',
}

/** Google wants a type with every medium. */
function guessedType(part: MediaPart, data: string): string {
  if (part.type === 'audio' && part.format !== undefined) {
    return part.format === 'mp3' ? 'audio/mp3' : part.format === 'pcm16' ? 'audio/pcm' : `audio/${part.format}`
  }
  const known = beginnings.find(([start]) => data.startsWith(start))?.[1]
  if (known !== undefined) return known
  // Containers that hold sounds and pictures alike say which only after their length.
  if (data.startsWith('UklGR')) return part.type === 'image' ? 'image/webp' : 'audio/wav'
  return usualType[part.type]
}
