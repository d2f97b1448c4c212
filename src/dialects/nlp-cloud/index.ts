/** NLP Cloud's `generation` and `chatbot`, as two dialects of one family. Neither has streams: a client that asks for one gets it at once. */
import { factsReader } from '../../kernel/codec/one-text/answer-facts.ts'
import { wholeAnswerStream } from '../../kernel/codec/one-text/whole-answer-stream.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { decodeChatbot, encodeChatbot, readChatbotHead } from './chatbot-request.ts'
import { faultBody, faultCodec } from './faults.ts'
import { decodeGeneration, encodeGeneration, readGenerationHead } from './generation-request.ts'
import { chatbot, generation } from './kind.ts'
import type { Kind } from './kind.ts'
import { responseCodec } from './response.ts'

export const nlpCloudGeneration: ChatDialect = dialectOf(generation, {
  turns: 'text',
  head: readGenerationHead,
  request: { decode: decodeGeneration, encode: encodeGeneration },
})

export const nlpCloudChatbot: ChatDialect = dialectOf(chatbot, {
  turns: 'history',
  head: readChatbotHead,
  request: { decode: decodeChatbot, encode: encodeChatbot },
})

function dialectOf(
  kind: Kind,
  asking: Pick<ChatDialect, 'head' | 'request'> & { readonly turns: string },
): ChatDialect {
  const response = responseCodec(kind)
  return {
    id: kind.id,
    operation: 'chat',
    addressed: true,
    mediaMarks: [],
    // Of temperatures: README of github.com/nlpcloud/nlpcloud-js, "Generation Endpoint".
    traits: { tools: 'none', structuredOutput: 'prompt', maxTemperature: 1 },
    requestHeaders: [],
    ...asking,
    response,
    fault: faultCodec,
    facts: factsReader(kind.answer),
    stream: wholeAnswerStream(response, faultBody),
  }
}
