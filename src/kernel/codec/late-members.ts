/**
 * Members of an answer that a stream repeats with every piece of it: a decoder tells each once, and again when it changes. Which
 * members it knows itself is for the dialect to say; these are the rest.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { define } from './member-reader.ts'

export class LateMembers {
  readonly #known: ReadonlySet<string>
  readonly #told: JsonObject = {}

  constructor(known: ReadonlySet<string>) {
    this.#known = known
  }

  /** What this piece tells for the first time or otherwise than before; undefined when it is nothing. */
  changes(json: JsonObject): JsonObject | undefined {
    let changed: JsonObject | undefined
    for (const key of Object.keys(json)) {
      const value = json[key]
      if (this.#known.has(key) || value === undefined) continue
      const before = Object.hasOwn(this.#told, key) ? this.#told[key] : undefined
      if (
        before !== undefined &&
        (value === null ||
          before === value ||
          (typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value)))
      )
        continue
      changed ??= {}
      define(changed, key, value)
      define(this.#told, key, value)
    }
    return changed
  }

  /** One of them, as it was told last. */
  told(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#told, key) ? this.#told[key] : undefined
  }

  /** Everything told so far. */
  all(): JsonObject {
    return { ...this.#told }
  }
}
