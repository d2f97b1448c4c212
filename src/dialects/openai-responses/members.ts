/** Reads and writes JSON objects in this dialect's name: what it does not model of them is kept under its id. */
import * as codec from '../../kernel/codec/member-reader.ts'
import * as writing from '../../kernel/codec/member-writer.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import { dialectId } from './dialect-id.ts'

export class MemberReader extends codec.MemberReader {
  constructor(object: JsonObject, path: string) {
    super(dialectId, object, path)
  }

  /** Takes members that say nothing to another protocol (ids, states), to be written again as they are. */
  keep(keys: readonly string[]): void {
    for (const key of keys) {
      const value = this.take(key)
      if (value !== undefined) this.note(key, value)
    }
  }
}

export class MemberWriter extends writing.MemberWriter {
  constructor(node: Node) {
    super(dialectId, node)
  }

  /** Writes what `keep` took. */
  restore(keys: readonly string[]): void {
    for (const key of keys) this.set(key, this.note(key))
  }
}
