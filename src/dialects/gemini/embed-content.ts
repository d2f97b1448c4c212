/** `embedContent`: one content, one vector. https://ai.google.dev/api/embeddings#method:-models.embedcontent */
import type { Body } from '../../kernel/body.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EmbedDialect, EncodeContext, Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { EmbeddingRequest, EmbeddingResponse } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { answerReader, factsReader, readUsage, readValues, writeUsage, writeValues } from './embed-answer.ts'
import { bareModel, readItem, writeItem, writtenModel } from './embed-item.ts'
import { faultCodec } from './faults.ts'
import { snakeCase } from './members.ts'
import { asProviders } from './response.ts'

const id = 'gemini-embed'

function readHead(body: Body<EmbeddingRequest>, address?: RequestAddress): RequestHead {
  const spans = requestSpans(body)
  if (spans.get('content') === undefined) throw wrongType('content', 'an object with `parts`', undefined)
  return { model: address?.model ?? '', stream: false, inputs: 1 }
}

function decodeRequest(json: unknown, address?: RequestAddress): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '', undefined, snakeCase)
  const named = reader.peek('model')
  const { input, dimensions } = readItem(reader, id)
  return {
    model: address?.model ?? (typeof named === 'string' ? bareModel(named) : ''),
    inputs: [input],
    ...(dimensions !== undefined && { dimensions }),
    ...reader.node(),
  }
}

function encodeRequest(request: EmbeddingRequest, context: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const [input, second] = request.inputs
  if (input === undefined || second !== undefined) throw notOne(request.inputs.length)
  reportForeignExtra(input, id, 'input', lost)
  if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  const writer = new MemberWriter(id, request)
  const model = writer.note('model') === undefined ? undefined : writtenModel(writer, context.model)
  writeItem(writer, { input, dimensions: input.dimensions ?? request.dimensions }, { origin: id, index: 0, model })
  return { json: writer.finish(), lost }
}

const notOne = (inputs: number): Fault =>
  new Fault('not_expressible', `${id} makes one vector of one text, and the request has ${inputs} of them.`, {
    param: 'input',
  })

function decodeResponse(json: unknown): EmbeddingResponse {
  return asProviders(() => {
    const reader = answerReader(json, id)
    const vector = readValues(reader.take('embedding'), 'embedding', id)
    const usage = readUsage(reader, id)
    return { model: '', vectors: [vector], ...(usage !== undefined && { usage }), ...reader.node() }
  })
}

function encodeResponse(response: EmbeddingResponse): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  const [vector = { values: [] }, ...others] = response.vectors
  writer.set('embedding', writeValues(vector, 'embedding', id, lost))
  for (const index of others.keys()) drop(lost, joinPath('data', index + 1), `${id} answers with one vector`)
  writeUsage(writer, response.usage, id, lost)
  return { json: writer.finish(), lost }
}

export const geminiEmbed: EmbedDialect = {
  id,
  operation: 'embed',
  mediaMarks: ['"inlineData', '"inline_data'],
  requestHeaders: [],
  addressed: true,
  head: readHead,
  // Some clients repeat the model's name in the body; it may be another here than at the provider.
  mustTranslate: (body) => body.mentions(['"model"']),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: factsReader('embedding', id),
}
