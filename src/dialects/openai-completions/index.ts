/**
 * OpenAI's older Completions, which continue a text: `POST /v1/completions` of OpenAI, vLLM, Together, Fireworks and many more.
 * https://platform.openai.com/docs/api-reference/completions
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { openaiErrorBody, openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import { openaiFacts } from '../../kernel/codec/openai-facts.ts'
import { OpenaiStreamDecoder } from '../../kernel/codec/openai-stream-decoder.ts'
import { OpenaiStreamObserver } from '../../kernel/codec/openai-stream-observer.ts'
import { askForUsage } from '../../kernel/codec/openai-usage-filter.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { dialectId, finishCodec, usageCodec } from './dialect-id.ts'
import { readHead } from './head.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'
import { CompletionChoiceDecoder } from './stream-choice.ts'
import { CompletionStreamEncoder } from './stream-encoder.ts'

export const openaiCompletions: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  mediaMarks: [],
  turns: 'prompt',
  traits: { tools: 'none', structuredOutput: 'prompt' },
  requestHeaders: ['openai-organization', 'openai-project', 'openai-beta'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: openaiFaultCodec,
  facts: (body) =>
    openaiFacts(body, { dialectId, finish: finishCodec, usage: usageCodec, answer: 'a text completion' }),
  usageEdits: askForUsage,
  stream: {
    contentType: 'text/event-stream',
    keepAlive: ': keep-alive\n\n',
    framing: 'sse',
    decoder: () =>
      new OpenaiStreamDecoder({ dialectId, usage: usageCodec, choice: (index) => new CompletionChoiceDecoder(index) }),
    encoder: (context) => new CompletionStreamEncoder(context),
    observer: (options) =>
      new OpenaiStreamObserver({ dialectId, finish: finishCodec, usage: usageCodec, saying: 'text' }, options),
    fault: (fault) => formatSseEvent({ data: JSON.stringify(openaiErrorBody(fault)) }),
  },
}
