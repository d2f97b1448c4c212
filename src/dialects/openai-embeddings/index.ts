/**
 * OpenAI's embeddings, as OpenAI and the many services that imitate it speak them. What vectors are for is no word of OpenAI's: it is read
 * where a client of such a service says it, and told to those services that have a word for it.
 * https://developers.openai.com/api/reference/resources/embeddings/methods/create
 */
import { embedDialect } from '../../kernel/codec/embed/embed-dialect.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { openaiUsageCodec } from '../../kernel/codec/openai-usage.ts'
import { isJsonObject } from '../../model/json.ts'

const id = 'openai-embeddings'
const usage = openaiUsageCodec(id)

export const openaiEmbeddings = embedDialect({
  id,
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  request: {
    dimensions: 'dimensions',
    user: 'user',
    tokens: true,
    encodings: ['float', 'base64'],
    task: {
      member: 'input_type',
      words: {},
      tasks: {
        query: 'retrieval-query',
        search_query: 'retrieval-query',
        document: 'retrieval-document',
        passage: 'retrieval-document',
        search_document: 'retrieval-document',
        classification: 'classification',
        clustering: 'clustering',
      },
    },
  },
  usage: {
    read: (json) => (isJsonObject(json) ? usage.decode(json) : undefined),
    // Other kinds of tokens than those of the input there are none.
    write: ({ input }) => ({ prompt_tokens: input.total, total_tokens: input.total }),
  },
  fault: openaiFaultCodec,
})
