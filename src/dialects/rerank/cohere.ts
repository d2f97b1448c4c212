/**
 * Cohere's protocol in both its versions. Most other services speak the first one (Jina, Together, vLLM, SiliconFlow), and tell tokens where
 * Cohere tells searches. https://docs.cohere.com/reference/rerank, https://jina.ai/reranker and https://docs.together.ai/docs/rerank-overview
 */
import { cohereFaultCodec } from '../../kernel/codec/cohere-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'

const countIn = (object: unknown, ...names: readonly string[]): number | undefined => {
  for (const name of names) {
    const value = isJsonObject(object) ? object[name] : undefined
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  }
  return undefined
}

function readUsage(member: (name: string) => unknown): Usage | undefined {
  const meta = member('meta')
  const { billed_units: billed, tokens: counted } = isJsonObject(meta) ? meta : {}
  const searches = countIn(billed, 'search_units')
  const tokens =
    countIn(member('usage'), 'total_tokens', 'prompt_tokens') ??
    countIn(billed, 'total_tokens', 'input_tokens') ??
    countIn(counted, 'input_tokens')
  if (searches === undefined && tokens === undefined) return undefined
  return {
    input: { total: tokens ?? 0 },
    output: { total: 0 },
    ...(searches !== undefined && { units: { searches } }),
  }
}

const metaOf = (version: string, { units, input }: Usage): JsonObject => ({
  api_version: { version },
  ...(units?.['searches'] !== undefined && { billed_units: { search_units: units['searches'] } }),
  ...(input.total > 0 && { tokens: { input_tokens: input.total } }),
})

export const cohereWire: RerankWire = {
  id: 'cohere-rerank',
  request: {
    model: 'model',
    documents: 'documents',
    objects: false,
    topN: 'top_n',
    maxTokensPerDocument: 'max_tokens_per_doc',
  },
  response: { results: 'results', score: 'relevance_score', document: 'document', plainDocument: false, id: 'id' },
  usage: { members: ['meta'], read: readUsage, write: (usage) => ({ meta: metaOf('2', usage) }) },
  fault: cohereFaultCodec,
}

export const cohereV1Wire: RerankWire = {
  id: 'cohere-rerank-v1',
  request: {
    model: 'model',
    documents: 'documents',
    objects: true,
    topN: 'top_n',
    returnDocuments: 'return_documents',
    maxTokensPerDocument: 'max_tokens_per_doc',
  },
  response: {
    results: 'results',
    score: 'relevance_score',
    document: 'document',
    plainDocument: false,
    id: 'id',
    model: 'model',
  },
  usage: {
    members: ['meta', 'usage'],
    read: readUsage,
    write: (usage) => ({
      meta: metaOf('1', usage),
      ...(usage.input.total > 0 && { usage: { prompt_tokens: usage.input.total, total_tokens: usage.input.total } }),
    }),
  },
  fault: cohereFaultCodec,
}
