/**
 * Amazon Titan's embeddings over InvokeModel: one text, one vector; the model stands in the path. The first model for text takes nothing
 * else. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 */
import type { Body } from '../../kernel/body.ts'
import { awsFaultCodec } from '../../kernel/codec/aws-errors.ts'
import { refuseInput, reportInputSettings, taskWord } from '../../kernel/codec/embedding-losses.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import { jsonFloatsOf, readVector } from '../../kernel/codec/vectors.ts'
import type { AnswerFacts, EmbedDialect, EncodeContext, Encoded, RequestAddress } from '../../kernel/dialect.ts'
import type { EmbeddingRequest, EmbeddingResponse } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'

const id = 'titan-embed'

/** `amazon.titan-embed-text-v1` and its versions, which make vectors of one length. */
const isFirst = (model: string): boolean => /titan-embed-(?:text-v1|g1)/.test(model)

function decodeRequest(json: unknown, address?: RequestAddress): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const text = reader.requiredString('inputText')
  const dimensions = reader.integer('dimensions', 1)
  return {
    model: address?.model ?? '',
    inputs: [{ type: 'text', text }],
    ...(dimensions !== undefined && { dimensions }),
    ...reader.node(),
  }
}

function encodeRequest(request: EmbeddingRequest, { model }: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const [input, second] = request.inputs
  if (input === undefined || second !== undefined)
    throw new Fault(
      'not_expressible',
      `${id} makes one vector of one text, and the request has ${request.inputs.length}.`,
      {
        param: 'input',
      },
    )
  if (input.type !== 'text') throw refuseInput(input, 0, id)
  reportInputSettings(request.inputs, id, lost)
  taskWord(request.inputs, {}, id, lost)
  if (request.endUser !== undefined) drop(lost, 'user', `${id} takes no id of a user`)
  const writer = new MemberWriter(id, request)
  writer.set('inputText', input.text)
  if (!isFirst(model)) writer.set('dimensions', request.dimensions)
  else if (request.dimensions !== undefined) adapt(lost, 'dimensions', `${model} makes vectors of its own length`)
  return { json: writer.finish(), lost }
}

function usageIn(count: unknown): Usage | undefined {
  if (typeof count !== 'number' || !Number.isFinite(count) || count < 0) return undefined
  return { input: { total: count }, output: { total: 0 } }
}

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer is not an embedding of Titan's: ${what}`, { cause })

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
    const reader = new MemberReader(id, json, '')
    const values = readVector(reader.take('embedding'), 'embedding')
    if (typeof values === 'string') throw wrongType('embedding', 'an array of numbers', values)
    const usage = usageIn(reader.peek('inputTextTokenCount'))
    if (usage !== undefined) reader.take('inputTextTokenCount')
    return { model: '', vectors: [{ values }], ...(usage !== undefined && { usage }), ...reader.node() }
  })
}

function encodeResponse(response: EmbeddingResponse): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  const [vector = { values: [] }, ...others] = response.vectors
  writer.set('embedding', jsonFloatsOf(vector.values))
  for (const index of others.keys()) drop(lost, joinPath('data', index + 1), `${id} answers with one vector`)
  writer.set('inputTextTokenCount', response.usage?.input.total)
  return { json: writer.finish(), lost }
}

function readFacts(body: Body<EmbeddingResponse>): AnswerFacts {
  return asProviders(() => {
    if (body.spans().get('embedding') === undefined) throw malformed('it has no `embedding`.')
    const usage = usageIn(body.member('inputTextTokenCount'))
    return { ...(usage !== undefined && { usage }) }
  })
}

export const titanEmbed: EmbedDialect = {
  id,
  operation: 'embed',
  mediaMarks: [],
  requestHeaders: [],
  addressed: true,
  head(body, address) {
    if (requestSpans(body).get('inputText') === undefined) throw wrongType('inputText', 'a text', undefined)
    return { model: address?.model ?? '', stream: false, inputs: 1 }
  },
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: awsFaultCodec,
  facts: readFacts,
}
