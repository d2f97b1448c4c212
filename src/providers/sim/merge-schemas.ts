/** Two JSON Schemas as one that asks for both, as far as that can be written down: what `allOf`, and a `$ref` with neighbours, mean. */
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

type Merge = (first: JsonValue, second: JsonValue) => JsonValue

const tightest =
  (choose: (a: number, b: number) => number): Merge =>
  (first, second) =>
    typeof first === 'number' && typeof second === 'number' ? choose(first, second) : second

const typesOf = (value: JsonValue): JsonValue[] => (Array.isArray(value) ? value : [value])

/** What both lists have; `number` covers `integer`. */
const commonTypes: Merge = (first, second) => {
  const [one, other] = [typesOf(first), typesOf(second)]
  const has = (list: JsonValue[], type: JsonValue): boolean =>
    list.includes(type) || (type === 'integer' && list.includes('number'))
  return [...new Set([...one.filter((type) => has(other, type)), ...other.filter((type) => has(one, type))])]
}

const both: Merge = (first, second) => ({ allOf: [first, second] })

const merges: Readonly<Record<string, Merge>> = {
  type: commonTypes,
  required: (first, second) =>
    Array.isArray(first) && Array.isArray(second) ? [...new Set([...first, ...second])] : second,
  enum: (first, second) => {
    if (!Array.isArray(first) || !Array.isArray(second)) return second
    const allowed = new Set(second.map((value) => JSON.stringify(value)))
    return first.filter((value) => allowed.has(JSON.stringify(value)))
  },
  properties: (first, second) => {
    if (!isJsonObject(first) || !isJsonObject(second)) return second
    const merged: JsonObject = { ...first }
    for (const [name, schema] of Object.entries(second)) {
      const known = Object.hasOwn(merged, name) ? merged[name] : undefined
      if (schema !== undefined) merged[name] = known === undefined ? schema : both(known, schema)
    }
    return merged
  },
  items: both,
  additionalProperties: (first, second) => (first === false || second === false ? false : both(first, second)),
  minimum: tightest(Math.max),
  exclusiveMinimum: tightest(Math.max),
  minLength: tightest(Math.max),
  minItems: tightest(Math.max),
  minProperties: tightest(Math.max),
  maximum: tightest(Math.min),
  exclusiveMaximum: tightest(Math.min),
  maxLength: tightest(Math.min),
  maxItems: tightest(Math.min),
  maxProperties: tightest(Math.min),
  uniqueItems: (first, second) => first === true || second === true,
  allOf: (first, second) => [...typesOf(first), ...typesOf(second)],
}

/** Alternatives on both sides cannot be mixed: the second side's wait in `allOf`. */
const alternatives = new Set(['anyOf', 'oneOf', '$ref'])

export function mergeSchemas(first: JsonObject, second: JsonObject): JsonObject {
  const merged: JsonObject = { ...first }
  const waiting: JsonValue[] = []
  for (const [key, value] of Object.entries(second)) {
    const known = Object.hasOwn(merged, key) ? merged[key] : undefined
    if (value === undefined) continue
    if (known === undefined) merged[key] = value
    else if (alternatives.has(key)) waiting.push({ [key]: value })
    else merged[key] = (Object.hasOwn(merges, key) ? merges[key] : undefined)?.(known, value) ?? value
  }
  if (waiting.length > 0) merged['allOf'] = [...typesOf(merged['allOf'] ?? []), ...waiting]
  return merged
}
