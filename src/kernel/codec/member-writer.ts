/** Writes one JSON object from a node of the model: its modelled members, then everything `MemberReader` kept of it. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import { define, longestPrefix } from './member-reader.ts'

export class MemberWriter {
  /** How the node was spelled; undefined when another dialect decoded it. */
  readonly form: JsonObject | undefined
  readonly #extra: JsonObject | undefined
  readonly #json: JsonObject = {}

  constructor(dialect: string, node: Node) {
    this.form = node.form?.[dialect]
    this.#extra = node.extra?.[dialect]
  }

  /** Sets the member at a dotted path; undefined leaves it out. Paths are those of the protocol, never of a client. */
  set(path: string, value: JsonValue | undefined): void {
    if (value === undefined) return
    const precise = isJsonObject(this.form?.['precise']) ? this.form['precise'][path] : undefined
    const kept =
      precise !== undefined && typeof value === 'number' && Number((precise as { rawJSON?: unknown }).rawJSON) === value
    const { parent, key } = this.#parentOf(path)
    parent[key] = kept ? precise : value
  }

  /** A note of `MemberReader.note`. */
  note(key: string): JsonValue | undefined {
    return this.form?.[key]
  }

  wasAbsent(path: string): boolean {
    return this.#listed('absent').includes(path)
  }

  wasExplicit(path: string): boolean {
    return this.#listed('explicit').includes(path)
  }

  /** Whether the member was an empty list. */
  wasEmpty(path: string): boolean {
    return this.#listed('empties').includes(path)
  }

  wasNull(path: string): boolean {
    return this.#listed('nulls').includes(path)
  }

  finish(): JsonObject {
    for (const path of this.#listed('hollows')) this.#fill(path, {})
    for (const path of this.#listed('nulls')) this.#keep(...split(path), null)
    for (const path of this.#listed('empties')) this.#fill(path, [])
    const prefixes = this.#listed('nested')
    for (const key of Object.keys(this.#extra ?? {})) {
      const prefix = longestPrefix(key, prefixes)
      this.#keep(prefix, key.slice(prefix.length), this.#extra?.[key])
    }
    const flat = this.form?.['flat']
    for (const entry of Array.isArray(flat) ? flat : []) {
      if (Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string')
        this.#keep(entry[0], entry[1], entry[2])
    }
    this.#rename()
    return this.#json
  }

  /** Gives members their other names back, the inner ones first. */
  #rename(): void {
    const renamed = this.form?.['renamed']
    for (const entry of Array.isArray(renamed) ? renamed.toReversed() : []) {
      const [path, name] = Array.isArray(entry) ? entry : []
      if (typeof path !== 'string' || typeof name !== 'string') continue
      const steps = path.split('.')
      const key = steps.pop() ?? path
      const parent = this.#at(steps)
      const value = parent !== undefined && Object.hasOwn(parent, key) ? parent[key] : undefined
      if (parent === undefined || value === undefined || Object.hasOwn(parent, name)) continue
      delete parent[key]
      define(parent, name, value)
    }
  }

  #at(steps: readonly string[]): JsonObject | undefined {
    let parent: JsonValue | undefined = this.#json
    for (const step of steps)
      if (step !== '') parent = isJsonObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined
    return isJsonObject(parent) ? parent : undefined
  }

  #listed(name: string): string[] {
    const list = this.form?.[name]
    return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
  }

  /** Sets what is not set yet: nothing modelled was in it, so the objects around it may have had nothing else in them. */
  #fill(path: string, value: JsonValue): void {
    const steps = path.split('.')
    const key = steps.pop() ?? path
    for (const depth of steps.keys()) {
      const parent = this.#at(steps.slice(0, depth))
      const step = steps[depth]
      if (parent !== undefined && step !== undefined && !Object.hasOwn(parent, step)) parent[step] = {}
    }
    const parent = this.#at(steps)
    if (parent !== undefined && !Object.hasOwn(parent, key)) define(parent, key, value)
  }

  /** `prefix` is empty or ends with a dot. A nested object that is gone takes along what was kept of it. */
  #keep(prefix: string, key: string, value: JsonValue | undefined): void {
    const parent = this.#at(prefix.split('.'))
    if (value !== undefined && parent !== undefined && !Object.hasOwn(parent, key)) define(parent, key, value)
  }

  #parentOf(path: string): { parent: JsonObject; key: string } {
    const steps = path.split('.')
    const key = steps.pop() ?? path
    let parent = this.#json
    for (const step of steps) {
      const next: JsonValue | undefined = parent[step]
      if (isJsonObject(next)) parent = next
      else {
        const made: JsonObject = {}
        parent[step] = made
        parent = made
      }
    }
    return { parent, key }
  }
}

/** The prefix of a path, with its dot, and its last step. */
function split(path: string): [prefix: string, key: string] {
  const dot = path.lastIndexOf('.')
  return [path.slice(0, dot + 1), path.slice(dot + 1)]
}
