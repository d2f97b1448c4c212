/**
 * Deepgram's errors, both ways: `{ err_code, err_msg, request_id }` or, from parts of it, `{ category, message, details, request_id }`.
 * https://developers.deepgram.com/reference/errors (read 2026-11-27).
 */
import { namedMessageOf, plainFault } from './plain-fault.ts'
import type { FaultCodec } from '../dialect.ts'
import { isJsonObject } from '../../model/json.ts'

export const deepgramFaultCodec: FaultCodec = {
  decode(status, body, headers) {
    const json = isJsonObject(body) ? body : {}
    const said = [json['err_msg'] ?? json['message'], json['details']].filter((text) => typeof text === 'string')
    return plainFault(status, body, headers, {
      message: said.join(' '),
      code: json['err_code'] ?? json['category'],
      requestId: json['request_id'] ?? headers['dg-request-id'],
    })
  },
  encode: (fault, requestId) => ({
    status: fault.status,
    json: { err_code: fault.upstream?.code ?? fault.code, err_msg: namedMessageOf(fault), request_id: requestId },
  }),
}
