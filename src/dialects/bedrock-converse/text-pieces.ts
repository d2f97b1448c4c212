/**
 * Text given as a list of `{ text }` (documents, search results, cited answers), which the canonical model holds as one text with a
 * note on where it was cut.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

export interface TextPieces {
  readonly text: string
  readonly lengths: number[]
}

/** Undefined when there is more to it than text. */
export function readPieces(list: JsonValue | undefined, joiner: string): TextPieces | undefined {
  if (!Array.isArray(list)) return undefined
  const texts: string[] = []
  for (const item of list) {
    if (!isJsonObject(item) || typeof item['text'] !== 'string' || Object.keys(item).length !== 1) return undefined
    texts.push(item['text'])
  }
  return { text: texts.join(joiner), lengths: texts.map((text) => text.length) }
}

/** The pieces as they were, or one when the text has since been rewritten. */
export function writePieces(text: string, lengths: JsonValue | undefined, joiner: string): JsonObject[] {
  const pieces: JsonObject[] = []
  let at = 0
  for (const length of Array.isArray(lengths) ? lengths : []) {
    if (typeof length !== 'number') return [{ text }]
    if (pieces.length > 0 && text.slice(at - joiner.length, at) !== joiner) return [{ text }]
    pieces.push({ text: text.slice(at, at + length) })
    at += length + joiner.length
  }
  const end = pieces.length === 0 ? 0 : at - joiner.length
  return end === text.length && Array.isArray(lengths) ? pieces : [{ text }]
}
