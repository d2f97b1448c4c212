/**
 * NVIDIA's protocol: question and passages are objects, a score is a logit, which may be below zero, and no documents come back.
 * https://docs.nvidia.com/nim/nemo-retriever/text-reranking/2.3/using-reranking.html
 */
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'
import { isJsonObject } from '../../model/json.ts'

export const nvidiaWire: RerankWire = {
  id: 'nvidia-rerank',
  request: { model: 'model', queryObject: true, documents: 'passages', documentText: 'text', objects: true },
  response: { results: 'rankings', score: 'logit', plainDocument: false },
  usage: {
    members: ['usage'],
    read(member) {
      const usage = member('usage')
      const total = isJsonObject(usage) ? usage['total_tokens'] : undefined
      return typeof total === 'number' && total >= 0 ? { input: { total }, output: { total: 0 } } : undefined
    },
    write: ({ input }) => ({ usage: { prompt_tokens: input.total, total_tokens: input.total } }),
  },
  fault: openaiFaultCodec,
}
