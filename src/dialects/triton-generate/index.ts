/**
 * Triton's generate extension as a dialect: `generate` and `generate_stream` of KServe's paths.
 * https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_generate.html
 */
import { factsReader } from '../../kernel/codec/one-text/answer-facts.ts'
import { UnendedObserver } from '../../kernel/codec/one-text/unended-observer.ts'
import { statusFaultCodec } from '../../kernel/codec/status-faults.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import {
  GenerateDecoder,
  decodeResponse,
  encodeResponse,
  errorBody,
  faultEvent,
  generateEncoder,
  whatItIs,
} from './answer.ts'
import { dialectId } from './dialect-id.ts'
import { decodeRequest, encodeRequest, readHead } from './request.ts'

export const tritonGenerate: ChatDialect = {
  id: dialectId,
  operation: 'chat',
  addressed: true,
  mediaMarks: [],
  turns: 'text_input',
  traits: { tools: 'none', structuredOutput: 'prompt' },
  requestHeaders: [],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeRequest },
  response: { decode: decodeResponse, encode: encodeResponse },
  fault: statusFaultCodec({ messages: ({ error }) => [error], body: errorBody }),
  facts: factsReader(whatItIs),
  stream: {
    contentType: 'text/event-stream',
    framing: 'sse',
    decoder: () => new GenerateDecoder(),
    encoder: generateEncoder,
    observer: () => new UnendedObserver(new GenerateDecoder(), 'sse'),
    fault: faultEvent,
  },
}
