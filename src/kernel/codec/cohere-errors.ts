/** Cohere's errors, `{ message, id }` with a status that says what kind it is (docs.cohere.com/reference/errors), both ways. */
import { namedMessageOf, plainFault } from './plain-fault.ts'
import type { EncodedFault, FaultCodec } from '../dialect.ts'
import type { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

function decodeFault(status: number, body: unknown, headers: Readonly<Record<string, string>>): Fault {
  const { message, id } = isJsonObject(body) ? body : {}
  return plainFault(status, body, headers, { message, requestId: id })
}

/** A provider's own error has the id that it gave it, if any. */
function encodeFault(fault: Fault, requestId: string): EncodedFault {
  const id = fault.upstream === undefined ? requestId : fault.upstream.requestId
  const json: JsonObject = { ...(id !== undefined && { id }), message: namedMessageOf(fault) }
  return { status: fault.status, json }
}

export const cohereFaultCodec: FaultCodec = { decode: decodeFault, encode: encodeFault }
