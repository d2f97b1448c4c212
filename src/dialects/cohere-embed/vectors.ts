/**
 * Vectors as Cohere answers with them: a list of them, or one for each kind of numbers that was asked for. One kind is a vector's own,
 * floats if there are any; the others stay with it unmodelled. https://docs.cohere.com/reference/embed
 */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { base64Of, jsonFloatsOf, readVector } from '../../kernel/codec/vectors.ts'
import type { EmbeddingVector } from '../../model/embedding.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

const member = 'embeddings'

export function readList(list: readonly JsonValue[], id: string): EmbeddingVector[] {
  return list.map((row, index) => ({ values: readNumbers(row, joinPath(member, index)), form: { [id]: {} } }))
}

/** `reader` is of the object that has a list of vectors for each kind; what is no such list stays with the answer. */
export function readByType(reader: MemberReader, kinds: readonly string[], id: string): EmbeddingVector[] {
  const listed = kinds.filter((kind) => Array.isArray(reader.peek(kind)))
  const main = ['float', 'base64'].find((kind) => listed.includes(kind)) ?? listed[0]
  if (main === undefined) throw wrongType(member, 'an object with lists of vectors', null)
  const { length } = reader.peek(main) as JsonValue[]
  const rows = listed.flatMap((kind) => {
    const list = reader.peek(kind) as JsonValue[]
    if (list.length !== length) return []
    reader.list(kind)
    return [{ kind, list }]
  })
  return Array.from({ length }, (_, index) => {
    const each = Object.fromEntries(rows.map(({ kind, list }) => [kind, list[index] ?? null]))
    const vector = new MemberReader(id, each, joinPath(joinPath(member, main), index))
    if (main !== 'float') vector.note('kind', main)
    const value = vector.take(main)
    return {
      values: main === 'base64' ? readVector(value, vector.path) : readNumbers(value, vector.path),
      ...vector.node(),
    }
  })
}

function readNumbers(json: JsonValue | undefined, path: string): number[] {
  const values = readVector(json, path)
  if (typeof values === 'string') throw wrongType(path, 'an array of numbers', values)
  return [...values]
}

export function writeList(vectors: readonly EmbeddingVector[], id: string, lost: Loss[]): JsonValue {
  return vectors.map((vector, index) => {
    reportForeignExtra(vector, id, joinPath(member, index), lost)
    return jsonFloatsOf(vector.values)
  })
}

/** `wanted` is the kind that another's vectors are told in. */
export function writeByType(
  vectors: readonly EmbeddingVector[],
  { id, wanted }: { readonly id: string; readonly wanted: 'float' | 'base64' },
  lost: Loss[],
): JsonObject {
  const kinds: Record<string, JsonValue[]> = {}
  for (const [index, vector] of vectors.entries()) {
    reportForeignExtra(vector, id, joinPath(member, index), lost)
    const writer = new MemberWriter(id, vector)
    const noted = writer.note('kind')
    const kind = writer.form === undefined ? wanted : typeof noted === 'string' ? noted : 'float'
    writer.set(kind, kind === 'base64' ? base64Of(vector.values) : jsonFloatsOf(vector.values))
    const row = writer.finish()
    for (const each of Object.keys(row)) (kinds[each] ??= []).push(row[each] ?? null)
  }
  return vectors.length === 0 ? { [wanted]: [] } : kinds
}
