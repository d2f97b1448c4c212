/**
 * Changes to JSON documents that a codec has to survive: members and blocks that it has never heard of, put in wherever a document
 * has an object or a list of typed blocks. The conformance kits build their documents with it.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

export interface Mutation {
  /** Where the change was made, for the test's message. */
  readonly at: string
  readonly json: JsonObject
}

/** JSON text with sorted members: equal for two documents exactly when they say the same, own `__proto__` members included. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (!isJsonObject(inner)) return inner
    const sorted: JsonObject = {}
    for (const key of Object.keys(inner).toSorted()) define(sorted, key, inner[key])
    return sorted
  })
}

function define(object: JsonObject, key: string, value: JsonValue | undefined): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

type Step = string | number

const spell = (path: readonly Step[]): string =>
  path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`), '$')

/** Members of objects whose values must be strings whatever their names. */
const stringMaps = new Set(['metadata'])

/** One document per object in `json`, with a member added that no codec models. */
export function withUnknownMembers(json: JsonObject): Mutation[] {
  const mutations: Mutation[] = []
  visit(json, [], (value, path) => {
    if (!isJsonObject(value)) return
    const simple = path.some((step) => typeof step === 'string' && stringMaps.has(step))
    const added: JsonObject = simple
      ? { x_unknown: 'kept' }
      : { x_unknown: { deep: [1, null, { 'a.b': 'kept' }] }, 'x.dotted': 'kept' }
    mutations.push({
      at: spell(path),
      json: changeAt(json, path, (object) => (isJsonObject(object) ? { ...object, ...added } : object)),
    })
  })
  return mutations
}

/** The document with an own member named `__proto__` at its top, as hostile JSON has it. */
export function withProtoMember(json: JsonObject): JsonObject {
  const changed = { ...json }
  define(changed, '__proto__', { polluted: 'yes' })
  return changed
}

/** One document per list of typed blocks, with a block at its end whose type no codec knows. */
export function withUnknownBlocks(json: JsonObject): Mutation[] {
  const mutations: Mutation[] = []
  const block: JsonObject = { type: 'x_unknown_block', payload: { kept: ['yes', 1] } }
  visit(json, [], (value, path) => {
    if (!Array.isArray(value) || !value.some((item) => isJsonObject(item) && typeof item['type'] === 'string')) return
    mutations.push({
      at: spell(path),
      json: changeAt(json, path, (list) => (Array.isArray(list) ? [...list, block] : list)),
    })
  })
  return mutations
}

function visit(
  value: JsonValue | undefined,
  path: readonly Step[],
  meet: (value: JsonValue, path: readonly Step[]) => void,
): void {
  if (value === undefined) return
  meet(value, path)
  if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, [...path, index], meet)
  else if (isJsonObject(value)) for (const [key, member] of Object.entries(value)) visit(member, [...path, key], meet)
}

/** A copy of `json` with the value at `path` changed; nothing is shared that is changed. */
function changeAt(json: JsonObject, path: readonly Step[], change: (value: JsonValue) => JsonValue): JsonObject {
  const walk = (value: JsonValue, depth: number): JsonValue => {
    const step = path[depth]
    if (step === undefined) return change(value)
    if (Array.isArray(value)) return value.map((item, index) => (index === step ? walk(item, depth + 1) : item))
    if (isJsonObject(value) && typeof step === 'string') {
      const copy = { ...value }
      define(copy, step, walk(value[step] ?? null, depth + 1))
      return copy
    }
    return value
  }
  const changed = walk(json, 0)
  return isJsonObject(changed) ? changed : json
}
