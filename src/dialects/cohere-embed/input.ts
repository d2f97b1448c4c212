/**
 * What Cohere makes vectors of: texts, pictures, or inputs of both together, each in a member of its own of which a request has one.
 * https://docs.cohere.com/reference/embed
 */
import type { Body } from '../../kernel/body.ts'
import { refuseInput } from '../../kernel/codec/embedding-losses.ts'
import type { MemberReader } from '../../kernel/codec/member-reader.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requireList } from '../../kernel/codec/request-head.ts'
import type { EmbeddingInput, EmbeddingRequest } from '../../model/embedding.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'

export const places = ['texts', 'images', 'inputs'] as const
type Place = (typeof places)[number]

/** Of `null`. */
const letterN = 0x6e

/** How many vectors are asked for. */
export function countInputs(body: Body<EmbeddingRequest>, known: readonly Place[]): number {
  const spans = body.spans()
  const bytes = body.bytes()
  const given = known.filter((place) => {
    const span = spans.get(place)
    return span !== undefined && bytes[span.start] !== letterN
  })
  const [place = 'texts', second] = given
  if (second !== undefined) throw severalPlaces(place, second)
  requireList(body, place, place === 'texts' ? 'text' : place === 'images' ? 'image' : 'input')
  return spans.entries(place)
}

const severalPlaces = (first: string, second: string): Error =>
  invalidRequest(second, `The request has \`${first}\` and \`${second}\`: send one of them.`)

export function readInputs(reader: MemberReader, origin: string, known: readonly Place[]): EmbeddingInput[] {
  const given = known.filter((place) => (reader.peek(place) ?? null) !== null)
  const [place = 'texts', second] = given
  if (second !== undefined) throw severalPlaces(place, second)
  reader.note('place', place)
  const list = reader.list(place) ?? []
  if (list.length === 0) throw invalidRequest(place, `\`${place}\` is empty: send at least one.`)
  return list.map((item, index) => readInput(item, place, joinPath(place, index), origin))
}

function readInput(item: JsonValue, place: Place, path: string, origin: string): EmbeddingInput {
  if (place === 'texts') {
    if (typeof item !== 'string') throw wrongType(path, 'a text', item)
    return { type: 'text', text: item }
  }
  if (place === 'images') {
    if (typeof item !== 'string') throw wrongType(path, 'a picture as a data URI', item)
    return { type: 'opaque', origin, value: item }
  }
  if (!isJsonObject(item)) throw wrongType(path, 'an object with `content`', item)
  const text = textOf(item)
  return text === undefined ? { type: 'opaque', origin, value: item } : { type: 'text', text }
}

/** Of an input that is nothing but one text. */
function textOf(item: JsonObject): string | undefined {
  const { content } = item
  const [only] = Array.isArray(content) && content.length === 1 ? content : []
  if (Object.keys(item).length !== 1 || !isJsonObject(only) || Object.keys(only).length !== 2) return undefined
  return only['type'] === 'text' && typeof only['text'] === 'string' ? only['text'] : undefined
}

/** Throws a Fault (`not_expressible`) for what is neither a text nor Cohere's own. */
export function writeInputs(writer: MemberWriter, inputs: readonly EmbeddingInput[], origin: string): void {
  for (const [index, input] of inputs.entries())
    if (input.type === 'tokens' || (input.type === 'opaque' && !isOwn(input.origin, origin)))
      throw refuseInput(input, index, origin)
  const place = placeOf(inputs, writer.note('place'))
  writer.set(
    place,
    inputs.map((input): JsonValue => {
      if (place !== 'inputs') return input.type === 'text' ? input.text : valueOf(input)
      if (input.type === 'text') return { content: [{ type: 'text', text: input.text }] }
      const value = valueOf(input)
      return typeof value === 'string' ? { content: [{ type: 'image_url', image_url: { url: value } }] } : value
    }),
  )
}

/** Both versions of the protocol have pictures alike. */
const isOwn = (origin: string, id: string): boolean => origin === id || origin.startsWith('cohere-embed')

const valueOf = (input: EmbeddingInput): JsonValue => (input.type === 'opaque' ? input.value : null)

function placeOf(inputs: readonly EmbeddingInput[], noted: JsonValue | undefined): Place {
  if (noted === 'inputs') return 'inputs'
  if (inputs.every(({ type }) => type === 'text')) return 'texts'
  return inputs.every((input) => typeof valueOf(input) === 'string' && input.type === 'opaque') ? 'images' : 'inputs'
}
