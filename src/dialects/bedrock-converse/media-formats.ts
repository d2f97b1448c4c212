/**
 * Bedrock's short names of formats, and the media types that they are. Source: the enumerations ImageFormat, DocumentFormat,
 * VideoFormat and AudioFormat of the Bedrock Runtime API reference (docs.aws.amazon.com/bedrock/latest/APIReference).
 */

export type MediaKind = 'image' | 'document' | 'video' | 'audio'

/** Where several names have one type, the first is written. */
const types: Readonly<Record<MediaKind, readonly (readonly [format: string, mediaType: string])[]>> = {
  image: [
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['gif', 'image/gif'],
    ['webp', 'image/webp'],
  ],
  document: [
    ['pdf', 'application/pdf'],
    ['txt', 'text/plain'],
    ['md', 'text/markdown'],
    ['html', 'text/html'],
    ['csv', 'text/csv'],
    ['doc', 'application/msword'],
    ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['xls', 'application/vnd.ms-excel'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ],
  video: [
    ['mp4', 'video/mp4'],
    ['mov', 'video/quicktime'],
    ['mkv', 'video/x-matroska'],
    ['webm', 'video/webm'],
    ['flv', 'video/x-flv'],
    ['mpeg', 'video/mpeg'],
    ['mpg', 'video/mpeg'],
    ['wmv', 'video/x-ms-wmv'],
    ['three_gp', 'video/3gpp'],
  ],
  audio: [
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
    ['flac', 'audio/flac'],
    ['ogg', 'audio/ogg'],
    ['opus', 'audio/opus'],
    ['aac', 'audio/aac'],
    ['x-aac', 'audio/x-aac'],
    ['m4a', 'audio/x-m4a'],
    ['mp4', 'audio/mp4'],
    ['mpeg', 'audio/mpeg'],
    ['mpga', 'audio/mpeg'],
    ['pcm', 'audio/pcm'],
    ['webm', 'audio/webm'],
    ['mka', 'audio/x-matroska'],
    ['mkv', 'audio/x-matroska'],
  ],
}

/** A format that is not known is a media type of its kind all the same. */
export function mediaTypeOf(kind: MediaKind, format: string): string {
  const known = types[kind].find(([name]) => name === format)?.[1]
  return known ?? `${kind === 'document' ? 'application' : kind}/${format}`
}

/** Other spellings of media types and of file names' endings. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'jpeg',
  'audio/mp3': 'mp3',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-flac': 'flac',
  'audio/m4a': 'm4a',
  'text/x-markdown': 'md',
  htm: 'html',
  jpg: 'jpeg',
  markdown: 'md',
  '3gp': 'three_gp',
}

/** The format that is this media type; undefined for what Bedrock does not take. */
export function formatOfType(kind: MediaKind, mediaType: string | undefined): string | undefined {
  const type = mediaType?.split(';')[0]?.trim().toLowerCase() ?? ''
  const named = aliases[type] ?? types[kind].find(([, known]) => known === type)?.[0]
  return named !== undefined && isFormat(kind, named) ? named : undefined
}

/** A format named by itself or by the ending of a file's name. */
export function formatOfName(kind: MediaKind, name: string | undefined): string | undefined {
  const ending = name?.toLowerCase().split('.').at(-1) ?? ''
  const format = aliases[ending] ?? ending
  return isFormat(kind, format) ? format : undefined
}

function isFormat(kind: MediaKind, format: string): boolean {
  return types[kind].some(([name]) => name === format)
}

/** Formats by the first characters of their base64 form. */
const signatures: readonly (readonly [start: string, kind: MediaKind, format: string])[] = [
  ['iVBORw0KGgo', 'image', 'png'],
  ['/9j/', 'image', 'jpeg'],
  ['R0lGOD', 'image', 'gif'],
  ['UklGR', 'image', 'webp'],
  ['JVBERi', 'document', 'pdf'],
]

/** The format of base64 data that nobody named, where its first bytes tell it. */
export function formatOfData(kind: MediaKind, data: string): string | undefined {
  return signatures.find(([start, of]) => of === kind && data.startsWith(start))?.[2]
}
