/**
 * Token counts, both ways. `billed_units` is what is paid for; `tokens` also counts what Cohere itself puts around a prompt, and
 * `cached_tokens` is a share of those (docs.cohere.com/reference/chat, Usage).
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './report.ts'

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Undefined for anything that is not an object: usage is never worth failing an answer for. */
export function decodeUsage(raw: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(raw)) return undefined
  const billed = isJsonObject(raw['billed_units']) ? raw['billed_units'] : {}
  const tokens = isJsonObject(raw['tokens']) ? raw['tokens'] : {}
  const all = countOf(tokens['input_tokens'])
  const input = countOf(billed['input_tokens']) ?? all ?? 0
  const cached = countOf(raw['cached_tokens'])
  // At least so many of the billed tokens were cached: the others cannot hold more than there are of them.
  const cacheRead = cached === undefined ? undefined : Math.max(0, cached - Math.max(0, (all ?? input) - input))
  const tools = ['search_units', 'classifications'].flatMap((name): [string, number][] => {
    const count = countOf(billed[name])
    return count === undefined ? [] : [[name, count]]
  })
  return {
    input: { total: input, ...(cacheRead !== undefined && { cacheRead: Math.min(cacheRead, input) }) },
    output: { total: countOf(billed['output_tokens']) ?? countOf(tokens['output_tokens']) ?? 0 },
    ...(tools.length > 0 && { serverTools: Object.fromEntries(tools) }),
    raw: { [dialectId]: raw },
  }
}

export function encodeUsage(usage: Usage, lost: Loss[]): JsonObject {
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return raw
  const { input, output, serverTools } = usage
  const shares = {
    'usage.input.cache_write': input.cacheWrite,
    'usage.output.reasoning': output.reasoning,
    'usage.input.audio': input.audio,
    'usage.input.image': input.image,
    'usage.output.audio': output.audio,
    'usage.output.image': output.image,
  }
  for (const [path, share] of Object.entries(shares))
    if (share !== undefined && share > 0) drop(lost, path, 'tokens here are counted without their kinds')
  for (const [name, calls] of Object.entries(serverTools ?? {}))
    if (calls > 0) drop(lost, `usage.server_tools.${name}`, 'calls of tools are not counted here')
  const counts = { input_tokens: input.total, output_tokens: output.total }
  return {
    billed_units: counts,
    tokens: { ...counts },
    ...(input.cacheRead !== undefined && { cached_tokens: input.cacheRead }),
  }
}
