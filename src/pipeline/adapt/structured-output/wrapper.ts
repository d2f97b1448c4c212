/**
 * Schemas whose values need not be objects, made the only member of an object: arguments of tools are objects everywhere, and a bare
 * word or number could not be told from what a model says around it.
 */
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { Opening } from './value-finder.ts'

export const wrapperMember = 'value'

/** At the top of a tool's schema some services take none of these. */
const combining = ['anyOf', 'oneOf', 'allOf', 'not', 'if', '$ref', 'enum', 'const'] as const

/** Every value is plainly an object. */
export function isObjectSchema(schema: JsonObject): boolean {
  if (combining.some((word) => Object.hasOwn(schema, word))) return false
  return schema['type'] === 'object' || (schema['type'] === undefined && isJsonObject(schema['properties']))
}

/** References and alternatives that are followed to find out what values begin with. */
const deepest = 16

/** What every value that fits begins with; undefined where it may be a bare word or number, or cannot be told. */
export function openingOf(schema: JsonObject): Opening | undefined {
  const types = containersIn(schema, schema, 0)
  if (types === undefined || types.size === 0) return undefined
  if (types.size === 2) return '{['
  return types.has('object') ? '{' : '['
}

/** The kinds of containers that values can be; undefined where they can be anything else. */
function containersIn(schema: JsonValue | undefined, root: JsonObject, depth: number): Set<string> | undefined {
  if (!isJsonObject(schema) || depth > deepest) return undefined
  const { type, $ref } = schema
  if (type !== undefined) {
    const types = Array.isArray(type) ? type : [type]
    return types.every((one) => one === 'object' || one === 'array') ? new Set(types) : undefined
  }
  if (typeof $ref === 'string') return containersIn(referred($ref, root), root, depth + 1)
  const alternatives = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(alternatives)) {
    const all = alternatives.map((one) => containersIn(one, root, depth + 1))
    if (all.includes(undefined)) return undefined
    return new Set(all.flatMap((types) => [...(types ?? [])]))
  }
  if (Array.isArray(schema['allOf']))
    return schema['allOf'].map((one) => containersIn(one, root, depth + 1)).find((types) => types !== undefined)
  return isObjectSchema(schema) ? new Set(['object']) : undefined
}

/** What `#/$defs/NAME` or `#/definitions/NAME` names. */
function referred(reference: string, root: JsonObject): JsonValue | undefined {
  const found = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference)
  const definitions = found?.[1] === undefined ? undefined : root[found[1]]
  const name = found?.[2]?.replaceAll('~1', '/').replaceAll('~0', '~') ?? ''
  return isJsonObject(definitions) && Object.hasOwn(definitions, name) ? definitions[name] : undefined
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
