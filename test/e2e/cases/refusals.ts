/** Refusals of every class as providers of both protocols answer them, and what clients must make of each. */
import type { JsonObject } from '../../../src/model/json.ts'
import { secrets } from '../way.ts'
import type { Protocol } from '../way.ts'

/** What a provider answers, with the type and code that its protocol has for it. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly openai: { readonly type: string; readonly code: string | null; readonly param?: string }
  readonly anthropic: { readonly type: string }
  /** What the client gets when its protocol is the provider's, and when it is not. */
  readonly same: number
  readonly other: number
  readonly fault: string
  /** Whether the client reads the provider's words; those about the gateway's own account are not for it. */
  readonly told: boolean
  readonly calls: 1 | 2
}

export const refusals: readonly Refusal[] = [
  {
    status: 400,
    message: 'Your prompt is too long: 300000 tokens.',
    openai: { type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' },
    anthropic: { type: 'invalid_request_error' },
    same: 400,
    other: 400,
    fault: 'provider_rejected',
    told: true,
    calls: 1,
  },
  {
    status: 401,
    message: `Incorrect key provided: ${secrets.openai}.`,
    openai: { type: 'invalid_request_error', code: 'invalid_api_key' },
    anthropic: { type: 'authentication_error' },
    same: 502,
    other: 502,
    fault: 'provider_authentication',
    told: false,
    calls: 1,
  },
  {
    status: 402,
    message: 'The balance of account acct_77 is empty.',
    openai: { type: 'insufficient_quota', code: 'insufficient_balance' },
    anthropic: { type: 'billing_error' },
    same: 502,
    other: 502,
    fault: 'provider_billing',
    told: false,
    calls: 1,
  },
  {
    status: 403,
    message: 'Project proj_9 may not do that.',
    openai: { type: 'permission_error', code: null },
    anthropic: { type: 'permission_error' },
    same: 502,
    other: 502,
    fault: 'provider_authentication',
    told: false,
    calls: 1,
  },
  {
    status: 404,
    message: 'The model does not exist.',
    openai: { type: 'invalid_request_error', code: 'model_not_found' },
    anthropic: { type: 'not_found_error' },
    same: 404,
    other: 404,
    fault: 'provider_not_found',
    told: true,
    calls: 1,
  },
  {
    status: 413,
    message: 'The request exceeds 32 MB.',
    openai: { type: 'invalid_request_error', code: null },
    anthropic: { type: 'request_too_large' },
    same: 413,
    other: 413,
    fault: 'provider_rejected',
    told: true,
    calls: 1,
  },
  {
    status: 422,
    message: 'temperature: must be at most 2.',
    openai: { type: 'invalid_request_error', code: null, param: 'temperature' },
    anthropic: { type: 'invalid_request_error' },
    same: 422,
    other: 422,
    fault: 'provider_rejected',
    told: true,
    calls: 1,
  },
  {
    status: 429,
    message: 'Rate limit reached for requests per minute.',
    openai: { type: 'requests', code: 'rate_limit_exceeded' },
    anthropic: { type: 'rate_limit_error' },
    same: 429,
    other: 429,
    fault: 'provider_rate_limited',
    told: true,
    calls: 2,
  },
  {
    status: 500,
    message: 'The server had an error.',
    openai: { type: 'server_error', code: null },
    anthropic: { type: 'api_error' },
    same: 500,
    other: 502,
    fault: 'provider_error',
    told: true,
    calls: 2,
  },
  {
    status: 503,
    message: 'That model is overloaded.',
    openai: { type: 'server_error', code: null },
    anthropic: { type: 'overloaded_error' },
    same: 503,
    other: 503,
    fault: 'provider_overloaded',
    told: true,
    calls: 2,
  },
  {
    status: 529,
    message: 'Overloaded',
    openai: { type: 'overloaded_error', code: null },
    anthropic: { type: 'overloaded_error' },
    same: 529,
    other: 503,
    fault: 'provider_overloaded',
    told: true,
    calls: 2,
  },
]

/** The error in the shape of the provider's protocol. */
export function refusalBody({ message, openai, anthropic }: Refusal, upstream: Protocol): JsonObject {
  if (upstream === 'anthropic')
    return { type: 'error', error: { type: anthropic.type, message }, request_id: 'req_upstream_1' }
  return { error: { message, type: openai.type, param: openai.param ?? null, code: openai.code } }
}
