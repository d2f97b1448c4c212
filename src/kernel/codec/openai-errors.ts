/**
 * Errors in OpenAI's shape, `{ error: { message, type, param, code } }`, and the other shapes that services which imitate it answer:
 * one codec for all of OpenAI's protocols, which share it. https://platform.openai.com/docs/guides/error-codes
 */
import { retryAfterMs } from './retry-after.ts'
import type { EncodedFault, FaultCodec } from '../dialect.ts'
import { Fault, faultCatalogue } from '../../model/fault.ts'
import type { FaultCode, UpstreamFault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const longestMessage = 2000

type Headers = Readonly<Record<string, string>>

export const openaiFaultCodec: FaultCodec = {
  decode: (status, body, headers) => decodeOpenaiFault(status, body, headers),
  encode: encodeFault,
}

/** `status` is undefined for errors inside a stream or an answer: then their own words decide. Never throws. */
export function decodeOpenaiFault(status: number | undefined, body: unknown, headers: Headers = {}): Fault {
  return openaiFaultOf(status, errorObject(body), { body, headers })
}

export interface OpenaiErrorSource {
  /** All that was answered; text where it was no JSON. */
  readonly body: unknown
  readonly headers: Headers
  /** What an error's own words, type and code in lower case, mean where no status tells. */
  readonly inWords?: (said: string) => FaultCode
}

/** The fault that the members of an error amount to, wherever in the answer they stood. */
export function openaiFaultOf(
  status: number | undefined,
  error: JsonObject,
  { body, headers, inWords = codeInWords }: OpenaiErrorSource,
): Fault {
  const type = word(error['type'])
  const code = word(error['code'])
  const param = typeof error['param'] === 'string' ? error['param'] : undefined
  const requestId = headers['x-request-id'] ?? word(error['request_id'])
  const effective = status ?? statusIn(error)
  const wait = retryAfterMs(headers)
  const upstream: UpstreamFault = {
    ...(effective !== undefined && { status: effective }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
  }
  const kind = codeOf(effective, `${type ?? ''} ${code ?? ''}`.toLowerCase(), code, inWords)
  return new Fault(kind, messageOf(error, body, effective), {
    ...(param !== undefined && { param }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    // The client's own mistake keeps the provider's more exact status (413, 422).
    ...(kind === 'provider_rejected' &&
      effective !== undefined &&
      effective >= 400 &&
      effective < 500 && { status: effective }),
    upstream,
  })
}

/** The object that has the message: under `error`, or the body itself (Mistral, vLLM); Gemini's compatible route wraps it in a list. */
function errorObject(body: unknown): JsonObject {
  const json: unknown = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(json)) return {}
  const { error } = json
  if (isJsonObject(error)) return error
  return typeof error === 'string' ? { ...json, message: error } : json
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
  for (const text of [message, detail, typeof body === 'string' && !/^\s*</.test(body) ? body : undefined]) {
    if (typeof text === 'string' && text.trim() !== '') return text.slice(0, longestMessage)
  }
  for (const value of [message, detail])
    if (typeof value === 'object' && value !== null) return JSON.stringify(value).slice(0, longestMessage)
  return status === undefined
    ? 'The provider reported an error without a message.'
    : `The provider answered with status ${status} and no message.`
}

const billingWords = /insufficient_quota|insufficient_balance|billing|credit_balance|payment_required/
export const overloadWords = /overloaded|slow_down|capacity|service_unavailable|engine_overloaded/

function codeOf(
  status: number | undefined,
  said: string,
  code: string | undefined,
  inWords: (said: string) => FaultCode,
): FaultCode {
  if (status === 402 || ((status === undefined || status === 429 || status === 403) && billingWords.test(said)))
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
      return overloadWords.test(said) ? 'provider_overloaded' : 'provider_rate_limited'
    case 498:
    case 503:
    case 529:
      return 'provider_overloaded'
    case undefined:
      return code !== undefined && isProviderCode(code) ? code : inWords(said)
    default:
      if (status < 400 || status >= 500) return overloadWords.test(said) ? 'provider_overloaded' : 'provider_error'
      return said.includes('model_not_found') ? 'provider_not_found' : 'provider_rejected'
  }
}

/** What is for the reader of an answer to find: of another gateway's answer it is an error of the provider. */
const findings: ReadonlySet<string> = new Set<FaultCode>(['provider_cut', 'provider_malformed'])

/** A gateway of this kind in front of the provider has sorted the error already. */
function isProviderCode(code: string): code is FaultCode {
  return code.startsWith('provider_') && !findings.has(code) && Object.hasOwn(faultCatalogue, code)
}

function codeInWords(said: string): FaultCode {
  if (said.includes('rate_limit')) return 'provider_rate_limited'
  if (overloadWords.test(said)) return 'provider_overloaded'
  if (said.includes('timeout')) return 'provider_timeout'
  if (/authentication|invalid_api_key|permission/.test(said)) return 'provider_authentication'
  if (said.includes('not_found')) return 'provider_not_found'
  return /invalid_request|context_length|content_policy|bad_?request/.test(said)
    ? 'provider_rejected'
    : 'provider_error'
}

const typeByStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  408: 'timeout_error',
  429: 'rate_limit_exceeded',
}

