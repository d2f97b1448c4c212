/**
 * Service tiers, both ways: asked for in `serviceTier`, and told with the usage, since a priority that is used up is served as standard.
 * https://ai.google.dev/gemini-api/docs/priority-inference
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './losses.ts'
import { memberOf } from './members.ts'

/** Google's word → everybody's. */
const tiers: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['standard', 'default'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])

/** Undefined for any other word, which stays unmodelled. */
export const decodeTier = (word: JsonValue | undefined): string | undefined => tiers.get(word)

/** The tier that `usageMetadata` tells. */
export function tierIn(usage: JsonValue | undefined): string | undefined {
  return isJsonObject(usage) ? decodeTier(memberOf(usage, 'serviceTier')) : undefined
}

const words: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
])

/** What asks for what happens anyway, in other protocols. */
const usual: ReadonlySet<string> = new Set(['auto', 'standard_only'])

export function encodeTier(tier: string | undefined, lost: Loss[]): string | undefined {
  const word = tier === undefined ? undefined : words.get(tier)
  if (word !== undefined || tier === undefined || usual.has(tier)) return word
  return drop(lost, 'service_tier', `${dialectId} has no service tier ${tier}`)
}

/** `usage` with the tier in it, unless it has one in Google's own words. */
export function withTier(usage: JsonObject, tier: string | undefined, lost: Loss[]): JsonObject {
  if (tier === undefined || tierIn(usage) === tier) return usage
  const word = encodeTier(tier, lost)
  return word === undefined ? usage : { ...usage, serviceTier: word }
}
