/**
 * Signed reasoning that a client of another protocol read from a stream and returns in the pieces it came in: text after text, the
 * signature with the last. Its provider wants the block whole, and without its text the signature proves nothing.
 */
import type { Part, ReasoningPart } from '../../model/part.ts'

type Piece = readonly [index: number, part: Part]

/** The parts with such pieces of `origin` made one, each with the place where it began. */
export function joinReasoning(parts: readonly Part[], origin: string): Piece[] {
  const isPlain = (part: Part | undefined): part is ReasoningPart =>
    part?.type === 'reasoning' && part.origin === origin && part.encrypted === undefined
  const isUnsigned = (part: Part | undefined): part is ReasoningPart =>
    isPlain(part) && (part.signature === undefined || part.signature === '')
  const joined: Piece[] = []
  for (const [index, part] of parts.entries()) {
    const [at, before] = joined.at(-1) ?? []
    if (at !== undefined && isUnsigned(before) && isPlain(part)) {
      joined[joined.length - 1] = [at, { ...part, text: before.text + part.text }]
    } else joined.push([index, part])
  }
  return joined
}
