/** Vectors and what they took, in the answers of both ways to ask for them. https://ai.google.dev/api/embeddings */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { jsonFloatsOf, readVector } from '../../kernel/codec/vectors.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts } from '../../kernel/dialect.ts'
import type { EmbeddingResponse, EmbeddingVector } from '../../model/embedding.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { decodeGoogleFault, googleErrorIn } from '../../kernel/codec/google-errors.ts'
import { memberOf, snakeCase } from './members.ts'
import { asProviders, malformed } from './response.ts'

export type VectorMember = 'embedding' | 'embeddings'

/** A reader of the answer, if it is one. Throws the provider's own error where it answered one with a status of success. */
export function answerReader(json: unknown, dialectId: string): MemberReader {
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  return new MemberReader(dialectId, json, '', undefined, snakeCase)
}

/** A vector without values is what is left of an empty list where JSON is written from protocol buffers. */
export function readValues(json: JsonValue | undefined, path: string, dialectId: string): EmbeddingVector {
  if (!isJsonObject(json)) throw wrongType(path, 'an object with `values`', json)
  const reader = new MemberReader(dialectId, json, path, undefined, snakeCase)
  if (reader.peek('values') === undefined) reader.noteAbsent('values')
  const values = readVector(reader.take('values') ?? [], reader.at('values'))
  if (typeof values === 'string') throw wrongType(reader.at('values'), 'an array of numbers', values)
  return { values, ...reader.node() }
}

export function writeValues(vector: EmbeddingVector, path: string, dialectId: string, lost: Loss[]): JsonObject {
  reportForeignExtra(vector, dialectId, path, lost)
  const writer = new MemberWriter(dialectId, vector)
  const values = jsonFloatsOf(vector.values)
  if (values.length > 0 || !(writer.wasAbsent('values') || writer.wasNull('values'))) writer.set('values', values)
  return writer.finish()
}

/** Undefined for what counts nothing. */
function usageIn(json: unknown, dialectId: string): Usage | undefined {
  if (!isJsonObject(json)) return undefined
  const total = memberOf(json, 'promptTokenCount')
  if (typeof total !== 'number' || !Number.isFinite(total) || total < 0) return undefined
  const details = memberOf(json, 'promptTokenDetails') ?? memberOf(json, 'promptTokensDetails')
  const share = (modality: string): number =>
    (Array.isArray(details) ? details : []).reduce<number>((sum, each) => {
      const count = isJsonObject(each) && each['modality'] === modality ? memberOf(each, 'tokenCount') : undefined
      return typeof count === 'number' ? sum + count : sum
    }, 0)
  const audio = share('AUDIO')
  const image = share('IMAGE')
  return {
    input: { total, ...(audio > 0 && { audio }), ...(image > 0 && { image }) },
    output: { total: 0 },
    raw: { [dialectId]: json },
  }
}

export function readUsage(reader: MemberReader, dialectId: string): Usage | undefined {
  const usage = usageIn(reader.peek('usageMetadata'), dialectId)
  if (usage !== undefined) reader.take('usageMetadata')
  return usage
}

export function writeUsage(writer: MemberWriter, usage: Usage | undefined, dialectId: string, lost: Loss[]): void {
  if (usage === undefined) return
  const { raw, input } = usage
  if (raw?.[dialectId] === undefined && (input.cacheRead ?? 0) > 0)
    drop(lost, 'usage.cached_tokens', `${dialectId} does not tell what was read from a cache; the total includes it`)
  writer.set('usageMetadata', raw?.[dialectId] ?? { promptTokenCount: input.total })
}

/** A large answer is not parsed for them. */
export function factsReader(vectors: VectorMember, dialectId: string): (body: Body<EmbeddingResponse>) => AnswerFacts {
  return (body) =>
    asProviders(() => {
      const spans = body.spans()
      if (spans.get(vectors) === undefined) {
        const error = googleErrorIn({ error: body.member('error') })
        if (error !== undefined) throw decodeGoogleFault(undefined, error)
        // An empty list of protocol buffers is left out of their JSON.
        if (vectors === 'embedding') throw malformed(`it has no \`${vectors}\`.`)
      }
      const usage = usageIn(body.member('usageMetadata') ?? body.member('usage_metadata'), dialectId)
      return { ...(usage !== undefined && { usage }) }
    })
}
