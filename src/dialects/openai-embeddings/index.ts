/** OpenAI's embeddings, as OpenAI and the many services that imitate it speak them. */
import type { EmbedDialect } from '../../kernel/dialect.ts'
import { openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { dialectId } from './dialect-id.ts'
import { readHead } from './head.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeResponse, encodeResponse, readFacts } from './response.ts'

export const openaiEmbeddings: EmbedDialect = {
  id: dialectId,
  operation: 'embed',
  mediaMarks: [';base64,'],
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: openaiFaultCodec,
  facts: readFacts,
}
