/**
 * Citations, both ways. Here they stand beside the content and name the block they belong to; offsets count within that block. A citation
 * of the plan or of thinking has no text that it could hang on, and stays where it was.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import type { Citation, Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './report.ts'

export function decodeCitation(raw: JsonObject): Citation {
  const { start, end, sources } = raw
  const [source] = Array.isArray(sources) ? sources : []
  const told = isJsonObject(source) ? (source['document'] ?? source['tool_output']) : undefined
  const document = isJsonObject(told) ? told : {}
  const { url, title } = document
  const quote = [document['text'], document['snippet']].find((text) => typeof text === 'string')
  return {
    ...(typeof url === 'string' && /^https?:/i.test(url) && { url }),
    ...(typeof title === 'string' && { title }),
    ...(typeof quote === 'string' && { quote }),
    ...(typeof start === 'number' && { start }),
    ...(typeof end === 'number' && { end }),
    origin: dialectId,
    raw,
  }
}

/** The content block that a citation belongs to; undefined for one of the plan or of thinking. */
export function citedBlock(raw: JsonValue): number | undefined {
  if (!isJsonObject(raw)) return undefined
  const { type, content_index: index } = raw
  if (type !== undefined && type !== 'TEXT_CONTENT') return undefined
  return index === undefined ? 0 : typeof index === 'number' ? index : undefined
}

export interface CitedParts {
  readonly parts: Part[]
  /** Citations that belong to no text, each with its place in the list. */
  readonly loose: readonly (readonly [place: number, raw: JsonValue])[]
}

/** `blocks` are the parts of the content, block for block. Where none is named, the first text is meant. */
export function attachCitations(blocks: readonly Part[], list: readonly JsonValue[]): CitedParts {
  const loose: [number, JsonValue][] = []
  let parts = [...blocks]
  let last = -1
  for (const [place, raw] of list.entries()) {
    const at = textAt(parts, raw)
    const part = parts[at]
    // Written part by part: a citation out of that order keeps its place.
    if (part?.type === 'text' && isJsonObject(raw) && at >= last) {
      last = at
      parts = parts.with(at, { ...part, citations: [...(part.citations ?? []), decodeCitation(raw)] })
    } else loose.push([place, raw])
  }
  return { parts, loose }
}

function textAt(parts: readonly Part[], raw: JsonValue): number {
  const index = citedBlock(raw)
  if (index === undefined) return -1
  const named = isJsonObject(raw) && raw['content_index'] !== undefined
  return named ? index : parts.findIndex((part) => part.type === 'text')
}

/** The citation as this protocol writes it; undefined, with the loss reported, for one that names no source. */
export function encodeCitation(
  citation: Citation,
  text: { readonly text: string; readonly index: number },
  path: string,
  lost: Loss[],
): JsonValue | undefined {
  if (citation.origin === dialectId) return citation.raw
  const { url, title, quote, start = 0, end = text.text.length } = citation
  if (url === undefined && title === undefined && quote === undefined)
    return drop(lost, path, `${citation.origin}'s citation names no source that could be told here`)
  adapt(lost, path, 'the source is told as a document with title, address and passage')
  const document: JsonObject = {
    ...(title !== undefined && { title }),
    ...(url !== undefined && { url }),
    ...(quote !== undefined && { text: quote }),
  }
  const id = url ?? title ?? 'source'
  return {
    start,
    end,
    text: text.text.slice(start, end),
    sources: [{ type: 'document', id, document: { id, ...document } }],
    content_index: text.index,
    type: 'TEXT_CONTENT',
  }
}

/** `path` is that of the message. Answers tell what another provider cited; requests repeat only what a model here has cited. */
export function encodeCitations(parts: readonly Part[], answer: boolean, path: string, lost: Loss[]): JsonValue[] {
  return parts.flatMap((part, index) => {
    if (part.type !== 'text') return []
    return (part.citations ?? []).flatMap((citation, nth): JsonValue[] => {
      const at = joinPath(joinPath(joinPath(path, 'content'), index), `citations[${nth}]`)
      if (!answer && citation.origin !== dialectId) {
        drop(lost, at, 'requests here repeat only what a model here has cited')
        return []
      }
      const json = encodeCitation(citation, { text: part.text, index }, at, lost)
      return json === undefined ? [] : [json]
    })
  })
}
