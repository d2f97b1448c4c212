/** An answer before there is one: what a client is told of a response that waits, was cancelled, or failed before a provider said anything. */
import type { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { ResponseStatus } from '../../stores/response-store.ts'
import type { IdentifiedResponse } from './response-json.ts'
import type { Turn } from './turn.ts'

/** Settings that an answer repeats, with what it says where the request said nothing. */
const repeated: Readonly<Record<string, JsonObject[string]>> = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  prompt_cache_key: null,
  safety_identifier: null,
  service_tier: 'auto',
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
}

/** `id` and times are what the client was promised. */
export function skeletonOf(
  { ask, request, conversation }: Turn,
  promised: { readonly id: string; readonly createdAt: number },
  status: ResponseStatus,
): IdentifiedResponse {
  const told: JsonObject = {}
  for (const name in repeated) told[name] = request[name] ?? repeated[name]
  const { text, reasoning } = request
  return {
    id: promised.id,
    object: 'response',
    created_at: Math.floor(promised.createdAt / 1000),
    status,
    background: ask.background,
    error: null,
    incomplete_details: null,
    model: request['model'] ?? '',
    output: [],
    ...told,
    previous_response_id: ask.previousId ?? null,
    reasoning: { effort: null, summary: null, ...(isJsonObject(reasoning) && reasoning) },
    store: ask.store,
    text: { format: { type: 'text' }, ...(isJsonObject(text) && text) },
    usage: null,
    ...(conversation !== undefined && { conversation: { id: conversation.id } }),
  }
}

/** The same answer, failed. The code is one of those that answers may have. */
export function failedWith(response: JsonObject, fault: Fault): JsonObject {
  return { ...response, status: 'failed', error: { code: errorCode(fault), message: fault.message } }
}

function errorCode({ code, side }: Fault): string {
  if (code === 'rate_limited' || code === 'quota_exceeded' || code === 'provider_rate_limited')
    return 'rate_limit_exceeded'
  return side === 'client' || code === 'provider_rejected' ? 'invalid_prompt' : 'server_error'
}
