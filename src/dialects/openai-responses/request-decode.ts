/** Decodes a request to create a response. Settings that only this protocol has stay unmodelled and travel along in `extra`. */
import { readEndUser, readMetadata } from '../../kernel/codec/openai-people.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest, ReasoningEffort, ReasoningSettings } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeInput, decodeInstructions } from './input-decode.ts'
import { MemberReader } from './members.ts'
import { stateMembers } from './state-members.ts'
import { decodeFormat } from './text-format.ts'
import { decodeToolChoice } from './tool-choice.ts'
import { decodeTools } from './tools.ts'

/**
 * Members that ask nothing of another protocol's provider: what the gateway answers for itself, what else the answer should tell, and
 * hints that change nothing about it. They are kept as they are, and nobody misses them.
 */
export const quietMembers = [...stateMembers, 'include', 'stream_options', 'prompt_cache_key'] as const

/** Members that are unmodelled where they say something, and say nothing when they are null. */
const nullable = [
  'prompt',
  'max_tool_calls',
  'moderation',
  'context_management',
  'truncation',
  'prompt_cache_retention',
  'prompt_cache_options',
] as const

export const logprobsInclude = 'message.output_text.logprobs'

const efforts: ReadonlySet<string> = new Set<ReasoningEffort>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
])
const summaries: ReadonlySet<string> = new Set(['auto', 'concise', 'detailed'])

/** Leaves out what is undefined. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
function defined<T extends object>(members: T): Defined<T> {
  const kept = {} as Record<string, unknown>
  for (const [key, value] of Object.entries(members)) if (value !== undefined) kept[key] = value
  return kept as Defined<T>
}

export function decodeRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const messages = [...decodeInstructions(reader), ...decodeInput(reader)]
  const stream = reader.boolean('stream')
  if (stream === false) reader.noteExplicit('stream')
  const text = reader.nested('text')
  const settings = {
    maxOutputTokens: reader.integer('max_output_tokens', 1),
    temperature: reader.number('temperature'),
    topP: reader.number('top_p'),
    logprobs: decodeLogprobs(reader),
    tools: decodeTools(reader),
    toolChoice: decodeToolChoice(reader),
    parallelToolCalls: reader.boolean('parallel_tool_calls'),
    format: decodeFormat(text),
    verbosity: text?.string('verbosity'),
    reasoning: decodeReasoningSettings(reader),
    endUser: readEndUser(reader),
    metadata: readMetadata(reader),
    serviceTier: reader.string('service_tier'),
  }
  keepQuiet(reader)
  return { model, messages, stream: stream ?? false, ...defined(settings), ...reader.node() }
}

function keepQuiet(reader: MemberReader): void {
  const quiet: JsonObject = {}
  for (const key of quietMembers) quiet[key] = reader.take(key)
  // What happens anyway is not asked for.
  if (reader.peek('truncation') === 'disabled') quiet['truncation'] = reader.take('truncation')
  const told = defined(quiet)
  if (Object.keys(told).length > 0) reader.note('quiet', told)
  for (const key of nullable) if (reader.peek(key) === null) reader.take(key)
}

function decodeLogprobs(reader: MemberReader): ChatRequest['logprobs'] {
  const include = reader.peek('include')
  const enabled = Array.isArray(include) && include.includes(logprobsInclude)
  const top = reader.integer('top_logprobs', 0)
  return enabled || top !== undefined ? { enabled, ...(top !== undefined && { top }) } : undefined
}

/** An effort or a summary of a word that nobody else knows is carried along as it is. */
function decodeReasoningSettings(reader: MemberReader): ReasoningSettings | undefined {
  const nested = reader.nested('reasoning')
  if (nested === undefined) return undefined
  const told = nested.peek('effort')
  const effort = typeof told === 'string' && !efforts.has(told) ? undefined : nested.string('effort')
  const asked = nested.peek('summary')
  const summary = typeof asked === 'string' && !summaries.has(asked) ? undefined : nested.string('summary')
  for (const key of ['generate_summary', 'context', 'mode']) if (nested.peek(key) === null) nested.take(key)
  if (summary !== undefined) reader.note('summary', summary)
  if (effort === undefined && summary === undefined) return undefined
  return {
    ...(effort !== undefined && { effort: effort as ReasoningEffort }),
    ...(summary !== undefined && { display: 'summarized' }),
  }
}
