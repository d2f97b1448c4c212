/** Settings of a request. Its own go back where they stood; another protocol's go where the model's maker wants them. */
import { fitSchema } from '../../kernel/codec/claude/output-schema.ts'
import { encodeForeignSampling } from '../../kernel/codec/claude/sampling.ts'
import { encodeForeignThinking } from '../../kernel/codec/claude/thinking.ts'
import type { EncodeContext } from '../../kernel/dialect.ts'
import type { ChatRequest, OutputFormat, ReasoningEffort } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath } from '../../model/loss.ts'
import { effortForBudget } from '../../model/reasoning-levels.ts'
import type { MemberWriter } from './members.ts'
import type { FamilyTraits } from './model-family.ts'
import { adapt, drop } from './report.ts'
import { parsedObject } from './settings-decode.ts'

const extraFields = 'additionalModelRequestFields'
/** What a request gets whose model thinks within a limit that nobody set. */
const usualLimit = 4096

export function writeOwnSettings(writer: MemberWriter, request: ChatRequest): void {
  const { reasoning = {}, format } = request
  writer.set('inferenceConfig.maxTokens', request.maxOutputTokens)
  writer.set('inferenceConfig.temperature', request.temperature)
  writer.set('inferenceConfig.topP', request.topP)
  writer.set('inferenceConfig.stopSequences', request.stop && [...request.stop])
  const topK = writer.note('topK')
  if (typeof topK === 'string') writer.set(topK, request.topK)
  const thinking = writer.note('thinking')
  if (typeof thinking === 'string') {
    writer.set(`${extraFields}.${thinking}.type`, reasoning.mode)
    writer.set(`${extraFields}.${thinking}.budget_tokens`, reasoning.budget)
    writer.set(`${extraFields}.${thinking}.display`, reasoning.display)
  }
  const effort = writer.note('effort')
  if (typeof effort === 'string') writer.set(effort, reasoning.effort)
  if (format?.type === 'json-schema') writeFormat(writer, format, format.schema)
  writer.set('requestMetadata', request.metadata && { ...request.metadata })
  writer.set('serviceTier.type', request.serviceTier)
}

function writeFormat(
  writer: MemberWriter,
  { name, description }: Extract<OutputFormat, { type: 'json-schema' }>,
  schema: JsonObject,
): void {
  const at = 'outputConfig.textFormat'
  const text = JSON.stringify(schema)
  const spelled = writer.note('schema')
  writer.set(`${at}.type`, 'json_schema')
  writer.set(
    `${at}.structure.jsonSchema.schema`,
    typeof spelled === 'string' && JSON.stringify(parsedObject(spelled)) === text ? spelled : text,
  )
  writer.set(`${at}.structure.jsonSchema.name`, name)
  writer.set(`${at}.structure.jsonSchema.description`, description)
}

export interface SettingsContext {
  readonly model: FamilyTraits
  readonly messages: readonly JsonObject[]
  readonly lost: Loss[]
}

export function writeForeignSettings(
  writer: MemberWriter,
  request: ChatRequest,
  context: SettingsContext,
  { maxOutput }: EncodeContext,
): void {
  const { lost, model } = context
  const { thinks, maxTokens } = writeReasoning(writer, request, context, maxOutput)
  writer.set('inferenceConfig.maxTokens', maxTokens ?? request.maxOutputTokens)
  writeSampling(writer, request, thinks, context)
  writeStop(writer, request, context)
  writeForeignFormat(writer, request.format, model, lost)
  writeMetadata(writer, request.metadata ?? {}, lost)
  writeTier(writer, request.serviceTier, lost)
  reportUnknown(request, lost)
}

