/** Voyage's embeddings, on fixtures in their true shape. */
import { base64Of } from '../../kernel/codec/vectors.ts'
import { describeEmbedDialect } from '../../kernel/testing/embed-dialect-kit.ts'
import { voyageEmbed } from './index.ts'

const model = 'voyage-3.5'
const usage = { total_tokens: 10 }

describeEmbedDialect(
  voyageEmbed,
  [
    {
      name: 'all that it knows',
      request: {
        model,
        input: ['Samuel Johnson', 'a dictionary'],
        input_type: 'document',
        truncation: false,
        output_dimension: 512,
        output_dtype: 'float',
        encoding_format: 'base64',
      },
      response: {
        object: 'list',
        data: [
          { object: 'embedding', embedding: base64Of([0.5, -0.25]), index: 0 },
          { object: 'embedding', embedding: base64Of([1, 0]), index: 1 },
        ],
        model,
        usage,
      },
    },
    { name: 'one text', request: { model, input: 'a', input_type: null } },
    {
      name: 'whole numbers',
      request: { model, input: ['a'], output_dtype: 'int8' },
      response: { object: 'list', data: [{ object: 'embedding', embedding: [-128, 127], index: 0 }], model, usage },
    },
  ],
  { inputs: ['text'], notAnswers: [{}, { data: [{}] }, { data: [{ embedding: 'abc' }] }] },
)
