/** A Messages API request to the canonical chat request. */
import type { ChatRequest, Message, ReasoningSettings, Role } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { unknownMembers } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { decodeContent } from './blocks-decode.ts'
import { carry } from './carry.ts'
import { decodeOutput } from './output-config.ts'
import { optional, readBoolean, readCount, readList, readNumber, readObject, readString } from './reading.ts'
import { decodeThinking } from './thinking.ts'
import { decodeTool, decodeToolChoice } from './tools.ts'

const requestMembers = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
])
const messageMembers = new Set(['role', 'content'])
const metadataMembers = new Set(['user_id'])
const noMembers: ReadonlySet<string> = new Set()

export function decodeRequest(json: unknown): ChatRequest {
  const body = readObject(json, 'body')
  const model = readString(body['model'], 'model')
  if (model === '') throw invalidRequest('model', 'model must name a model; it is empty.')
  const messages = readList(body['messages'], 'messages')
  if (messages.length === 0) throw invalidRequest('messages', 'messages must have at least one message.')
  const stream = optional(body['stream'], 'stream', readBoolean)
  const { settings, rest: thinkingRest } = decodeThinking(body['thinking'])
  const output = decodeOutput(body)
  const reasoning: ReasoningSettings = { ...settings, ...(output.effort !== undefined && { effort: output.effort }) }
  const { toolChoice, parallelToolCalls, rest: choiceRest } = decodeToolChoice(body['tool_choice'])
  const tools = optional(body['tools'], 'tools', readList)?.map((tool, index) =>
    decodeTool(tool, joinPath('tools', index)),
  )
  const metadata = optional(body['metadata'], 'metadata', readObject)
  const endUser = optional(metadata?.['user_id'], 'metadata.user_id', readString)
  const tier = decodeTier(body['service_tier'])
  const system = decodeSystem(body['system'])
  return {
    model,
    messages: [...(system === undefined ? [] : [system]), ...messages.map(decodeMessage)],
    stream: stream ?? false,
    ...limits(body),
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    ...(output.format !== undefined && { format: output.format }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(endUser !== undefined && { endUser }),
    ...(tier !== undefined && { serviceTier: tier }),
    ...carry(body, requestMembers, {
      rests: {
        thinking: thinkingRest,
        tool_choice: choiceRest,
        metadata: metadata && unknownMembers(metadata, endUser === undefined ? noMembers : metadataMembers),
        ...output.rests,
      },
      // `own` stands for all the notes there are not: it tells that this dialect decoded the request.
      form: {
        own: true,
        ...output.form,
        ...(stream === false && { stream: 'false' }),
        ...(metadata !== undefined && { metadata: true }),
        ...(typeof body['service_tier'] === 'string' && { service_tier: body['service_tier'] }),
      },
    }),
  }
}

function limits(body: JsonObject): Partial<ChatRequest> {
  const maxOutputTokens = optional(body['max_tokens'], 'max_tokens', readCount)
  const temperature = optional(body['temperature'], 'temperature', readNumber)
  const topP = optional(body['top_p'], 'top_p', readNumber)
  const topK = optional(body['top_k'], 'top_k', readCount)
  const stop = optional(body['stop_sequences'], 'stop_sequences', readList)?.map((sequence, index) =>
    readString(sequence, joinPath('stop_sequences', index)),
  )
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop !== undefined && { stop }),
  }
}

/** `standard_only` is what others call the default tier. */
function decodeTier(value: JsonValue | undefined): string | undefined {
  const tier = optional(value, 'service_tier', readString)
  return tier === 'standard_only' ? 'default' : tier
}

function decodeSystem(value: JsonValue | undefined): Message | undefined {
  if (value === undefined || value === null) return undefined
  const { parts, form } = decodeContent(value, 'system', 'request')
  return { role: 'system', parts, apart: 'system', ...carry({}, noMembers, form === undefined ? {} : { form }) }
}

const roles: readonly Role[] = ['user', 'assistant', 'system']

function decodeMessage(value: JsonValue, index: number): Message {
  const path = joinPath('messages', index)
  const message = readObject(value, path)
  const named = readString(message['role'], joinPath(path, 'role'))
  const role = roles.find((known) => known === named)
  if (role === undefined) {
    throw invalidRequest(
      joinPath(path, 'role'),
      `${path}.role must be "user", "assistant" or "system", not "${named}".`,
    )
  }
  const { parts, form } = decodeContent(message['content'], joinPath(path, 'content'), 'request')
  const place = role === 'system' ? { place: 'messages' } : {}
  return { role, parts, ...carry(message, messageMembers, { form: { ...form, ...place } }) }
}
