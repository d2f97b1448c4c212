/** OpenAI's Chat Completions, as OpenAI and the many services that imitate it speak it. */
import type { ChatDialect } from '../../kernel/dialect.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { dialectId } from './dialect-id.ts'
import { openaiErrorBody, openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { askForUsage } from '../../kernel/codec/openai-usage-filter.ts'
import { openaiFacts } from '../../kernel/codec/openai-facts.ts'
import { readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { OpenaiStreamDecoder } from '../../kernel/codec/openai-stream-decoder.ts'
import { ChatChoiceDecoder } from './stream-choice.ts'
import { ChatStreamEncoder } from './stream-encoder.ts'
import { OpenaiStreamObserver } from '../../kernel/codec/openai-stream-observer.ts'
import { finishCodec, usageCodec } from './words.ts'

export const openaiChat: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  // Without the closing quotes: Node's search for a text that begins as it ends is forty times slower.
  mediaMarks: ['"image_url', '"input_audio', '"file_data', '"file_id', '"video_url'],
  traits: { mediaUrls: ['image'] },
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: openaiFaultCodec,
  facts: (body) =>
    openaiFacts(body, { dialectId, finish: finishCodec, usage: usageCodec, answer: 'a chat completion' }),
  usageEdits: askForUsage,
  stream: {
    contentType: 'text/event-stream',
    keepAlive: ': keep-alive\n\n',
    framing: 'sse',
    decoder: () =>
      new OpenaiStreamDecoder({
        dialectId,
        usage: usageCodec,
        choice: (index, id) => new ChatChoiceDecoder(index, id),
      }),
    encoder: (context) => new ChatStreamEncoder(context),
    observer: (options) =>
      new OpenaiStreamObserver({ dialectId, finish: finishCodec, usage: usageCodec, saying: 'delta' }, options),
    fault: (fault) => formatSseEvent({ data: JSON.stringify(openaiErrorBody(fault)) }),
  },
}
