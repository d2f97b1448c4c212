/**
 * ElevenLabs' errors, `{ detail: { status, message } }` with a word for the kind in `status`, both ways; a list of what is wrong with
 * which field comes from its checks of the request. A used up account answers 401.
 * https://help.elevenlabs.io/hc/en-us/articles/19572237925521-API-Error-Code-400-or-401 (read 2026-11-27).
 */
import { namedMessageOf, plainFault } from './plain-fault.ts'
import type { FaultCodec } from '../dialect.ts'
import { isJsonObject } from '../../model/json.ts'

export const elevenlabsFaultCodec: FaultCodec = {
  decode(status, body, headers) {
    const detail = isJsonObject(body) ? body['detail'] : undefined
    const word = isJsonObject(detail) ? (detail['status'] ?? detail['code']) : undefined
    const message = isJsonObject(detail) ? detail['message'] : detail
    return plainFault(word === 'quota_exceeded' ? 402 : status, body, headers, {
      message,
      code: word,
      requestId: headers['request-id'],
      status,
    })
  },
  encode: (fault) => ({
    status: fault.status,
    json: { detail: { status: fault.upstream?.code ?? fault.code, message: namedMessageOf(fault) } },
  }),
}
