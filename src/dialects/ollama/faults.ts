/**
 * Errors: `{ "error": "what went wrong" }`, as an answer with a status of its own or as a line of a stream that has begun.
 * https://docs.ollama.com/api/errors
 */
import { retryAfterMs } from '../../kernel/codec/retry-after.ts'
import type { FaultCodec } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const longestMessage = 2000

export const faultCodec: FaultCodec = {
  decode: (status, body, headers) => decodeFault(status, body, headers),
  encode: (fault) => ({ status: fault.status, json: errorBody(fault) }),
}

export function errorBody(fault: Fault): JsonObject {
  return { error: fault.message }
}

/** `status` is undefined for errors inside a stream or an answer. Never throws. */
export function decodeFault(
  status: number | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  const code = codeOf(status)
  const wait = retryAfterMs(headers)
  const requestId = headers['x-request-id']
  return new Fault(code, messageOf(body, status), {
    ...(wait !== undefined && { retryAfterMs: wait }),
    // The client's own mistake keeps the provider's more exact status (413, 422).
    ...(code === 'provider_rejected' && status !== undefined && { status }),
    upstream: { ...(status !== undefined && { status }), ...(requestId !== undefined && { requestId }) },
  })
}

/** The error that a line of a stream, or an answer with a status of success, tells; undefined where it tells none. */
export function errorIn(json: JsonObject): Fault | undefined {
  const { error } = json
  return error === undefined || error === null ? undefined : decodeFault(undefined, json)
}

/** Proxies in front of a server answer in shapes of their own. */
function messageOf(body: unknown, status: number | undefined): string {
  const json: JsonObject = isJsonObject(body) ? body : {}
  const error = json['error']
  const texts: unknown[] = [
    error,
    isJsonObject(error) ? error['message'] : undefined,
    json['message'],
    typeof body === 'string' && !/^\s*</.test(body) ? body : undefined,
  ]
  for (const text of texts) if (typeof text === 'string' && text.trim() !== '') return text.slice(0, longestMessage)
  if (isTold(error)) return JSON.stringify(error).slice(0, longestMessage)
  return status === undefined
    ? 'The provider reported an error without a message.'
    : `The provider answered with status ${status} and no message.`
}

const isTold = (error: JsonValue | undefined): boolean => typeof error === 'object' && error !== null

/** Ollama has no codes: the status is all there is, and within a stream not even that. */
function codeOf(status: number | undefined): FaultCode {
  switch (status) {
    case 401:
    case 403:
      return 'provider_authentication'
    case 402:
      return 'provider_billing'
    case 404:
      return 'provider_not_found'
    case 408:
    case 504:
      return 'provider_timeout'
    case 429:
      return 'provider_rate_limited'
    // The queue is full (`OLLAMA_MAX_QUEUE`).
    case 503:
    case 529:
      return 'provider_overloaded'
    default:
      return status !== undefined && status >= 400 && status < 500 ? 'provider_rejected' : 'provider_error'
  }
}
