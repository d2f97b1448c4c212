/**
 * Thinking that a client of another protocol read from a stream and returns in the pieces it came in: text after text, the signature
 * with the last. Anthropic wants the block whole, and without its text the signature proves nothing.
 */
import type { Part, ReasoningPart } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

type Piece = readonly [index: number, part: Part]

/** The parts with such pieces made one, each with the place where it began. */
export function joinThinking(parts: readonly Part[]): Piece[] {
  const joined: Piece[] = []
  for (const [index, part] of parts.entries()) {
    const [at, before] = joined.at(-1) ?? []
    if (at !== undefined && isUnsigned(before) && isThinking(part)) {
      joined[joined.length - 1] = [at, { ...part, text: before.text + part.text }]
    } else joined.push([index, part])
  }
  return joined
}

function isThinking(part: Part | undefined): part is ReasoningPart {
  return part?.type === 'reasoning' && part.origin === dialectId && part.encrypted === undefined
}

function isUnsigned(part: Part | undefined): part is ReasoningPart {
  return isThinking(part) && (part.signature === undefined || part.signature === '')
}
