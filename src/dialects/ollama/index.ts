/** Ollama's own API, `/api/chat` and `/api/generate`, as two dialects of one family. https://docs.ollama.com/api */
import { DecodingObserver } from '../../kernel/codec/decoding-observer.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { decodeChatRequest, encodeChatRequest } from './chat-request.ts'
import { errorBody, faultCodec } from './faults.ts'
import { decodeGenerateRequest, encodeGenerateRequest } from './generate-request.ts'
import { readHead } from './head.ts'
import { chat, generate } from './kind.ts'
import type { Kind } from './kind.ts'
import { decodeResponse, encodeResponse, readFacts } from './response.ts'
import { OllamaStreamDecoder } from './stream-decoder.ts'
import { OllamaStreamEncoder } from './stream-encoder.ts'

export { ollamaEmbed } from './embed.ts'

export const ollamaChat: ChatDialect = dialectOf(chat, { decode: decodeChatRequest, encode: encodeChatRequest })

export const ollamaGenerate: ChatDialect = dialectOf(generate, {
  decode: decodeGenerateRequest,
  encode: encodeGenerateRequest,
})

function dialectOf(kind: Kind, request: ChatDialect['request']): ChatDialect {
  return {
    id: kind.id,
    operation: 'chat',
    mediaMarks: ['"images'],
    requestHeaders: [],
    head: (body) => readHead(body, kind),
    request,
    response: {
      decode: (json) => decodeResponse(json, kind),
      encode: (response, context) => encodeResponse(response, context, kind),
    },
    fault: faultCodec,
    facts: (body) => readFacts(body, kind),
    stream: {
      contentType: 'application/x-ndjson',
      framing: 'lines',
      decoder: () => new OllamaStreamDecoder(kind),
      encoder: (context) => new OllamaStreamEncoder(kind, context),
      observer: () => new DecodingObserver(new OllamaStreamDecoder(kind), 'lines'),
      fault: (fault) => `${JSON.stringify(errorBody(fault))}\n`,
    },
  }
}
