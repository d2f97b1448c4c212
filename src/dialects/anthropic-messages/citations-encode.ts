/** Citations of a text part as this protocol writes them: its own verbatim, a web address of another's as a web search result. */
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { Citation } from '../../model/part.ts'
import type { Side } from './blocks-decode.ts'
import { dialectId } from './dialect-id.ts'

/** `path` is that of the text part. */
export function encodeCitations(citations: readonly Citation[], path: string, side: Side, lost: Loss[]): JsonValue[] {
  const encoded: JsonValue[] = []
  for (const [index, citation] of citations.entries()) {
    const raw = encodeCitation(citation, joinPath(joinPath(path, 'citations'), index), side, lost)
    if (raw !== undefined) encoded.push(raw)
  }
  return encoded
}

export function encodeCitation(citation: Citation, path: string, side: Side, lost: Loss[]): JsonValue | undefined {
  if (citation.origin === dialectId) {
    // The gateway's own rendering of a foreign citation: Anthropic could not decrypt its index.
    if (side === 'request' && isJsonObject(citation.raw) && citation.raw['encrypted_index'] === '') {
      lost.push({
        path,
        kind: 'dropped',
        reason: 'the citation came from another provider, which Anthropic cannot check',
      })
      return undefined
    }
    return citation.raw
  }
  if (side === 'request' || citation.url === undefined) {
    lost.push({ path, kind: 'dropped', reason: `${dialectId} has no counterpart of ${citation.origin}'s citation` })
    return undefined
  }
  lost.push({ path, kind: 'adapted', reason: 'the citation is shown as a web search result' })
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.quote ?? '',
    encrypted_index: '',
  }
}
