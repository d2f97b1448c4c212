/** The id under which this dialect owns members and spellings of the model, and its reader and writer. */
import { MemberReader } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Node } from '../../model/node.ts'

export const dialectId = 'openai-embeddings'

export const readerOf = (json: JsonObject, path: string): MemberReader => new MemberReader(dialectId, json, path)
export const writerOf = (node: Node): MemberWriter => new MemberWriter(dialectId, node)
