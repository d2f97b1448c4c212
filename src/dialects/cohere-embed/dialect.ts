/**
 * Cohere's embeddings in either version of its protocol: the second always tells vectors by kinds of numbers and knows their length; the
 * first tells a plain list unless kinds were asked for. Both must be told what vectors are for: a request that does not say is taken for
 * one of documents. https://docs.cohere.com/reference/embed and https://docs.cohere.com/v1/reference/embed
 */
import type { Body } from '../../kernel/body.ts'
import { cohereFaultCodec } from '../../kernel/codec/cohere-errors.ts'
import { cohereMeta, readCohereMeta } from '../../kernel/codec/cohere-usage.ts'
import { reportInputSettings, taskWord } from '../../kernel/codec/embedding-losses.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { headModel, requestSpans } from '../../kernel/codec/request-head.ts'
import type { AnswerFacts, EmbedDialect, EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { EmbeddingRequest, EmbeddingResponse, EmbeddingTask, EmbeddingVector } from '../../model/embedding.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { countInputs, places, readInputs, writeInputs } from './input.ts'
import { readByType, readList, writeByType, writeList } from './vectors.ts'

export interface CohereVersion {
  readonly id: string
  readonly version: '1' | '2'
}

/** What vectors are for if nobody says it. */
const assumedWord = 'search_document'

const words = {
  'retrieval-document': 'search_document',
  'retrieval-query': 'search_query',
  'question-answering': 'search_query',
  'fact-verification': 'search_query',
  'code-retrieval-query': 'search_query',
  classification: 'classification',
  clustering: 'clustering',
} as const satisfies Partial<Record<EmbeddingTask, string>>

const tasks = new Map<JsonValue | undefined, EmbeddingTask>([
  ['search_document', 'retrieval-document'],
  ['search_query', 'retrieval-query'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
])

/** What an answer tells besides, of which others have nothing. */
const asides = ['id', 'response_type', 'texts', 'images'] as const

export function cohereEmbedDialect({ id, version }: CohereVersion): EmbedDialect {
  const known = version === '2' ? places : places.filter((place) => place !== 'inputs')

  function decodeRequest(json: unknown): EmbeddingRequest {
    if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
    const reader = new MemberReader(id, json, '')
    const model = reader.requiredString('model')
    if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
    const task = tasks.get(reader.peek('input_type'))
    if (task !== undefined) reader.take('input_type')
    const inputs = readInputs(reader, id, known)
    const dimensions = version === '2' ? reader.integer('output_dimension', 1) : undefined
    const encoding = readEncoding(reader)
    return {
      model,
      inputs: task === undefined ? inputs : inputs.map((input) => ({ ...input, task })),
      ...(dimensions !== undefined && { dimensions }),
      ...(encoding !== undefined && { encoding }),
      ...reader.node(),
    }
  }

  function encodeRequest(request: EmbeddingRequest, context: EncodeContext<EmbeddingRequest>): Encoded {
    const lost: Loss[] = []
    reportForeignExtra(request, id, '', lost)
    reportInputSettings(request.inputs, id, lost)
    if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
    const writer = new MemberWriter(id, request)
    writer.set('model', context.model)
    writeInputs(writer, request.inputs, id)
    const word = taskWord(request.inputs, words, id, lost)
    const pictures = request.inputs.every(({ type }) => type === 'opaque')
    writer.set('input_type', word ?? (writer.form === undefined ? (pictures ? 'image' : assumedWord) : undefined))
    if (version === '2') writer.set('output_dimension', request.dimensions)
    else if (request.dimensions !== undefined)
      adapt(lost, 'dimensions', `${id} makes vectors of the model's own length`)
    const own = writer.form !== undefined
    if (request.encoding !== undefined || (!own && version === '2'))
      writer.set('embedding_types', [!own && version === '1' ? 'float' : (request.encoding ?? 'float')])
    return { json: writer.finish(), lost }
  }

  function decodeResponse(json: unknown): EmbeddingResponse {
    return asProviders(() => {
      if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
      const reader = new MemberReader(id, json, '')
      const vectors = readVectors(reader)
      for (const key of asides) {
        const value = reader.take(key)
        if (value !== undefined) reader.note(key, value)
      }
      const usage = readCohereMeta(reader.peek('meta'), id)
      if (usage !== undefined) reader.take('meta')
      return { model: '', vectors, ...(usage !== undefined && { usage }), ...reader.node() }
    })
  }

  function readVectors(reader: MemberReader): EmbeddingVector[] {
    const given = reader.peek('embeddings')
    if (!Array.isArray(given)) return readByType(reader.requiredNested('embeddings'), kindsIn(given), id)
    reader.note('list', true)
    return readList(reader.list('embeddings') ?? [], id)
  }

  function encodeResponse(response: EmbeddingResponse, context: EncodeContext<EmbeddingRequest>): Encoded {
    const { request, answerId } = context
    const lost: Loss[] = []
    reportForeignExtra(response, id, '', lost)
    const writer = new MemberWriter(id, response)
    const own = writer.form !== undefined
    const list = own ? writer.note('list') === true : version === '1' && request?.encoding === undefined
    if (own) {
      for (const key of asides) writer.set(key, writer.note(key))
    } else {
      writer.set('id', answerId ?? '')
      writer.set('response_type', list ? 'embeddings_floats' : 'embeddings_by_type')
      const texts = (request?.inputs ?? []).flatMap((input) => (input.type === 'text' ? [input.text] : []))
      if (texts.length > 0) writer.set('texts', texts)
    }
    const wanted = request?.encoding ?? 'float'
    writer.set(
      'embeddings',
      list ? writeList(response.vectors, id, lost) : writeByType(response.vectors, { id, wanted }, lost),
    )
    const { usage } = response
    if (usage !== undefined) writer.set('meta', usage.raw?.[id] ?? cohereMeta(version, usage))
    return { json: writer.finish(), lost }
  }

  return {
    id,
    operation: 'embed',
    tasks: 'once',
    mediaMarks: [';base64,'],
    requestHeaders: [],
    head(body) {
      const spans = requestSpans(body)
      return { model: headModel(spans), stream: false, inputs: countInputs(body, known) }
    },
    request: { decode: decodeRequest, encode: encodeRequest },
    response: { decode: decodeResponse, encode: encodeResponse },
    fault: cohereFaultCodec,
    facts: (body) => readFacts(body, id),
  }
}

const kindsIn = (given: JsonValue | undefined): string[] => (isJsonObject(given) ? Object.keys(given) : [])

/** Several kinds of numbers at once, or whole ones, are no word of other protocols: they stay as they are. */
function readEncoding(reader: MemberReader): EmbeddingRequest['encoding'] {
  const kinds = reader.peek('embedding_types')
  if (kinds !== undefined && kinds !== null && !Array.isArray(kinds))
    throw wrongType('embedding_types', 'an array of kinds of numbers', kinds)
  const [kind, second] = kinds ?? []
  if (second !== undefined || (kind !== 'float' && kind !== 'base64')) return undefined
  reader.take('embedding_types')
  return kind
}

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer is not of Cohere's embeddings: ${what}`, { cause })

function asProviders<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

/** A large answer is not parsed for them. */
function readFacts(body: Body<EmbeddingResponse>, id: string): AnswerFacts {
  return asProviders(() => {
    if (body.spans().get('embeddings') === undefined) throw malformed('it has no `embeddings`.')
    const usage = readCohereMeta(body.member('meta') as JsonValue | undefined, id)
    return { ...(usage !== undefined && { usage }) }
  })
}
