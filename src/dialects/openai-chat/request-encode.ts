/**
 * Encodes a chat request for OpenAI. What this dialect decoded goes out as it was spelled; what another one decoded goes out in
 * the newest spelling, and what OpenAI has no word for is reported.
 */
import { withoutRefusedSampling } from '../../kernel/codec/openai-sampling.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { Spelling } from '../../kernel/spelling.ts'
import type { ChatRequest, OutputFormat } from '../../model/chat.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { effortForBudget } from '../../model/reasoning-levels.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { spelledStop } from '../../kernel/codec/stop-member.ts'
import { encodeMessages } from './messages-encode.ts'
import { encodeTools, writeToolChoice } from './tools.ts'
import { MemberWriter } from './members.ts'
import { writeSpelledReasoning } from './spelled-reasoning.ts'

/** As many as OpenAI accepts. */
const maxStops = 4

const serviceTiers: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])

export function encodeRequest(asked: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const own = isOwn(asked)
  const request = own ? asked : withoutRefusedSampling(asked, context.model, lost)
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(request)
  writer.set('model', context.model)
  writer.set('messages', encodeMessages(request.messages, lost))
  if (request.stream || writer.wasExplicit('stream')) writer.set('stream', request.stream)
  // OpenAI refuses the option on a request that does not stream.
  if (own || (request.stream && request.streamUsage === true))
    writer.set('stream_options.include_usage', request.streamUsage)
  // What this dialect decoded keeps its client's words; only others are put into the service's.
  const spelling: Spelling = own ? {} : (context.spelling ?? {})
  writer.set(
    writer.note('maxTokens') === 'max_tokens' || (!own && context.olderMaxTokens === true)
      ? 'max_tokens'
      : 'max_completion_tokens',
    request.maxOutputTokens,
  )
  writer.set('temperature', request.temperature)
  writer.set('top_p', request.topP)
  writer.set('presence_penalty', request.presencePenalty)
  writer.set('frequency_penalty', request.frequencyPenalty)
  writer.set(spelling.seed ?? 'seed', request.seed)
  writer.set('n', request.n)
  writer.set('parallel_tool_calls', parallelCalls(request, own))
  writer.set('verbosity', request.verbosity)
  writer.set(writer.note('endUser') === 'safety_identifier' ? 'safety_identifier' : 'user', request.endUser)
  writer.set('metadata', request.metadata === undefined ? undefined : { ...request.metadata })
  writer.set('modalities', request.modalities === undefined ? undefined : [...request.modalities])
  writeTopK(writer, request, lost)
  writeStop(writer, request, own, lost)
  writeLogprobs(writer, request, own)
  writeTier(writer, request, own, lost)
  const { tools, functions } = encodeTools(request.tools ?? [], lost)
  writer.set('tools', tools)
  writer.set('functions', functions)
  writeChoice(writer, request, own || tools !== undefined, lost)
  if (request.format !== undefined) writeFormat(writer, request.format)
  if (spelling.reasoning === undefined) writeReasoning(writer, request, lost)
  else writeSpelledReasoning(writer, request.reasoning, spelling.reasoning, lost)
  return { json: writer.finish(), lost }
}

/** OpenAI refuses the setting without tools. */
function parallelCalls(request: ChatRequest, own: boolean): boolean | undefined {
  return own || (request.tools?.length ?? 0) > 0 ? request.parallelToolCalls : undefined
}

function writeTopK(writer: MemberWriter, { topK }: ChatRequest, lost: Loss[]): void {
  if (topK === undefined) return
  if (writer.note('topK') === true) writer.set('top_k', topK)
  else drop(lost, 'top_k', `${dialectId} has no top_k`)
}

function writeStop(writer: MemberWriter, { stop }: ChatRequest, own: boolean, lost: Loss[]): void {
  if (stop === undefined || stop.length === 0) return
  if (!own && stop.length > maxStops)
    drop(
      lost,
      `stop_sequences[${maxStops}]`,
      `${dialectId} takes ${maxStops} stop sequences; those after them are not sent`,
    )
  writer.set('stop', spelledStop(writer, own ? stop : stop.slice(0, maxStops)))
}

function writeLogprobs(writer: MemberWriter, { logprobs }: ChatRequest, own: boolean): void {
  if (logprobs === undefined) return
  if (!writer.wasAbsent('logprobs') && !(writer.wasNull('logprobs') && !logprobs.enabled))
    writer.set('logprobs', logprobs.enabled)
  // OpenAI refuses the number where logprobs are off.
  if (own || logprobs.enabled) writer.set('top_logprobs', logprobs.top)
}

function writeTier(writer: MemberWriter, { serviceTier }: ChatRequest, own: boolean, lost: Loss[]): void {
  if (serviceTier === undefined) return
  if (own || serviceTiers.has(serviceTier)) writer.set('service_tier', serviceTier)
  else if (serviceTier === 'standard_only') writer.set('service_tier', 'default')
  else drop(lost, 'service_tier', `${dialectId} has no service tier ${serviceTier}`)
}

function writeChoice(writer: MemberWriter, { toolChoice }: ChatRequest, hasTools: boolean, lost: Loss[]): void {
  if (toolChoice === undefined) return
  if (hasTools) writeToolChoice(writer, toolChoice)
  else if (toolChoice.mode !== 'none') drop(lost, 'tool_choice', `${dialectId} refuses a tool choice without tools`)
}

function writeFormat(writer: MemberWriter, format: OutputFormat): void {
  if (format.type !== 'json-schema') {
    writer.set('response_format.type', format.type === 'json' ? 'json_object' : 'text')
    return
  }
  writer.set('response_format.type', 'json_schema')
  // A name is required; where the other protocol has none, any will do.
  const anonymous = writer.form !== undefined
  writer.set('response_format.json_schema.name', format.name ?? (anonymous ? undefined : 'response'))
  writer.set('response_format.json_schema.description', format.description)
  const schemaAt = 'response_format.json_schema.schema'
  const unsaid = (writer.wasAbsent(schemaAt) || writer.wasNull(schemaAt)) && Object.keys(format.schema).length === 0
  if (!unsaid) writer.set(schemaAt, format.schema)
  writer.set('response_format.json_schema.strict', format.strict)
}

/** OpenAI knows levels of effort and nothing else: models that do not reason refuse them, so none is made up. */
function writeReasoning(writer: MemberWriter, { reasoning }: ChatRequest, lost: Loss[]): void {
  if (reasoning === undefined) return
  const { effort, budget, mode, display } = reasoning
  // It is not shown, which is what `omitted` asks for.
  if (display !== undefined && display !== 'omitted')
    drop(lost, 'thinking.display', `${dialectId} shows reasoning only where a service does so by itself`)
  if (effort !== undefined) {
    writer.set('reasoning_effort', effort)
    if (budget !== undefined)
      drop(lost, 'thinking.budget_tokens', `${dialectId} has levels of effort, no budgets; the effort is sent`)
    return
  }
  if (mode === 'disabled')
    drop(
      lost,
      'thinking.type',
      `${dialectId} cannot switch reasoning off for every model; the model's own default holds`,
    )
  else if (budget !== undefined) {
    const level = effortForBudget(budget)
    writer.set('reasoning_effort', level)
    adapt(lost, 'thinking.budget_tokens', `${dialectId} has levels of effort, no budgets; "${level}" is sent`)
  } else if (mode === 'enabled')
    drop(lost, 'thinking.type', `${dialectId} has no switch for reasoning; the model's own default holds`)
}
