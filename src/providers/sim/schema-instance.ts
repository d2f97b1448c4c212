/**
 * A JSON value that satisfies a JSON Schema: the arguments of simulated tool calls and structured answers. Hostile schemas meet a
 * bound on size and depth. `not`, `if` and `patternProperties` are not looked at.
 */
import type { Random } from '../../kernel/clock.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { mergeSchemas } from './merge-schemas.ts'
import { SimProblem } from './problem.ts'
import { drawWords } from './prose.ts'
import { drawNumber } from './schema-number.ts'
import { drawText } from './schema-text.ts'
import { drawInteger } from './seeded.ts'

/** Values that one instance may have, a long string counting as several. */
const largest = 20_000
/** From here on only what is required is made, and the shortest way out of a recursion is taken. */
const deep = 4
const deepest = 60

const numberOf = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined)
const listOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : [])

/** How much more a schema asks for: what to choose first when it has to come to an end. */
function weight(schema: JsonValue): number {
  if (!isJsonObject(schema)) return 0
  if ('const' in schema || 'enum' in schema) return 0
  const [type] = Array.isArray(schema['type']) ? schema['type'] : [schema['type']]
  if (type === 'null') return 0
  if (type === 'array') return (numberOf(schema['minItems']) ?? 0) === 0 ? 1 : 3
  if (type === 'object' || schema['properties'] !== undefined) return listOf(schema['required']).length === 0 ? 1 : 3
  return schema['$ref'] !== undefined ? 4 : type === undefined ? 2 : 0
}

function typeOf(schema: JsonObject, depth: number): string {
  const { type } = schema
  if (typeof type === 'string') return type
  const types = listOf(type).filter((one) => typeof one === 'string')
  const chosen = depth > deep && types.includes('null') ? 'null' : (types.find((one) => one !== 'null') ?? types[0])
  if (chosen !== undefined) return chosen
  const has = (...keys: string[]): boolean => keys.some((key) => schema[key] !== undefined)
  if (has('properties', 'required', 'additionalProperties', 'minProperties')) return 'object'
  if (has('items', 'prefixItems', 'minItems', 'contains', 'uniqueItems')) return 'array'
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number'
  return 'string'
}

class InstanceMaker {
  readonly #root: JsonValue
  readonly #draw: Random
  #left = largest

  constructor(root: JsonValue, draw: Random) {
    this.#root = root
    this.#draw = draw
  }

