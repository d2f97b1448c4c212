/**
 * How members that this codec does not model travel through the canonical model and come out again exactly as they were: unknown
 * ones as `extra`, and notes on spelling (nulls, members left out, strings for lists) as `form`.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import { isJsonObject } from '../../model/json.ts'
import { dialectId } from './dialect-id.ts'

export interface CarryOptions {
  /** Leftovers of modelled members that are objects, by member: merged back into that member. */
  readonly rests?: Readonly<Record<string, JsonObject | undefined>>
  readonly form?: JsonObject
  /** Members that the encoder writes by default, and that were not there. */
  readonly absent?: readonly string[]
}

/** Defined rather than assigned, so that a member named __proto__ stays a member. */
function put(object: JsonObject, key: string, value: JsonValue | undefined): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

/** The `extra` and `form` of a node that was read from `object`, whose members in `known` are modelled. */
export function carry(
  object: JsonObject,
  known: ReadonlySet<string>,
  options: CarryOptions = {},
): Pick<Node, 'extra' | 'form'> {
  let extra: JsonObject | undefined
  const nulls: string[] = []
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (value === null) nulls.push(key)
    else if (value !== undefined && !known.has(key)) put((extra ??= {}), key, value)
  }
  for (const [key, rest] of Object.entries(options.rests ?? {})) if (rest !== undefined) put((extra ??= {}), key, rest)
  const absent = options.absent?.filter((key) => object[key] === undefined) ?? []
  const form: JsonObject = { ...options.form, ...(nulls.length > 0 && { nulls }), ...(absent.length > 0 && { absent }) }
  return {
    ...(extra !== undefined && { extra: { [dialectId]: extra } }),
    ...(Object.keys(form).length > 0 && { form: { [dialectId]: form } }),
  }
}

/** This dialect's notes on a node. */
export function notes(node: Node): JsonObject {
  return node.form?.[dialectId] ?? {}
}

/** `out` with what `node` carries for this dialect put back. */
export function restore(node: Node, out: JsonObject): JsonObject {
  const extra = node.extra?.[dialectId]
  const restored: JsonObject = { ...out }
  for (const key of Object.keys(extra ?? {})) {
    const before = Object.hasOwn(out, key) ? out[key] : undefined
    const value = extra?.[key]
    put(restored, key, isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value)
  }
  const { nulls, absent } = notes(node)
  if (Array.isArray(nulls))
    for (const key of nulls) if (typeof key === 'string' && !Object.hasOwn(restored, key)) put(restored, key, null)
  if (Array.isArray(absent))
    for (const key of absent) if (typeof key === 'string' && isDefault(restored[key])) delete restored[key]
  return restored
}

/** What encoders write where there is nothing to say. */
function isDefault(value: JsonValue | undefined): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
