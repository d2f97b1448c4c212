/** Both dialects against the conformance kit, and what becomes of conversations in them. */
import { describe, expect, it } from 'vitest'
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import { chats, generations } from './fixtures-nlp-cloud.ts'
import { nlpCloudChatbot, nlpCloudGeneration } from './index.ts'

describeChatDialect(nlpCloudGeneration, generations, [], [], { tools: true, answerModel: true, usage: 'counts' })
describeChatDialect(nlpCloudChatbot, chats, [], [], { tools: true, answerModel: true, usage: 'none' })

const said = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] })
const encode = (dialect: ChatDialect, more: Partial<ChatRequest>) => {
  const request: ChatRequest = { model: 'm', stream: false, messages: [said('user', 'Hi')], ...more }
  const { json, lost } = dialect.request.encode(request, { model: 'dolphin' })
  return { json, lost: lost.map(({ path, kind }) => `${path} ${kind}`) }
}
const conversation = [said('system', 'Be kind.'), said('user', 'Hi'), said('assistant', 'Ho'), said('user', 'Why?')]

describe('a generation', () => {
  it('is asked for without its input, within the limit', () => {
    expect(encode(nlpCloudGeneration, { maxOutputTokens: 9, temperature: 0.5, stop: ['END'] })).toEqual({
      json: {
        text: 'Hi',
        max_length: 9,
        temperature: 0.5,
        end_sequence: 'END',
        length_no_input: true,
        remove_input: true,
        remove_end_sequence: true,
      },
      lost: [],
    })
  })

  it('has a limit, because it would end after a few words without', () => {
    const { json, lost } = encode(nlpCloudGeneration, {})
    expect(json).toMatchObject({ max_length: 1024 })
    expect(lost).toEqual(['max_tokens adapted'])
  })

  it('continues a transcript, and does not go on for the user', () => {
    const { json, lost } = encode(nlpCloudGeneration, { messages: conversation, maxOutputTokens: 9 })
    expect(json).toMatchObject({
      text: 'System: Be kind.\n\nUser: Hi\n\nAssistant: Ho\n\nUser: Why?\n\nAssistant:',
      end_sequence: '\n\nUser:',
    })
    expect(lost).toEqual(['messages adapted'])
  })

  it('takes one short stop sequence', () => {
    const { json, lost } = encode(nlpCloudGeneration, { maxOutputTokens: 9, stop: ['much too long', 'END', 'x'] })
    expect(json).toMatchObject({ end_sequence: 'END' })
    expect(lost).toEqual(['stop dropped'])
  })
})

describe('a chatbot', () => {
  it('has the conversation as it was, in pairs', () => {
    expect(encode(nlpCloudChatbot, { messages: conversation })).toEqual({
      json: { input: 'Why?', context: 'Be kind.', history: [{ input: 'Hi', response: 'Ho' }] },
      lost: [],
    })
  })

  it('has a transcript where the two sides do not take turns', () => {
    const messages = [said('user', 'Hi'), said('user', 'You there?')]
    expect(encode(nlpCloudChatbot, { messages })).toEqual({
      json: { input: 'User: Hi\n\nUser: You there?\n\nAssistant:' },
      lost: ['messages adapted'],
    })
  })

  it('has no settings, and that is told', () => {
    expect(encode(nlpCloudChatbot, { maxOutputTokens: 9, temperature: 0.5 })).toEqual({
      json: { input: 'Hi' },
      lost: ['max_tokens dropped', 'temperature dropped'],
    })
  })
})
