/** The text of a document, where it is text and nothing else: for protocols that take none but in words. */
import type { MediaSource } from '../../model/media.ts'

export function documentText(source: MediaSource): string | undefined {
  if (source.kind === 'text') return source.text
  if (source.kind !== 'base64' || !/^text\//i.test(source.mediaType ?? '')) return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}
