/**
 * Searching a knowledge base of Bedrock (Retrieve). The base stands in the path.
 * docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Retrieve.html
 */
import type { Body } from '../../kernel/body.ts'
import { awsFaultCodec } from '../../kernel/codec/aws-errors.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { Encoded, RequestAddress, RequestHead, SearchDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SearchRequest, SearchResponse, SearchResult } from '../../model/search.ts'
import { decodeFilter, encodeFilter } from './bedrock-filters.ts'

const id = 'bedrock-retrieve'
const vectors = 'retrievalConfiguration.vectorSearchConfiguration'
/** As many as OpenAI's clients get where they do not say; Bedrock would give half of that. */
const usualResults = 10

function readHead(body: Body<SearchRequest>, address: RequestAddress = {}): RequestHead {
  const query = requestSpans(body).json('retrievalQuery')
  if (!isJsonObject(query)) throw wrongType('retrievalQuery', 'an object', query)
  return { model: address.model ?? '', stream: false, units: { searches: 1 } }
}

function decodeRequest(json: unknown, address: RequestAddress = {}): SearchRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const query = reader.requiredNested('retrievalQuery').requiredString('text')
  const search = reader.nested('retrievalConfiguration')?.nested('vectorSearchConfiguration')
  const maxResults = search?.integer('numberOfResults', 1)
  const raw = search?.take('filter')
  if (raw !== undefined) reader.note('filter', raw)
  const filter = raw === undefined ? undefined : decodeFilter(raw)
  return {
    model: address.model ?? '',
    queries: [query],
    ...(maxResults !== undefined && { maxResults }),
    ...(filter !== undefined && { filter }),
    ...reader.node(),
  }
}

function encodeRequest(request: SearchRequest): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const [query = ''] = request.queries
  if (request.queries.length > 1)
    throw new Fault(
      'not_expressible',
      `A knowledge base takes one query at a time, and \`query\` has ${request.queries.length}: send a request for each.`,
      { param: 'query' },
    )
  writer.set('retrievalQuery.text', query)
  writer.set(`${vectors}.numberOfResults`, request.maxResults ?? (writer.form === undefined ? usualResults : undefined))
  writer.set(`${vectors}.filter`, writer.note('filter') ?? (request.filter && encodeFilter(request.filter)))
  if (request.rewrite === true) drop(lost, 'rewrite_query', `${id} searches for a query as it is`)
  if (request.ranker !== undefined && request.ranker !== 'none' && request.ranker !== 'auto')
    drop(lost, 'ranking_options.ranker', `${id} does not know the ranker ${request.ranker}`)
  return { json: writer.finish(), lost }
}

const decodeResponse = answerDecoder('results of a knowledge base', (json): SearchResponse => {
  const reader = new MemberReader(id, json, '')
  const list = reader.list('retrievalResults')
  if (list === undefined) throw wrongType('retrievalResults', 'an array', list)
  const nextPage = reader.string('nextToken')
  const action = reader.take('guardrailAction')
  if (action !== undefined) reader.note('guardrailAction', action)
  return {
    queries: [],
    results: list.map((one, index) => decodeResult(one, joinPath('retrievalResults', index))),
    ...(nextPage !== undefined && { nextPage }),
    ...reader.node(),
  }
})

function decodeResult(json: JsonValue, path: string): SearchResult {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(id, json, path)
  for (const key of ['content', 'location', 'metadata']) {
    const value = reader.take(key)
    if (value !== undefined) reader.note(key, value)
  }
  const score = reader.number('score')
  if (score === undefined) reader.noteAbsent('score')
  const { content, metadata } = json
  const text = isJsonObject(content) ? content['text'] : undefined
  const source = sourceOf(json)
  return {
    source,
    filename: source.split(/[/\\]/).at(-1) ?? source,
    score: score ?? 0,
    ...(isJsonObject(metadata) && { attributes: plain(metadata) }),
    texts: typeof text === 'string' ? [text] : [],
    ...reader.node(),
  }
}

/** Attributes are texts, numbers and truths; what is more than that OpenAI's clients do not know. */
function plain(metadata: JsonObject): JsonObject {
  const kept = Object.entries(metadata).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(kept)
}

/** `s3Location.uri`, `webLocation.url`, `customDocumentLocation.id` and their like. */
function sourceOf({ location }: JsonObject): string {
  const places = isJsonObject(location) ? Object.values(location) : []
  const named = places.flatMap((place) => (isJsonObject(place) ? [place['uri'], place['url'], place['id']] : []))
  return named.find((name): name is string => typeof name === 'string') ?? ''
}

function encodeResponse(response: SearchResponse): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  writer.set(
    'retrievalResults',
    response.results.map((result, index) => encodeResult(result, joinPath('retrievalResults', index), lost)),
  )
  writer.set('nextToken', response.nextPage)
  writer.set('guardrailAction', writer.note('guardrailAction'))
  return { json: writer.finish(), lost }
}

function encodeResult(result: SearchResult, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(result, id, path, lost)
  const writer = new MemberWriter(id, result)
  if (!writer.wasAbsent('score') && !writer.wasNull('score')) writer.set('score', result.score)
  const own = writer.form !== undefined
  writer.set('content', own ? writer.note('content') : { type: 'TEXT', text: result.texts.join('\n') })
  writer.set(
    'location',
    own ? writer.note('location') : { type: 'CUSTOM', customDocumentLocation: { id: result.source } },
  )
  writer.set('metadata', own ? writer.note('metadata') : result.attributes)
  return writer.finish()
}

export const bedrockRetrieve: SearchDialect = {
  id,
  operation: 'search',
  addressed: true,
  mediaMarks: [],
  turns: 'retrievalQuery',
  requestHeaders: [],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: awsFaultCodec,
  facts: (body) => {
    body.read()
    return {}
  },
}
