/**
 * Google's ranking API: documents are records, known by ids that the gateway makes of their places, and no usage is told.
 * https://cloud.google.com/generative-ai-app-builder/docs/reference/rest/v1/projects.locations.rankingConfigs/rank
 */
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import type { RerankWire } from '../../kernel/codec/rerank/rerank-wire.ts'

export const vertexWire: RerankWire = {
  id: 'vertex-rank',
  request: {
    model: 'model',
    documents: 'records',
    documentText: 'content',
    documentId: 'id',
    objects: true,
    topN: 'topN',
    // The gateway has them at hand.
    constants: { ignoreRecordDetailsInResponse: true },
  },
  response: { results: 'records', score: 'score', document: 'content', plainDocument: true },
  usage: { members: [], read: () => undefined, write: () => ({}) },
  fault: googleFaultCodec,
}
