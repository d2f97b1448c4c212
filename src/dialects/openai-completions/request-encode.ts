/**
 * Encodes a request. One that this dialect decoded goes out as it was spelled; a conversation of another protocol becomes a
 * transcript that the model is to continue, without tools and all else that a bare prompt cannot say.
 */
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { spelledStop } from '../../kernel/codec/stop-member.ts'
import { nextTurn } from '../../kernel/codec/transcript.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { writePrompt } from './prompt.ts'

/** As many as OpenAI accepts. */
const maxStops = 4
const maxLogprobs = 5
/** Without a limit OpenAI and vLLM stop after 16 tokens, which no client of a chat protocol expects. */
const usualMaxTokens = 1024

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(dialectId, request)
  const own = isOwn(request)
  writer.set('model', context.model)
  const transcribed = writePrompt(writer, request, lost)
  writer.set('echo', writer.note('echo'))
  if (request.stream || writer.wasExplicit('stream')) writer.set('stream', request.stream)
  // OpenAI refuses the option on a request that does not stream.
  if (own || (request.stream && request.streamUsage === true))
    writer.set('stream_options.include_usage', request.streamUsage)
  writer.set('temperature', request.temperature)
  writer.set('top_p', request.topP)
  writer.set('presence_penalty', request.presencePenalty)
  writer.set('frequency_penalty', request.frequencyPenalty)
  writer.set('seed', request.seed)
  writer.set('n', request.n)
  writer.set('user', request.endUser)
  writeMaxTokens(writer, request, context, lost)
  writeStop(writer, request, transcribed, lost)
  writeLogprobs(writer, request, lost)
  if (request.topK !== undefined) {
    if (writer.note('topK') === true) writer.set('top_k', request.topK)
    else drop(lost, 'top_k', `${dialectId} has no top_k`)
  }
  reportUnsaid(request, lost)
  return { json: writer.finish(), lost }
}

function writeMaxTokens(writer: MemberWriter, request: ChatRequest, context: EncodeContext, lost: Loss[]): void {
  const { maxOutputTokens } = request
  if (maxOutputTokens !== undefined || isOwn(request)) return writer.set('max_tokens', maxOutputTokens)
  const limit = Math.min(usualMaxTokens, context.maxOutput ?? usualMaxTokens)
  writer.set('max_tokens', limit)
  adapt(lost, 'max_tokens', `${dialectId} ends answers after a few words unless it is told otherwise; ${limit} is sent`)
}

/** A model that continues a transcript would go on to speak for the user. */
function writeStop(writer: MemberWriter, request: ChatRequest, transcribed: boolean, lost: Loss[]): void {
  const { stop = [] } = request
  const own = isOwn(request)
  if (!own && stop.length > maxStops)
    drop(
      lost,
      `stop_sequences[${maxStops}]`,
      `${dialectId} takes ${maxStops} stop sequences; those after them are not sent`,
    )
  const told = own ? stop : stop.slice(0, maxStops)
  const all = transcribed && told.length < maxStops ? [...told, nextTurn] : told
  if (all.length > 0) writer.set('stop', spelledStop(writer, all))
}

function writeLogprobs(writer: MemberWriter, request: ChatRequest, lost: Loss[]): void {
  const { logprobs } = request
  if (logprobs === undefined) return
  if (writer.note('switchedLogprobs') === true && logprobs.top === undefined)
    return writer.set('logprobs', logprobs.enabled)
  if (!logprobs.enabled) return
  const top = logprobs.top ?? 0
  if (!isOwn(request) && top > maxLogprobs)
    adapt(lost, 'top_logprobs', `${dialectId} tells ${maxLogprobs} alternatives to a token at most`)
  writer.set('logprobs', isOwn(request) ? top : Math.min(top, maxLogprobs))
}

/** Settings that only a conversation has. */
function reportUnsaid(request: ChatRequest, lost: Loss[]): void {
  const { tools = [], toolChoice, format, reasoning, verbosity, metadata, serviceTier, modalities } = request
  for (const [index, tool] of tools.entries())
    drop(lost, joinPath('tools', index), `${dialectId} has no tools: ${tool.name} is not offered`)
  if (toolChoice !== undefined && toolChoice.mode !== 'none' && toolChoice.mode !== 'auto')
    drop(lost, 'tool_choice', `${dialectId} has no tools to choose from`)
  if (format !== undefined && format.type !== 'text')
    drop(lost, 'response_format', `${dialectId} has no formats: say in the prompt that the answer is JSON`)
  if (reasoning !== undefined && reasoning.mode !== 'disabled' && reasoning.effort !== 'none')
    drop(lost, 'reasoning', `${dialectId} has no settings of reasoning`)
  if (verbosity !== undefined) drop(lost, 'verbosity', `${dialectId} has no verbosity`)
  if (metadata !== undefined) drop(lost, 'metadata', `${dialectId} has no metadata`)
  if (serviceTier !== undefined) drop(lost, 'service_tier', `${dialectId} has no service tiers`)
  if (modalities?.some((modality) => modality !== 'text') === true)
    drop(lost, 'modalities', `${dialectId} answers with text alone`)
}
