/**
 * Errors in OpenAI's shape, `{ error: { message, type, param, code } }`; within a stream the same members stand in an `error` event
 * (beside the event's type as the reference has it, under `error` as the service does it), and a response that failed has a code and
 * a message. https://developers.openai.com/api/reference/resources/responses/streaming-events, "error" and "response.failed".
 */
import { openaiError, openaiFaultCodec, openaiFaultOf, overloadWords } from '../../kernel/codec/openai-errors.ts'
import type { FaultCodec } from '../../kernel/dialect.ts'
import type { Fault, FaultCode } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

export const faultCodec: FaultCodec = {
  decode: (status, body, headers) => decodeFault(status, body, headers),
  encode: (fault, requestId) => openaiFaultCodec.encode(fault, requestId),
}

/** `status` is undefined for errors inside a stream or an answer: then their own words decide. Never throws. */
export function decodeFault(
  status: number | undefined,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Fault {
  return openaiFaultOf(status, errorMembers(body), { body, headers, inWords: codeInWords })
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

/** What the codes of a failed response mean; `vector_store_timeout` and `image_file_not_found` among them. */
function codeInWords(said: string): FaultCode {
  if (/rate_limit|too_many_requests/.test(said)) return 'provider_rate_limited'
  if (overloadWords.test(said) || said.includes('unavailable')) return 'provider_overloaded'
  if (said.includes('timeout')) return 'provider_timeout'
  if (/authentication|invalid_api_key|permission/.test(said)) return 'provider_authentication'
  if (/model_not_found|not_found_error/.test(said)) return 'provider_not_found'
  return /invalid_|image_|_image|_policy|policy_|context_length|residency|bad_?request|unsupported_/.test(said)
    ? 'provider_rejected'
    : 'provider_error'
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
