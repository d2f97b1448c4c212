/**
 * Reads and writes JSON objects in this dialect's name. Google's services take protocol buffers written as JSON: members may be
 * spelled in camelCase or snake_case, and a list of one may be that one. https://protobuf.dev/programming-guides/json/
 */
import * as codec from '../../kernel/codec/member-reader.ts'
import * as writing from '../../kernel/codec/member-writer.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import { dialectId } from './dialect-id.ts'

/** The names of the protocol and few others: what clients make up is respelled, but not kept beyond this. */
const mostKept = 2000

function remembered(respell: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>()
  return (key) => {
    let other = known.get(key)
    if (other === undefined) {
      other = respell(key)
      if (known.size < mostKept && key.length < 64) known.set(key, other)
    }
    return other
  }
}

export const snakeCase = remembered((key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))

export const camelCase = remembered((key) => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))

export class MemberReader extends codec.MemberReader {
  constructor(object: JsonObject, path: string) {
    super(dialectId, object, path, undefined, snakeCase)
  }
}

export class MemberWriter extends writing.MemberWriter {
  constructor(node: Node) {
    super(dialectId, node)
  }
}

/** A list, or the one object that stands for it. `reader` may be nested; `owner` is the node's own, which keeps the note. */
export function readMany(reader: codec.MemberReader, key: string, owner = reader): JsonValue[] | undefined {
  const value = reader.peek(key)
  if (!isJsonObject(value)) return reader.list(key)
  reader.take(key)
  owner.note(`single.${key}`, true)
  return [value]
}

/** The list as it came: bare where it was one object, and still is. */
export function writtenMany(writer: MemberWriter, key: string, list: readonly JsonValue[]): JsonValue {
  const [first] = list
  return list.length === 1 && first !== undefined && writer.note(`single.${key}`) === true ? first : [...list]
}

/** A member of an object that nobody reads further, by either of its names. */
export function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  if (Object.hasOwn(object, key)) return object[key]
  const other = snakeCase(key)
  return Object.hasOwn(object, other) ? object[other] : undefined
}
