/**
 * JSON schemas of other protocols made fit for structured output here, which wants every object closed and knows few constraints.
 * What it would refuse is left out; the shape stays.
 */
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'

/** Constraints that are refused. Source: Anthropic's page on structured outputs. */
const refused: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
])

/** Members whose values are schemas by name, and those whose values are a schema or a list of them. */
const byName: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const nested: ReadonlySet<string> = new Set(['items', 'anyOf', 'oneOf', 'allOf', 'prefixItems', 'not'])

export interface FitSchema {
  readonly schema: JsonObject
  /** What was changed, in a person's words; empty when nothing was. */
  readonly changes: readonly string[]
}

export function fitSchema(schema: JsonObject): FitSchema {
  const changes = new Set<string>()
  return { schema: fit(schema, changes), changes: [...changes] }
}

function fit(schema: JsonObject, changes: Set<string>): JsonObject {
  const entries: [string, JsonValue | undefined][] = []
  for (const [key, value] of Object.entries(schema)) {
    if (refused.has(key) || (key === 'minItems' && value !== 0 && value !== 1)) changes.add(`without ${key}`)
    else if (byName.has(key) && isJsonObject(value)) {
      entries.push([
        key,
        Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fitAny(inner, changes)])),
      ])
    } else entries.push([key, nested.has(key) ? fitAny(value, changes) : value])
  }
  const isObject = schema['type'] === 'object' || isJsonObject(schema['properties'])
  if (!isObject || schema['additionalProperties'] === false) return Object.fromEntries(entries)
  changes.add('objects take no further members')
  return { ...Object.fromEntries(entries), additionalProperties: false }
}

function fitAny(value: JsonValue | undefined, changes: Set<string>): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => (isJsonObject(item) ? fit(item, changes) : item))
  return isJsonObject(value) ? fit(value, changes) : value
}
