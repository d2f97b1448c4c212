/**
 * Schemas whose values need not be objects, made the only member of an object: arguments of tools are objects everywhere, and a bare
 * word or number could not be told from what a model says around it.
 */
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'

export const wrapperMember = 'value'

/** At the top of a tool's schema some services take none of these. */
const combining = ['anyOf', 'oneOf', 'allOf', 'not', 'if', '$ref', 'enum', 'const'] as const

/** Every value is plainly an object. */
export function isObjectSchema(schema: JsonObject): boolean {
  if (combining.some((word) => Object.hasOwn(schema, word))) return false
  return schema['type'] === 'object' || (schema['type'] === undefined && isJsonObject(schema['properties']))
}

/** Every value is plainly a list. */
export function isListSchema(schema: JsonObject): boolean {
  return schema['type'] === 'array' && !combining.some((word) => Object.hasOwn(schema, word))
}

export function wrapped(schema: JsonObject): JsonObject {
  const { $defs, definitions, $schema, ...rest } = schema
  const at = `#/properties/${wrapperMember}`
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { [wrapperMember]: moved(rest, at) },
    required: [wrapperMember],
    additionalProperties: false,
    ...($defs !== undefined && { $defs: moved($defs, at) }),
    ...(definitions !== undefined && { definitions: moved(definitions, at) }),
  }
}

/** References to the root, or to what is below it, lead to where that is now. Definitions stay at the top. */
function moved(value: JsonValue, at: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => moved(item, at))
  if (!isJsonObject(value) || (JSON as unknown as RawJson).isRawJSON(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, JsonValue | undefined] => {
      if (inner === undefined) return [key, inner]
      if (key !== '$ref' || typeof inner !== 'string') return [key, moved(inner, at)]
      const stays = !/^#(?:\/|$)/.test(inner) || /^#\/(?:\$defs|definitions)\//.test(inner)
      return [key, stays ? inner : at + inner.slice(1)]
    }),
  )
}

// Declared in no TypeScript library yet: a number kept as its digits. https://tc39.es/proposal-json-parse-with-source/
interface RawJson {
  isRawJSON(value: unknown): boolean
}
