/** Decodes a Chat Completions request. Settings that only OpenAI has stay unmodelled and travel along in `extra`. */
import { readEndUser, readMetadata } from '../../kernel/codec/openai-people.ts'
import type { ChatRequest, OutputFormat, ReasoningEffort } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { invalidRequest } from '../../model/fault.ts'
import { defined } from '../../kernel/codec/defined.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { readStop } from '../../kernel/codec/stop-member.ts'
import { MemberReader } from './members.ts'
import { decodeMessages } from './messages-decode.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

const efforts: ReadonlySet<string> = new Set<ReasoningEffort>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
])

export function decodeRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const messages = decodeMessages(reader)
  const stream = reader.boolean('stream')
  if (stream === false) reader.noteExplicit('stream')
  const stop = readStop(reader)
  const settings = {
    streamUsage: decodeStreamUsage(reader),
    maxOutputTokens: decodeMaxTokens(reader),
    temperature: reader.number('temperature'),
    topP: reader.number('top_p'),
    topK: decodeTopK(reader),
    presencePenalty: reader.number('presence_penalty'),
    frequencyPenalty: reader.number('frequency_penalty'),
    seed: reader.number('seed'),
    stop,
    n: reader.integer('n', 1),
    logprobs: decodeLogprobSettings(reader),
    tools: decodeTools(reader),
    toolChoice: decodeToolChoice(reader),
    parallelToolCalls: reader.boolean('parallel_tool_calls'),
    format: decodeFormat(reader),
    reasoning: decodeEffort(reader),
    verbosity: reader.string('verbosity'),
    endUser: readEndUser(reader),
    metadata: readMetadata(reader),
    serviceTier: reader.string('service_tier'),
    modalities: reader.strings('modalities'),
  }
  return { model, messages, stream: stream ?? false, ...defined(settings), ...reader.node() }
}

/** Newer models take `max_completion_tokens` alone, other services `max_tokens` alone; the newer name rules. */
function decodeMaxTokens(reader: MemberReader): number | undefined {
  const newer = reader.integer('max_completion_tokens', 1)
  if (newer !== undefined) return newer
  const older = reader.integer('max_tokens', 1)
  if (older !== undefined) reader.note('maxTokens', 'max_tokens')
  return older
}

/** Not OpenAI's, but many services of this dialect take it. */
function decodeTopK(reader: MemberReader): number | undefined {
  const topK = reader.number('top_k')
  if (topK !== undefined) reader.note('topK', true)
  return topK
}

function decodeStreamUsage(reader: MemberReader): boolean | undefined {
  return reader.nested('stream_options')?.boolean('include_usage')
}

function decodeLogprobSettings(reader: MemberReader): ChatRequest['logprobs'] {
  const enabled = reader.boolean('logprobs')
  const top = reader.integer('top_logprobs', 0)
  if (enabled === undefined && top === undefined) return undefined
  if (enabled === undefined && !reader.has('logprobs')) reader.noteAbsent('logprobs')
  return { enabled: enabled ?? false, ...(top !== undefined && { top }) }
}

function decodeFormat(reader: MemberReader): OutputFormat | undefined {
  const value = reader.peek('response_format')
  const type = isJsonObject(value) ? value['type'] : undefined
  if (value !== undefined && value !== null && typeof type !== 'string') {
    throw isJsonObject(value)
      ? wrongType('response_format.type', 'a string', type)
      : wrongType('response_format', 'an object with a `type`', value)
  }
  // Grammars and the like, of other services: carried along as they are.
  if (typeof type === 'string' && type !== 'text' && type !== 'json_object' && type !== 'json_schema') return undefined
  const format = reader.nested('response_format')
  if (format === undefined) return undefined
  format.take('type')
  if (type === 'text') return { type: 'text' }
  if (type === 'json_object') return { type: 'json' }
  const nested = format.requiredNested('json_schema')
  const name = nested.string('name')
  const description = nested.string('description')
  const schema = nested.take('schema')
  if (schema !== undefined && !isJsonObject(schema))
    throw wrongType(nested.at('schema'), 'an object: a JSON Schema', schema)
  if (schema === undefined && !nested.has('schema')) nested.noteAbsent('schema')
  const strict = nested.boolean('strict')
  return { type: 'json-schema', schema: schema ?? {}, ...defined({ name, description, strict }) }
}

/** An effort that only one service knows (Groq's `default`) is carried along as it is. */
function decodeEffort(reader: MemberReader): ChatRequest['reasoning'] {
  const value = reader.peek('reasoning_effort')
  if (typeof value === 'string' && !efforts.has(value)) return undefined
  const effort = reader.string('reasoning_effort')
  return effort === undefined ? undefined : { effort: effort as ReasoningEffort }
}
