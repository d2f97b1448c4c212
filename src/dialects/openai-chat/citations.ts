/** Citations as annotations of a message: OpenAI knows web pages only, with offsets into the whole content. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Citation } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

export function decodeAnnotation(raw: JsonValue): Citation {
  const cited = isJsonObject(raw) && isJsonObject(raw['url_citation']) ? raw['url_citation'] : {}
  const { url, title, start_index: start, end_index: end } = cited
  return {
    ...(typeof url === 'string' && { url }),
    ...(typeof title === 'string' && { title }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
    origin: dialectId,
    raw,
  }
}

/** Where the cited text stands in the message's content: offset of its part, and the part's length so far. */
interface CitedSpan {
  readonly offset: number
  readonly length: number
}

/** The annotation that says `citation`; undefined, with the loss reported, for what is not a web page. */
export function encodeCitation(citation: Citation, span: CitedSpan, path: string, lost: Loss[]): JsonValue | undefined {
  if (citation.origin === dialectId) return citation.raw
  if (citation.url === undefined)
    return drop(lost, path, `${dialectId} cites web pages only, and this source has no URL`)
  if (citation.quote !== undefined) adapt(lost, path, `${dialectId} citations have no quote; only the source is named`)
  const url: JsonObject = {
    url: citation.url,
    title: citation.title ?? '',
    start_index: span.offset + (citation.start ?? 0),
    end_index: span.offset + (citation.end ?? span.length),
  }
  return { type: 'url_citation', url_citation: url }
}

/** Encodes a part's citations; `path` is the part's. */
export function encodeCitations(
  citations: readonly Citation[],
  span: CitedSpan,
  path: string,
  lost: Loss[],
): JsonValue[] {
  return citations
    .map((citation, index) => encodeCitation(citation, span, joinPath(joinPath(path, 'citations'), index), lost))
    .filter((json) => json !== undefined)
}
