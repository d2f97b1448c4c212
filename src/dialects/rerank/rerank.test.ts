/** The protocols for ranking, on fixtures in their true shape. */
import { Body } from '../../kernel/body.ts'
import { describe, expect, it } from 'vitest'
import { describeRerankDialect } from '../../kernel/testing/rerank-dialect-kit.ts'
import {
  cohereRerank,
  cohereRerankV1,
  nvidiaRerank,
  sglangRerank,
  teiRerank,
  vertexRank,
  voyageRerank,
} from './index.ts'

const documents = ['Paris is in France.', '', 'Berlin is in Germany.']
const ranked = [
  { index: 2, relevance_score: 0.999071 },
  { index: 0, relevance_score: 0.0000017 },
]
const meta = { api_version: { version: '2', is_experimental: false }, billed_units: { search_units: 1 } }
const wrong = [
  {},
  { results: {} },
  { results: [{ index: 0 }] },
  { results: [{ index: -1, relevance_score: 1 }] },
  { results: [{ index: 0, relevance_score: '1' }] },
  {
    results: [
      { index: 0, relevance_score: 1 },
      { index: 0, relevance_score: 2 },
    ],
  },
]

describeRerankDialect(
  cohereRerank,
  [
    {
      name: 'all that it knows',
      request: { model: 'rerank-v3.5', query: 'capital?', documents, top_n: 2, max_tokens_per_doc: 512, priority: 3 },
      response: { id: 'b1', results: ranked, meta },
    },
    { name: 'the least', request: { model: 'm', query: '', documents: ['a'] }, response: { results: [] } },
  ],
  { returnsDocuments: true, notAnswers: wrong },
)

describeRerankDialect(
  cohereRerankV1,
  [
    {
      name: 'documents that are objects',
      request: {
        model: 'rerank-v3.5',
        query: 'capital?',
        documents: [{ text: 'Paris', source: 'a' }, 'Berlin', { title: 'no text' }],
        rank_fields: ['text', 'title'],
        return_documents: true,
        top_n: null,
      },
      response: { id: 'b1', results: [{ ...ranked[0], document: { text: 'Paris', source: 'a' } }], meta },
    },
    {
      name: 'an answer of Jina',
      response: {
        model: 'jina-reranker-v2-base-multilingual',
        usage: { total_tokens: 815, prompt_tokens: 815 },
        results: [{ ...ranked[0], document: 'Paris' }],
      },
    },
    {
      name: 'an answer of Together',
      response: {
        object: 'rerank',
        id: 'x',
        model: 'm',
        results: ranked,
        usage: { prompt_tokens: 9, total_tokens: 9 },
      },
    },
  ],
  { returnsDocuments: true, notAnswers: wrong },
)

describeRerankDialect(
  voyageRerank,
  [
    {
      name: 'all that it knows',
      request: { model: 'rerank-2.5', query: 'q', documents, top_k: 3, return_documents: true, truncation: false },
      response: {
        object: 'list',
        data: [{ ...ranked[0], document: 'Berlin is in Germany.' }, ranked[1] ?? {}],
        model: 'rerank-2.5',
        usage: { total_tokens: 26 },
      },
    },
    { name: 'the least', request: { model: 'm', query: 'q', documents: ['a'] }, response: { data: [], usage: null } },
  ],
  { returnsDocuments: true, notAnswers: [{}, { data: 1 }, { data: [{ index: 0 }] }] },
)

describeRerankDialect(
  teiRerank,
  [
    {
      name: 'all that it knows',
      request: { query: 'q', texts: documents, raw_scores: true, return_text: true, truncate: true },
      response: {
        results: [
          { index: 1, score: 0.9, text: 'Berlin' },
          { index: 0, score: -2.5 },
        ],
      },
    },
  ],
  { returnsDocuments: true, notAnswers: [{}, { error: 'no' }, { results: [{ index: 0 }] }, { results: ['a'] }] },
)

describeRerankDialect(
  sglangRerank,
  [
    {
      name: 'all that it knows',
      request: { model: 'bge', query: 'q', documents, top_n: 2, return_documents: false, instruct: 'find' },
      response: { results: [{ score: 0.9, document: 'Berlin', index: 1, meta_info: { id: 'x' } }] },
    },
  ],
  { returnsDocuments: true, notAnswers: [{}, { results: [{ index: 0 }] }, { results: ['a'] }] },
)

describeRerankDialect(
  nvidiaRerank,
  [
    {
      name: 'all that it knows',
      request: {
        model: 'nvidia/llama-nemotron-rerank-1b-v2',
        query: { text: 'which way should i go?' },
        passages: [{ text: 'two roads' }, { text: '', image: 'data:image/png;base64,AA==' }, { image: 'data:,' }],
        truncate: 'END',
      },
      response: {
        rankings: [
          { index: 0, logit: 0.7646484375 },
          { index: 2, logit: -2.25 },
        ],
        usage: { prompt_tokens: 12, total_tokens: 12 },
      },
    },
  ],
  { returnsDocuments: false, notAnswers: [{}, { rankings: [{ index: 0 }] }, { rankings: [{ logit: 1 }] }] },
)

describeRerankDialect(
  vertexRank,
  [
    {
      name: 'all that it knows',
      request: {
        model: 'semantic-ranker-512@latest',
        query: 'q',
        records: [{ id: 'a-1', title: 'T', content: 'one' }, { id: '1', title: 'no content' }, { content: 'two' }],
        topN: 2,
        ignoreRecordDetailsInResponse: false,
        userLabels: { team: 'search' },
      },
      response: {
        records: [
          { id: '1', title: 'T', content: 'one', score: 0.98 },
          { id: '0', score: 0.02 },
        ],
      },
    },
  ],
  {
    returnsDocuments: true,
    notAnswers: [
      {},
      { records: [{ id: 'a', score: 1 }] },
      { records: [{ id: '0' }] },
      { records: [{ id: 0, score: 1 }] },
    ],
  },
)

describe('what a ranking is billed by', () => {
  const usageOf = (json: object) => cohereRerankV1.response.decode({ results: [], ...json }).usage

  it('is searches, tokens, or both, as the service tells', () => {
    expect(usageOf({ meta })).toMatchObject({ units: { searches: 1 }, input: { total: 0 } })
    expect(usageOf({ usage: { total_tokens: 5 } })).toMatchObject({ input: { total: 5 } })
    expect(usageOf({ meta: { ...meta, tokens: { input_tokens: 8 } } })).toMatchObject({
      units: { searches: 1 },
      input: { total: 8 },
    })
    expect(usageOf({})).toBeUndefined()
    expect(usageOf({ usage: { total_tokens: 'many' }, meta: 7 })).toBeUndefined()
  })

  it('is bounded from the request: by the number of documents, and by how long they are', () => {
    const searches = (texts: string[]) =>
      cohereRerank.head(
        new Body(Buffer.from(JSON.stringify({ model: 'm', query: 'q', documents: texts })), (json) =>
          cohereRerank.request.decode(json),
        ),
      ).units?.['searches']
    expect(searches(['a'])).toBe(1)
    expect(searches(Array.from({ length: 250 }, () => 'a'))).toBe(3)
    expect(searches(['word '.repeat(100_000)])).toBe(6)
  })
})
