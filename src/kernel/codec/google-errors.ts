/**
 * Errors in Google's shape, `{ error: { code, message, status, details } }`, both ways. `code` is the HTTP status, `status` its name,
 * and `details` say more in types of their own. https://cloud.google.com/apis/design/errors and ai.google.dev/gemini-api/docs/troubleshooting
 */
import { retryAfterMs } from './retry-after.ts'
import type { EncodedFault, FaultCodec } from '../dialect.ts'
import { Fault, faultCatalogue } from '../../model/fault.ts'
import type { FaultCode, UpstreamFault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const longestMessage = 2000
const types = 'type.googleapis.com/google.rpc.'
/** Whose reasons `ErrorInfo` tells. */
const googlesDomain = 'googleapis.com'
const ownDomain = 'sluicegate'

/** The error in a body: `{ error }`, or the first such in a list, as streams that are one list of JSON have it. */
export function googleErrorIn(body: unknown): JsonObject | undefined {
  const json: unknown = Array.isArray(body)
    ? (body as unknown[]).find((item) => isJsonObject(item) && isJsonObject(item['error']))
    : body
  return isJsonObject(json) && isJsonObject(json['error']) ? json['error'] : undefined
}

/** `status` is undefined for errors inside a stream or an answer: then their own words decide. Never throws. */
export function decodeGoogleFault(
  status: number | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  const error = googleErrorIn(body) ?? (isJsonObject(body) ? body : {})
  const word = typeof error['status'] === 'string' ? error['status'] : undefined
  const effective = status ?? statusIn(error, word)
  const details = Array.isArray(error['details']) ? error['details'].filter(isJsonObject) : []
  const reason = textOf(detailOf(details, 'ErrorInfo'), 'reason')
  const param = fieldOf(detailOf(details, 'BadRequest'))
  const wait = retryAfterMs(headers) ?? delayOf(detailOf(details, 'RetryInfo'))
  const message = messageOf(error, body, effective)
  const code = codeOf(effective, word, reason, message)
  const upstream: UpstreamFault = {
    ...(effective !== undefined && { status: effective }),
    ...(word !== undefined && { type: word }),
    ...(reason !== undefined && { code: reason }),
  }
  return new Fault(code, message, {
    ...(param !== undefined && { param }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    // The client's own mistake keeps the provider's more exact status.
    ...(code === 'provider_rejected' &&
      effective !== undefined &&
      effective >= 400 &&
      effective < 500 && { status: effective }),
    upstream,
  })
}

function detailOf(details: readonly JsonObject[], type: string): JsonObject | undefined {
  return details.find((detail) => detail['@type'] === `${types}${type}`)
}

function textOf(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function fieldOf(badRequest: JsonObject | undefined): string | undefined {
  const violations = badRequest?.['fieldViolations']
  const [first] = Array.isArray(violations) ? violations : []
  return isJsonObject(first) ? textOf(first, 'field') : undefined
}

/** A duration as protocol buffers write it: `34.4s`. */
function delayOf(retryInfo: JsonObject | undefined): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(textOf(retryInfo, 'retryDelay') ?? '')?.[1]
  return seconds === undefined ? undefined : Math.ceil(Math.round(Number(seconds) * 1e6) / 1000)
}

function messageOf(error: JsonObject, body: unknown, status: number | undefined): string {
  const bare = isJsonObject(body) ? body['error'] : undefined
  for (const text of [error['message'], bare, typeof body === 'string' && !/^\s*</.test(body) ? body : undefined])
    if (typeof text === 'string' && text.trim() !== '') return text.slice(0, longestMessage)
  return status === undefined
    ? 'The provider reported an error without a message.'
    : `The provider answered with status ${status} and no message.`
}

const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

function statusIn(error: JsonObject, word: string | undefined): number | undefined {
  const code = Number(error['code'])
  if (Number.isInteger(code) && code >= 400 && code <= 599) return code
  return word !== undefined && Object.hasOwn(statuses, word) ? statuses[word] : undefined
}

/** Reasons in `ErrorInfo` that tell of the key, whatever the status: an invalid key is answered with 400. */
const keyReasons = /^(?:API_KEY_|ACCESS_TOKEN_|CREDENTIALS_|ACCOUNT_STATE_INVALID|SERVICE_DISABLED|CONSUMER_)/

function codeOf(
  status: number | undefined,
  word: string | undefined,
  reason: string | undefined,
  message: string,
): FaultCode {
  const sorted = sortedAlready(reason)
  if (sorted !== undefined) return sorted
  if (reason !== undefined && keyReasons.test(reason)) return 'provider_authentication'
  if (status === 402 || reason === 'BILLING_DISABLED' || /prepayment credits are depleted/i.test(message))
    return 'provider_billing'
  // The free tier is not for every country, and says so in this way.
  if (word === 'FAILED_PRECONDITION' && /billing/i.test(message)) return 'provider_billing'
  switch (status) {
    case 401:
    case 403:
      return 'provider_authentication'
    case 404:
      return 'provider_not_found'
    case 408:
    case 504:
      return 'provider_timeout'
    case 429:
      return 'provider_rate_limited'
    case 503:
    case 529:
      return 'provider_overloaded'
    default:
      return status !== undefined && status >= 400 && status < 500 && status !== 499
        ? 'provider_rejected'
        : 'provider_error'
  }
}

/** A gateway of this kind in front of the provider has sorted the error. */
function sortedAlready(reason: string | undefined): FaultCode | undefined {
  const code = reason?.toLowerCase() ?? ''
  if (!code.startsWith('provider_') || !Object.hasOwn(faultCatalogue, code)) return undefined
  // That an answer broke off, or was none, is for each gateway to find itself: here it was told properly.
  return code === 'provider_cut' || code === 'provider_malformed' ? 'provider_error' : (code as FaultCode)
}

/** `{ error }`, as an answer, or an event or element of a stream. */
export function googleErrorBody(fault: Fault): JsonObject {
  const { upstream, message } = fault
  // A provider that spoke this dialect is quoted word for word.
  const quoted = upstream?.type !== undefined && Object.hasOwn(statuses, upstream.type)
  const status = quoted ? (upstream.status ?? fault.status) : fault.status
  const details = detailsOf(fault, quoted)
  return {
    error: {
      code: status,
      message,
      status: quoted ? (upstream.type ?? '') : wordFor(fault.status),
      ...(details.length > 0 && { details }),
    },
  }
}

function wordFor(status: number): string {
  const exact = Object.entries(statuses).find(([, each]) => each === status)?.[0]
  if (exact !== undefined) return exact
  if (status === 408) return 'DEADLINE_EXCEEDED'
  if (status === 529) return 'UNAVAILABLE'
  if (status === 402) return 'FAILED_PRECONDITION'
  return status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'
}

function detailsOf(fault: Fault, quoted: boolean): JsonObject[] {
  const { upstream, param } = fault
  const reason = quoted ? upstream?.code : fault.code.toUpperCase()
  const details: JsonObject[] = []
  if (reason !== undefined)
    details.push({ '@type': `${types}ErrorInfo`, reason, domain: quoted ? googlesDomain : ownDomain })
  if (param !== undefined)
    details.push({ '@type': `${types}BadRequest`, fieldViolations: [{ field: param, description: fault.message }] })
  if (fault.retryAfterMs !== undefined)
    details.push({ '@type': `${types}RetryInfo`, retryDelay: `${fault.retryAfterMs / 1000}s` })
  return details
}

function encodeFault(fault: Fault, _requestId: string): EncodedFault {
  return { status: fault.status, json: googleErrorBody(fault) }
}

export const googleFaultCodec: FaultCodec = {
  decode: (status, body, headers) => decodeGoogleFault(status, body, headers),
  encode: encodeFault,
}
