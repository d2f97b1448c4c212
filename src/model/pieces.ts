/** Answers that have one result for each input of their request, in their order: what can be asked for in parts. */
import type { EmbeddingResponse } from './embedding.ts'
import type { ImageResponse } from './image.ts'
import type { ModerationResponse } from './moderation.ts'

export type PieceAnswer = EmbeddingResponse | ModerationResponse | ImageResponse

/** How many inputs it is the answer to; of pictures, how many there are. */
export function piecesOf(answer: PieceAnswer): number {
  if ('vectors' in answer) return answer.vectors.length
  return 'images' in answer ? answer.images.length : answer.results.length
}

/** The answers to parts of one request as one answer; what else the first tells, all of them do. */
export function joinedPieces(answers: readonly PieceAnswer[]): PieceAnswer | undefined {
  const [first] = answers
  if (first === undefined) return undefined
  if ('vectors' in first)
    return { ...first, vectors: answers.flatMap((answer) => ('vectors' in answer ? answer.vectors : [])) }
  if ('images' in first)
    return { ...first, images: answers.flatMap((answer) => ('images' in answer ? answer.images : [])) }
  return { ...first, results: answers.flatMap((answer) => ('results' in answer ? answer.results : [])) }
}
