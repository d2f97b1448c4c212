/** Cohere's embeddings in both versions, on fixtures in their true shape. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { base64Of } from '../../kernel/codec/vectors.ts'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import type { EmbeddingRequest } from '../../model/embedding.ts'
import { cohereEmbed, cohereEmbedV1 } from './index.ts'

const model = 'embed-v4.0'
const meta = { api_version: { version: '2', is_experimental: false }, billed_units: { input_tokens: 4 } }
const picture = 'data:image/png;base64,iVBORw0KGgo='

describeEmbedDialect(
  cohereEmbed,
  [
    {
      name: 'texts and all that it knows',
      request: {
        model,
        texts: ['hello', ''],
        input_type: 'classification',
        embedding_types: ['float'],
        output_dimension: 512,
        truncate: 'START',
        max_tokens: 100,
      },
      response: {
        response_type: 'embeddings_by_type',
        id: 'da6e531f',
        embeddings: {
          float: [
            [0.016296387, -0.008354187],
            [1, 0],
          ],
        },
        texts: ['hello', ''],
        meta,
      },
    },
    {
      name: 'several kinds of numbers',
      request: { model, texts: ['a'], input_type: 'search_query', embedding_types: ['int8', 'float'] },
      response: { id: 'x', embeddings: { int8: [[-128, 127]], float: [[0.5, 1]], ubinary: null }, texts: ['a'] },
    },
    {
      name: 'packed numbers',
      request: { model, texts: ['a'], input_type: 'clustering', embedding_types: ['base64'] },
      response: { id: 'x', embeddings: { base64: [base64Of([0.5, 1])] }, meta },
    },
    {
      name: 'whole numbers alone',
      response: {
        id: 'x',
        embeddings: {
          int8: [
            [-128, 127],
            [1, 2],
          ],
        },
        meta,
      },
    },
    {
      name: 'pictures',
      request: { model, images: [picture], input_type: 'image', embedding_types: ['float'] },
      response: {
        id: 'x',
        embeddings: { float: [[1]] },
        images: [{ width: 1, height: 1, format: 'png', bit_depth: 8 }],
        meta: { billed_units: { images: 1, image_tokens: 12 } },
      },
    },
    {
      name: 'texts and pictures in one',
      request: {
        model,
        inputs: [
          {
            content: [
              { type: 'text', text: 'a cat' },
              { type: 'image_url', image_url: { url: picture } },
            ],
          },
          { content: [{ type: 'text', text: 'a dog' }] },
        ],
        input_type: 'search_document',
        embedding_types: ['float'],
      },
    },
  ],
  {
    inputs: ['text'],
    assumes: 'retrieval-document',
    notAnswers: [{}, { embeddings: {} }, { embeddings: { float: [['a']] } }],
  },
)

describeEmbedDialect(
  cohereEmbedV1,
  [
    {
      name: 'a plain list',
      request: { model: 'embed-english-v3.0', texts: ['hello'], input_type: 'search_document', truncate: 'NONE' },
      response: {
        id: 'x',
        response_type: 'embeddings_floats',
        embeddings: [
          [0.5, 1],
          [2, 3],
        ],
        texts: ['a', 'b'],
        meta,
      },
    },
    {
      name: 'kinds of numbers',
      request: { model: 'embed-english-v3.0', texts: ['hello'], embedding_types: ['float'] },
      response: { id: 'x', response_type: 'embeddings_by_type', embeddings: { float: [[0.5, 1]] }, meta },
    },
  ],
  {
    inputs: ['text'],
    assumes: 'retrieval-document',
    fixedLength: true,
    notAnswers: [{}, { embeddings: 'a' }, { embeddings: [['a']] }, { embeddings: ['abcd'] }],
  },
)

const headOf = (json: object) =>
  cohereEmbed.head(new Body(Buffer.from(JSON.stringify(json)), (parsed) => cohereEmbed.request.decode(parsed)))

describe('a request', () => {
  it.each([
    [{ model }, 'texts'],
    [{ model, texts: [] }, 'texts'],
    [{ model, texts: 'a' }, 'texts'],
    [{ model, texts: ['a'], images: [picture] }, 'images'],
    [{ texts: ['a'] }, 'model'],
  ])('%j is refused at once', (json, param) => {
    expect(() => headOf(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  it('of another protocol is one for documents, in floats, unless it says otherwise', () => {
    const request: EmbeddingRequest = { model: 'm', inputs: [{ type: 'text', text: 'a' }], dimensions: 256 }
    const encode = (dialect: typeof cohereEmbed) => dialect.request.encode(request, { model })
    expect(encode(cohereEmbed)).toEqual({
      json: { model, texts: ['a'], input_type: 'search_document', output_dimension: 256, embedding_types: ['float'] },
      lost: [],
    })
    expect(encode(cohereEmbedV1)).toMatchObject({
      json: { model, texts: ['a'], input_type: 'search_document' },
      lost: [{ path: 'dimensions', kind: 'adapted' }],
    })
  })
})

describe('an answer of another protocol', () => {
  const request: EmbeddingRequest = { model: 'm', inputs: [{ type: 'text', text: 'a' }] }
  const response = { model: '', vectors: [{ values: [0.5] }], usage: { input: { total: 3 }, output: { total: 0 } } }

  it('has the shape of the version that was asked', () => {
    const context = { model: '', request, answerId: 'ours' }
    const told = { billed_units: { input_tokens: 3 } }
    expect(cohereEmbed.response.encode(response, context).json).toMatchObject({
      id: 'ours',
      response_type: 'embeddings_by_type',
      embeddings: { float: [[0.5]] },
      texts: ['a'],
      meta: told,
    })
    expect(cohereEmbedV1.response.encode(response, context).json).toMatchObject({
      response_type: 'embeddings_floats',
      embeddings: [[0.5]],
    })
  })
})