/** The codes that OpenAI itself has for what the gateway found. */
const ownWords: Partial<Record<FaultCode, { readonly type?: string; readonly code?: string }>> = {
  invalid_key: { code: 'invalid_api_key' },
  request_timeout: { type: 'invalid_request_error' },
  quota_exceeded: { type: 'insufficient_quota' },
  unpriced_model: { type: 'invalid_request_error' },
  provider_billing: { type: 'insufficient_quota' },
}

/** Words that only Anthropic's protocol has: what they mean is told in OpenAI's. */
const anthropicTypes: ReadonlySet<string> = new Set([
  'api_error',
  'overloaded_error',
  'not_found_error',
  'permission_error',
  'request_too_large',
  'billing_error',
  'timeout_error',
])

/** AWS names its errors as its SDKs name their classes. */
const isForeign = (type: string): boolean => anthropicTypes.has(type) || type.endsWith('Exception')

/** Google has words of its own for all that can be wrong, and its reasons are none of OpenAI's codes. */
const isGoogles = (type: string): boolean => /^[A-Z]+(?:_[A-Z]+)*$/.test(type)

const isWord = (code: string): boolean => /^[\w.:/-]{1,100}$/.test(code)

export interface OpenaiError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

export function openaiError(fault: Fault): OpenaiError {
  const isGoogle = fault.upstream?.type !== undefined && isGoogles(fault.upstream.type)
  const upstream = isGoogle ? undefined : fault.upstream
  // A provider that spoke one of these protocols is quoted word for word.
  const quoted = upstream?.type !== undefined && !(upstream.code === undefined && isForeign(upstream.type))
  const own = ownWords[fault.code]
  const type = quoted
    ? upstream.type
    : (own?.type ?? typeByStatus[fault.status] ?? (fault.status < 500 ? 'invalid_request_error' : 'server_error'))
  // Some services have sentences in its place, which are in the message as well.
  const told = upstream?.code !== undefined && isWord(upstream.code) ? upstream.code : undefined
  const code = quoted && upstream.code === told ? (told ?? null) : (told ?? own?.code ?? fault.code)
  return { message: fault.message, type, param: fault.param ?? null, code }
}

export const openaiErrorBody = (fault: Fault): JsonObject => ({ error: { ...openaiError(fault) } })

function encodeFault(fault: Fault, _requestId: string): EncodedFault {
  return { status: fault.status, json: openaiErrorBody(fault) }
}

/** The error that an event of a stream reports instead of a piece of the answer; undefined where it reports none. */
export function openaiErrorInEvent(event: string | undefined, json: JsonObject): Fault | undefined {
  const { error } = json
  const reported = (error !== undefined && error !== null) || event === 'error' || json['object'] === 'error'
  return reported ? decodeOpenaiFault(undefined, json) : undefined
}

/** Some services answer errors with a status of success, in place of an answer with `choices`. */
export function throwIfOpenaiError(json: JsonObject): void {
  const error = json['error']
  const reported = error !== undefined && error !== null && !Array.isArray(json['choices'])
  if (reported || (json['object'] === 'error' && typeof json['message'] === 'string'))
    throw decodeOpenaiFault(undefined, json)
}
