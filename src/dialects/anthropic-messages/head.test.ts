/** The head refuses what is plainly not of the protocol, and answers are metered without being decoded. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { readFacts, readHead } from './head.ts'
import { anthropicMessages } from './index.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { decodeRequest } from './request-decode.ts'
import { decodeResponse } from './response.ts'

const request = (text: string): Body<ChatRequest> => new Body(Buffer.from(text), decodeRequest)
const valid = {
  model: 'm',
  max_tokens: 5,
  messages: [{ role: 'user', content: 'Hi' }],
  stream: true,
  metadata: { user_id: 'u' },
}

describe('the head of a request', () => {
  it('has what routing and limits need', () => {
    expect(readHead(request(JSON.stringify(valid, null, 2)))).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 5,
      endUser: 'u',
    })
  })

  it.each<[param: string, change: Record<string, unknown>]>([
    ['model', { model: undefined }],
    ['model', { model: '' }],
    ['model', { model: 7 }],
    ['messages', { messages: undefined }],
    ['messages', { messages: 'Hi' }],
    ['messages', { messages: [] }],
    ['stream', { stream: 'yes' }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['metadata', { metadata: 'u' }],
  ])('is refused for its %s', (param, change) => {
    expect(() => readHead(request(JSON.stringify({ ...valid, ...change })))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  it('is refused where two readers could see two requests', () => {
    expect(() => readHead(request('{"model":"a","messages":[1],"mod\\u0065l":"b"}'))).toThrow(
      expect.objectContaining({ code: 'duplicate_member', param: 'model' }),
    )
  })

  it('tells whether the request holds reasoning that only this gateway understands', () => {
    const withSignature = (signature: string) =>
      request(
        JSON.stringify({
          ...valid,
          messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: '', signature }] }],
        }),
      )
    expect(anthropicMessages.mustTranslate?.(withSignature(sealReasoning({ origin: 'gemini' })))).toBe(true)
    expect(anthropicMessages.mustTranslate?.(withSignature('c2ln'))).toBe(false)
  })

  it('sees through white space in an empty list', () => {
    expect(() => readHead(request('{"model":"a","messages":[ \n\t]}'))).toThrow('at least one message')
  })
})

describe('the facts of an answer', () => {
  const answer = (text: string) => new Body(Buffer.from(text), decodeResponse)

  it.each([
    '',
    '<html>',
    '[]',
    '{"type":"message"}',
    '{"object":"chat.completion"}',
    '{"type":"message","role":"assistant","id":7,"model":"m"}',
  ])('refuse %j', (text) => {
    expect(() => readFacts(answer(text))).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })

  it('are an error where the provider answered one with status 200', () => {
    const text = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    expect(() => readFacts(answer(text))).toThrow(expect.objectContaining({ code: 'provider_overloaded' }))
    expect(() => decodeResponse(JSON.parse(text))).toThrow(expect.objectContaining({ code: 'provider_overloaded' }))
  })
})
