/** Vectors in the envelope of OpenAI's answers, both ways, in whatever names the protocol has. */
import { asBuffer } from '../../../bytes/as-buffer.ts'
import { MemberReader, wrongType } from '../member-reader.ts'
import { MemberWriter } from '../member-writer.ts'
import { throwIfOpenaiError } from '../openai-errors.ts'
import { base64Of, jsonFloatsOf, readVector } from '../vectors.ts'
import type { Body } from '../../body.ts'
import type { AnswerFacts, EncodeContext, Encoded } from '../../dialect.ts'
import type { EmbeddingRequest, EmbeddingResponse, EmbeddingVector, VectorValues } from '../../../model/embedding.ts'
import { Fault } from '../../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { EmbedWire } from './embed-wire.ts'

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer is not a list of embeddings: ${what}`, { cause })

/** Throws a Fault: the provider's own error where it answered one with a status of success, else `provider_malformed`. */
export function decodeResponse(wire: EmbedWire, json: unknown): EmbeddingResponse {
  try {
    return readResponse(wire, json)
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

/** What some services tell besides, and nobody asks for. */
const asides = ['id', 'created'] as const

function readResponse(wire: EmbedWire, json: unknown): EmbeddingResponse {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  throwIfOpenaiError(json)
  const reader = new MemberReader(wire.id, json, '')
  readConstant(reader, 'object', 'list')
  for (const key of asides) {
    const value = reader.take(key)
    if (value !== undefined) reader.note(key, value)
  }
  const model = reader.string('model') ?? ''
  if (!reader.has('model')) reader.noteAbsent('model')
  const list = reader.list('data')
  if (list === undefined) throw wrongType('data', 'an array', list)
  const items = list.map((item, place) => readItem(wire, item, place))
  // Vectors are told apart by their index, which need not be their place.
  const places = items.map(({ index }) => index)
  if (new Set(places).size !== items.length || places.some((index) => index >= items.length))
    throw wrongType('data', 'an array of embeddings whose indexes are 0, 1 and so on', list)
  if (places.some((index, place) => index !== place)) reader.note('places', places)
  const vectors = items.toSorted((one, other) => one.index - other.index).map(({ vector }) => vector)
  const usage = wire.usage.read(reader.peek('usage'))
  if (usage !== undefined || reader.peek('usage') === null) reader.take('usage')
  return { model, vectors, ...(usage !== undefined && { usage }), ...reader.node() }
}

function readItem(wire: EmbedWire, json: JsonValue, place: number): { index: number; vector: EmbeddingVector } {
  const path = joinPath('data', place)
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(wire.id, json, path)
  readConstant(reader, 'object', 'embedding')
  const index = reader.integer('index', 0)
  if (index === undefined && !reader.has('index')) reader.noteAbsent('index')
  const values = readVector(reader.take('embedding'), reader.at('embedding'))
  return { index: index ?? place, vector: { values, ...reader.node() } }
}

function readConstant(reader: MemberReader, key: string, usual: string): void {
  const value = reader.take(key)
  if (value === undefined && !reader.has(key)) reader.noteAbsent(key)
  else if (value !== undefined && value !== usual) reader.note(key, value)
}

function writeConstant(writer: MemberWriter, key: string, usual: string): void {
  if (!writer.wasAbsent(key) && !writer.wasNull(key)) writer.set(key, writer.note(key) ?? usual)
}

export function encodeResponse(
  wire: EmbedWire,
  response: EmbeddingResponse,
  context: EncodeContext<EmbeddingRequest>,
): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, wire.id, '', lost)
  const writer = new MemberWriter(wire.id, response)
  writeConstant(writer, 'object', 'list')
  for (const key of asides) writer.set(key, writer.note(key))
  const data = response.vectors.map((vector, index) => writeItem(wire, vector, index, context, lost))
  const places = writer.note('places')
  writer.set('data', isOrderOf(places, data.length) ? places.map((index) => data[index] ?? null) : data)
  if (context.model !== '' || !(writer.wasAbsent('model') || writer.wasNull('model')))
    writer.set('model', context.model)
  const { usage } = response
  if (usage !== undefined) writer.set('usage', usage.raw?.[wire.id] ?? wire.usage.write(usage))
  return { json: writer.finish(), lost }
}

const isOrderOf = (places: JsonValue | undefined, length: number): places is number[] =>
  Array.isArray(places) && places.length === length

function writeItem(
  wire: EmbedWire,
  vector: EmbeddingVector,
  index: number,
  context: EncodeContext<EmbeddingRequest>,
  lost: Loss[],
): JsonObject {
  reportForeignExtra(vector, wire.id, joinPath('data', index), lost)
  const writer = new MemberWriter(wire.id, vector)
  writeConstant(writer, 'object', 'embedding')
  if (!writer.wasAbsent('index') && !writer.wasNull('index')) writer.set('index', index)
  writer.set('embedding', spelled(vector.values, context, writer.form !== undefined))
  return writer.finish()
}

/** As the client asked; what nobody asked for stays as it is, and is numbers where another's answer is told. */
function spelled(values: VectorValues, { request }: EncodeContext<EmbeddingRequest>, own: boolean): JsonValue {
  const wanted = request?.encoding ?? (own && request === undefined ? undefined : 'float')
  if (wanted === 'base64') return base64Of(values)
  if (wanted === undefined && typeof values === 'string') return values
  return jsonFloatsOf(values)
}

/** A large answer is not parsed for them. */
export function readFacts(wire: EmbedWire, body: Body<EmbeddingResponse>): AnswerFacts {
  const member = (key: string): JsonValue => body.member(key) as JsonValue
  try {
    const spans = body.spans()
    if (spans.get('data') === undefined) {
      throwIfOpenaiError({ error: member('error'), object: member('object'), message: member('message') })
      throw malformed('it has no `data`.')
    }
    const model = body.member('model')
    const usage = wire.usage.read(member('usage'))
    return {
      vectors: spans.entries('data'),
      ...(typeof model === 'string' && { model }),
      ...(usage !== undefined && { usage }),
    }
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

/** The client wants its numbers packed, and the service, which does not know that, gave them one by one. */
export function spelledOtherwise(request: Body<EmbeddingRequest>, answer: Body<EmbeddingResponse>): boolean {
  return request.spans().json('encoding_format') === 'base64' && listed.test(beginningOf(answer.bytes()))
}

const listed = /"embedding"\s*:\s*\[/

/** What comes before the first vector is short. */
const beginningOf = (bytes: Uint8Array): string => asBuffer(bytes.subarray(0, 1024)).toString('latin1')
