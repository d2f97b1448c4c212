/**
 * Ollama's embeddings, `/api/embed`. Without an input it loads the model and answers with no vectors. What only Ollama has
 * (`truncate`, `keep_alive`, `options`) stays unmodelled and travels along. https://docs.ollama.com/api/embed
 */
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { refuseInput, reportInputSettings } from '../../kernel/codec/embedding-losses.ts'
import { headModel, requestSpans } from '../../kernel/codec/request-head.ts'
import { jsonFloatsOf, readVector } from '../../kernel/codec/vectors.ts'
import type { AnswerFacts, EmbedDialect, EncodeContext, Encoded, RequestHead } from '../../kernel/dialect.ts'
import type { EmbeddingInput, EmbeddingRequest, EmbeddingResponse } from '../../model/embedding.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { errorIn, faultCodec } from './faults.ts'

const id = 'ollama-embed'

const openBracket = 0x5b

function readHead(body: Body<EmbeddingRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const span = spans.get('input')
  const many = span !== undefined && body.byte(span.start) === openBracket
  const one = span !== undefined && !many && spans.json('input') !== null
  return { model, stream: false, inputs: many ? spans.entries('input') : one ? 1 : 0 }
}

function decodeRequest(json: unknown): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const inputs = readInputs(reader)
  const dimensions = reader.integer('dimensions', 0)
  return { model, inputs, ...(dimensions !== undefined && { dimensions }), ...reader.node() }
}

function readInputs(reader: MemberReader): EmbeddingInput[] {
  const input = reader.peek('input')
  if (typeof input === 'string') {
    reader.take('input')
    reader.note('single', true)
    return [{ type: 'text', text: input }]
  }
  if (!reader.has('input')) reader.noteAbsent('input')
  if (input !== undefined && input !== null && !Array.isArray(input))
    throw wrongType('input', 'a text or an array of texts', input)
  return (reader.strings('input') ?? []).map((text) => ({ type: 'text', text }))
}

function encodeRequest(request: EmbeddingRequest, context: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  reportInputSettings(request.inputs, id, lost)
  if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  const writer = new MemberWriter(id, request)
  writer.set('model', context.model)
  const texts = request.inputs.map((input, index) => {
    if (input.type !== 'text') throw refuseInput(input, index, id)
    return input.text
  })
  const [only] = texts
  if (writer.note('single') === true && texts.length === 1 && only !== undefined) writer.set('input', only)
  else if (texts.length > 0 || !(writer.wasAbsent('input') || writer.wasNull('input'))) writer.set('input', texts)
  writer.set('dimensions', request.dimensions)
  return { json: writer.finish(), lost }
}

/** The durations are in nanoseconds. */
const usageMembers = ['total_duration', 'load_duration', 'prompt_eval_count'] as const

function usageIn(member: (key: string) => unknown): Usage | undefined {
  const count = member('prompt_eval_count')
  if (typeof count !== 'number' || !Number.isFinite(count) || count < 0) return undefined
  const raw: JsonObject = {}
  for (const key of usageMembers) {
    const value = (member(key) ?? undefined) as JsonValue | undefined
    if (value !== undefined) raw[key] = value
  }
  return { input: { total: count }, output: { total: 0 }, raw: { [id]: raw } }
}

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer is not of Ollama's embeddings: ${what}`, { cause })

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
    if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
    const fault = errorIn(json)
    if (fault !== undefined) throw fault
    const reader = new MemberReader(id, json, '')
    const model = reader.string('model') ?? ''
    if (!reader.has('model')) reader.noteAbsent('model')
    const list = reader.list('embeddings')
    if (list === undefined) throw wrongType('embeddings', 'an array of vectors', list)
    const vectors = list.map((each, index) => {
      const values = readVector(each, joinPath('embeddings', index))
      if (typeof values === 'string') throw wrongType(joinPath('embeddings', index), 'an array of numbers', values)
      return { values }
    })
    const usage = usageIn((key) => reader.peek(key))
    if (usage !== undefined) for (const key of usageMembers) reader.take(key)
    return { model, vectors, ...(usage !== undefined && { usage }), ...reader.node() }
  })
}

function encodeResponse(response: EmbeddingResponse, context: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  if (context.model !== '' || !(writer.wasAbsent('model') || writer.wasNull('model')))
    writer.set('model', context.model)
  const vectors = response.vectors.map((vector, index) => {
    reportForeignExtra(vector, id, joinPath('embeddings', index), lost)
    return jsonFloatsOf(vector.values)
  })
  writer.set('embeddings', vectors)
  const { usage } = response
  // Of another's answer the count alone: clients compute rates from durations, and none is better than a wrong one.
  const told = usage === undefined ? {} : (usage.raw?.[id] ?? { prompt_eval_count: usage.input.total })
  for (const key of Object.keys(told)) writer.set(key, told[key])
  return { json: writer.finish(), lost }
}

function readFacts(body: Body<EmbeddingResponse>): AnswerFacts {
  return asProviders(() => {
    if (body.spans().get('embeddings') === undefined) {
      const fault = errorIn({ error: (body.member('error') ?? null) as JsonValue })
      throw fault ?? malformed('it has no `embeddings`.')
    }
    const model = body.member('model')
    const usage = usageIn((key) => body.member(key))
    return { ...(typeof model === 'string' && { model }), ...(usage !== undefined && { usage }) }
  })
}

export const ollamaEmbed: EmbedDialect = {
  id,
  operation: 'embed',
  mediaMarks: [],
  requestHeaders: [],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: readFacts,
}
