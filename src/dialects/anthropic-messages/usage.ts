/** Token counts, both ways. This protocol counts cached input apart from `input_tokens`, and thinking within `output_tokens`. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'

/** A count that may be missing, null or, at services that only resemble this protocol, anything else. */
function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Undefined when there is no usage object. */
export function decodeUsage(raw: unknown): Usage | undefined {
  if (!isJsonObject(raw)) return undefined
  const cacheRead = countOf(raw['cache_read_input_tokens'])
  const cacheWrite = countOf(raw['cache_creation_input_tokens'])
  const creation = raw['cache_creation']
  const cacheWrite1h = isJsonObject(creation) ? countOf(creation['ephemeral_1h_input_tokens']) : undefined
  const details = raw['output_tokens_details']
  const reasoning = isJsonObject(details) ? countOf(details['thinking_tokens']) : undefined
  const serverTools = serverToolCounts(raw['server_tool_use'])
  return {
    input: {
      total: (countOf(raw['input_tokens']) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
      ...(cacheRead !== undefined && { cacheRead }),
      ...(cacheWrite !== undefined && { cacheWrite }),
      ...(cacheWrite1h !== undefined && { cacheWrite1h }),
    },
    output: { total: countOf(raw['output_tokens']) ?? 0, ...(reasoning !== undefined && { reasoning }) },
    ...(serverTools !== undefined && { serverTools }),
    raw: { [dialectId]: raw },
  }
}

function serverToolCounts(value: JsonValue | undefined): Record<string, number> | undefined {
  if (!isJsonObject(value)) return undefined
  const counts = Object.entries(value).flatMap(([name, count]): [string, number][] => {
    const known = countOf(count)
    return known === undefined ? [] : [[name, known]]
  })
  return Object.fromEntries(counts)
}

/**
 * A stream tells its usage twice: `message_start` has the input and the details, `message_delta` what it came to. Later counts replace
 * earlier ones; a null where something was known says nothing.
 */
export function mergeUsage(before: JsonObject | undefined, after: JsonObject): JsonObject {
  const merged: JsonObject = { ...before }
  for (const [key, value] of Object.entries(after)) {
    if (value === null && merged[key] !== undefined) continue
    Object.defineProperty(merged, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return merged
}

/** Always a complete object, since clients read its counts without asking. `serviceTier` is the response's. */
export function encodeUsage(usage: Usage | undefined, serviceTier: string | undefined, lost: Loss[]): JsonObject {
  const raw = usage?.raw?.[dialectId]
  if (raw !== undefined) return raw
  const tier = encodeTier(serviceTier, lost)
  if (usage === undefined) return { input_tokens: 0, output_tokens: 0, ...tier }
  const { input, output, serverTools } = usage
  const read = input.cacheRead ?? 0
  const write = input.cacheWrite ?? 0
  reportMedia(usage, lost)
  return {
    input_tokens: Math.max(0, input.total - read - write),
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    ...(input.cacheWrite1h !== undefined && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, write - input.cacheWrite1h),
        ephemeral_1h_input_tokens: input.cacheWrite1h,
      },
    }),
    output_tokens: output.total,
    ...(output.reasoning !== undefined && { output_tokens_details: { thinking_tokens: output.reasoning } }),
    ...(serverTools !== undefined && { server_tool_use: { ...serverTools } }),
    ...tier,
  }
}

function reportMedia({ input, output }: Usage, lost: Loss[]): void {
  const shares = {
    'usage.input.audio': input.audio,
    'usage.input.image': input.image,
    'usage.output.audio': output.audio,
    'usage.output.image': output.image,
  }
  for (const [path, share] of Object.entries(shares)) {
    if (share !== undefined && share > 0)
      lost.push({ path, kind: 'dropped', reason: 'tokens here are not counted by medium; the totals include them' })
  }
}

/** The tier that served the request. */
export function decodeTier(raw: unknown): string | undefined {
  const tier = isJsonObject(raw) ? raw['service_tier'] : undefined
  if (typeof tier !== 'string') return undefined
  return tier === 'standard' ? 'default' : tier
}

function encodeTier(tier: string | undefined, lost: Loss[]): { service_tier?: string } {
  if (tier === undefined) return {}
  if (tier === 'default' || tier === 'standard') return { service_tier: 'standard' }
  if (tier === 'priority' || tier === 'batch') return { service_tier: tier }
  lost.push({ path: 'service_tier', kind: 'dropped', reason: `there is no service tier ${tier} here` })
  return {}
}
