/** Both dialects against the conformance kit, and what is particular about agents and knowledge bases. */
import { describe, expect, it } from 'vitest'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { eventBytes } from './binary-events.ts'
import { agentFixtures, bytes, citation, knowledgeFixtures, reference } from './fixtures-agents.ts'
import { bedrockAgent, bedrockKnowledgeBase } from './index.ts'

const incapable = { tools: true, answerModel: true, usage: 'none' } as const
describeChatDialect(bedrockAgent, agentFixtures, [], [], incapable)
describeChatDialect(bedrockKnowledgeBase, knowledgeFixtures, [], [], incapable)

const said = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] })
const encode = (dialect: ChatDialect, model: string, more: Partial<ChatRequest> = {}) => {
  const request: ChatRequest = { model: 'm', stream: false, messages: [said('user', 'Hi')], ...more }
  const { json, lost } = dialect.request.encode(request, { model })
  return { json, lost: lost.map(({ path, kind }) => `${path} ${kind}`) }
}
const conversation = [said('system', 'Be kind.'), said('user', 'Hi'), said('assistant', 'Ho'), said('user', 'Why?')]

describe('an agent', () => {
  const ask = (more: Partial<ChatRequest>) => encode(bedrockAgent, 'agent/A/B', more)

  it('is told the whole conversation where the client names no session', () => {
    expect(ask({ messages: conversation, stream: true })).toEqual({
      json: {
        inputText: 'System: Be kind.\n\nUser: Hi\n\nAssistant: Ho\n\nUser: Why?\n\nAssistant:',
        streamingConfigurations: { streamFinalResponse: true },
      },
      lost: ['messages adapted'],
    })
  })

  it('is told what is new in a session that it remembers', () => {
    const messages = conversation.slice(1)
    expect(ask({ messages, metadata: { session_id: 'chat-42' } })).toEqual({
      json: { inputText: 'Why?', sessionId: 'chat-42' },
      lost: ['messages adapted'],
    })
    expect(ask({ metadata: { session_id: 'chat-42' } })).toEqual({
      json: { inputText: 'Hi', sessionId: 'chat-42' },
      lost: [],
    })
  })

  it('begins a new session where the name is none, and that is told', () => {
    for (const session of ['', 'a', '../x', 'ä'.repeat(5), 'x'.repeat(101)])
      expect(ask({ metadata: { session_id: session, team: 'a' } })).toEqual({
        json: { inputText: 'Hi' },
        lost: ['metadata.team dropped', 'metadata.session_id dropped'],
      })
  })

  it('has its own settings and tools', () => {
    const tools: ChatRequest['tools'] = [{ type: 'function', name: 'f' }]
    expect(ask({ maxOutputTokens: 5, temperature: 1, tools }).lost).toEqual([
      'max_tokens dropped',
      'temperature dropped',
      'tools[0] dropped',
    ])
  })

  it('cannot leave an action to a client of another protocol, and that is no failure to try again', () => {
    const control = { invocationId: 'i', invocationInputs: [] }
    expect(() => bedrockAgent.response.decode({ completion: [{ returnControl: control }] })).toThrow('returnControl')
    const decoder = bedrockAgent.stream?.decoder()
    expect(decoder?.push(eventBytes('returnControl', control)).at(-1)).toMatchObject({
      type: 'error',
      fault: { code: 'provider_rejected', retryable: false },
    })
  })

  it('cites its sources, each passage by itself', () => {
    const second = {
      content: { text: 'Else.' },
      location: { type: 'WEB', webLocation: { url: 'https://example.com/a' } },
    }
    const both = { ...citation, retrievedReferences: [reference, second] }
    const completion = [{ chunk: { bytes: bytes('Returns are free.'), attribution: { citations: [both] } } }]
    expect(bedrockAgent.response.decode({ completion }).choices[0]?.parts).toMatchObject([
      {
        type: 'text',
        text: 'Returns are free.',
        citations: [
          { url: 's3://policies/returns.pdf', quote: 'Returns are free within 30 days.', start: 0, end: 17 },
          { url: 'https://example.com/a', quote: 'Else.', start: 0, end: 17 },
        ],
      },
    ])
  })
})

describe('a knowledge base', () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4'

  it.each(['anthropic.claude-3-haiku-20240307-v1:0', arn])('is asked with the model %s', (model) => {
    const { json } = encode(bedrockKnowledgeBase, `knowledge-base/KB1/${model}`, { maxOutputTokens: 9, stop: ['X'] })
    expect(json).toEqual({
      input: { text: 'Hi' },
      retrieveAndGenerateConfiguration: {
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseConfiguration: {
          knowledgeBaseId: 'KB1',
          modelArn: model,
          generationConfiguration: {
            inferenceConfig: { textInferenceConfig: { maxTokens: 9, stopSequences: ['X'] } },
          },
        },
      },
    })
  })

  it('says that a guardrail has stepped in', () => {
    const answer = (guardrailAction: string): JsonObject => ({ output: { text: 'No.' }, guardrailAction })
    const finishOf = (json: JsonObject) => bedrockKnowledgeBase.response.decode(json).choices[0]?.finish?.reason
    expect(finishOf(answer('INTERVENED'))).toBe('content-filter')
    expect(finishOf(answer('NONE'))).toBe('stop')
  })
})
