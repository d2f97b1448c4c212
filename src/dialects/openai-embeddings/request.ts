/** Requests, both ways. https://developers.openai.com/api/reference/resources/embeddings/methods/create */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import { refuseInput, reportInputSettings } from '../../kernel/codec/embedding-losses.ts'
import type { EmbeddingInput, EmbeddingRequest } from '../../model/embedding.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, readerOf, writerOf } from './dialect-id.ts'

export function decodeRequest(json: unknown): EmbeddingRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = readerOf(json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const input = reader.take('input')
  const single = isSingle(input)
  if (single) reader.note('single', true)
  const inputs = single ? [readInput(input, 'input')] : readInputs(input)
  const dimensions = reader.integer('dimensions', 1)
  const endUser = reader.string('user')
  const encoding = readEncoding(reader.peek('encoding_format'))
  if (encoding !== undefined || reader.peek('encoding_format') === null) reader.take('encoding_format')
  return {
    model,
    inputs,
    ...(dimensions !== undefined && { dimensions }),
    ...(encoding !== undefined && { encoding }),
    ...(endUser !== undefined && { endUser }),
    ...reader.node(),
  }
}

/** A service may know more ways than the two of OpenAI: those stay what they are. */
function readEncoding(value: JsonValue | undefined): EmbeddingRequest['encoding'] {
  if (value !== undefined && value !== null && typeof value !== 'string')
    throw wrongType('encoding_format', '"float" or "base64"', value)
  return value === 'float' || value === 'base64' ? value : undefined
}

const isSingle = (input: JsonValue | undefined): input is string | number[] =>
  typeof input === 'string' || (Array.isArray(input) && typeof input[0] === 'number')

function readInputs(input: JsonValue | undefined): EmbeddingInput[] {
  if (!Array.isArray(input)) throw wrongType('input', 'a text, or an array of texts or of tokens', input)
  if (input.length === 0) throw invalidRequest('input', '`input` is empty: send at least one text.')
  return input.map((item, index) => readInput(item, `input[${index}]`))
}

function readInput(item: JsonValue, path: string): EmbeddingInput {
  if (typeof item === 'string') return { type: 'text', text: item }
  if (Array.isArray(item)) return { type: 'tokens', tokens: item.map((token, at) => readToken(token, path, at)) }
  // Services of other makers take objects: a picture by its URL, a text with a title.
  if (isJsonObject(item)) return { type: 'opaque', origin: dialectId, value: item }
  throw wrongType(path, 'a text or an array of tokens', item)
}

function readToken(token: JsonValue, path: string, index: number): number {
  if (typeof token === 'number' && Number.isInteger(token) && token >= 0) return token
  throw wrongType(`${path}[${index}]`, 'a token: a whole number', token)
}

/** Throws a Fault (`not_expressible`) for inputs that are neither texts nor tokens, or some of either. */
export function encodeRequest(request: EmbeddingRequest, context: EncodeContext<EmbeddingRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  reportInputSettings(request.inputs, dialectId, lost)
  const writer = writerOf(request)
  writer.set('model', context.model)
  const inputs = writeInputs(request.inputs)
  const [only] = inputs
  writer.set('input', writer.note('single') === true && inputs.length === 1 && only !== undefined ? only : inputs)
  writer.set('dimensions', request.dimensions)
  writer.set('encoding_format', request.encoding)
  writer.set('user', request.endUser)
  return { json: writer.finish(), lost }
}

function writeInputs(inputs: readonly EmbeddingInput[]): JsonValue[] {
  const kind = inputs[0]?.type
  return inputs.map((input, index) => {
    if (input.type === 'opaque' && input.origin === dialectId) return input.value
    const mixed = (kind === 'text' || kind === 'tokens') && input.type !== kind
    if (input.type === 'opaque' || mixed) throw refuseInput(input, index, dialectId)
    return input.type === 'text' ? input.text : [...input.tokens]
  })
}
