/**
 * Embeddings in OpenAI's protocol. A vector follows from the words of its text alone, so that texts which share words lie near each
 * other and a search over them finds something. https://developers.openai.com/api/reference/resources/embeddings/methods/create
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { hashText, seeded } from './seeded.ts'
import { splitTokens } from './tokens.ts'
import { optionalInteger, optionalString } from './turn.ts'
import type { WireCall } from './wire.ts'

/** As OpenAI's small model has them. */
const dimensions = 1536
/** Of one request. */
export const mostInputs = 2048
/** Of one input. */
const mostTokens = 8192

/** A token of a text, or a number that stands for one. */
type Token = string | number

export interface SimEmbeddings {
  readonly promptTokens: number
  readonly inputs: number
  readonly body: (call: WireCall) => string
}

export function answerEmbeddings(json: JsonObject, asked: string, { parameters }: ChosenModel): SimEmbeddings {
  const inputs = readInputs(json['input'])
  const length = optionalInteger(json, 'dimensions', 1, dimensions) ?? dimensions
  const format = optionalString(json, 'encoding_format') ?? 'float'
  if (format !== 'float' && format !== 'base64')
    throw badRequest('encoding_format', 'encoding_format must be float or base64.')
  optionalString(json, 'user')
  const data = inputs.map((tokens, index) => {
    const vector = vectorOf(tokens, parameters.seed ?? 0, length)
    return { object: 'embedding', index, embedding: format === 'float' ? spelled(vector) : base64Of(vector) }
  })
  const promptTokens = inputs.reduce((sum, tokens) => sum + tokens.length, 0)
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens }
  const body = JSON.stringify({ object: 'list', data, model: asked, usage })
  return { promptTokens, inputs: inputs.length, body: () => body }
}

function readInputs(input: JsonValue | undefined): (readonly Token[])[] {
  if (typeof input === 'string') return [tokensOf(input, 'input')]
  if (!Array.isArray(input) || input.length === 0)
    throw badRequest('input', 'input must be a string, or an array of strings or of tokens that is not empty.')
  if (input.length > mostInputs) throw badRequest('input', `input must have ${mostInputs} items or less.`)
  if (typeof input[0] === 'number') return [tokensOf(input, 'input')]
  const kind = typeof input[0]
  return input.map((item, index) => {
    const param = `input[${index}]`
    if (typeof item !== kind) throw badRequest(param, 'input must have strings alone, or arrays of tokens alone.')
    return tokensOf(item, param)
  })
}

function tokensOf(item: JsonValue, param: string): readonly Token[] {
  const tokens = typeof item === 'string' ? splitTokens(item) : item
  if (!Array.isArray(tokens) || tokens.length === 0)
    throw badRequest(param, `${param} must be a string or an array of tokens, and not empty.`)
  if (tokens.length > mostTokens) throw badRequest(param, `${param} must have ${mostTokens} tokens or less.`)
  const kind = typeof item === 'string' ? 'string' : 'number'
  return tokens.map((token) => {
    if (typeof token === kind && (kind === 'string' || (Number.isSafeInteger(token) && Number(token) >= 0)))
      return token as Token
    throw badRequest(param, `${param} must have tokens alone, which are whole numbers.`)
  })
}

/** Places of a vector that one word moves. */
const marks = 24
/** How much all places differ besides: no two texts have the same vector. */
const grain = 0.1

/** Of length 1. A shorter one is the beginning of the longer, as with models that let the length be chosen. */
function vectorOf(tokens: readonly Token[], seed: number, length: number): Float32Array {
  const whole = new Float32Array(dimensions)
  for (const token of tokens) {
    const draw = seeded(hashText(String(token).trim().toLowerCase(), seed))
    for (let mark = 0; mark < marks; mark++) {
      const place = Math.floor(draw() * dimensions)
      whole[place] = (whole[place] ?? 0) + (draw() < 0.5 ? -1 : 1)
    }
  }
  const draw = seeded(hashText(tokens.join('\u0000'), seed))
  const vector = whole.map((value) => value + (draw() - 0.5) * grain).subarray(0, length)
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}

/** The fewest digits that make the same 32-bit float again. */
const digits = 9

const spelled = (vector: Float32Array): number[] => Array.from(vector, (value) => Number(value.toPrecision(digits)))

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
