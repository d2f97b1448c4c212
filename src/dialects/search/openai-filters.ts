/** What OpenAI's clients filter by: comparisons of attributes, and both kinds of compounds of them. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { SearchComparison, SearchFilter } from '../../model/search.ts'

const comparisons: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin'])
const isComparison = (type: string): type is SearchComparison => comparisons.has(type)

export function decodeFilter(json: JsonValue, path: string): SearchFilter {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const { type, key, value, filters } = json
  if (type === 'and' || type === 'or') {
    if (!Array.isArray(filters)) throw wrongType(joinPath(path, 'filters'), 'an array of filters', filters)
    const inside = joinPath(path, 'filters')
    return { type, filters: filters.map((filter, index) => decodeFilter(filter, joinPath(inside, index))) }
  }
  if (typeof type !== 'string' || !isComparison(type)) {
    const words = [...comparisons, 'and', 'or'].join(', ')
    throw invalidRequest(joinPath(path, 'type'), `\`${joinPath(path, 'type')}\` must be one of ${words}.`)
  }
  if (typeof key !== 'string') throw wrongType(joinPath(path, 'key'), 'a string', key)
  if (value === undefined || value === null || isJsonObject(value))
    throw wrongType(joinPath(path, 'value'), 'a text, a number, true, false or an array', value)
  return { type, key, value }
}

export function encodeFilter(filter: SearchFilter): JsonObject {
  return 'filters' in filter ? { type: filter.type, filters: filter.filters.map(encodeFilter) } : { ...filter }
}
