/**
 * Sources of an answer. Google tells them apart from its text: `groundingMetadata` of searches, with passages counted in bytes,
 * `citationMetadata` of what was recited, `urlContextMetadata` of pages that were read. As citations they belong to the text that
 * ends the answer, whose passages are found again in it. https://ai.google.dev/gemini-api/docs/google-search
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Citation, Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { memberOf } from './members.ts'
import { carriedFor } from './signatures.ts'

const metadataMembers: readonly string[] = ['groundingMetadata', 'citationMetadata', 'urlContextMetadata']

/** The parts with the candidate's sources on the text that they are about. */
export function withCitations(parts: Part[], candidate: JsonObject): Part[] {
  const at = citedPart(parts)
  const text = parts[at]
  const citations = text?.type === 'text' ? citationsOf(candidate, text.text) : []
  return text?.type !== 'text' || citations.length === 0 ? parts : parts.with(at, { ...text, citations })
}

/** The last part, if it is a text; carriers of signatures do not count. */
function citedPart(parts: readonly Part[]): number {
  const at = parts.findLastIndex((part) => carriedFor(part) === undefined)
  return parts[at]?.type === 'text' ? at : -1
}

export function hasSources(candidate: JsonObject): boolean {
  return metadataMembers.some((key) => isJsonObject(memberOf(candidate, key)))
}

export function citationsOf(candidate: JsonObject, text: string): Citation[] {
  const grounding = memberOf(candidate, 'groundingMetadata')
  const recited = memberOf(candidate, 'citationMetadata')
  const pages = memberOf(candidate, 'urlContextMetadata')
  const found = [
    ...(isJsonObject(grounding) ? groundedOf(grounding, text) : []),
    ...(isJsonObject(recited) ? recitedOf(recited, text) : []),
  ]
  const known = new Set(found.map(({ url }) => url))
  const more = (isJsonObject(pages) ? pagesOf(pages) : []).filter(({ url }) => !known.has(url))
  return [...found, ...more]
}

function listOf(object: JsonObject, key: string): JsonObject[] {
  const list = memberOf(object, key)
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

const textAt = (object: JsonObject, key: string): string | undefined => {
  const value = memberOf(object, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function groundedOf(grounding: JsonObject, text: string): Citation[] {
  const chunks = memberOf(grounding, 'groundingChunks')
  const list = Array.isArray(chunks) ? chunks : []
  const cited = new Set<number>()
  const passages = listOf(grounding, 'groundingSupports').flatMap((support) => {
    const segment = memberOf(support, 'segment')
    const span = isJsonObject(segment) ? spanOf(segment, text) : {}
    const indices = memberOf(support, 'groundingChunkIndices')
    return (Array.isArray(indices) ? indices : []).flatMap((index) => {
      if (typeof index !== 'number') return []
      cited.add(index)
      const chunk = list[index]
      return isJsonObject(chunk) ? [{ ...sourceOf(chunk), ...span, origin: dialectId, raw: { support, chunk } }] : []
    })
  })
  const others = list.flatMap((chunk, index) =>
    isJsonObject(chunk) && !cited.has(index) ? [{ ...sourceOf(chunk), origin: dialectId, raw: { chunk } }] : [],
  )
  return [...passages, ...others]
}

/** A page, a place on the map, or a passage of the client's own documents. */
function sourceOf(chunk: JsonObject): Pick<Citation, 'url' | 'title' | 'quote'> {
  const source = ['web', 'maps', 'retrievedContext'].map((key) => memberOf(chunk, key)).find(isJsonObject)
  if (source === undefined) return {}
  const url = textAt(source, 'uri')
  const title = textAt(source, 'title')
  const quote = memberOf(chunk, 'retrievedContext') === source ? textAt(source, 'text') : undefined
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
  }
}

function recitedOf(recited: JsonObject, text: string): Citation[] {
  const sources = [...listOf(recited, 'citationSources'), ...listOf(recited, 'citations')]
  return sources.map((source) => {
    const url = textAt(source, 'uri')
    const title = textAt(source, 'title')
    return {
      ...(url !== undefined && { url }),
      ...(title !== undefined && { title }),
      ...spanOf(source, text),
      origin: dialectId,
      raw: source,
    }
  })
}

function pagesOf(pages: JsonObject): Citation[] {
  return listOf(pages, 'urlMetadata').flatMap((page) => {
    const url = textAt(page, 'retrievedUrl')
    const read = memberOf(page, 'urlRetrievalStatus') === 'URL_RETRIEVAL_STATUS_SUCCESS'
    return url === undefined || !read ? [] : [{ url, origin: dialectId, raw: page }]
  })
}

/**
 * A passage, which Google counts in bytes of a part, or of the whole text where a stream told it in pieces: found by its words where
 * they are told, and left out where it is not in this text.
 */
function spanOf(segment: JsonObject, text: string): Pick<Citation, 'start' | 'end'> {
  const from = memberOf(segment, 'startIndex')
  const to = memberOf(segment, 'endIndex')
  const start = utf16Offset(text, typeof from === 'number' ? from : 0)
  const end = typeof to === 'number' ? utf16Offset(text, to) : undefined
  const words = textAt(segment, 'text')
  if (words === undefined) return start === undefined || end === undefined ? {} : { start, end }
  if (start !== undefined && text.startsWith(words, start)) return { start, end: start + words.length }
  const at = text.indexOf(words)
  return at === -1 ? {} : { start: at, end: at + words.length }
}

function utf16Offset(text: string, bytes: number): number | undefined {
  const buffer = Buffer.from(text)
  return bytes >= 0 && bytes <= buffer.length ? buffer.toString('utf8', 0, bytes).length : undefined
}

/** Collects sources of other protocols' texts, and writes them as this one does. */
export class GroundingWriter {
  readonly #chunks: JsonObject[] = []
  readonly #supports: JsonObject[] = []

  /** `partIndex` is the text's place among the parts as they are written. */
  add(citation: Citation, text: string, partIndex: number): void {
    if (citation.origin === dialectId) return
    const { url, title, quote, start = 0, end = text.length } = citation
    const source: JsonObject = {
      ...(url !== undefined && { uri: url }),
      ...(title !== undefined && { title }),
    }
    this.#chunks.push(
      url !== undefined && quote === undefined
        ? { web: source }
        : { retrievedContext: { ...source, ...(quote !== undefined && { text: quote }) } },
    )
    const bytes = (offset: number): number => Buffer.byteLength(text.slice(0, offset))
    this.#supports.push({
      segment: {
        ...(partIndex > 0 && { partIndex }),
        startIndex: bytes(start),
        endIndex: bytes(end),
        text: text.slice(start, end),
      },
      groundingChunkIndices: [this.#chunks.length - 1],
    })
  }

  finish(): JsonValue | undefined {
    if (this.#chunks.length === 0) return undefined
    return { groundingChunks: this.#chunks, groundingSupports: this.#supports }
  }
}
