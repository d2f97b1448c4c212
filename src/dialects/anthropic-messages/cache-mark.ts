/** `cache_control` to a cache mark and back. What it says beyond type and lifetime is carried along. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { unknownMembers } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { CacheMark } from '../../model/part.ts'
import { optional, readObject } from './reading.ts'

const known = new Set(['type', 'ttl'])

export interface ReadCacheMark {
  readonly cache?: CacheMark
  /** Members that the mark has no place for; the whole of a kind of mark that is not known. */
  readonly rest?: JsonObject | undefined
}

export function decodeCacheMark(block: JsonObject, path: string): ReadCacheMark {
  const value = optional(block['cache_control'], joinPath(path, 'cache_control'), readObject)
  if (value === undefined) return {}
  const { type, ttl } = value
  const usual = ttl === undefined || ttl === '5m' || ttl === '1h'
  if (type !== 'ephemeral' || !usual) return { rest: value }
  return { cache: ttl === undefined ? {} : { ttl }, rest: unknownMembers(value, known) }
}

export function encodeCacheMark(cache: CacheMark | undefined): Record<string, JsonValue> {
  if (cache === undefined) return {}
  return { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
}
