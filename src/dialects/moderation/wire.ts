/** Makes a dialect of what is particular to a protocol of moderation: how a request and an answer are read and written. */
import type { Body } from '../../kernel/body.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { Encoded, EncodeContext, FaultCodec, ModerationDialect, RequestAddress } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ModerationRequest, ModerationResponse } from '../../model/moderation.ts'

export interface ModerationWire {
  readonly id: string
  /** The path, or nothing at all, names the model. */
  readonly addressed?: boolean
  /** The member that has what is judged, and how many verdicts are asked for by it. */
  readonly member: string
  countInputs(body: Body<ModerationRequest>): number
  readRequest(json: JsonObject, address: RequestAddress | undefined): ModerationRequest
  writeRequest(request: ModerationRequest, context: EncodeContext<ModerationRequest>): Encoded
  readResponse(json: JsonObject): ModerationResponse
  writeResponse(response: ModerationResponse, context: EncodeContext<ModerationRequest>): Encoded
  readonly fault: FaultCodec
}

export function moderationDialect(wire: ModerationWire): ModerationDialect {
  const decodeResponse = (json: unknown): ModerationResponse => {
    try {
      if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
      return wire.readResponse(json)
    } catch (error) {
      if (error instanceof Fault && error.side === 'client')
        throw new Fault('provider_malformed', `The provider's answer is not one of moderation: ${error.message}`, {
          cause: error,
        })
      throw error
    }
  }
  return {
    id: wire.id,
    operation: 'moderate',
    requestHeaders: [],
    mediaMarks: [';base64,'],
    ...(wire.addressed === true && { addressed: true }),
    head(body, address) {
      const spans = requestSpans(body)
      // The model may be left to the gateway.
      const named = wire.addressed === true ? address?.model : (spans.json('model') ?? undefined)
      if (named !== undefined && typeof named !== 'string') throw wrongType('model', 'the name of a model', named)
      if (spans.get(wire.member) === undefined) throw wrongType(wire.member, 'what is to be judged', undefined)
      return { model: named ?? '', stream: false, inputs: wire.countInputs(body) }
    },
    request: {
      decode(json, address) {
        if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
        return wire.readRequest(json, address)
      },
      encode: (request, context) => wire.writeRequest(request, context),
    },
    response: { decode: decodeResponse, encode: (response, context) => wire.writeResponse(response, context) },
    fault: wire.fault,
    facts(body) {
      const { id, model, usage } = body.read()
      return {
        ...(id !== undefined && { id }),
        ...(model !== '' && { model }),
        ...(usage !== undefined && { usage }),
      }
    },
  }
}
