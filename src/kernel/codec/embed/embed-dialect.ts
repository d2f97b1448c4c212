/** A dialect of embeddings, made of the description of its protocol. */
import type { EmbedDialect } from '../../dialect.ts'
import { readHead } from './embed-head.ts'
import { decodeRequest, encodeRequest } from './embed-request.ts'
import { decodeResponse, encodeResponse, readFacts, spelledOtherwise } from './embed-response.ts'
import type { EmbedWire } from './embed-wire.ts'

export function embedDialect(wire: EmbedWire): EmbedDialect {
  return {
    id: wire.id,
    operation: 'embed',
    ...(Object.keys(wire.request.task.words).length > 0 && { tasks: 'once' as const }),
    mediaMarks: [';base64,'],
    requestHeaders: wire.requestHeaders,
    head: (body) => readHead(wire, body),
    request: {
      decode: (json) => decodeRequest(wire, json),
      encode: (request, context) => encodeRequest(wire, request, context),
    },
    response: {
      decode: (json) => decodeResponse(wire, json),
      encode: (response, context) => encodeResponse(wire, response, context),
    },
    fault: wire.fault,
    facts: (body) => readFacts(wire, body),
    spelledOtherwise,
  }
}
