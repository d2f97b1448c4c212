/**
 * Usage in OpenAI's protocols with `choices`. `prompt_tokens` includes cached ones; `completion_tokens` includes reasoning at OpenAI but not at xAI, where
 * only the total does. Details that nobody names here stay in `raw`.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'

export interface OpenaiUsageCodec {
  /** Undefined for anything that is not an object: usage is never worth failing an answer for. */
  decode(json: JsonValue | undefined): Usage | undefined
  encode(usage: Usage, lost: Loss[]): JsonObject
  /** The usage of a stream's chunk, wherever the service puts it: at the top, in Groq's own member, or in the choice (Moonshot). */
  ofChunk(chunk: JsonObject): Usage | undefined
}

/** `dialectId` owns what is told again word for word. */
export function openaiUsageCodec(dialectId: string): OpenaiUsageCodec {
  const decode = (json: JsonValue | undefined): Usage | undefined => decodeUsage(json, dialectId)
  return {
    decode,
    encode: (usage, lost) => encodeUsage(usage, dialectId, lost),
    ofChunk: (chunk) => ofChunk(chunk, decode),
  }
}

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function decodeUsage(json: JsonValue | undefined, dialectId: string): Usage | undefined {
  if (!isJsonObject(json)) return undefined
  const prompt = isJsonObject(json['prompt_tokens_details']) ? json['prompt_tokens_details'] : {}
  const completion = isJsonObject(json['completion_tokens_details']) ? json['completion_tokens_details'] : {}
  const input = count(json['prompt_tokens']) ?? 0
  const told = count(json['completion_tokens']) ?? 0
  const reasoning = count(completion['reasoning_tokens'])
  const rest = (count(json['total_tokens']) ?? 0) - input
  const output = rest > told && rest === told + (reasoning ?? 0) ? rest : told
  const inputShares = {
    cacheRead: count(prompt['cached_tokens']) ?? count(json['prompt_cache_hit_tokens']) ?? count(json['cached_tokens']),
    cacheWrite: count(prompt['cache_write_tokens']) ?? count(prompt['cache_creation_tokens']),
    audio: count(prompt['audio_tokens']),
    image: count(prompt['image_tokens']),
  }
  const outputShares = { reasoning, audio: count(completion['audio_tokens']), image: count(completion['image_tokens']) }
  return {
    input: { total: input, ...sharesTold(inputShares) },
    output: { total: output, ...sharesTold(outputShares) },
    raw: { [dialectId]: json },
  }
}

function sharesTold<T extends Record<string, number | undefined>>(shares: T): { [K in keyof T]?: number } {
  const kept: { [K in keyof T]?: number } = {}
  for (const key of Object.keys(shares) as (keyof T)[]) {
    const value = shares[key]
    if (value !== undefined) kept[key] = value
  }
  return kept
}

function encodeUsage(usage: Usage, dialectId: string, lost: Loss[]): JsonObject {
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return raw
  const { input, output } = usage
  for (const [name, calls] of Object.entries(usage.serverTools ?? {})) {
    if (calls > 0) drop(lost, `usage.server_tool_use.${name}`, `${dialectId} usage counts no tools`)
  }
  if (input.cacheWrite1h !== undefined && input.cacheWrite1h > 0)
    drop(lost, 'usage.cache_creation.ephemeral_1h_input_tokens', `${dialectId} usage knows one kind of cache write`)
  const prompt = sharesTold({
    cached_tokens: input.cacheRead,
    cache_write_tokens: input.cacheWrite,
    audio_tokens: input.audio,
    image_tokens: input.image,
  })
  const completion = sharesTold({
    reasoning_tokens: output.reasoning,
    audio_tokens: output.audio,
    image_tokens: output.image,
  })
  return {
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: input.total + output.total,
    ...(Object.keys(prompt).length > 0 && { prompt_tokens_details: prompt }),
    ...(Object.keys(completion).length > 0 && { completion_tokens_details: completion }),
  }
}

function ofChunk(chunk: JsonObject, decode: OpenaiUsageCodec['decode']): Usage | undefined {
  const direct = decode(chunk['usage'])
  if (direct !== undefined) return direct
  const groq = chunk['x_groq']
  if (isJsonObject(groq)) return decode(groq['usage'])
  const [choice] = Array.isArray(chunk['choices']) ? chunk['choices'] : []
  return isJsonObject(choice) ? decode(choice['usage']) : undefined
}
