/** Documents with one member of a wrong type, at every depth: what a reader that trusts its input falls over. */
import type { JsonObject, JsonValue } from '../../src/model/json.ts'
import { isJsonObject } from '../../src/model/json.ts'

export interface WrongType {
  /** The member, and what stands in its place. */
  readonly name: string
  readonly json: JsonObject
}

const values: readonly JsonValue[] = [null, true, 7, -1.5, 'text', [], {}, [7], { x: 1 }, [[]], ['text'], [{}]]

const kindOf = (value: JsonValue | undefined): string =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value

/** For every member `each` values of other types than its own, different ones for every member. */
export function withWrongTypes(json: JsonObject, each = 1, seed = 0): WrongType[] {
  const found: WrongType[] = []
  let turn = seed
  const visit = (value: JsonValue, path: string, put: (changed: JsonValue) => JsonObject): void => {
    if (path !== '') {
      const others = values.filter((one) => kindOf(one) !== kindOf(value))
      for (let nth = 0; nth < each; nth += 1) {
        const wrong = others[(turn + nth * 5) % others.length] ?? null
        found.push({ name: `${path}: ${JSON.stringify(wrong)}`, json: put(wrong) })
      }
      turn += 1
    }
    if (Array.isArray(value))
      for (const [index, item] of value.entries())
        visit(item, `${path}[${index}]`, (changed) => put(value.with(index, changed)))
    else if (isJsonObject(value))
      for (const [key, member] of Object.entries(value))
        if (member !== undefined)
          visit(member, path === '' ? key : `${path}.${key}`, (changed) => put({ ...value, [key]: changed }))
  }
  visit(json, '', (changed) => (isJsonObject(changed) ? changed : {}))
  return found
}
