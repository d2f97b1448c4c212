/**
 * Token counts, both ways. Google counts cached tokens within the prompt, what its own tools read beside it, and thoughts beside the
 * answer. https://ai.google.dev/api/generate-content#UsageMetadata
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { InputUsage, OutputUsage, Usage } from '../../model/usage.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './losses.ts'
import { memberOf } from './members.ts'

const counts = [
  'promptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
  'totalTokenCount',
] as const

/** Undefined for what counts nothing: usage is never worth failing an answer for. */
export function decodeUsage(json: unknown): Usage | undefined {
  if (!isJsonObject(json)) return undefined
  const of = (key: string): number | undefined => countOf(memberOf(json, key))
  if (counts.every((key) => of(key) === undefined)) return undefined
  const reasoning = of('thoughtsTokenCount')
  const cacheRead = of('cachedContentTokenCount')
  const read = [memberOf(json, 'promptTokensDetails'), memberOf(json, 'toolUsePromptTokensDetails')]
  const written = [memberOf(json, 'candidatesTokensDetails')]
  return {
    input: {
      total: (of('promptTokenCount') ?? 0) + (of('toolUsePromptTokenCount') ?? 0),
      ...(cacheRead !== undefined && { cacheRead }),
      ...shares(read),
    },
    output: {
      total: (of('candidatesTokenCount') ?? 0) + (reasoning ?? 0),
      ...(reasoning !== undefined && { reasoning }),
      ...shares(written),
    },
    raw: { [dialectId]: json },
  }
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The tokens of sounds and pictures in lists of `{ modality, tokenCount }`. */
function shares(lists: readonly (JsonValue | undefined)[]): { audio?: number; image?: number } {
  const sums = new Map<string, number>()
  for (const list of lists) {
    for (const entry of Array.isArray(list) ? list : []) {
      if (!isJsonObject(entry) || typeof entry['modality'] !== 'string') continue
      const tokens = countOf(memberOf(entry, 'tokenCount'))
      if (tokens !== undefined) sums.set(entry['modality'], (sums.get(entry['modality']) ?? 0) + tokens)
    }
  }
  const audio = sums.get('AUDIO')
  const image = sums.get('IMAGE')
  return { ...(audio !== undefined && { audio }), ...(image !== undefined && { image }) }
}

export function encodeUsage(usage: Usage, lost: Loss[]): JsonObject {
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return raw
  const { input, output } = usage
  reportUncounted(usage, lost)
  const reasoning = output.reasoning ?? 0
  return {
    promptTokenCount: input.total,
    ...(input.cacheRead !== undefined && { cachedContentTokenCount: input.cacheRead }),
    candidatesTokenCount: Math.max(0, output.total - reasoning),
    ...(output.reasoning !== undefined && { thoughtsTokenCount: reasoning }),
    totalTokenCount: input.total + output.total,
    ...details('promptTokensDetails', input.total, input),
    ...details('candidatesTokensDetails', output.total - reasoning, output),
  }
}

function details(key: string, total: number, { audio = 0, image = 0 }: InputUsage | OutputUsage): JsonObject {
  if (audio === 0 && image === 0) return {}
  const entries: readonly (readonly [string, number])[] = [
    ['TEXT', total - audio - image],
    ['IMAGE', image],
    ['AUDIO', audio],
  ]
  return {
    [key]: entries.flatMap(([modality, tokens]) => (tokens > 0 ? [{ modality, tokenCount: tokens }] : [])),
  }
}

function reportUncounted({ input, serverTools }: Usage, lost: Loss[]): void {
  if ((input.cacheWrite ?? 0) > 0)
    drop(lost, 'usage.cache_write', `${dialectId} does not tell what was written to a cache; the total includes it`)
  for (const [name, calls] of Object.entries(serverTools ?? {}))
    if (calls > 0) drop(lost, joinPath('usage.server_tools', name), `${dialectId} usage counts no tools`)
}
