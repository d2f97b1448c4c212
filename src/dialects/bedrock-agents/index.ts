/** Agents and knowledge bases of AWS Bedrock as two dialects, which share their events, their citations and their errors. */
import { awsFaultCodec } from '../../kernel/codec/aws-errors.ts'
import { factsReader } from '../../kernel/codec/one-text/answer-facts.ts'
import { UnendedObserver } from '../../kernel/codec/one-text/unended-observer.ts'
import type { ChatDialect, StreamCodec } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import { agentAnswer, agentDecoder, agentEncoder, decodeAgentAnswer, encodeAgentAnswer } from './agent-answer.ts'
import { agentId, decodeAgentRequest, encodeAgentRequest, readAgentHead } from './agent-request.ts'
import type { BinaryEventDecoder } from './binary-events.ts'
import { faultBytes } from './binary-events.ts'
import {
  decodeKnowledgeAnswer,
  encodeKnowledgeAnswer,
  knowledgeAnswer,
  knowledgeDecoder,
  knowledgeEncoder,
} from './knowledge-answer.ts'
import { decodeKnowledgeRequest, encodeKnowledgeRequest, knowledgeId, readKnowledgeHead } from './knowledge-request.ts'

export const bedrockAgent: ChatDialect = {
  id: agentId,
  ...shared('inputText'),
  head: readAgentHead,
  request: { decode: decodeAgentRequest, encode: encodeAgentRequest },
  response: { decode: decodeAgentAnswer, encode: encodeAgentAnswer },
  facts: factsReader(agentAnswer),
  stream: streamOf(agentDecoder, agentEncoder),
}

export const bedrockKnowledgeBase: ChatDialect = {
  id: knowledgeId,
  ...shared('input'),
  head: readKnowledgeHead,
  request: { decode: decodeKnowledgeRequest, encode: encodeKnowledgeRequest },
  response: { decode: decodeKnowledgeAnswer, encode: encodeKnowledgeAnswer },
  facts: factsReader(knowledgeAnswer),
  stream: streamOf(knowledgeDecoder, knowledgeEncoder),
}

function shared(turns: string) {
  return {
    operation: 'chat',
    addressed: true,
    mediaMarks: [],
    turns,
    traits: { tools: 'none', structuredOutput: 'prompt' },
    requestHeaders: [],
    fault: awsFaultCodec,
  } as const
}

function streamOf(
  decoder: () => BinaryEventDecoder,
  encoder: StreamCodec<ChatEvent>['encoder'],
): StreamCodec<ChatEvent> {
  return {
    contentType: 'application/vnd.amazon.eventstream',
    framing: 'binary',
    decoder,
    encoder,
    observer: () => {
      const inner = decoder()
      return new UnendedObserver(inner, 'binary', () => inner.atBoundary)
    },
    fault: faultBytes,
  }
}
