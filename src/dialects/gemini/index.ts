/** Google's Gemini API, `generateContent` and its kin, as Google AI and Vertex AI speak it. https://ai.google.dev/api/generate-content */
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId } from './dialect-id.ts'
import { googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { eventError } from './framing.ts'
import { readFacts, readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { sealedMark } from './signatures.ts'
import { GeminiStreamDecoder } from './stream-decoder.ts'
import { createEncoder } from './stream-encoder.ts'
import { createObserver } from './stream-observer.ts'

export { geminiCountTokens } from './count-tokens.ts'
export { geminiBatchEmbed } from './embed-batch.ts'
export { geminiEmbed } from './embed-content.ts'
export { geminiImage, geminiImageEdit } from './image.ts'
export { geminiSpeech } from './speech.ts'
export { geminiTranscription, geminiTranslation } from './transcription.ts'

export const gemini: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  mediaMarks: ['"inlineData', '"inline_data', '"fileData', '"file_data'],
  turns: 'contents',
  // How long the client waits, which its SDKs let the service know.
  requestHeaders: ['x-server-timeout'],
  addressed: true,
  head: readHead,
  mustTranslate: (body) => body.mentions([sealedMark]),
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: googleFaultCodec,
  facts: readFacts,
  stream: {
    contentType: 'text/event-stream',
    keepAlive: ': keep-alive\n\n',
    framing: 'sse',
    decoder: () => new GeminiStreamDecoder(),
    encoder: createEncoder,
    observer: createObserver,
    fault: eventError,
  },
}
