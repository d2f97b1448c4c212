/** AWS Bedrock's Converse and ConverseStream: the one object that the rest of the gateway knows of them. */
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import { envelopeMark } from '../../kernel/codec/reasoning-envelope.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { awsFaultCodec } from '../../kernel/codec/aws-errors.ts'
import { readFacts, readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { ConverseDecoder } from './stream-decoder.ts'
import { ConverseEncoder, faultBytes } from './stream-encoder.ts'

export const bedrockConverse: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  mediaMarks: ['"bytes', '"s3Location'],
  traits: { cacheMarks: true },
  requestHeaders: [],
  addressed: true,
  head: readHead,
  mustTranslate: (body) => body.mentions([envelopeMark]),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: awsFaultCodec,
  facts: readFacts,
  stream: {
    contentType: 'application/vnd.amazon.eventstream',
    framing: 'binary',
    decoder: () => new ConverseDecoder(),
    encoder: (context) => new ConverseEncoder(context),
    observer: () => {
      const decoder = new ConverseDecoder()
      return new DecodingObserver(decoder, 'binary', () => decoder.atBoundary)
    },
    fault: faultBytes,
  },
}
