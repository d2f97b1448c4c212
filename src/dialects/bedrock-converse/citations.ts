/** Citations, both ways: an answer's text that stands on sources is a block of its own, with the sources beside it. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { Citation } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './report.ts'

export function decodeCitation(raw: JsonValue): Citation {
  const json = isJsonObject(raw) ? raw : {}
  const location = isJsonObject(json['location']) ? json['location'] : {}
  const web = isJsonObject(location['web']) ? location['web'] : {}
  const url = [web['url'], json['source']].find(
    (value): value is string => typeof value === 'string' && /^https?:/i.test(value),
  )
  const { title } = json
  const quote = quoteOf(json['sourceContent'])
  return {
    ...(url !== undefined && { url }),
    ...(typeof title === 'string' && { title }),
    ...(quote !== '' && { quote }),
    origin: dialectId,
    raw,
  }
}

function quoteOf(content: JsonValue | undefined): string {
  if (!Array.isArray(content)) return ''
  return content.map((item) => (isJsonObject(item) && typeof item['text'] === 'string' ? item['text'] : '')).join('')
}

/** The citation as this protocol writes it; undefined, with the loss reported, for one that names nothing. */
export function encodeCitation(citation: Citation, path: string, lost: Loss[]): JsonValue | undefined {
  if (citation.origin === dialectId) return citation.raw
  const { url, title, quote } = citation
  if (url === undefined && title === undefined && quote === undefined)
    return drop(lost, path, `${citation.origin}'s citation names no source that could be told here`)
  adapt(lost, path, 'citations here tell title, source and quote alone, and belong to the whole block of text')
  const web: JsonObject | undefined =
    url === undefined || !URL.canParse(url) ? undefined : { url, domain: new URL(url).hostname }
  return {
    ...(title !== undefined && { title }),
    ...(url !== undefined && { source: url }),
    ...(quote !== undefined && { sourceContent: [{ text: quote }] }),
    ...(web !== undefined && { location: { web } }),
  }
}

/** `path` is that of the text part. */
export function encodeCitations(citations: readonly Citation[], path: string, lost: Loss[]): JsonValue[] {
  return citations.flatMap((citation, index) => {
    const json = encodeCitation(citation, joinPath(joinPath(path, 'citations'), index), lost)
    return json === undefined ? [] : [json]
  })
}
