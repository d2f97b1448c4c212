/**
 * Usage in this dialect. `input_tokens` includes cached ones, `output_tokens` reasoning. Billable searches are told beside it, in
 * `tool_usage`. Details that nobody names here stay in `raw`.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './losses.ts'

function count(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Undefined for anything that is not an object: usage is never worth failing an answer for. */
export function decodeUsage(json: JsonValue | undefined, toolUsage?: JsonValue): Usage | undefined {
  if (!isJsonObject(json)) return undefined
  const input = isJsonObject(json['input_tokens_details']) ? json['input_tokens_details'] : {}
  const output = isJsonObject(json['output_tokens_details']) ? json['output_tokens_details'] : {}
  const read = count(json['input_tokens']) ?? 0
  const told = count(json['output_tokens']) ?? 0
  const reasoning = count(output['reasoning_tokens'])
  // A service that counts reasoning apart shows it by its total.
  const rest = (count(json['total_tokens']) ?? 0) - read
  const written = rest > told && rest === told + (reasoning ?? 0) ? rest : told
  const cacheRead = count(input['cached_tokens'])
  const cacheWrite = count(input['cache_write_tokens'])
  const searches = billableSearches(toolUsage)
  return {
    input: {
      total: read,
      ...(cacheRead !== undefined && { cacheRead }),
      ...(cacheWrite !== undefined && { cacheWrite }),
    },
    output: { total: written, ...(reasoning !== undefined && { reasoning }) },
    ...(searches > 0 && { serverTools: { web_search_requests: searches } }),
    raw: { [dialectId]: json },
  }
}

function billableSearches(toolUsage: JsonValue | undefined): number {
  const search = isJsonObject(toolUsage) ? toolUsage['web_search'] : undefined
  return (isJsonObject(search) ? count(search['num_requests']) : undefined) ?? 0
}

/** `usage`, and `tool_usage` where searches were billed. */
export interface UsageMembers {
  readonly usage: JsonObject
  readonly toolUsage?: JsonObject
}

export function encodeUsage(usage: Usage, lost: Loss[]): UsageMembers {
  const { web_search_requests: searches = 0, ...others } = usage.serverTools ?? {}
  const searched = searches > 0 && { toolUsage: toolUsage(searches) }
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return { usage: raw, ...searched }
  const { input, output } = usage
  for (const [name, calls] of Object.entries(others))
    if (calls > 0) drop(lost, `usage.server_tool_use.${name}`, `${dialectId} usage does not count this tool`)
  const untold = {
    'usage.cache_creation.ephemeral_1h_input_tokens': input.cacheWrite1h,
    'usage.prompt_tokens_details.audio_tokens': input.audio,
    'usage.prompt_tokens_details.image_tokens': input.image,
    'usage.completion_tokens_details.audio_tokens': output.audio,
    'usage.completion_tokens_details.image_tokens': output.image,
  }
  for (const [path, tokens] of Object.entries(untold))
    if (tokens !== undefined && tokens > 0) drop(lost, path, `${dialectId} usage does not tell these apart`)
  const told: JsonObject = {
    input_tokens: input.total,
    input_tokens_details: { cached_tokens: input.cacheRead ?? 0, cache_write_tokens: input.cacheWrite ?? 0 },
    output_tokens: output.total,
    output_tokens_details: { reasoning_tokens: output.reasoning ?? 0 },
    total_tokens: input.total + output.total,
  }
  return { usage: told, ...searched }
}

/** Tools that did nothing are told with zeros. */
function toolUsage(searches: number): JsonObject {
  return {
    image_gen: {
      input_tokens: 0,
      input_tokens_details: { image_tokens: 0, text_tokens: 0 },
      output_tokens: 0,
      total_tokens: 0,
    },
    web_search: { num_requests: searches },
  }
}
