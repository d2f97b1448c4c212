/** Filters as Bedrock writes them: an object with one member, which is the comparison or the compound. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { SearchComparison, SearchFilter } from '../../model/search.ts'

const words: Readonly<Record<SearchComparison, string>> = {
  eq: 'equals',
  ne: 'notEquals',
  gt: 'greaterThan',
  gte: 'greaterThanOrEquals',
  lt: 'lessThan',
  lte: 'lessThanOrEquals',
  in: 'in',
  nin: 'notIn',
}
const comparisonOf = new Map(Object.entries(words).map(([type, word]) => [word, type as SearchComparison]))
const compounds = { and: 'andAll', or: 'orAll' } as const

export function encodeFilter(filter: SearchFilter): JsonObject {
  if (!('filters' in filter)) return { [words[filter.type]]: { key: filter.key, value: filter.value } }
  // A compound of one is none to Bedrock, which wants two at least.
  const [only] = filter.filters
  if (only !== undefined && filter.filters.length === 1) return encodeFilter(only)
  return { [compounds[filter.type]]: filter.filters.map(encodeFilter) }
}

/** Undefined for one that has no counterpart elsewhere. */
export function decodeFilter(json: JsonValue): SearchFilter | undefined {
  const [word, value] = Object.entries(isJsonObject(json) ? json : {})[0] ?? []
  if (Array.isArray(value)) {
    const filters = value.map(decodeFilter).filter((filter) => filter !== undefined)
    if (filters.length < value.length) return undefined
    if (word === compounds.and) return { type: 'and', filters }
    return word === compounds.or ? { type: 'or', filters } : undefined
  }
  const type = word === undefined ? undefined : comparisonOf.get(word)
  if (type === undefined || !isJsonObject(value) || typeof value['key'] !== 'string') return undefined
  return { type, key: value['key'], value: value['value'] ?? null }
}
