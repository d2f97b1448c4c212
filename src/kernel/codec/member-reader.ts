/**
 * Reads the members of one JSON object by name and type, and keeps account of the rest: members nobody asked for become `extra`,
 * nulls and other spellings become `form`, so that the object can be written again as it came.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { Fault } from '../../model/fault.ts'
import type { Node } from '../../model/node.ts'

// Declared in no TypeScript library yet: whether a value is a number kept as its digits. https://tc39.es/proposal-json-parse-with-source/
const json = JSON as unknown as { isRawJSON(value: unknown): value is { readonly rawJSON: string } }

function describeType(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (json.isRawJSON(value)) return 'a number'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string'
  return `a ${typeof value}`
}

/** The other name of a member, in protocols that take two: `topP` and `top_p`. */
export type OtherName = (key: string) => string

/** The fault for a member that is not what the protocol says. */
export function wrongType(path: string, expected: string, value: unknown): Fault {
  return invalidRequest(path, `\`${path}\` must be ${expected}, but is ${describeType(value)}.`)
}

export class MemberReader {
  /** In the client's terms: `messages[2].content[0]`; empty for the document. */
  readonly path: string
  readonly #dialect: string
  readonly #object: JsonObject
  readonly #prefix: string
  readonly #root: MemberReader
  readonly #otherName: OtherName | undefined
  readonly #taken = new Set<string>()
  /** Whether any member of it was taken that says something: no null, no empty list. What objects inside it say, they know. */
  #told = false
  readonly #children: MemberReader[] = []
  /** Of the root: all readers below it, and their notes. */
  readonly #nested: MemberReader[] = []
  readonly #form: JsonObject = {}

  /** `dialect` owns what is kept of the object. A member that is not there by its own name is looked for by its other one. */
  constructor(
    dialect: string,
    object: JsonObject,
    path: string,
    parent?: { readonly reader: MemberReader; readonly key: string },
    otherName?: OtherName,
  ) {
    this.#dialect = dialect
    this.#object = object
    this.path = path
    this.#root = parent === undefined ? this : parent.reader.#root
    this.#otherName = otherName
    this.#prefix = parent === undefined ? '' : `${parent.reader.#prefix}${parent.key}.`
    this.#root.#nested.push(this)
    if (parent !== undefined) parent.reader.#children.push(this)
  }

