/** Ranks documents by how near their vectors are to the question's: the cosine of the angle between them is the score. */
import { floatsOf } from '../../kernel/codec/vectors.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { EmbeddingInput, EmbeddingTask, VectorValues } from '../../model/embedding.ts'
import type { RerankResult } from '../../model/rerank.ts'
import type { Failure } from '../attempt/attempt-result.ts'
import type { Accounts } from './accounts.ts'
import { unfitAnswer } from './ask-for-json.ts'
import { askInside } from './inner-call.ts'
import type { InnerContext } from './inner-call.ts'

export async function rankByEmbeddings(
  context: InnerContext,
  query: string,
  texts: readonly string[],
  accounts: Accounts,
): Promise<RerankResult[] | Failure> {
  const vectors: VectorValues[] = []
  for (const inputs of questionsOf(context.deployment, query, texts)) {
    const answer = await askInside(context, 'embed', { model: context.deployment.model, inputs })
    if (!answer.ok) return answer
    accounts.add(answer.usages)
    vectors.push(...answer.response.vectors.map(({ values }) => values))
  }
  const [first, ...others] = vectors.map((values) => floatsOf(values))
  if (first === undefined) return []
  const odd = others.find(({ length }) => length !== first.length)
  if (odd !== undefined)
    return unfitAnswer(context.deployment.provider, `its vectors have ${first.length} numbers, and ${odd.length}`)
  return others.map((vector, index) => ({ index, score: cosine(first, vector) }))
}

/** All at once, unless the protocol says once for a request what its vectors are for. */
function questionsOf({ endpoints }: Deployment, query: string, texts: readonly string[]): EmbeddingInput[][] {
  const [endpoint] = endpoints.get('embed') ?? []
  const tasks = endpoint?.spelling?.embeddingTask === undefined ? endpoint?.dialect.tasks : 'once'
  const input = (text: string, task: EmbeddingTask): EmbeddingInput => ({
    type: 'text',
    text,
    ...(tasks !== undefined && { task }),
  })
  const question = input(query, 'retrieval-query')
  const documents = texts.map((text) => input(text, 'retrieval-document'))
  return tasks === 'once' ? [[question], documents] : [[question, ...documents]]
}

/** 0 where one of them has no direction. */
function cosine(one: readonly number[], other: readonly number[]): number {
  let product = 0
  let squares = 0
  let otherSquares = 0
  for (const [at, value] of one.entries()) {
    const counterpart = other[at] ?? 0
    product += value * counterpart
    squares += value * value
    otherSquares += counterpart * counterpart
  }
  const length = Math.sqrt(squares) * Math.sqrt(otherSquares)
  // Rounding may lead a little beyond.
  return length > 0 ? Math.max(-1, Math.min(1, product / length)) : 0
}
