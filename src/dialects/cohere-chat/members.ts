/** Reads and writes JSON objects in this dialect's name: what it does not model of them is kept under its id. */
import * as codec from '../../kernel/codec/member-reader.ts'
import * as writing from '../../kernel/codec/member-writer.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'
import { dialectId } from './dialect-id.ts'

/** What decoders of members inside an object work on, however deep it stands. */
export type Reader = codec.MemberReader

export class MemberReader extends codec.MemberReader {
  constructor(object: JsonObject, path: string) {
    super(dialectId, object, path)
  }
}

export class MemberWriter extends writing.MemberWriter {
  constructor(node: Node) {
    super(dialectId, node)
  }
}
