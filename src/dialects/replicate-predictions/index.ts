/** Replicate's predictions as a dialect: the JSON of a prediction and its event stream. https://replicate.com/docs/reference/http */
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import { factsReader } from '../../kernel/codec/one-text/answer-facts.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { replicateFaults } from './faults.ts'
import { readHead, decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse, whatItIs } from './response.ts'
import { PredictionDecoder, faultEvent, predictionEncoder } from './stream.ts'

export { replicateImageEdits, replicateImages } from './images.ts'

export const replicatePredictions: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  addressed: true,
  mediaMarks: [';base64,'],
  turns: 'input',
  traits: { tools: 'none', structuredOutput: 'prompt', mediaUrls: ['image'] },
  requestHeaders: [],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: replicateFaults,
  facts: factsReader(whatItIs),
  stream: {
    contentType: 'text/event-stream',
    framing: 'sse',
    decoder: () => new PredictionDecoder(),
    encoder: predictionEncoder,
    observer: () => new DecodingObserver(new PredictionDecoder(), 'sse'),
    fault: faultEvent,
  },
}
