/** Both dialects for searching: nothing lost in one's own protocol, and what a client of the one gets from a service of the other. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { SearchDialect } from '../../kernel/dialect.ts'
import { describeChatFaults } from '../../kernel/testing/chat-fault-laws.ts'
import { canonicalJson, withProtoMember, withUnknownMembers } from '../../kernel/testing/json-mutations.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { SearchRequest } from '../../model/search.ts'
import { bedrockRetrieve, openaiVectorSearch } from './index.ts'

const address = { model: 'knowledge-base/KB1' }
const filters: JsonObject = {
  type: 'and',
  filters: [
    { type: 'eq', key: 'region', value: 'us' },
    {
      type: 'or',
      filters: [
        { type: 'gte', key: 'year', value: 2024 },
        { type: 'nin', key: 'kind', value: ['draft'] },
      ],
    },
  ],
}

const openaiRequests: JsonObject[] = [
  { query: 'What is the return policy?' },
  {
    query: ['returns', 'refunds'],
    max_num_results: 5,
    rewrite_query: false,
    filters,
    ranking_options: { ranker: 'auto', score_threshold: 0.5 },
  },
  { query: ['one'], filters: null, ranking_options: null, max_num_results: null },
]
const page: JsonObject = {
  object: 'vector_store.search_results.page',
  search_query: ['What is the return policy?'],
  data: [
    {
      file_id: 'file_123',
      filename: 'document.pdf',
      score: 0.95,
      attributes: { author: 'John Doe', date: '2023-01-01' },
      content: [
        { type: 'text', text: 'Relevant chunk' },
        { type: 'text', text: 'Another' },
      ],
    },
    { file_id: 'file_456', filename: 'notes.txt', score: 0.89, attributes: null, content: [] },
  ],
  has_more: false,
  next_page: null,
}
const openaiAnswers = [page, { ...page, has_more: true, next_page: 'p2', data: [] }, { data: [] }]

const bedrockRequests: JsonObject[] = [
  { retrievalQuery: { text: 'What is the return policy?' } },
  {
    retrievalQuery: { text: 'x', type: 'TEXT' },
    retrievalConfiguration: {
      vectorSearchConfiguration: {
        numberOfResults: 5,
        overrideSearchType: 'HYBRID',
        filter: { andAll: [{ equals: { key: 'a', value: 1 } }, { startsWith: { key: 'b', value: 'c' } }] },
      },
    },
    nextToken: 't1',
  },
]
const retrieved: JsonObject = {
  retrievalResults: [
    {
      content: { type: 'TEXT', text: 'Returns are free.' },
      location: { type: 'S3', s3Location: { uri: 's3://policies/returns.pdf' } },
      score: 0.71,
      metadata: { year: 2024, tags: ['a'], 'x-amz-bedrock-kb-chunk-id': '1' },
    },
    {
      content: { type: 'TEXT', text: 'Or not.' },
      location: { type: 'WEB', webLocation: { url: 'https://a.example/b' } },
      score: 0.2,
    },
  ],
  guardrailAction: 'NONE',
}
const bedrockAnswers = [
  retrieved,
  { retrievalResults: [], nextToken: 't2' },
  { retrievalResults: [{ content: { row: [] } }] },
]

const changed = (json: JsonObject): JsonObject[] => [
  json,
  ...withUnknownMembers(json).map((one) => one.json),
  withProtoMember(json),
]

describe.each([
  [openaiVectorSearch, openaiRequests, openaiAnswers],
  [bedrockRetrieve, bedrockRequests, bedrockAnswers],
] as const)('the dialect for searching $id', (dialect: SearchDialect, requests, answers) => {
  it.each(requests.map((json) => [JSON.stringify(json), json] as const))(
    'gives the request back: %s',
    (_text, json) => {
      for (const one of changed(json)) {
        const value = dialect.request.decode(one, address)
        const { json: again, lost } = dialect.request.encode(value, { model: value.model })
        expect(lost).toEqual([])
        expect(canonicalJson(again)).toBe(canonicalJson(one))
      }
      const body = new Body(Buffer.from(JSON.stringify(json)), (value) => dialect.request.decode(value, address))
      expect(dialect.head(body, address)).toEqual({
        model: address.model,
        stream: false,
        units: { searches: body.read().queries.length },
      })
    },
  )

  it.each(answers.map((json) => [JSON.stringify(json), json] as const))('gives the answer back: %s', (_text, json) => {
    for (const one of changed(json)) {
      const { json: again, lost } = dialect.response.encode(dialect.response.decode(one), { model: 'm' })
      expect(lost).toEqual([])
      expect(canonicalJson(again)).toBe(canonicalJson(one))
    }
  })

  it.each([[{}], [{ data: 7, retrievalResults: 'x' }], [{ data: [7], retrievalResults: [7] }]])(
    'does not take %j for an answer',
    (json) => {
      expect(() => dialect.response.decode(json)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
    },
  )

  describeChatFaults(dialect)
})

const asked = (json: JsonObject): SearchRequest => openaiVectorSearch.request.decode(json, address)
const sent = (json: JsonObject) => bedrockRetrieve.request.encode(asked(json), { model: address.model })

describe('a client of OpenAI at a knowledge base', () => {
  it('has its filters in the words of the base', () => {
    const { json, lost } = sent({ query: 'x', filters, max_num_results: 3 })
    expect(lost).toEqual([])
    expect(json).toEqual({
      retrievalQuery: { text: 'x' },
      retrievalConfiguration: {
        vectorSearchConfiguration: {
          numberOfResults: 3,
          filter: {
            andAll: [
              { equals: { key: 'region', value: 'us' } },
              {
                orAll: [
                  { greaterThanOrEquals: { key: 'year', value: 2024 } },
                  { notIn: { key: 'kind', value: ['draft'] } },
                ],
              },
            ],
          },
        },
      },
    })
  })

  it('gets as many results as it expects, and is told what the base cannot do', () => {
    const { json, lost } = sent({ query: 'x', rewrite_query: true, ranking_options: { ranker: 'default-2024-11-15' } })
    expect(json).toMatchObject({ retrievalConfiguration: { vectorSearchConfiguration: { numberOfResults: 10 } } })
    expect(lost.map(({ path }) => path)).toEqual(['rewrite_query', 'ranking_options.ranker'])
  })

  it('sends one query at a time', () => {
    expect(() => sent({ query: ['a', 'b'] })).toThrow(
      expect.objectContaining({ code: 'not_expressible', param: 'query' }),
    )
  })

  it('gets a page of results, none below the score it wants', () => {
    const request = asked({ query: 'x', ranking_options: { score_threshold: 0.5 } })
    const { json } = openaiVectorSearch.response.encode(bedrockRetrieve.response.decode(retrieved), {
      model: 'm',
      request,
    })
    expect(json).toEqual({
      object: 'vector_store.search_results.page',
      search_query: ['x'],
      data: [
        {
          file_id: 's3://policies/returns.pdf',
          filename: 'returns.pdf',
          score: 0.71,
          attributes: { year: 2024, 'x-amz-bedrock-kb-chunk-id': '1' },
          content: [{ type: 'text', text: 'Returns are free.' }],
        },
      ],
      has_more: false,
      next_page: null,
    })
  })

  it.each<[string, JsonObject]>([
    ['query', {}],
    ['query', { query: [] }],
    ['query[0]', { query: [7] }],
    ['max_num_results', { query: 'x', max_num_results: 51 }],
    ['filters.type', { query: 'x', filters: { type: 'like', key: 'a', value: 'b' } }],
    ['filters.filters[0].key', { query: 'x', filters: { type: 'or', filters: [{ type: 'eq', value: 1 }] } }],
  ])('is told what is wrong with %s', (param, json) => {
    let error: unknown
    try {
      asked(json)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(Fault)
    expect(error).toMatchObject({ code: 'invalid_request', param })
  })
})
