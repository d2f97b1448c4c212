/**
 * Cohere's protocol in both its versions. Most other services speak the first one (Jina, Together, vLLM, SiliconFlow), and tell tokens where
 * Cohere tells searches. https://docs.cohere.com/reference/rerank, https://jina.ai/reranker and https://docs.together.ai/docs/rerank-overview
 */
import { cohereFaultCodec } from '../../kernel/codec/cohere-errors.ts'
import { readCohereMeta } from '../../kernel/codec/cohere-usage.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'

function readUsage(id: string, member: (name: string) => unknown): Usage | undefined {
  const meta = readCohereMeta(member('meta') as JsonValue | undefined, id)
  const usage = member('usage')
  const { total_tokens: total, prompt_tokens: prompt } = isJsonObject(usage) ? usage : {}
  const tokens = [total, prompt].find((count) => typeof count === 'number' && Number.isFinite(count) && count >= 0)
  if (typeof tokens !== 'number') return meta
  return { input: { total: tokens }, output: { total: 0 }, ...(meta?.units !== undefined && { units: meta.units }) }
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
  usage: {
    members: ['meta'],
    read: (member) => readUsage('cohere-rerank', member),
    write: (usage) => ({ meta: metaOf('2', usage) }),
  },
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
    read: (member) => readUsage('cohere-rerank-v1', member),
    write: (usage) => ({
      meta: metaOf('1', usage),
      ...(usage.input.total > 0 && { usage: { prompt_tokens: usage.input.total, total_tokens: usage.input.total } }),
    }),
  },
  fault: cohereFaultCodec,
}
