/**
 * Puts values right that have the wrong type but all of the information: "3" where an integer is asked for, 3 where a text is, a list
 * written as JSON within a text. What would have to be guessed, rounded or cut stays wrong.
 */
import type { ErrorObject } from 'ajv'
import { parsePreciseJson } from '../../../bytes/precise-json.ts'

/** Types in the order they are tried, the narrower ones first. */
const order = ['integer', 'number', 'boolean', 'null', 'object', 'array', 'string'] as const

/** Places put right at most; an answer with more of them is not nearly right. */
const mostPlaces = 10_000

/**
 * `value` with what the errors complain of put right, as far as that can be; undefined when nothing could be. `value` may hold
 * numbers as `parsePreciseJson` keeps them, and is changed.
 */
export function coerced(value: unknown, errors: readonly ErrorObject[]): { readonly value: unknown } | undefined {
  const wanted = new Map<string, Set<string>>()
  for (const { keyword, instancePath, params } of errors) {
    if (keyword !== 'type' || wanted.size >= mostPlaces) continue
    const types = wanted.get(instancePath) ?? new Set()
    wanted.set(instancePath, types)
    for (const type of typesIn(params)) types.add(type)
  }
  const holder: Record<string, unknown> = { root: value }
  let changed = false
  for (const [path, types] of wanted) {
    const place = placeAt(holder, path)
    if (place === undefined) continue
    for (const type of order) {
      if (!types.has(type)) continue
      const made = convert(place.parent[place.key], type)
      if (made === undefined) continue
      place.parent[place.key] = made.value
      changed = true
      break
    }
  }
  return changed ? { value: holder['root'] } : undefined
}

function typesIn(params: ErrorObject['params']): readonly string[] {
  const { type } = params as { readonly type?: unknown }
  return Array.isArray(type) ? type.map(String) : typeof type === 'string' ? type.split(',') : []
}

interface Place {
  readonly parent: Record<string, unknown>
  readonly key: string
}

/** `path` is a JSON pointer. */
function placeAt(holder: Record<string, unknown>, path: string): Place | undefined {
  let place: Place = { parent: holder, key: 'root' }
  for (const step of path.split('/').slice(1)) {
    const parent = place.parent[place.key]
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key) || key === '__proto__')
      return undefined
    place = { parent: parent as Record<string, unknown>, key }
  }
  return place
}

const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function convert(value: unknown, type: (typeof order)[number]): { readonly value: unknown } | undefined {
  if (typeof value === 'string') return fromText(value, type)
  if (type !== 'string') return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return { value: String(value) }
  const digits = rawNumber(value)
  return digits === undefined ? undefined : { value: digits }
}

function fromText(text: string, type: (typeof order)[number]): { readonly value: unknown } | undefined {
  switch (type) {
    case 'integer':
    case 'number': {
      if (text.length > 1000 || !numeral.test(text)) return undefined
      const number = parsePreciseJson(text)
      return type === 'number' || Number.isInteger(Number(text)) ? { value: number } : undefined
    }
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : undefined
    case 'null':
      return text === 'null' ? { value: null } : undefined
    case 'object':
    case 'array': {
      if (!/^\s*[[{]/.test(text)) return undefined
      const parsed = parsedOrNot(text)
      return parsed !== undefined && Array.isArray(parsed) === (type === 'array') ? { value: parsed } : undefined
    }
    case 'string':
      return undefined
  }
}

function parsedOrNot(text: string): object | undefined {
  try {
    const parsed = parsePreciseJson(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

// Declared in no TypeScript library yet. https://tc39.es/proposal-json-parse-with-source/
const json = JSON as unknown as { isRawJSON(value: unknown): value is { readonly rawJSON: string } }

const rawNumber = (value: unknown): string | undefined => (json.isRawJSON(value) ? value.rawJSON : undefined)
