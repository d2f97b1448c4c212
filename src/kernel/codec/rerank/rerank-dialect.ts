/** A dialect for ranking documents, made of the description of its protocol. */
import type { RerankDialect } from '../../dialect.ts'
import { decodeRequest, encodeRequest, readHead } from './rerank-request.ts'
import { decodeResponse, encodeResponse, readFacts } from './rerank-response.ts'
import type { RerankWire } from './rerank-wire.ts'

export function rerankDialect(wire: RerankWire): RerankDialect {
  return {
    id: wire.id,
    operation: 'rerank',
    requestHeaders: [],
    mediaMarks: [';base64,'],
    ...(wire.request.model === undefined && { addressed: true }),
    head: (body, address) => readHead(wire, body, address),
    request: {
      decode: (json, address) => decodeRequest(wire, json, address),
      encode: (request, context) => encodeRequest(wire, request, context),
    },
    response: {
      decode: (json) => decodeResponse(wire, json),
      encode: (response, context) => encodeResponse(wire, response, context),
    },
    fault: wire.fault,
    facts: (body) => readFacts(body),
  }
}
