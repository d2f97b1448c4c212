/**
 * Errors in OpenAI's shape, `{ error: { message, type, param, code } }`; within a stream the same members stand in an `error` event
 * (beside the event's type as the reference has it, under `error` as the service does it), and a response that failed has a code and
 * a message. https://developers.openai.com/api/reference/resources/responses/streaming-events, "error" and "response.failed".
 */
import { openaiError, openaiErrorBody } from '../../kernel/codec/openai-errors.ts'
import { retryAfterMs } from '../../kernel/codec/retry-after.ts'
import type { EncodedFault, FaultCodec } from '../../kernel/dialect.ts'
import { Fault, faultCatalogue } from '../../model/fault.ts'
import type { FaultCode, UpstreamFault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const longestMessage = 2000

type Headers = Readonly<Record<string, string>>

export const faultCodec: FaultCodec = {
  decode: (status, body, headers) => decodeFault(status, body, headers),
  encode: encodeFault,
}

/** `status` is undefined for errors inside a stream or an answer: then their own words decide. Never throws. */
export function decodeFault(status: number | undefined, body: unknown, headers: Headers = {}): Fault {
  const error = errorMembers(body)
  const type = word(error['type'])
  const code = word(error['code'])
  const param = typeof error['param'] === 'string' ? error['param'] : undefined
  const requestId = headers['x-request-id'] ?? word(error['request_id'])
  const told = status ?? statusIn(error)
  const wait = retryAfterMs(headers)
  const upstream: UpstreamFault = {
    ...(told !== undefined && { status: told }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
  }
  const kind = codeOf(told, `${type ?? ''} ${code ?? ''}`.toLowerCase(), code)
  // The client's own mistake keeps the provider's more exact status (413, 422).
  const exact = kind === 'provider_rejected' && told !== undefined && told >= 400 && told < 500
  return new Fault(kind, messageOf(error, body, told), {
    ...(param !== undefined && { param }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(exact && { status: told }),
    upstream,
  })
}

/** Members of the error, those under `error` first. An event's own `type` is none of them. */
function errorMembers(body: unknown): JsonObject {
  const json: unknown = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(json)) return {}
  const { error, type, ...beside } = json
  const outer: JsonObject = type === undefined || type === 'error' ? beside : { ...beside, type }
  if (typeof error === 'string') return { ...outer, message: error }
  if (!isJsonObject(error)) return outer
  const inner = Object.fromEntries(Object.entries(error).filter(([, value]) => value !== null))
  return { ...outer, ...inner }
}

function word(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** Some services give the HTTP status as the code. */
function statusIn(error: JsonObject): number | undefined {
  const status = Number(error['code'] ?? error['status'])
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined
}

function messageOf(error: JsonObject, body: unknown, status: number | undefined): string {
  const { message, detail } = error
  for (const text of [message, detail, typeof body === 'string' && !/^\s*</.test(body) ? body : undefined])
    if (typeof text === 'string' && text.trim() !== '') return text.slice(0, longestMessage)
  for (const value of [message, detail])
    if (typeof value === 'object' && value !== null) return JSON.stringify(value).slice(0, longestMessage)
  return status === undefined
    ? 'The provider reported an error without a message.'
    : `The provider answered with status ${status} and no message.`
}

const billing = /insufficient_quota|insufficient_balance|billing|credit_balance|payment_required/
const overload = /overloaded|slow_down|capacity|unavailable/

function codeOf(status: number | undefined, said: string, code: string | undefined): FaultCode {
  if (status === 402 || ((status === undefined || status === 429 || status === 403) && billing.test(said)))
    return 'provider_billing'
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
      return overload.test(said) ? 'provider_overloaded' : 'provider_rate_limited'
    case 503:
    case 529:
      return 'provider_overloaded'
    case undefined:
      return code !== undefined && isProviderCode(code) ? code : codeInWords(said)
    default:
      if (status < 400 || status >= 500) return overload.test(said) ? 'provider_overloaded' : 'provider_error'
      return said.includes('model_not_found') ? 'provider_not_found' : 'provider_rejected'
  }
}

/** What is for the reader of an answer to find: of another gateway's answer it is an error of the provider. */
const findings: ReadonlySet<string> = new Set<FaultCode>(['provider_cut', 'provider_malformed'])

/** A gateway of this kind in front of the provider has sorted the error already. */
function isProviderCode(code: string): code is FaultCode {
  return code.startsWith('provider_') && !findings.has(code) && Object.hasOwn(faultCatalogue, code)
}

/** What the codes of a failed response mean; `vector_store_timeout` and `image_file_not_found` among them. */
function codeInWords(said: string): FaultCode {
  if (/rate_limit|too_many_requests/.test(said)) return 'provider_rate_limited'
  if (overload.test(said)) return 'provider_overloaded'
  if (said.includes('timeout')) return 'provider_timeout'
  if (/authentication|invalid_api_key|permission/.test(said)) return 'provider_authentication'
  if (/model_not_found|not_found_error/.test(said)) return 'provider_not_found'
  return /invalid_|image_|_image|_policy|policy_|context_length|residency|bad_?request|unsupported_/.test(said)
    ? 'provider_rejected'
    : 'provider_error'
}

function encodeFault(fault: Fault, _requestId: string): EncodedFault {
  return { status: fault.status, json: openaiErrorBody(fault) }
}

/** The members of an `error` event, in both places where clients look for them. */
export function errorEvent(fault: Fault): JsonObject {
  const error = openaiError(fault)
  const { code, message, param } = error
  return { code, message, param, error: { ...error } }
}

/** All that the error of a failed response may be. */
const failureCodes: ReadonlySet<string> = new Set([
  'server_error',
  'rate_limit_exceeded',
  'invalid_prompt',
  'data_residency_mismatch',
  'bio_policy',
  'vector_store_timeout',
  'invalid_image',
  'invalid_image_format',
  'invalid_base64_image',
  'invalid_image_url',
  'image_too_large',
  'image_too_small',
  'image_parse_error',
  'image_content_policy_violation',
  'invalid_image_mode',
  'image_file_too_large',
  'unsupported_image_media_type',
  'empty_image_file',
  'failed_to_download_image',
  'image_file_not_found',
])

/** The error of the response that `fault` ends. */
export function failureOf(fault: Fault): JsonObject {
  const { code } = openaiError(fault)
  if (code !== null && failureCodes.has(code)) return { code, message: fault.message }
  if (fault.status === 429) return { code: 'rate_limit_exceeded', message: fault.message }
  return { code: fault.status < 500 ? 'invalid_prompt' : 'server_error', message: fault.message }
}