function writeSampling(
  writer: MemberWriter,
  request: ChatRequest,
  thinks: boolean,
  { model, lost }: SettingsContext,
): void {
  if (model.claude !== undefined) {
    const { temperature, top_p: topP, top_k: topK } = encodeForeignSampling(request, model.claude, thinks, lost)
    writer.set('inferenceConfig.temperature', temperature)
    writer.set('inferenceConfig.topP', topP)
    writer.set(`${extraFields}.top_k`, topK)
    return
  }
  const { temperature, topP, topK } = request
  if (model.refusesSampling) {
    if (temperature !== undefined && temperature !== 1) drop(lost, 'temperature', 'the model takes no temperature')
    if (topP !== undefined && topP !== 1) drop(lost, 'top_p', 'the model takes no top_p')
  } else {
    if (temperature !== undefined && temperature > 1) adapt(lost, 'temperature', 'temperatures here end at 1')
    writer.set('inferenceConfig.temperature', temperature === undefined ? undefined : Math.min(1, temperature))
    writer.set('inferenceConfig.topP', topP)
  }
  if (topK === undefined) return
  if (model.topK === undefined) drop(lost, 'top_k', 'the model takes no top_k')
  else writer.set(`${extraFields}.${model.topK}`, topK)
}

function writeStop(writer: MemberWriter, { stop, stream }: ChatRequest, { model, lost }: SettingsContext): void {
  const claude = model.claude !== undefined
  const usable = (stop ?? []).filter((sequence, index) => {
    const refused = model.claude === undefined && model.refusesSampling
    if (!refused && (claude ? sequence.trim() !== '' : sequence !== '')) return true
    const reason = refused ? 'the model takes no stop sequences' : 'a stop sequence of white space is refused here'
    drop(lost, joinPath('stop', index), reason)
    return false
  })
  if (usable.length === 0) return
  writer.set('inferenceConfig.stopSequences', usable)
  // Which of them it was, Claude tells in a field of its own; in a stream it stands within the delta.
  if (claude) writer.set('additionalModelResponseFieldPaths', [stream ? '/delta/stop_sequence' : '/stop_sequence'])
}

function writeForeignFormat(
  writer: MemberWriter,
  format: OutputFormat | undefined,
  model: FamilyTraits,
  lost: Loss[],
): void {
  if (format === undefined || format.type === 'text') return
  const path = 'response_format'
  if (format.type === 'json') {
    drop(lost, path, 'there is no JSON mode without a schema here: say in the prompt that the answer is JSON')
  } else if (!model.structured) {
    drop(lost, path, 'the model does not know structured output')
  } else if (model.claude === undefined) {
    writeFormat(writer, format, format.schema)
  } else {
    const { schema, changes } = fitSchema(format.schema)
    if (changes.length > 0) adapt(lost, path, `the schema is sent as the model takes it: ${changes.join(', ')}`)
    writeFormat(writer, format, schema)
  }
}

interface Thinking {
  readonly thinks: boolean
  readonly maxTokens?: number
}

function writeReasoning(
  writer: MemberWriter,
  request: ChatRequest,
  { model, messages, lost }: SettingsContext,
  maxOutput: number | undefined,
): Thinking {
  const { reasoning } = request
  if (reasoning === undefined || Object.keys(reasoning).length === 0) return { thinks: false }
  if (model.claude !== undefined) {
    const encoded = encodeForeignThinking(request, {
      traits: model.claude,
      maxOutput,
      usualLimit,
      resumesUnthinking: resumesUnthinking(messages),
      lost,
    })
    writer.set(`${extraFields}.thinking`, encoded.thinking)
    writer.set('outputConfig.effort', encoded.effort)
    return encoded
  }
  const { effort, budget, mode, display } = reasoning
  if (display !== undefined) drop(lost, 'thinking.display', 'the model has no choice of how reasoning is shown')
  const path = effort === undefined && budget !== undefined ? 'reasoning.budget' : 'reasoning_effort'
  const off = mode === 'disabled' || effort === 'none' || (effort === undefined && budget === 0)
  if (off) {
    if (model.reasoning === 'openai') adapt(lost, path, 'the model always reasons: it is asked for the least effort')
    if (model.reasoning === 'openai') writer.set(`${extraFields}.reasoning_effort`, 'low')
    return { thinks: false }
  }
  if (model.reasoning === 'none') {
    drop(lost, path, 'the model is not asked to reason: it has no setting for it, or its id does not show which')
    return { thinks: false }
  }
  const wanted = effort ?? effortForBudget(budget ?? 8192)
  if (budget !== undefined) adapt(lost, 'reasoning.budget', 'the model takes an effort in place of a budget')
  if (model.reasoning === 'openai') writeEffort(writer, `${extraFields}.reasoning_effort`, wanted, 'high', lost)
  else {
    writer.set(`${extraFields}.reasoningConfig.type`, 'enabled')
    // At its highest effort Nova refuses to be limited in any way.
    const limited = [request.maxOutputTokens, request.temperature, request.topP, request.topK].some(
      (setting) => setting !== undefined,
    )
    writeEffort(writer, `${extraFields}.reasoningConfig.maxReasoningEffort`, wanted, limited ? 'medium' : 'high', lost)
  }
  return { thinks: true }
}

