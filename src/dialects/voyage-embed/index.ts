/**
 * Voyage AI's embeddings: https://docs.voyageai.com/reference/embeddings-api, and the package voyageai 0.4.0 (EmbedRequest). Numbers come
 * one by one unless they are asked for packed; other numbers than floats (`output_dtype`) stay unmodelled.
 */
import { embedDialect } from '../../kernel/codec/embed/embed-dialect.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { isJsonObject } from '../../model/json.ts'

export const voyageEmbed = embedDialect({
  id: 'voyage-embed',
  requestHeaders: [],
  request: {
    dimensions: 'output_dimension',
    tokens: false,
    encodings: ['base64'],
    task: {
      member: 'input_type',
      words: {
        'retrieval-query': 'query',
        'question-answering': 'query',
        'fact-verification': 'query',
        'code-retrieval-query': 'query',
        'retrieval-document': 'document',
      },
      tasks: { query: 'retrieval-query', document: 'retrieval-document' },
    },
  },
  usage: {
    read(json) {
      const total = isJsonObject(json) ? json['total_tokens'] : undefined
      if (!isJsonObject(json) || typeof total !== 'number' || !(total >= 0)) return undefined
      return { input: { total }, output: { total: 0 }, raw: { 'voyage-embed': json } }
    },
    write: ({ input }) => ({ total_tokens: input.total }),
  },
  fault: openaiFaultCodec,
})
