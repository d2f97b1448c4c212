/** Anthropic's Messages API as a dialect: the one object that the rest of the gateway knows of it. */
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { faultCodec } from './faults.ts'
import { readFacts, readHead } from './head.ts'
import { envelopeMark } from '../../kernel/codec/reasoning-envelope.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { createDecoder } from './stream-decoder.ts'
import { createEncoder, faultText } from './stream-encoder.ts'
import { createObserver } from './stream-observer.ts'

export { anthropicCountTokens } from './count-tokens.ts'

export const anthropicMessages: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  // Without the closing quotes: Node's search for a text that begins as it ends is forty times slower.
  mediaMarks: ['"image', '"document'],
  traits: { mediaUrls: ['image', 'file'], cacheMarks: true },
  requestHeaders: ['anthropic-beta', 'anthropic-version'],
  head: readHead,
  mustTranslate: (body) => body.mentions([envelopeMark]),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: readFacts,
  stream: {
    contentType: 'text/event-stream',
    keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
    framing: 'sse',
    preludes: new Set(['message_start', 'ping']),
    decoder: createDecoder,
    encoder: createEncoder,
    observer: createObserver,
    fault: faultText,
  },
}
