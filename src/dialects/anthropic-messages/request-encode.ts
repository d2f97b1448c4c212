/** The canonical chat request to a Messages API request. What this protocol or the model cannot be told is reported. */
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { notes, restore } from './carry.ts'
import { traitsOf } from '../../kernel/codec/claude/models.ts'
import { dialectId } from './dialect-id.ts'
import { encodeMessages } from './messages-encode.ts'
import { encodeForeignOutput, encodeOwnOutput } from './output-config.ts'
import { encodeForeignSampling } from '../../kernel/codec/claude/sampling.ts'
import { encodeForeignThinking } from '../../kernel/codec/claude/thinking.ts'
import { encodeOwnThinking, resumesUnthinking } from './thinking.ts'
import { encodeTools } from './tools.ts'

/** `max_tokens` is required here; this is what a request gets that has none, of a model whose limit is not known. */
const usualLimit = 4096

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  const own = request.form?.[dialectId] !== undefined
  const traits = traitsOf(context.model)
  const { system, messages } = encodeMessages(request.messages, { own, midSystem: traits.midSystem, lost })
  const shared: JsonObject = {
    model: context.model,
    messages,
    ...(system !== undefined && { system }),
    ...encodeTools(request, { own, strict: traits.claude && traits.structured, lost }),
  }
  const settings = own ? ownSettings(request, context) : foreignSettings(request, context, messages, lost)
  reportForeignExtra(request, dialectId, '', lost)
  reportUnknown(request, lost)
  return { json: withRest(request, { ...shared, ...settings }), lost }
}

/** Everything carried along is put back; `output_config` was already merged, being an object within an object. */
function withRest(request: ChatRequest, json: JsonObject): JsonObject {
  const { output_config: config } = json
  const restored = restore(request, json)
  return config === undefined ? restored : { ...restored, output_config: config }
}

function ownSettings(request: ChatRequest, context: EncodeContext): JsonObject {
  const note = notes(request)
  const { thinking, effort } = encodeOwnThinking(request.reasoning ?? {})
  const tier = note['service_tier']
  return {
    max_tokens: request.maxOutputTokens ?? context.maxOutput ?? usualLimit,
    ...((request.stream || note['stream'] === 'false') && { stream: request.stream }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.topK !== undefined && { top_k: request.topK }),
    ...(request.stop !== undefined && { stop_sequences: [...request.stop] }),
    ...(thinking !== undefined && { thinking }),
    ...encodeOwnOutput(request, effort, note, request.extra?.[dialectId]?.['output_config']),
    ...((note['metadata'] === true || request.endUser !== undefined) && { metadata: endUserOf(request) }),
    ...(typeof tier === 'string' && { service_tier: tier }),
  }
}

function endUserOf({ endUser }: ChatRequest): JsonObject {
  return endUser === undefined ? {} : { user_id: endUser }
}

function foreignSettings(
  request: ChatRequest,
  context: EncodeContext,
  messages: readonly JsonObject[],
  lost: Loss[],
): JsonObject {
  const traits = traitsOf(context.model)
  const { thinking, effort, maxTokens, thinks } = encodeForeignThinking(request, {
    traits,
    maxOutput: context.maxOutput,
    usualLimit,
    resumesUnthinking: resumesUnthinking(messages),
    lost,
  })
  const stop = encodeStop(request.stop, lost)
  return {
    max_tokens: maxTokens ?? request.maxOutputTokens ?? context.maxOutput ?? usualLimit,
    ...(request.stream && { stream: true }),
    ...encodeForeignSampling(request, traits, thinks, lost),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(thinking !== undefined && { thinking }),
    ...encodeForeignOutput(request, effort, traits, lost),
    ...(request.endUser !== undefined && { metadata: endUserOf(request) }),
    ...encodeTier(request.serviceTier, lost),
  }
}

/** Blank stop sequences are refused here. */
function encodeStop(stop: readonly string[] | undefined, lost: Loss[]): string[] {
  return (stop ?? []).filter((sequence, index) => {
    if (sequence.trim() !== '') return true
    lost.push({
      path: joinPath('stop', index),
      kind: 'dropped',
      reason: 'a stop sequence of white space is refused here',
    })
    return false
  })
}

function encodeTier(tier: string | undefined, lost: Loss[]): { service_tier?: JsonValue } {
  if (tier === undefined) return {}
  if (tier === 'auto') return { service_tier: 'auto' }
  if (tier === 'default' || tier === 'standard_only') return { service_tier: 'standard_only' }
  lost.push({ path: 'service_tier', kind: 'dropped', reason: `there is no service tier ${tier} here` })
  return {}
}

/** Settings that this protocol has no word for. Values that ask for what happens anyway are not missed. */
function reportUnknown(request: ChatRequest, lost: Loss[]): void {
  const drop = (path: string, reason: string): void => void lost.push({ path, kind: 'dropped', reason })
  if ((request.presencePenalty ?? 0) !== 0) drop('presence_penalty', 'there is no presence penalty here')
  if ((request.frequencyPenalty ?? 0) !== 0) drop('frequency_penalty', 'there is no frequency penalty here')
  if (request.seed !== undefined) drop('seed', 'sampling here cannot be seeded')
  if ((request.n ?? 1) > 1) drop('n', 'there is one answer to a request here')
  if (request.logprobs?.enabled === true) drop('logprobs', 'log probabilities are not told here')
  if (request.verbosity !== undefined) drop('verbosity', 'how wordy the answer is cannot be set here')
  if (request.metadata !== undefined && Object.keys(request.metadata).length > 0)
    drop('metadata', "metadata here is the end user's id alone")
  if (request.modalities?.some((modality) => modality !== 'text') === true) drop('modalities', 'answers here are text')
}
