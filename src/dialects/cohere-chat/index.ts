/** Cohere's v2 chat as a dialect: the one object that the rest of the gateway knows of it. */
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { cohereFaultCodec } from '../../kernel/codec/cohere-errors.ts'
import { readFacts, readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { CohereDecoder } from './stream-decoder.ts'
import { CohereEncoder, faultText } from './stream-encoder.ts'

export const cohereChat: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  mediaMarks: ['"image_url'],
  traits: { mediaUrls: ['image'] },
  requestHeaders: ['x-client-name'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: cohereFaultCodec,
  facts: readFacts,
  stream: {
    contentType: 'text/event-stream',
    framing: 'sse',
    decoder: () => new CohereDecoder(),
    encoder: () => new CohereEncoder(),
    observer: () => new DecodingObserver(new CohereDecoder(), 'sse'),
    fault: faultText,
  },
}
