/**
 * How many tokens a request has before anybody has counted them: from its size alone where it is text, from its parts where it
 * carries encoded media, whose bytes say nothing about tokens. Rather too high than too low: money is held by it.
 */
import type { Exchange } from '../kernel/exchange.ts'
import type { ChatRequest } from '../model/chat.ts'
import type { EmbeddingRequest } from '../model/embedding.ts'
import type { ModerationRequest } from '../model/moderation.ts'
import { Fault } from '../model/fault.ts'
import type { JsonValue } from '../model/json.ts'
import type { Part } from '../model/part.ts'

/** Bytes of JSON to a token; ordinary text has about four. */
const bytesPerToken = 3
const usualBytesPerToken = 4
/** The most that providers charge for a picture of usual size; a page of a document is about as much. */
const perImage = 2000
/** Bytes of a document's or sound's base64 to a token. */
const mediaBytesPerToken = 40
/** Bodies below this are taken by their size, whatever they hold. */
const smallBody = 16_384

export function inputEstimateOf(exchange: Exchange): number {
  exchange.inputEstimate ??= exchange.head.inputTokens ?? estimate(exchange)
  return exchange.inputEstimate
}

/** The estimate is high by about a third, as money is held by it: so many tokens it has probably. */
export const likelyInput = (exchange: Exchange): number => Math.floor(inputEstimateOf(exchange) * 0.75)

function estimate(exchange: Exchange): number {
  const { body, surface } = exchange
  const bySize = Math.ceil(body.length / bytesPerToken)
  if (body.length < smallBody || !body.mentions(surface.dialect.mediaMarks)) return bySize
  const request = readable(exchange)
  if (request === undefined) return bySize
  if (exchange.surface.operation === 'embed') return Math.min(bySize, tokensOfInputs(request as EmbeddingRequest))
  const { messages, tools } = request as ChatRequest
  const text = messages.reduce((sum, { parts }) => sum + tokensOf(parts), 0)
  return Math.min(bySize, text + Math.ceil(JSON.stringify(tools ?? []).length / bytesPerToken))
}

/** What is passed through need not be something that can be translated. */
function readable({ body }: Exchange): unknown {
  try {
    return body.read()
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/**
 * What a service has probably counted that does not say so. Vectors and verdicts are of texts alone, whose length says more than that of the
 * request around them.
 */
export function countedInput(exchange: Exchange): number {
  const { operation } = exchange.surface
  if ((operation !== 'embed' && operation !== 'moderate') || exchange.head.inputTokens !== undefined)
    return inputEstimateOf(exchange)
  const request = readable(exchange)
  if (request === undefined) return inputEstimateOf(exchange)
  return operation === 'embed'
    ? tokensOfInputs(request as EmbeddingRequest, usualBytesPerToken)
    : tokensToJudge(request as ModerationRequest)
}

function tokensToJudge({ inputs }: ModerationRequest): number {
  const parts = inputs.flatMap((input) => input.parts)
  return parts.reduce(
    (sum, part) =>
      sum + (part.type === 'text' ? Math.ceil(Buffer.byteLength(part.text) / usualBytesPerToken) : perImage),
    0,
  )
}

function tokensOfInputs({ inputs }: EmbeddingRequest, bytes = bytesPerToken): number {
  return inputs.reduce((sum, input) => {
    if (input.type === 'tokens') return sum + input.tokens.length
    return sum + (input.type === 'text' ? Math.ceil(Buffer.byteLength(input.text) / bytes) : tokensIn(input.value))
  }, 0)
}

/** What is as long as a picture, and has no blanks as a text would, is taken for encoded media. */
const shortestMedia = 1024

/** Of what no dialect but its own understands. */
function tokensIn(value: JsonValue | undefined): number {
  if (typeof value === 'string') {
    if (value.length < shortestMedia || /\s/.test(value)) return Math.ceil(Buffer.byteLength(value) / bytesPerToken)
    return perImage + Math.ceil(value.length / mediaBytesPerToken)
  }
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, each) => sum + tokensIn(each), 1)
}

function tokensOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + tokensOfPart(part), 0)
}

function tokensOfPart(part: Part): number {
  switch (part.type) {
    case 'image':
      return perImage
    case 'audio':
    case 'video':
    case 'file': {
      const { source } = part
      if (source === undefined) return perImage
      if (source.kind === 'base64') return perImage + Math.ceil(source.data.length / mediaBytesPerToken)
      return source.kind === 'text' ? Math.ceil(Buffer.byteLength(source.text) / bytesPerToken) : perImage
    }
    case 'tool-result':
      return tokensOf(part.content)
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      return Math.ceil(Buffer.byteLength(JSON.stringify(part)) / bytesPerToken)
  }
}
