/** Citations as annotations of an output text: web pages by their address, files by ids that mean nothing to another service. */
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Citation } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './losses.ts'

export function decodeAnnotation(raw: JsonValue): Citation {
  const { url, title, filename, start_index: start, end_index: end } = isJsonObject(raw) ? raw : {}
  const label = typeof title === 'string' ? title : filename
  return {
    ...(typeof url === 'string' && { url }),
    ...(typeof label === 'string' && { title: label }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
    origin: dialectId,
    raw,
  }
}

/** The annotation that says `citation` of a text of `length`; undefined, with the loss reported, for what is not a web page. */
export function encodeCitation(citation: Citation, length: number, path: string, lost: Loss[]): JsonValue | undefined {
  if (citation.origin === dialectId) return citation.raw
  if (citation.url === undefined)
    return drop(lost, path, `${dialectId} cites web pages and its own files only, and this source has no URL`)
  if (citation.quote !== undefined) adapt(lost, path, `${dialectId} citations have no quote; only the source is named`)
  return {
    type: 'url_citation',
    url: citation.url,
    title: citation.title ?? '',
    start_index: citation.start ?? 0,
    end_index: citation.end ?? length,
  }
}

/** Encodes a text's citations; `path` is the text's. */
export function encodeCitations(
  citations: readonly Citation[],
  length: number,
  path: string,
  lost: Loss[],
): JsonValue[] {
  return citations
    .map((citation, index) => encodeCitation(citation, length, citationPath(path, index), lost))
    .filter((json) => json !== undefined)
}

export function citationPath(path: string, index: number): string {
  return joinPath(joinPath(path, 'citations'), index)
}
