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
/** What is not text is about as much, its bytes aside: a page of a document, a picture that is embedded or judged. */
const perMedium = 2000
/** The most that models which answer take a picture for, but those below. */
const perPicture = 5000
/**
 * Of `gpt-4o-mini`, which takes many times as many as `gpt-4o` (https://pypi.org/project/pictoken, read 2026-11-28): 2,833 for a picture and 5,667
 * for each of at most eight tiles of it. The numbers are not confirmed at the service.
 */
const perTiledPicture = 2833 + 8 * 5667
/** Bytes of a document's or sound's base64 to a token. */
const mediaBytesPerToken = 40
/** A mark can be spelled with escapes of its plain characters, which hardly anybody needs. */
const escapes = [2, 3, 4, 5, 6, 7].map((digit) => `\\u00${digit}`)

export function inputEstimateOf(exchange: Exchange): number {
  exchange.inputEstimate ??= exchange.head.inputTokens ?? estimate(exchange)
  return exchange.inputEstimate
}

/** The estimate is high by about a third, as money is held by it: so many tokens it has probably. */
export const likelyInput = (exchange: Exchange): number => Math.floor(inputEstimateOf(exchange) * 0.75)

function estimate(exchange: Exchange): number {
  const { body } = exchange
  const bySize = Math.ceil(body.length / bytesPerToken)
  if (!mayHoldMedia(exchange)) return bySize
  const request = readable(exchange)
  if (request === undefined) return bySize
  const { operation } = exchange.surface
  if (operation === 'embed') return Math.min(bySize, tokensOfInputs(request as EmbeddingRequest))
  if (operation === 'moderate') return Math.min(bySize, tokensToJudge(request as ModerationRequest))
  if (operation !== 'chat' && operation !== 'count-tokens') return bySize
  const { messages, tools } = request as ChatRequest
  const sum: Tokens = { text: Math.ceil(JSON.stringify(tools ?? []).length / bytesPerToken), media: 0 }
  const image = tilesPictures(exchange) ? perTiledPicture : perPicture
  for (const { parts } of messages) addTokens(parts, image, sum)
  return Math.min(bySize, sum.text) + sum.media
}

function mayHoldMedia({ body, surface: { dialect } }: Exchange): boolean {
  if (dialect.mediaMarks.length === 0 || body.length === 0) return false
  return body.mentions(dialect.mediaMarks) || (body.mentions(['\\u00']) && body.mentions(escapes))
}

/** Whether a model that the request may come to takes pictures by their tiles, and for many times as much as others do. */
const tilesPictures = ({ route }: Exchange): boolean =>
  route?.deployments.some(({ model }) => /gpt-?4o-mini/i.test(model)) === true

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
      sum + (part.type === 'text' ? Math.ceil(Buffer.byteLength(part.text) / usualBytesPerToken) : perMedium),
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
    return perMedium + Math.ceil(value.length / mediaBytesPerToken)
  }
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, each) => sum + tokensIn(each), 1)
}

interface Tokens {
  /** Of what is in the body itself, whose size bounds them. */
  text: number
  media: number
}

function addTokens(parts: readonly Part[], image: number, sum: Tokens): void {
  for (const part of parts) {
    switch (part.type) {
      case 'image':
        sum.media += image
        break
      case 'audio':
      case 'video':
      case 'file': {
        const { source } = part
        if (source?.kind === 'text') sum.text += Math.ceil(Buffer.byteLength(source.text) / bytesPerToken)
        else sum.media += perMedium
        if (source?.kind === 'base64') sum.media += Math.ceil(source.data.length / mediaBytesPerToken)
        break
      }
      case 'tool-result':
        addTokens(part.content, image, sum)
        break
      case 'text':
      case 'refusal':
      case 'reasoning':
      case 'tool-call':
      case 'server-tool-call':
      case 'server-tool-result':
      case 'opaque':
        sum.text += Math.ceil(Buffer.byteLength(JSON.stringify(part)) / bytesPerToken)
    }
  }
}
