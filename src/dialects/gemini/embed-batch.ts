/**
 * `batchEmbedContents`: a vector for each of its requests, one or many, so that it serves for whatever another protocol asks.
 * https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
 */
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EmbedDialect, EncodeContext, Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { EmbeddingInput, EmbeddingRequest, EmbeddingResponse } from '../../model/embedding.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { answerReader, factsReader, readUsage, readValues, writeUsage, writeValues } from './embed-answer.ts'
import { bareModel, readItem, writeItem, writtenModel } from './embed-item.ts'
import { faultCodec } from './faults.ts'
import { snakeCase } from './members.ts'
import { asProviders } from './response.ts'

const id = 'gemini-batch-embed'

function readHead(body: Body<EmbeddingRequest>, address?: RequestAddress): RequestHead {
  const spans = requestSpans(body)
  const inputs = spans.entries('requests')
  if (inputs === 0)
    throw spans.get('requests') === undefined
      ? wrongType('requests', 'an array of requests', undefined)
      : invalidRequest('requests', '`requests` is empty: send at least one request.')
  return { model: address?.model ?? '', stream: false, inputs }
}

function decodeRequest(json: unknown, address?: RequestAddress): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '', undefined, snakeCase)
  const list = reader.list('requests') ?? []
  let named: string | undefined
  const items = list.map((item, index) => {
    const path = joinPath('requests', index)
    if (!isJsonObject(item)) throw wrongType(path, 'an object', item)
    const each = new MemberReader(id, item, path, undefined, snakeCase)
    const model = each.peek('model')
    if (typeof model === 'string') named ??= bareModel(model)
    const { input, dimensions } = readItem(each, id)
    return { input: { ...input, ...each.node() }, dimensions }
  })
  const [first] = items
  // As in other protocols the request says how long its vectors are, unless they are to differ.
  const same = items.every(({ dimensions }) => dimensions === first?.dimensions)
  return {
    model: address?.model ?? named ?? '',
    inputs: items.map(({ input, dimensions }) => (same || dimensions === undefined ? input : { ...input, dimensions })),
    ...(same && first?.dimensions !== undefined && { dimensions: first.dimensions }),
    ...reader.node(),
  }
}

function encodeRequest(request: EmbeddingRequest, context: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  const writer = new MemberWriter(id, request)
  const write = (input: EmbeddingInput, index: number): JsonObject => {
    reportForeignExtra(input, id, joinPath('input', index), lost)
    const item = new MemberWriter(id, input)
    // Of another protocol's request each must name the model; of one's own, as the client did.
    const named = item.form === undefined || item.note('model') !== undefined
    const model = named ? writtenModel(item, context.model) : undefined
    writeItem(item, { input, dimensions: input.dimensions ?? request.dimensions }, { origin: id, index, model })
    return item.finish()
  }
  writer.set('requests', request.inputs.map(write))
  return { json: writer.finish(), lost }
}

function decodeResponse(json: unknown): EmbeddingResponse {
  return asProviders(() => {
    const reader = answerReader(json, id)
    if (!reader.has('embeddings')) reader.noteAbsent('embeddings')
    const list = reader.list('embeddings') ?? []
    const vectors = list.map((each, index) => readValues(each, joinPath('embeddings', index), id))
    const usage = readUsage(reader, id)
    return { model: '', vectors, ...(usage !== undefined && { usage }), ...reader.node() }
  })
}

function encodeResponse(response: EmbeddingResponse): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  const vectors = response.vectors.map((each, index) => writeValues(each, joinPath('embeddings', index), id, lost))
  if (vectors.length > 0 || !(writer.wasAbsent('embeddings') || writer.wasNull('embeddings')))
    writer.set('embeddings', vectors)
  writeUsage(writer, response.usage, id, lost)
  return { json: writer.finish(), lost }
}

export const geminiBatchEmbed: EmbedDialect = {
  id,
  operation: 'embed',
  mediaMarks: ['"inlineData', '"inline_data'],
  requestHeaders: [],
  addressed: true,
  head: readHead,
  // Each request repeats the model's name, which may be another here than at the provider.
  mustTranslate: (body) => body.mentions(['"model"']),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: factsReader('embeddings', id),
}
