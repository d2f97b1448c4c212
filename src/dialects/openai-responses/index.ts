/** OpenAI's Responses, as OpenAI and the services that imitate it speak it: the one object that the rest of the gateway knows of it. */
import { envelopeMark } from '../../kernel/codec/reasoning-envelope.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { faultCodec } from './faults.ts'
import { readFacts, readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ResponseStreamDecoder } from './stream-decoder.ts'
import { ResponseStreamEncoder } from './stream-encoder.ts'
import { faultText } from './stream-events.ts'
import { ResponseStreamObserver } from './stream-observer.ts'

export const openaiResponses: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  mediaMarks: ['"image_url', '"input_image', '"input_audio', '"input_file'],
  turns: 'input',
  traits: { mediaUrls: ['image', 'file'] },
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  mustTranslate: (body) => body.mentions([envelopeMark]),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: faultCodec,
  facts: readFacts,
  stream: {
    contentType: 'text/event-stream',
    keepAlive: ': keep-alive\n\n',
    framing: 'sse',
    preludes: new Set(['response.created', 'response.queued', 'response.in_progress']),
    decoder: () => new ResponseStreamDecoder(),
    encoder: (context) => new ResponseStreamEncoder(context),
    observer: () => new ResponseStreamObserver(),
    fault: (fault) => faultText(fault, 0),
  },
}
