/** Voyage AI's protocol: https://docs.voyageai.com/reference/reranker-api */
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'
import { isJsonObject } from '../../model/json.ts'

export const voyageWire: RerankWire = {
  id: 'voyage-rerank',
  request: {
    model: 'model',
    documents: 'documents',
    objects: false,
    topN: 'top_k',
    returnDocuments: 'return_documents',
  },
  response: {
    results: 'data',
    score: 'relevance_score',
    document: 'document',
    plainDocument: true,
    model: 'model',
    constants: { object: 'list' },
  },
  usage: {
    members: ['usage'],
    read(member) {
      const usage = member('usage')
      const total = isJsonObject(usage) ? usage['total_tokens'] : undefined
      if (typeof total !== 'number' || !(total >= 0)) return undefined
      return { input: { total }, output: { total: 0 } }
    },
    write: ({ input }) => ({ usage: { total_tokens: input.total } }),
  },
  fault: openaiFaultCodec,
}