  make(schema: JsonValue | undefined, depth: number): JsonValue {
    this.#spend(1)
    if (depth > deepest) throw new SimProblem(400, 'the JSON schema asks for endless nesting')
    if (!isJsonObject(schema)) return drawWords(this.#draw, 1)
    if (typeof schema['$ref'] === 'string') {
      const { $ref, ...rest } = schema
      return this.make(this.#join(this.#resolve($ref), rest), depth + 1)
    }
    if (schema['const'] !== undefined) return schema['const']
    if (schema['allOf'] !== undefined) {
      const { allOf, ...rest } = schema
      return this.make(
        listOf(allOf).reduce<JsonObject>((joined, one) => this.#join(joined, one), rest),
        depth + 1,
      )
    }
    const choices = schema['enum']
    if (Array.isArray(choices)) return this.#chooseValue(choices)
    for (const key of ['anyOf', 'oneOf'] as const) {
      const options = listOf(schema[key])
      if (options.length === 0) continue
      const { [key]: _options, ...rest } = schema
      return this.make(this.#join(rest, this.#chooseSchema(options, depth)), depth + 1)
    }
    switch (typeOf(schema, depth)) {
      case 'null':
        return null
      case 'boolean':
        return this.#draw() < 0.5
      case 'integer':
        return drawNumber(schema, this.#draw, true)
      case 'number':
        return drawNumber(schema, this.#draw, false)
      case 'array':
        return this.#array(schema, depth)
      case 'object':
        return this.#object(schema, depth)
      default:
        return this.#string(schema)
    }
  }

  #spend(cost: number): void {
    this.#left -= cost
    if (this.#left < 0) throw new SimProblem(400, 'the JSON schema asks for a larger instance than the simulator makes')
  }

  #join(first: JsonValue, second: JsonValue): JsonObject {
    if (!isJsonObject(first)) return isJsonObject(second) ? second : {}
    return isJsonObject(second) ? mergeSchemas(first, second) : first
  }

  #resolve(reference: string): JsonValue {
    let at: JsonValue | undefined = reference.startsWith('#') ? this.#root : undefined
    for (const raw of reference.slice(1).split('/').slice(1)) {
      let name = raw.replaceAll('~1', '/').replaceAll('~0', '~')
      if (/%[0-9a-f]{2}/i.test(name) && URL.canParse(`x:${name}`)) name = decodeURIComponent(name)
      if (Array.isArray(at)) at = at[Number(name)]
      else at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
    }
    if (at === undefined) throw new SimProblem(400, `the JSON schema refers to ${reference}, which is not in it`)
    return at
  }

  #chooseValue(choices: readonly JsonValue[]): JsonValue {
    return choices[Math.floor(this.#draw() * choices.length)] ?? null
  }

  #chooseSchema(options: readonly JsonValue[], depth: number): JsonValue {
    if (depth > deep) return [...options].sort((one, other) => weight(one) - weight(other))[0] ?? {}
    return this.#chooseValue(options)
  }

  #string(schema: JsonObject): string {
    const minLength = numberOf(schema['minLength']) ?? 0
    this.#spend(minLength / 16)
    return drawText(this.#draw, {
      minLength,
      maxLength: numberOf(schema['maxLength']) ?? Infinity,
      pattern: typeof schema['pattern'] === 'string' ? schema['pattern'] : undefined,
      format: typeof schema['format'] === 'string' ? schema['format'] : undefined,
    })
  }

  #array(schema: JsonObject, depth: number): JsonValue[] {
    const tuple = Array.isArray(schema['items']) ? schema['items'] : listOf(schema['prefixItems'])
    const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items']
    const contains = schema['contains']
    const wanted = contains === undefined ? 0 : (numberOf(schema['minContains']) ?? 1)
    const min = Math.max(
      numberOf(schema['minItems']) ?? 0,
      tuple.length > 0 && depth <= deep ? tuple.length : 0,
      wanted,
    )
    const most = Math.min(numberOf(schema['maxItems']) ?? Infinity, rest === false ? tuple.length : Infinity)
    const length = Math.min(most, depth > deep ? min : Math.max(min, drawInteger(this.#draw, 1, 3)))
    this.#spend(length)
    const unique = schema['uniqueItems'] === true
    const seen = new Set<string>()
    const items: JsonValue[] = []
    for (let attempt = 0; items.length < length && attempt < length * 20 + 20; attempt++) {
      const at = items.length
      const base = at < tuple.length ? tuple[at] : rest
      const item = this.make(at < wanted ? this.#join(base ?? {}, contains ?? {}) : base, depth + 1)
      const text = unique ? JSON.stringify(item) : ''
      if (unique && seen.has(text)) continue
      seen.add(text)
      items.push(item)
    }
    return items
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {}
    const required = new Set(listOf(schema['required']).filter((name) => typeof name === 'string'))
    const dependents = isJsonObject(schema['dependentRequired']) ? schema['dependentRequired'] : {}
    const most = numberOf(schema['maxProperties']) ?? Infinity
    const least = numberOf(schema['minProperties']) ?? 0
    const names = new Set(required)
    for (const name of Object.keys(properties)) {
      if (names.has(name) || properties[name] === false || names.size >= most) continue
      const dependent = Object.hasOwn(dependents, name) ? listOf(dependents[name]) : []
      if (names.size < least || (depth <= deep && dependent.length === 0 && this.#draw() < 0.7)) names.add(name)
    }
    for (const name of names) {
      if (!Object.hasOwn(dependents, name)) continue
      for (const dependent of listOf(dependents[name])) if (typeof dependent === 'string') names.add(dependent)
    }
    const others = schema['additionalProperties']
    this.#spend(Math.max(0, least - names.size))
    if (others !== false) for (let extra = 1; names.size < least; extra++) names.add(`extra_${extra}`)
    const object: JsonObject = {}
    // In the schema's order, which is the order that strict structured output promises.
    const ordered = [...Object.keys(properties).filter((name) => names.has(name)), ...names]
    for (const name of new Set(ordered)) {
      const value = this.make(Object.hasOwn(properties, name) ? properties[name] : others, depth + 1)
      Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
    }
    return object
  }
}

/** Throws a SimProblem for schemas that no bounded instance satisfies, or that refer to what they do not have. */
export function drawInstance(schema: JsonValue, draw: Random): JsonValue {
  return new InstanceMaker(schema, draw).make(schema, 0)
}
