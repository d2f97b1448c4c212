/**
 * OpenAI's search of a vector store, `POST /v1/vector_stores/{id}/search`. The store stands in the path. What it takes of a result below the
 * wanted score the gateway leaves out itself, for services that do not.
 * https://platform.openai.com/docs/api-reference/vector-stores/search
 */
import type { Body } from '../../kernel/body.ts'
import { defined } from '../../kernel/codec/defined.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { answerDecoder } from '../../kernel/codec/one-answer.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { EncodeContext, Encoded, RequestAddress, RequestHead, SearchDialect } from '../../kernel/dialect.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { SearchRequest, SearchResponse, SearchResult } from '../../model/search.ts'
import { decodeFilter, encodeFilter } from './openai-filters.ts'

const id = 'openai-vector-search'
const pageObject = 'vector_store.search_results.page'
const mostResults = 50

function queriesOf(value: JsonValue | undefined): string[] {
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list)) throw wrongType('query', 'a text, or an array of texts', value)
  if (list.length === 0) throw invalidRequest('query', '`query` is empty: send at least one text.')
  return list.map((query, index) => {
    if (typeof query !== 'string') throw wrongType(joinPath('query', index), 'a text', query)
    return query
  })
}

function readHead(body: Body<SearchRequest>, address: RequestAddress = {}): RequestHead {
  const queries = queriesOf(requestSpans(body).json('query') as JsonValue | undefined)
  return { model: address.model ?? '', stream: false, units: { searches: queries.length } }
}

function decodeRequest(json: unknown, address: RequestAddress = {}): SearchRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const queries = queriesOf(reader.take('query'))
  if (Array.isArray(json['query'])) reader.note('listed', true)
  const maxResults = reader.integer('max_num_results', 1)
  if (maxResults !== undefined && maxResults > mostResults)
    throw invalidRequest('max_num_results', `\`max_num_results\` must be at most ${mostResults}, but is ${maxResults}.`)
  const filters = reader.take('filters')
  if (filters !== undefined) reader.note('filters', filters)
  const ranking = reader.nested('ranking_options')
  const settings = {
    maxResults,
    filter: filters === undefined ? undefined : decodeFilter(filters, 'filters'),
    rewrite: reader.boolean('rewrite_query'),
    ranker: ranking?.string('ranker'),
    minScore: ranking?.number('score_threshold'),
  }
  return { model: address.model ?? '', queries, ...defined(settings), ...reader.node() }
}

function encodeRequest(request: SearchRequest): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  const [only] = request.queries
  const bare = request.queries.length === 1 && writer.note('listed') !== true
  writer.set('query', bare ? only : [...request.queries])
  writer.set('max_num_results', request.maxResults)
  writer.set('filters', writer.note('filters') ?? (request.filter && encodeFilter(request.filter)))
  writer.set('rewrite_query', request.rewrite)
  writer.set('ranking_options.ranker', request.ranker)
  writer.set('ranking_options.score_threshold', request.minScore)
  return { json: writer.finish(), lost }
}

const decodeResponse = answerDecoder('a page of search results', (json): SearchResponse => {
  const reader = new MemberReader(id, json, '')
  const object = reader.take('object')
  if (object === undefined) reader.noteAbsent('object')
  const queries = reader.strings('search_query')
  if (queries === undefined) reader.noteAbsent('search_query')
  const data = reader.list('data')
  if (data === undefined) throw wrongType('data', 'an array', data)
  const more = reader.boolean('has_more')
  if (more === undefined) reader.noteAbsent('has_more')
  else reader.note('more', more)
  const nextPage = reader.string('next_page')
  if (nextPage === undefined && !reader.has('next_page')) reader.noteAbsent('next_page')
  return {
    queries: queries ?? [],
    results: data.map((one, index) => decodeResult(one, joinPath('data', index))),
    ...(nextPage !== undefined && { nextPage }),
    ...reader.node(),
  }
})

function decodeResult(json: JsonValue, path: string): SearchResult {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(id, json, path)
  const content = reader.take('content')
  if (!Array.isArray(content)) throw wrongType(reader.at('content'), 'an array', content)
  reader.note('content', content)
  const attributes = reader.take('attributes')
  const score = reader.number('score')
  if (score === undefined) throw wrongType(reader.at('score'), 'a number', score)
  return {
    source: reader.requiredString('file_id'),
    filename: reader.requiredString('filename'),
    score,
    ...(isJsonObject(attributes) && { attributes }),
    texts: content.flatMap((item) => (isJsonObject(item) && typeof item['text'] === 'string' ? [item['text']] : [])),
    ...reader.node(),
  }
}

function encodeResponse(response: SearchResponse, { request }: EncodeContext<SearchRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(response, id, '', lost)
  const writer = new MemberWriter(id, response)
  const own = writer.form !== undefined
  const queries = response.queries.length > 0 || own ? response.queries : (request?.queries ?? [])
  const least = own ? undefined : request?.minScore
  const results = response.results.filter(({ score }) => least === undefined || score >= least)
  if (!writer.wasAbsent('object')) writer.set('object', pageObject)
  if (!writer.wasAbsent('search_query')) writer.set('search_query', [...queries])
  writer.set(
    'data',
    results.map((result, index) => encodeResult(result, joinPath('data', index), lost)),
  )
  if (!writer.wasAbsent('has_more')) writer.set('has_more', writer.note('more') ?? response.nextPage !== undefined)
  if (!writer.wasAbsent('next_page') || response.nextPage !== undefined)
    writer.set('next_page', response.nextPage ?? null)
  return { json: writer.finish(), lost }
}

function encodeResult(result: SearchResult, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(result, id, path, lost)
  const writer = new MemberWriter(id, result)
  writer.set('file_id', result.source)
  writer.set('filename', result.filename)
  writer.set('score', result.score)
  const attributes = result.attributes ?? (writer.form === undefined ? {} : undefined)
  writer.set('attributes', attributes)
  writer.set('content', writer.note('content') ?? result.texts.map((text) => ({ type: 'text', text })))
  return writer.finish()
}

export const openaiVectorSearch: SearchDialect = {
  id,
  operation: 'search',
  addressed: true,
  mediaMarks: [],
  turns: 'query',
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: openaiFaultCodec,
  facts: (body) => {
    body.read()
    return {}
  },
}
