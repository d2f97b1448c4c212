/**
 * Google's own form of schemas, a subset of OpenAPI's with types in capitals, as JSON Schema, which every other protocol speaks.
 * Nothing is turned the other way: Google takes JSON Schema as well, under a name of its own. https://ai.google.dev/api/caching#Schema
 */
import { isDeepStrictEqual } from 'node:util'
import { define } from '../../kernel/codec/member-reader.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { camelCase } from './members.ts'

const types: ReadonlySet<string> = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'])
/** 64-bit integers, which protocol buffers write as strings. */
const counts: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

export function toJsonSchema(schema: JsonObject): JsonObject {
  const out: JsonObject = {}
  let nullable = false
  for (const spelled of Object.keys(schema)) {
    const value = schema[spelled]
    if (value === undefined) continue
    const key = camelCase(spelled)
    if (key === 'nullable') nullable = value === true
    else if (key === 'propertyOrdering' || (key === 'format' && value === 'enum')) continue
    else if (key === 'example') out['examples'] = [value]
    else define(out, key, convert(key, value))
  }
  return nullable ? withNull(out) : out
}

function convert(key: string, value: JsonValue): JsonValue {
  if (key === 'type') return typeof value === 'string' && types.has(value) ? value.toLowerCase() : value
  if (counts.has(key)) return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (key === 'properties' || key === '$defs' || key === 'defs') return isJsonObject(value) ? eachMember(value) : value
  if (Array.isArray(value)) return key === 'anyOf' ? value.map(convertSchema) : value
  return key === 'items' || key === 'additionalProperties' ? convertSchema(value) : value
}

function convertSchema(value: JsonValue): JsonValue {
  return isJsonObject(value) ? toJsonSchema(value) : value
}

function eachMember(schemas: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const name of Object.keys(schemas)) {
    const schema = schemas[name]
    if (schema !== undefined) define(out, name, convertSchema(schema))
  }
  return out
}

/** JSON Schema has a type of its own for what may be null. */
function withNull(schema: JsonObject): JsonObject {
  const { type, anyOf, enum: choices } = schema
  return {
    ...schema,
    ...(typeof type === 'string' && { type: [type, 'null'] }),
    ...(typeof type !== 'string' && Array.isArray(anyOf) && { anyOf: [...anyOf, { type: 'null' }] }),
    ...(Array.isArray(choices) && !choices.includes(null) && { enum: [...choices, null] }),
  }
}

/** Whether `spelled`, as it came, still says `schema`. */
export function stillSays(spelled: JsonValue | undefined, schema: JsonObject | undefined): spelled is JsonObject {
  return isJsonObject(spelled) && isDeepStrictEqual(toJsonSchema(spelled), schema)
}
