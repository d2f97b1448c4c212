/** Images, documents, videos and sound as blocks. Bedrock takes bytes and places in S3, never web addresses. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import type { AudioPart, FilePart, ImagePart, Part, VideoPart } from '../../model/part.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import type { DocumentNames } from './document-names.ts'
import { documentJoiner } from './media-decode.ts'
import { formatOfData, formatOfName, formatOfType, mediaTypeOf } from './media-formats.ts'
import type { MediaKind } from './media-formats.ts'
import { MemberWriter } from './members.ts'
import { adapt, drop } from './report.ts'
import { writePieces } from './text-pieces.ts'

const place = /^s3:\/\//i

export function encodeMedia(
  part: ImagePart | VideoPart | AudioPart,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  const { type: kind } = part
  const writer = new MemberWriter(part)
  const named = part.type === 'audio' ? part.format : undefined
  const source = part.source && bytesOrPlace(part.source, kind, path, lost)
  if (source === undefined) return undefined
  const format = formatOf(writer, kind, part.source, named)
  if (format === undefined && !isOwn(part)) {
    const told = part.source?.kind === 'base64' ? part.source.mediaType : undefined
    return drop(lost, path, `there is no ${kind} format ${told ?? named ?? 'without a name'} here`)
  }
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto')
    drop(lost, joinPath(path, 'detail'), 'models here decide themselves how closely to look at an image')
  const member = writer.note('block') === 'guardContent' ? 'guardContent.image' : kind
  writer.set(`${member}.format`, format)
  writeSource(writer, `${member}.source`, source)
  return writer.finish()
}

/** As it was spelled, unless the source is of another type by now. */
function formatOf(
  writer: MemberWriter,
  kind: MediaKind,
  source: MediaSource | undefined,
  named?: string,
): string | undefined {
  const spelled = writer.note('format')
  // What came without a format, or with none that is one, goes back without.
  if (writer.form !== undefined && spelled === undefined) return undefined
  const mediaType = source?.kind === 'file-id' ? undefined : source?.kind === 'url' ? undefined : source?.mediaType
  if (typeof spelled === 'string' && (mediaType === undefined || mediaTypeOf(kind, spelled) === mediaType))
    return spelled
  const address = source?.kind === 'url' ? source.url : source?.kind === 'file-id' ? source.id : undefined
  return (
    formatOfType(kind, mediaType) ??
    formatOfName(kind, named) ??
    formatOfName(kind, address) ??
    (source?.kind === 'base64' ? formatOfData(kind, source.data) : undefined)
  )
}

type Source = { readonly bytes: string } | { readonly uri: string }

function bytesOrPlace(source: MediaSource, kind: MediaKind, path: string, lost: Loss[]): Source | undefined {
  switch (source.kind) {
    case 'base64':
      return { bytes: source.data }
    case 'url':
      if (place.test(source.url)) return { uri: source.url }
      return drop(lost, path, `a ${kind} is given here as data or by its place in S3, not by a web address`)
    case 'file-id':
      if (source.origin === dialectId) return { uri: source.id }
      return drop(
        lost,
        path,
        `the file was uploaded to another service (${source.origin}), where Bedrock cannot read it`,
      )
    case 'text':
      return { bytes: Buffer.from(source.text).toString('base64') }
  }
}

function writeSource(writer: MemberWriter, member: string, source: Source): void {
  if ('bytes' in source) writer.set(`${member}.bytes`, source.bytes)
  else writer.set(`${member}.s3Location.uri`, source.uri)
}

export interface FileContext {
  readonly names: DocumentNames
  /** The model can cite documents. */
  readonly cites: boolean
  readonly lost: Loss[]
}

export function encodeFile(part: FilePart, path: string, context: FileContext): JsonObject | undefined {
  const writer = new MemberWriter(part)
  if (writer.note('block') === 'searchResult' && part.source.kind === 'text') {
    writer.set('searchResult.source', part.context ?? '')
    writer.set('searchResult.title', part.title ?? '')
    writer.set('searchResult.content', writePieces(part.source.text, writer.note('pieces'), documentJoiner))
    writer.set('searchResult.citations.enabled', part.citable)
    return writer.finish()
  }
  const { lost, names } = context
  const own = isOwn(part)
  const cited = own || (part.citable === true && context.cites)
  const format = fileFormat(writer, part)
  if (format === undefined && !own) {
    const told = part.source.kind === 'base64' ? part.source.mediaType : undefined
    return drop(lost, path, `there is no document format ${told ?? 'without a name'} here`)
  }
  const asText = part.source.kind === 'text' && cited
  const source = asText ? undefined : bytesOrPlace(part.source, 'document', path, lost)
  if (!asText && source === undefined) return undefined
  writer.set('document.name', own ? names.take(part.title ?? '') : nameOf(part, path, context))
  writer.set('document.format', format)
  if (source !== undefined) writeSource(writer, 'document.source', source)
  else if (part.source.kind === 'text') writeText(writer, part.source.text)
  if (!own && part.citable === true && !context.cites)
    drop(lost, joinPath(path, 'citations'), 'the model does not cite documents')
  if (cited) writer.set('document.citations.enabled', part.citable)
  writer.set('document.context', part.context)
  return writer.finish()
}

function writeText(writer: MemberWriter, text: string): void {
  const pieces: JsonValue | undefined = writer.note('pieces')
  if (pieces === undefined) writer.set('document.source.text', text)
  else writer.set('document.source.content', writePieces(text, pieces, documentJoiner))
}

/** Text of whatever kind can be read as plain text. */
function fileFormat(writer: MemberWriter, part: FilePart): string | undefined {
  const known = formatOf(writer, 'document', part.source, part.filename)
  if (known !== undefined || isOwn(part)) return known
  const mediaType = part.source.kind === 'base64' || part.source.kind === 'text' ? part.source.mediaType : undefined
  const textual = /^(?:text\/|application\/(?:json|xml|x-yaml|yaml|javascript))/i.test(mediaType ?? '')
  return textual || part.source.kind === 'text' ? 'txt' : undefined
}

function nameOf(part: FilePart, path: string, { names, lost }: FileContext): string {
  const wanted = part.title ?? part.filename?.replace(/\.[a-z0-9]{1,5}$/i, '') ?? 'document'
  const name = names.choose(wanted)
  if (name !== wanted)
    adapt(lost, joinPath(path, 'title'), `names of documents here are unique and plain: it is called "${name}"`)
  return name
}

/** Sound that is only known by what was said in it. */
export function spokenText(part: Part): string | undefined {
  return part.type === 'audio' && part.source === undefined ? part.transcript : undefined
}