  at(key: string): string {
    return joinPath(this.path, this.#spelled(key))
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, this.#spelled(key))
  }

  /** The member's value without taking it. */
  peek(key: string): JsonValue | undefined {
    const spelled = this.#spelled(key)
    return Object.hasOwn(this.#object, spelled) ? this.#object[spelled] : undefined
  }

  /** The name by which the member is there. */
  #spelled(key: string): string {
    if (this.#otherName === undefined || Object.hasOwn(this.#object, key)) return key
    const other = this.#otherName(key)
    return Object.hasOwn(this.#object, other) ? other : key
  }

  #take(key: string): void {
    const spelled = this.#spelled(key)
    this.#taken.add(spelled)
    if (spelled !== key) this.#list('renamed', [this.#prefix + key, spelled])
  }

  /** The member's value, which this codec answers for from now on. Null is noted and reads as absent. */
  take(key: string): JsonValue | undefined {
    const value = this.peek(key)
    if (value === undefined) return undefined
    this.#take(key)
    if (value !== null) {
      this.#told = true
      return value
    }
    this.#list('nulls', this.#prefix + key)
    return undefined
  }

  string(key: string): string | undefined {
    const value = this.take(key)
    if (value !== undefined && typeof value !== 'string') throw wrongType(this.at(key), 'a string', value)
    return value
  }

  requiredString(key: string): string {
    const value = this.peek(key)
    if (typeof value !== 'string') throw wrongType(this.at(key), 'a string', value)
    this.#take(key)
    this.#told = true
    return value
  }

  number(key: string): number | undefined {
    const value = this.take(key)
    if (value === undefined || typeof value === 'number') return value
    if (!json.isRawJSON(value)) throw wrongType(this.at(key), 'a number', value)
    this.note('precise', { ...asObject(this.#root.#form['precise']), [this.#prefix + key]: value })
    return Number(value.rawJSON)
  }

  /** A whole number from `min` on. */
  integer(key: string, min: number): number | undefined {
    const value = this.number(key)
    if (value !== undefined && (!Number.isInteger(value) || value < min)) {
      throw invalidRequest(
        this.at(key),
        `\`${this.at(key)}\` must be a whole number of at least ${min}, but is ${value}.`,
      )
    }
    return value
  }

  boolean(key: string): boolean | undefined {
    const value = this.take(key)
    if (value !== undefined && typeof value !== 'boolean') throw wrongType(this.at(key), 'true or false', value)
    return value
  }

  list(key: string): JsonValue[] | undefined {
    const told = this.#told
    const value = this.take(key)
    if (value !== undefined && !Array.isArray(value)) throw wrongType(this.at(key), 'an array', value)
    if (value?.length === 0) {
      this.#told = told
      this.#list('empties', this.#prefix + key)
    }
    return value
  }

  strings(key: string): string[] | undefined {
    return this.list(key)?.map((item, index) => {
      if (typeof item !== 'string') throw wrongType(`${this.at(key)}[${index}]`, 'a string', item)
      return item
    })
  }

  /** A reader of the object under `key`, whose unmodelled members and notes belong to this node too. */
  nested(key: string): MemberReader | undefined {
    const told = this.#told
    const value = this.take(key)
    this.#told = told
    if (value === undefined) return undefined
    if (!isJsonObject(value)) throw wrongType(this.at(key), 'an object', value)
    return new MemberReader(this.#dialect, value, this.at(key), { reader: this, key }, this.#otherName)
  }

  requiredNested(key: string): MemberReader {
    const reader = this.peek(key) === null ? undefined : this.nested(key)
    if (reader === undefined) throw wrongType(this.at(key), 'an object', this.peek(key))
    return reader
  }

  /** Remembers a spelling of the node. */
  note(key: string, value: JsonValue): void {
    this.#root.#form[key] = value
  }

  /** Remembers that `key` was left out although it is usually written, or written although it is usually left out. */
  noteAbsent(key: string): void {
    this.#list('absent', this.#prefix + key)
  }
  noteExplicit(key: string): void {
    this.#list('explicit', this.#prefix + key)
  }

  #list(name: string, entry: JsonValue): void {
    const form = this.#root.#form
    const before = form[name]
    form[name] = [...(Array.isArray(before) ? before : []), entry]
  }

  #tells(): boolean {
    return this.#told || this.#children.some((child) => child.#tells())
  }

  /** What was not taken, and how the rest was spelled. Always with a `form`, perhaps empty: the mark of this dialect. */
  node(): Node & { readonly form: NonNullable<Node['form']> } {
    const extra: JsonObject = {}
    const flat: [string, string, JsonValue][] = []
    const prefixes = this.#nested.map((reader) => reader.#prefix).filter((prefix) => prefix !== '')
    for (const reader of this.#nested) {
      for (const key of Object.keys(reader.#object)) {
        const value = reader.#object[key]
        if (reader.#taken.has(key) || value === undefined) continue
        const full = reader.#prefix + key
        // A member whose own name reads like a path into a nested object would come back inside it.
        if (longestPrefix(full, prefixes) === reader.#prefix) define(extra, full, value)
        else flat.push([reader.#prefix, key, value])
      }
    }
    const hollows = this.#nested
      .filter((reader) => reader !== this && !reader.#tells())
      .map((reader) => reader.#prefix.slice(0, -1))
    return {
      ...(Object.keys(extra).length > 0 && { extra: { [this.#dialect]: extra } }),
      form: {
        [this.#dialect]: {
          ...this.#form,
          ...(hollows.length > 0 && { hollows }),
          ...(prefixes.length > 0 && { nested: prefixes }),
          ...(flat.length > 0 && { flat }),
        },
      },
    }
  }
}

/** The longest of `prefixes` that `key` starts with; empty when none. */
export function longestPrefix(key: string, prefixes: readonly string[]): string {
  let longest = ''
  for (const prefix of prefixes) if (prefix.length > longest.length && key.startsWith(prefix)) longest = prefix
  return longest
}

/** Adds an own member whatever its name, `__proto__` included. */
export function define(object: JsonObject, key: string, value: JsonValue): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
