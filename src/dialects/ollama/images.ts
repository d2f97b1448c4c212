/** Images, which Ollama takes and gives as bare base64 without a word on their type. */
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import type { ImagePart } from '../../model/part.ts'

/** How base64 begins of what begins with these bytes: other protocols want the type told, and told right. */
const beginnings: readonly (readonly [base64: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

export function decodeImages(reader: MemberReader): ImagePart[] {
  return (reader.strings('images') ?? []).map(imageOf)
}

export function imageOf(data: string): ImagePart {
  const mediaType = beginnings.find(([beginning]) => data.startsWith(beginning))?.[1]
  return { type: 'image', source: { kind: 'base64', data, ...(mediaType !== undefined && { mediaType }) } }
}

/** The base64 of an image; undefined where it is not at hand. */
export function imageData({ source }: ImagePart): string | undefined {
  return source.kind === 'base64' ? source.data : undefined
}
