/** OpenAI's Chat Completions, as OpenAI and the many services that imitate it speak it. */
import type { ChatDialect } from '../../kernel/dialect.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { dialectId } from './dialect-id.ts'
import { errorBody, faultCodec } from './faults.ts'
import { readFacts, readHead, usageEdits } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ChatStreamDecoder } from './stream-decoder.ts'
import { ChatStreamEncoder } from './stream-encoder.ts'
import { ChatStreamObserver } from './stream-observer.ts'

export const openaiChat: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  traits: { mediaUrls: ['image'] },
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: readFacts,
  usageEdits,
  stream: {
    contentType: 'text/event-stream',
    framing: 'sse',
    decoder: () => new ChatStreamDecoder(),
    encoder: (context) => new ChatStreamEncoder(context),
    observer: (options) => new ChatStreamObserver(options),
    fault: (fault) => formatSseEvent({ data: JSON.stringify(errorBody(fault)) }),
  },
}
