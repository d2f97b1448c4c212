/** Vertex AI's predictions of vectors, on fixtures in their true shape. */
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import { vertexEmbed } from './index.ts'

const address = { model: 'text-embedding-005' }

describeEmbedDialect(
  vertexEmbed,
  [
    {
      name: 'all that it knows',
      address,
      request: {
        instances: [
          { task_type: 'RETRIEVAL_DOCUMENT', title: 'Moons', content: 'They go round.' },
          { task_type: 'RHYME', content: '' },
          { image: { bytesBase64Encoded: 'iVBORw0KGgo=' } },
        ],
        parameters: { outputDimensionality: 256, autoTruncate: false },
      },
      response: {
        predictions: [
          { embeddings: { statistics: { truncated: false, token_count: 6 }, values: [0.25, -0.5] } },
          { embeddings: { statistics: { truncated: false, token_count: 1 }, values: [1, 2] } },
        ],
        metadata: { billableCharacterCount: 20 },
      },
    },
    {
      name: 'the least',
      address,
      request: { instances: [{ content: 'a' }] },
      response: { predictions: [{ embeddings: { values: [1] } }] },
    },
  ],
  {
    inputs: ['text'],
    notAnswers: [{}, { predictions: {} }, { predictions: [{}] }, { predictions: [{ embeddings: { values: ['a'] } }] }],
  },
)
