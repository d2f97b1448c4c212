/** Titan's embeddings, on fixtures in their true shape. */
import { expect, it } from 'vitest'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import { titanEmbed } from './index.ts'

const address = { model: 'amazon.titan-embed-text-v2:0' }

describeEmbedDialect(
  titanEmbed,
  [
    {
      name: 'all that it knows',
      address,
      request: { inputText: 'hello', dimensions: 512, normalize: true, embeddingTypes: ['float', 'binary'] },
      response: {
        embedding: [-0.08770753, 0.035],
        inputTextTokenCount: 3,
        embeddingsByType: { float: [-0.08770753, 0.035], binary: [0, 1] },
      },
    },
    { name: 'the least', address, request: { inputText: '' }, response: { embedding: [1] } },
  ],
  { inputs: ['text'], single: true, notAnswers: [{}, { embedding: 'AAAAAA==' }, { message: 'no' }] },
)

it('tells the first model nothing of a length, which it refuses', () => {
  const request = { model: 'm', inputs: [{ type: 'text' as const, text: 'a' }], dimensions: 256 }
  expect(titanEmbed.request.encode(request, { model: 'amazon.titan-embed-text-v1' })).toMatchObject({
    json: { inputText: 'a' },
    lost: [{ path: 'dimensions', kind: 'adapted' }],
  })
})
