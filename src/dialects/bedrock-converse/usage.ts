/**
 * Token counts, both ways. `inputTokens` leaves out what was read from or written to the cache, which are told beside it
 * (docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
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
  const cacheRead = countOf(raw['cacheReadInputTokens'])
  const cacheWrite = countOf(raw['cacheWriteInputTokens'])
  const cacheWrite1h = hourlyWrites(raw['cacheDetails'])
  const serverTools = toolCounts(raw['serverToolUsage'])
  return {
    input: {
      total: (countOf(raw['inputTokens']) ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
      ...(cacheRead !== undefined && { cacheRead }),
      ...(cacheWrite !== undefined && { cacheWrite }),
      ...(cacheWrite1h !== undefined && { cacheWrite1h }),
    },
    output: { total: countOf(raw['outputTokens']) ?? 0 },
    ...(serverTools !== undefined && { serverTools }),
    raw: { [dialectId]: raw },
  }
}

function hourlyWrites(details: JsonValue | undefined): number | undefined {
  if (!Array.isArray(details)) return undefined
  const counts = details.flatMap((detail) =>
    isJsonObject(detail) && detail['ttl'] === '1h' ? [countOf(detail['inputTokens']) ?? 0] : [],
  )
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0)
}

function toolCounts(value: JsonValue | undefined): Record<string, number> | undefined {
  if (!isJsonObject(value)) return undefined
  const counts = Object.entries(value).flatMap(([name, count]): [string, number][] => {
    const known = countOf(count)
    return known === undefined ? [] : [[name, known]]
  })
  return counts.length === 0 ? undefined : Object.fromEntries(counts)
}

/** Always complete, since clients read its counts without asking. */
export function encodeUsage(usage: Usage | undefined, lost: Loss[]): JsonObject {
  const raw = usage?.raw?.[dialectId]
  if (raw !== undefined) return raw
  if (usage === undefined) return { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  const { input, output, serverTools } = usage
  const { cacheRead, cacheWrite, cacheWrite1h } = input
  const shares = {
    'usage.output.reasoning': output.reasoning,
    'usage.input.audio': input.audio,
    'usage.input.image': input.image,
    'usage.output.audio': output.audio,
    'usage.output.image': output.image,
  }
  for (const [path, share] of Object.entries(shares))
    if (share !== undefined && share > 0) drop(lost, path, 'tokens here are counted without their kinds')
  return {
    inputTokens: Math.max(0, input.total - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    outputTokens: output.total,
    totalTokens: input.total + output.total,
    ...(cacheRead !== undefined && { cacheReadInputTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteInputTokens: cacheWrite }),
    ...(cacheWrite1h !== undefined && { cacheDetails: writeDetails(cacheWrite ?? 0, cacheWrite1h) }),
    ...(serverTools !== undefined && { serverToolUsage: { ...serverTools } }),
  }
}

function writeDetails(all: number, hourly: number): JsonObject[] {
  const short = Math.max(0, all - hourly)
  return [{ ttl: '1h', inputTokens: hourly }, ...(short > 0 ? [{ ttl: '5m', inputTokens: short }] : [])]
}
