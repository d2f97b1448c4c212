/** Cohere's errors, `{ message, id }` with a status that says what kind it is (docs.cohere.com/reference/errors), both ways. */
import { retryAfterMs } from './retry-after.ts'
import { faultCodeOfStatus } from './status-faults.ts'
import type { EncodedFault, FaultCodec } from '../dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const longestMessage = 2000

function decodeFault(status: number, body: unknown, headers: Readonly<Record<string, string>>): Fault {
  const { message, id } = isJsonObject(body) ? body : {}
  const plain = typeof body === 'string' && !/^\s*</.test(body) ? body : undefined
  const text = [message, plain].find((value) => typeof value === 'string' && value.trim() !== '')
  const code = faultCodeOfStatus(status)
  const wait = retryAfterMs(headers)
  return new Fault(
    code,
    typeof text === 'string'
      ? text.slice(0, longestMessage)
      : `The provider answered with status ${status} and no message.`,
    {
      ...(code === 'provider_rejected' && status >= 400 && { status }),
      ...(wait !== undefined && { retryAfterMs: wait }),
      upstream: { status, ...(typeof id === 'string' && id !== '' && { requestId: id }) },
    },
  )
}

/** There is no member for the field at fault: the message begins with it. */
export function cohereMessageOf(fault: Fault): string {
  return fault.param === undefined || fault.upstream !== undefined || fault.message.includes(fault.param)
    ? fault.message
    : `${fault.param}: ${fault.message}`
}

/** A provider's own error has the id that it gave it, if any. */
function encodeFault(fault: Fault, requestId: string): EncodedFault {
  const id = fault.upstream === undefined ? requestId : fault.upstream.requestId
  const json: JsonObject = { ...(id !== undefined && { id }), message: cohereMessageOf(fault) }
  return { status: fault.status, json }
}

export const cohereFaultCodec: FaultCodec = { decode: decodeFault, encode: encodeFault }