const levels: readonly ReasoningEffort[] = ['low', 'medium', 'high']

/** The nearest of the three levels, no higher than `most`. */
function writeEffort(
  writer: MemberWriter,
  member: string,
  wanted: ReasoningEffort,
  most: ReasoningEffort,
  lost: Loss[],
): void {
  const order: readonly ReasoningEffort[] = ['none', 'minimal', ...levels, 'xhigh', 'max']
  const at = Math.min(Math.max(order.indexOf(wanted), order.indexOf('low')), order.indexOf(most))
  const level = order[at] ?? 'low'
  if (level !== wanted)
    adapt(lost, 'reasoning_effort', `${wanted} cannot be asked for with this request: it is ${level}`)
  writer.set(member, level)
}

/** Whether the conversation as it will be sent ends with results of a call that no reasoning stands before. */
function resumesUnthinking(messages: readonly JsonObject[]): boolean {
  const has = (message: JsonObject | undefined, member: string): boolean => {
    const content = message?.['content']
    const [first] = Array.isArray(content) ? content : []
    return isJsonObject(first) && first[member] !== undefined
  }
  return has(messages.at(-1), 'toolResult') && !has(messages.at(-2), 'reasoningContent')
}

const mostMetadata = 16
const metadataText = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/

/** Key-value pairs that invocation logs can be filtered by; what they may hold is narrow (API reference, requestMetadata). */
function writeMetadata(writer: MemberWriter, metadata: Readonly<Record<string, string>>, lost: Loss[]): void {
  const kept: [string, string][] = []
  for (const [key, value] of Object.entries(metadata)) {
    const fits = key !== '' && metadataText.test(key) && metadataText.test(value) && kept.length < mostMetadata
    if (fits) kept.push([key, value])
    else drop(lost, joinPath('metadata', key), 'metadata here is at most 16 short pairs of plain characters')
  }
  if (kept.length > 0) writer.set('requestMetadata', Object.fromEntries(kept))
}

const tiers: ReadonlySet<string> = new Set(['default', 'priority', 'flex', 'reserved'])

/** `auto` is what happens anyway. */
function writeTier(writer: MemberWriter, tier: string | undefined, lost: Loss[]): void {
  if (tier === undefined || tier === 'auto') return
  if (tiers.has(tier)) writer.set('serviceTier.type', tier)
  else if (tier === 'standard_only' || tier === 'standard') writer.set('serviceTier.type', 'default')
  else drop(lost, 'service_tier', `there is no service tier ${tier} here`)
}

/** Settings that this protocol has no word for. Values that ask for what happens anyway are not missed. */
function reportUnknown(request: ChatRequest, lost: Loss[]): void {
  if ((request.presencePenalty ?? 0) !== 0) drop(lost, 'presence_penalty', 'there is no presence penalty here')
  if ((request.frequencyPenalty ?? 0) !== 0) drop(lost, 'frequency_penalty', 'there is no frequency penalty here')
  if (request.seed !== undefined) drop(lost, 'seed', 'sampling here cannot be seeded')
  if ((request.n ?? 1) > 1) drop(lost, 'n', 'there is one answer to a request here')
  if (request.logprobs?.enabled === true) drop(lost, 'logprobs', 'log probabilities are not told here')
  if (request.verbosity !== undefined) drop(lost, 'verbosity', 'how wordy the answer is cannot be set here')
  if (request.endUser !== undefined) drop(lost, 'user', 'the end user is not told here')
  if (request.parallelToolCalls === false)
    drop(lost, 'parallel_tool_calls', 'calls at the same time cannot be forbidden here')
  if (request.modalities?.some((modality) => modality !== 'text') === true)
    drop(lost, 'modalities', 'what an answer is made of cannot be set here')
}
