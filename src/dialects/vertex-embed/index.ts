/**
 * Vectors by Vertex AI's `:predict`: an instance for each text, with what it is for and of which document; the model stands in the path.
 * "Text embeddings API", cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api; @google/genai,
 * `embedContent` for Vertex AI.
 */
import type { Body } from '../../kernel/body.ts'
import { refuseInput } from '../../kernel/codec/embedding-losses.ts'
import { decodeGoogleFault, googleErrorIn, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requestSpans, requireList } from '../../kernel/codec/request-head.ts'
import { jsonFloatsOf, readVector } from '../../kernel/codec/vectors.ts'
import type { AnswerFacts, EmbedDialect, EncodeContext, Encoded, RequestAddress } from '../../kernel/dialect.ts'
import { embeddingTasks } from '../../model/embedding.ts'
import type {
  EmbeddingInput,
  EmbeddingRequest,
  EmbeddingResponse,
  EmbeddingTask,
  EmbeddingVector,
} from '../../model/embedding.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'

const id = 'vertex-embed'

const wordOf = (task: EmbeddingTask): string => task.replaceAll('-', '_').toUpperCase()
const tasks = new Map<JsonValue | undefined, EmbeddingTask>(embeddingTasks.map((task) => [wordOf(task), task]))

function decodeRequest(json: unknown, address?: RequestAddress): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const list = reader.list('instances') ?? []
  if (list.length === 0) throw invalidRequest('instances', '`instances` is empty: send at least one.')
  const inputs = list.map((item, index) => readInstance(item, joinPath('instances', index)))
  const dimensions = reader.nested('parameters')?.integer('outputDimensionality', 1)
  return { model: address?.model ?? '', inputs, ...(dimensions !== undefined && { dimensions }), ...reader.node() }
}

function readInstance(item: JsonValue, path: string): EmbeddingInput {
  if (!isJsonObject(item)) throw wrongType(path, 'an object with `content`', item)
  if (typeof item['content'] !== 'string') return { type: 'opaque', origin: id, value: item }
  const reader = new MemberReader(id, item, path)
  const text = reader.requiredString('content')
  const task = tasks.get(reader.peek('task_type'))
  if (task !== undefined) reader.take('task_type')
  const title = reader.string('title')
  return {
    type: 'text',
    text,
    ...(task !== undefined && { task }),
    ...(title !== undefined && { title }),
    ...reader.node(),
  }
}

function encodeRequest(request: EmbeddingRequest): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  for (const [index, input] of request.inputs.entries()) reportForeignExtra(input, id, joinPath('input', index), lost)
  if (request.inputs.some(({ dimensions }) => dimensions !== undefined))
    adapt(lost, 'outputDimensionality', `${id} makes all vectors of a request of one length`)
  const writer = new MemberWriter(id, request)
  writer.set(
    'instances',
    request.inputs.map((input, index): JsonValue => {
      if (input.type === 'opaque' && input.origin === id) return input.value
      if (input.type !== 'text') throw refuseInput(input, index, id)
      const item = new MemberWriter(id, input)
      item.set('content', input.text)
      item.set('task_type', input.task === undefined ? undefined : wordOf(input.task))
      item.set('title', input.title)
      return item.finish()
    }),
  )
  writer.set('parameters.outputDimensionality', request.dimensions)
  return { json: writer.finish(), lost }
}

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer has no embeddings: ${what}`, { cause })

function asProviders<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

function decodeResponse(json: unknown): EmbeddingResponse {
  return asProviders(() => {
    const error = googleErrorIn(json)
    if (error !== undefined) throw decodeGoogleFault(undefined, error)
    if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
    const reader = new MemberReader(id, json, '')
    const list = reader.list('predictions')
    if (list === undefined) throw wrongType('predictions', 'an array of predictions', list)
    const counts: number[] = []
    const vectors = list.map((item, index) => readPrediction(item, joinPath('predictions', index), counts))
    const told = counts.length === vectors.length && counts.length > 0
    const usage: Usage = { input: { total: counts.reduce((sum, count) => sum + count, 0) }, output: { total: 0 } }
    return { model: '', vectors, ...(told && { usage }), ...reader.node() }
  })
}

/** Adds the tokens that it took to `counts`. */
function readPrediction(item: JsonValue, path: string, counts: number[]): EmbeddingVector {
  if (!isJsonObject(item)) throw wrongType(path, 'an object with `embeddings`', item)
  const reader = new MemberReader(id, item, path)
  const embeddings = reader.requiredNested('embeddings')
  const values = readVector(embeddings.take('values'), embeddings.at('values'))
  if (typeof values === 'string') throw wrongType(embeddings.at('values'), 'an array of numbers', values)
  const statistics = embeddings.take('statistics')
  if (statistics !== undefined) reader.note('statistics', statistics)
  const count = isJsonObject(statistics) ? statistics['token_count'] : undefined
  if (typeof count === 'number' && Number.isFinite(count) && count >= 0) counts.push(count)
  return { values, ...reader.node() }
}

function encodeResponse(response: EmbeddingResponse): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  const { usage, vectors } = response
  const shares = sharesOf(usage?.input.total, vectors.length)
  const predictions = vectors.map((vector, index): JsonObject => {
    reportForeignExtra(vector, id, joinPath('predictions', index), lost)
    const item = new MemberWriter(id, vector)
    item.set('embeddings.values', jsonFloatsOf(vector.values))
    const told = item.form === undefined ? shares && { token_count: shares[index] ?? 0 } : item.note('statistics')
    item.set('embeddings.statistics', told)
    return item.finish()
  })
  writer.set('predictions', predictions)
  return { json: writer.finish(), lost }
}

/** Tokens are told by the vector: of a count that is known in all, each has as many as the others. */
function sharesOf(total: number | undefined, vectors: number): number[] | undefined {
  if (total === undefined || vectors === 0) return undefined
  const share = Math.floor(total / vectors)
  return Array.from({ length: vectors }, (_, index) => share + (index === 0 ? total - share * vectors : 0))
}

/** The counts stand in each prediction: the answer has to be read for them. */
function readFacts(body: Body<EmbeddingResponse>): AnswerFacts {
  const { usage } = body.read()
  return { ...(usage !== undefined && { usage }) }
}

export const vertexEmbed: EmbedDialect = {
  id,
  operation: 'embed',
  tasks: 'each',
  mediaMarks: ['"bytesBase64Encoded'],
  requestHeaders: [],
  addressed: true,
  head(body, address) {
    const spans = requestSpans(body)
    requireList(body, 'instances', 'instance')
    return { model: address?.model ?? '', stream: false, inputs: spans.entries('instances') }
  },
  request: {
    decode: decodeRequest,
    encode: (request, _context: EncodeContext<EmbeddingRequest>) => encodeRequest(request),
  },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: googleFaultCodec,
  facts: readFacts,
}
