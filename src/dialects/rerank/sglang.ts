/**
 * SGLang's protocol: as Cohere's older one, but the answer is the list itself, of which an object is made before it is read.
 * https://docs.sglang.io/docs/supported-models/rerank_models, and `V1RerankReqInput` in its OpenAI protocol's source
 */
import { listMember } from '../../kernel/list-as-object.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'

export const sglangWire: RerankWire = {
  id: 'sglang-rerank',
  request: {
    model: 'model',
    documents: 'documents',
    objects: false,
    topN: 'top_n',
    returnDocuments: 'return_documents',
  },
  response: { results: listMember, score: 'score', document: 'document', plainDocument: true },
  usage: { members: [], read: () => undefined, write: () => ({}) },
  fault: openaiFaultCodec,
}
