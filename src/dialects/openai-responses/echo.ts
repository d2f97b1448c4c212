/**
 * What a response repeats of its request, with the defaults that the API's description gives: an answer of another provider gets it
 * from the client's own request. https://developers.openai.com/api/reference/resources/responses, "The response object".
 */
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { isOwn } from './dialect-id.ts'
import { instructionsMember } from './input-decode.ts'
import { MemberWriter } from './members.ts'
import { writeSettings } from './settings-encode.ts'
import { answeredConversation } from './state-members.ts'

/** Members of a response that say nothing of the answer itself: kept as they are, and missed by nobody in another protocol. */
export const echoMembers = [
  'object',
  'completed_at',
  'error',
  'input',
  'instructions',
  'output_text',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'presence_penalty',
  'frequency_penalty',
  'text',
  'reasoning',
  'truncation',
  'metadata',
  'max_output_tokens',
  'max_tool_calls',
  'previous_response_id',
  'conversation',
  'store',
  'background',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'prompt_cache_diagnostics',
  'safety_identifier',
  'user',
  'access_programs',
  'image',
  'billing',
  'tool_usage',
] as const

/** Settings that a request may have and a response repeats. */
const repeated: readonly string[] = [
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'truncation',
  'metadata',
  'max_output_tokens',
  'max_tool_calls',
  'previous_response_id',
  'store',
  'background',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'user',
]

export function echoOf(request: ChatRequest | undefined): JsonObject {
  const sent = request === undefined ? {} : settingsOf(request)
  const told: JsonObject = {}
  for (const key of repeated) if ((sent[key] ?? null) !== null) told[key] = sent[key]
  const { text, reasoning, conversation } = sent
  return {
    object: 'response',
    error: null,
    instructions: null,
    tool_choice: 'auto',
    parallel_tool_calls: true,
    temperature: 1,
    top_p: 1,
    top_logprobs: 0,
    truncation: 'disabled',
    metadata: {},
    max_output_tokens: null,
    max_tool_calls: null,
    previous_response_id: null,
    store: true,
    background: false,
    prompt_cache_key: null,
    safety_identifier: null,
    ...told,
    ...(typeof sent[instructionsMember] === 'string' && { instructions: sent[instructionsMember] }),
    tools: Array.isArray(sent['tools']) ? sent['tools'].map(toolTold) : [],
    text: { format: { type: 'text' }, ...withoutNulls(text) },
    reasoning: { effort: null, summary: null, ...withoutNulls(reasoning) },
    ...((conversation ?? null) !== null && { conversation: answeredConversation(conversation) }),
  }
}

/** The request without its conversation. */
function settingsOf(request: ChatRequest): JsonObject {
  const writer = new MemberWriter(request)
  const instructions = request.messages.find((message) => message.apart === instructionsMember && isOwn(message))
  const [text] = instructions?.parts ?? []
  if (text?.type === 'text') writer.set(instructionsMember, text.text)
  writeSettings(writer, request, [])
  return writer.finish()
}

/**
 * A function is told with all that one has; whether its schema was kept to is not known of other services, so it was not. Secrets for
 * a server of tools are for nobody else's eyes.
 */
function toolTold(tool: JsonValue): JsonValue {
  if (!isJsonObject(tool)) return tool
  if (tool['type'] === 'function')
    return { ...tool, parameters: tool['parameters'] ?? null, strict: tool['strict'] ?? false }
  const { authorization: _, headers: __, ...told } = tool
  return tool['type'] === 'mcp' ? told : tool
}

function withoutNulls(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
}
