/**
 * The protocol of Text Embeddings Inference: a server has one model, its answer is the list itself (of which an object is made before it is
 * read), and it tells no usage.
 * https://huggingface.github.io/text-embeddings-inference/#/Text%20Embeddings%20Inference/rerank
 */
import { listMember } from '../../kernel/list-as-object.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'

export const teiWire: RerankWire = {
  id: 'tei-rerank',
  request: { documents: 'texts', objects: false, returnDocuments: 'return_text' },
  response: { results: listMember, score: 'score', document: 'text', plainDocument: true },
  usage: { members: [], read: () => undefined, write: () => ({}) },
  fault: openaiFaultCodec,
}
