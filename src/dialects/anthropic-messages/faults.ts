/** Errors, both ways: what a provider of this protocol answers, and what this protocol's clients understand. */
import { retryAfterMs } from '../../kernel/codec/retry-after.ts'
import type { EncodedFault, FaultCodec } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

interface ErrorKind {
  readonly status: number
  readonly code: FaultCode
}

/** The protocol's own words, with the status that each comes with. */
const kinds: ReadonlyMap<string, ErrorKind> = new Map<string, ErrorKind>([
  ['invalid_request_error', { status: 400, code: 'provider_rejected' }],
  ['authentication_error', { status: 401, code: 'provider_authentication' }],
  ['billing_error', { status: 402, code: 'provider_billing' }],
  ['permission_error', { status: 403, code: 'provider_authentication' }],
  ['not_found_error', { status: 404, code: 'provider_not_found' }],
  ['conflict_error', { status: 409, code: 'provider_rejected' }],
  ['request_too_large', { status: 413, code: 'provider_rejected' }],
  ['rate_limit_error', { status: 429, code: 'provider_rate_limited' }],
  ['api_error', { status: 500, code: 'provider_error' }],
  ['timeout_error', { status: 504, code: 'provider_timeout' }],
  ['overloaded_error', { status: 529, code: 'provider_overloaded' }],
])

function codeOfStatus(status: number): FaultCode {
  if (status === 401 || status === 403) return 'provider_authentication'
  if (status === 402) return 'provider_billing'
  if (status === 404) return 'provider_not_found'
  if (status === 408 || status === 504) return 'provider_timeout'
  if (status === 429) return 'provider_rate_limited'
  if (status === 503 || status === 529) return 'provider_overloaded'
  return status >= 400 && status < 500 ? 'provider_rejected' : 'provider_error'
}

/** An account without credit is told as an invalid request. */
const outOfCredit = /credit balance is too low/i

type Headers = Readonly<Record<string, string>>

function decodeFault(status: number, body: unknown, headers: Headers): Fault {
  const error = errorOf(body)
  const type = textAt(error, 'type')
  const message =
    textAt(error, 'message') ?? plainMessage(body) ?? `The provider answered with status ${status} and no message.`
  const code = outOfCredit.test(message) ? 'provider_billing' : codeOfStatus(status)
  const details = error?.['details']
  const finer = isJsonObject(details) ? textAt(details, 'error_code') : undefined
  const requestId = textAt(isJsonObject(body) ? body : undefined, 'request_id') ?? headers['request-id']
  const wait = retryAfterMs(headers)
  const param = code === 'provider_rejected' ? paramIn(message) : undefined
  return new Fault(code, message, {
    ...(code === 'provider_rejected' && status >= 400 && status < 500 && { status }),
    ...(param !== undefined && { param }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    upstream: {
      status,
      ...(type !== undefined && { type }),
      ...(finer !== undefined && { code: finer }),
      ...(requestId !== undefined && { requestId }),
    },
  })
}

/** An error that came with status 200: as an event of a stream, or in place of a message. */
export function decodeError(body: unknown): Fault {
  const type = textAt(errorOf(body), 'type')
  return decodeFault(kinds.get(type ?? '')?.status ?? 500, body, {})
}

/** `{ error: { … } }`, or the inner object alone. */
function errorOf(body: unknown): JsonObject | undefined {
  if (!isJsonObject(body)) return undefined
  const { error } = body
  if (isJsonObject(error)) return error
  return typeof body['message'] === 'string' ? body : undefined
}

function textAt(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const longestMessage = 500

/** What proxies in between answer: text, or an error that is a string. */
function plainMessage(body: unknown): string | undefined {
  const text =
    typeof body === 'string'
      ? body
      : isJsonObject(body) && typeof body['error'] === 'string'
        ? body['error']
        : undefined
  const trimmed = text?.trim().slice(0, longestMessage)
  return trimmed === '' ? undefined : trimmed
}

/** Messages about a field begin with its path, `messages.0.content: …`. */
function paramIn(message: string): string | undefined {
  const path = /^([a-z_]+(?:\.[a-zA-Z0-9_]+)*): /.exec(message)?.[1]
  return path?.replaceAll(/\.(\d+)/g, '[$1]')
}

function typeOfStatus(status: number): string {
  if (status === 408) return 'timeout_error'
  if (status === 503) return 'overloaded_error'
  for (const [type, kind] of kinds) if (kind.status === status && type !== 'conflict_error') return type
  return status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error'
}

/** The error object; a provider's own words of this protocol are kept. */
function errorObject(fault: Fault, message: string): JsonObject {
  const { upstream } = fault
  const own = upstream?.type !== undefined && kinds.has(upstream.type)
  const code = own ? upstream.code : (upstream?.code ?? fault.code)
  return {
    type: own ? (upstream.type ?? '') : typeOfStatus(fault.status),
    message,
    ...(code !== undefined && { details: { error_code: code } }),
  }
}

/** There is no member for the field at fault: the message begins with it, as this protocol's do. */
function messageOf(fault: Fault): string {
  return fault.param === undefined || fault.message.includes(fault.param) || fault.upstream !== undefined
    ? fault.message
    : `${fault.param}: ${fault.message}`
}

function encodeFault(fault: Fault, requestId: string): EncodedFault {
  return {
    status: fault.status,
    json: { type: 'error', error: errorObject(fault, messageOf(fault)), request_id: requestId },
  }
}

/** The data of an `error` event. */
export function errorEvent(fault: Fault): JsonObject & { readonly type: 'error' } {
  const requestId = fault.upstream?.requestId
  return {
    type: 'error',
    error: errorObject(fault, messageOf(fault)),
    ...(requestId !== undefined && { request_id: requestId }),
  }
}

export const faultCodec: FaultCodec = { decode: decodeFault, encode: encodeFault }
