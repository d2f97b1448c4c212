/**
 * Rankings in Cohere's protocol: a document is the nearer to the question the more words it shares with it, so that a search with the
 * simulator finds something. https://docs.cohere.com/reference/rerank
 */
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { hashText } from './seeded.ts'
import { splitTokens } from './tokens.ts'
import { optionalInteger } from './turn.ts'
import { openaiWire } from './openai-wire.ts'
import type { Wire, WireCall, WireError } from './wire.ts'

/** Of one request. */
const mostDocuments = 10_000
/** Of one search that is billed. */
const documentsPerSearch = 100

export interface SimRanking {
  readonly promptTokens: number
  readonly documents: number
  readonly body: (call: WireCall) => string
}

const errorText = ({ message }: WireError, id: string): string => JSON.stringify({ id, message })

/** Errors as Cohere's API has them; the rest is of no use here, because nothing is streamed. */
export const cohereWire: Wire = { ...openaiWire, error: errorText, errorEvent: errorText }

export function answerRerank(json: JsonObject, { parameters }: ChosenModel): SimRanking {
  const { query, documents, return_documents: returns } = json
  if (typeof query !== 'string' || query === '') throw badRequest('query', 'query must be a string that is not empty.')
  if (!Array.isArray(documents) || documents.length === 0 || documents.length > mostDocuments)
    throw badRequest('documents', `documents must be an array of 1 to ${mostDocuments} texts.`)
  const texts = documents.map((document, index) => textOf(document, index))
  const most = optionalInteger(json, 'top_n', 1, Number.MAX_SAFE_INTEGER) ?? texts.length
  const asked = wordsOf(query)
  const results = texts
    .map((text, index) => ({
      index,
      relevance_score: nearness(asked, text, parameters.seed ?? 0),
      ...(returns === true && { document: { text } }),
    }))
    .toSorted((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, most)
  const promptTokens = texts.reduce(
    (sum, text) => sum + splitTokens(text).length,
    splitTokens(query).length * texts.length,
  )
  const meta = {
    api_version: { version: '2' },
    billed_units: { search_units: Math.ceil(texts.length / documentsPerSearch) },
    tokens: { input_tokens: promptTokens },
  }
  return { promptTokens, documents: texts.length, body: ({ id }) => JSON.stringify({ id, results, meta }) }
}

function textOf(document: JsonValue, index: number): string {
  const text = isJsonObject(document) ? document['text'] : document
  if (typeof text !== 'string') throw badRequest(`documents[${index}]`, 'Every document must be a text.')
  return text
}

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))

/** The share of the question's words that are in the document, and a grain by which no two documents are quite alike. */
function nearness(asked: ReadonlySet<string>, text: string, seed: number): number {
  const words = wordsOf(text)
  const shared = [...asked].filter((word) => words.has(word)).length
  const grain = (hashText(text, seed) % 1000) / 100_000
  return Number(Math.min(1, (0.98 * shared) / Math.max(1, asked.size) + grain).toFixed(6))
}
