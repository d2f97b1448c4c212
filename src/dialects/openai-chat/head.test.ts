/** What is read from bodies without decoding them, and what is refused at once. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { openaiChat } from './index.ts'

const requestBody = (text: string): Body<ChatRequest> =>
  new Body(Buffer.from(text), (json) => openaiChat.request.decode(json))
const answerBody = (text: string): Body<ChatResponse> =>
  new Body(Buffer.from(text), (json) => openaiChat.response.decode(json))
const head = (text: string): unknown => openaiChat.head(requestBody(text))
const messages = '"messages":[{"role":"user","content":"Hi"}]'

describe('the head of a request', () => {
  it('has what routing needs', () => {
    expect(
      head(
        `{"model":"m",${messages},"stream":true,"max_tokens":7,"max_completion_tokens":9,"n":2,"safety_identifier":"s","user":"u"}`,
      ),
    ).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 9,
      n: 2,
      endUser: 'u',
    })
    expect(head(`{"model":"m",${messages},"stream":null,"max_tokens":null,"user":null}`)).toEqual({
      model: 'm',
      stream: false,
    })
  })

  it.each([
    ['model', `{${messages}}`],
    ['model', `{"model":"",${messages}}`],
    ['model', `{"model":5,${messages}}`],
    ['stream', `{"model":"m",${messages},"stream":"true"}`],
    ['messages', '{"model":"m"}'],
    ['messages', '{"model":"m","messages":{}}'],
    ['messages', '{"model":"m","messages":[ \n]}'],
    ['max_tokens', `{"model":"m",${messages},"max_tokens":"9"}`],
    ['max_completion_tokens', `{"model":"m",${messages},"max_completion_tokens":-1}`],
    ['n', `{"model":"m",${messages},"n":0}`],
    ['user', `{"model":"m",${messages},"user":1}`],
  ])('refuses a wrong %s', (param, text) => {
    expect(() => head(text)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  it('refuses a member that appears twice, however it is spelled', () => {
    expect(() => head(`{"model":"m",${messages},"mod\\u0065l":"n"}`)).toThrow(
      expect.objectContaining({ code: 'duplicate_member', param: 'model' }),
    )
  })
})

describe('asking for usage', () => {
  const edits = (more: string): unknown => openaiChat.usageEdits?.(requestBody(`{"model":"m",${messages}${more}}`))

  it('adds the option to a streaming request that lacks it, and keeps the others', () => {
    expect(edits(',"stream":true')).toEqual({ stream_options: '{"include_usage":true}' })
    expect(edits(',"stream":true,"stream_options":null')).toEqual({ stream_options: '{"include_usage":true}' })
    expect(edits(',"stream":true,"stream_options":{"include_usage":false,"include_obfuscation":false}')).toEqual({
      stream_options: '{"include_usage":true,"include_obfuscation":false}',
    })
  })

  it('leaves a request alone that asks already, or does not stream', () => {
    expect(edits('')).toBeUndefined()
    expect(edits(',"stream":false')).toBeUndefined()
    expect(edits(',"stream":true,"stream_options":{"include_usage":true}')).toBeUndefined()
  })
})

describe('the facts of an answer', () => {
  it('are not fooled by text that looks like a finish reason', () => {
    const text = JSON.stringify({
      id: 'x',
      model: 'm',
      choices: [{ index: 0, message: { content: '"finish_reason":"length"' }, finish_reason: 'stop' }],
    })
    expect(openaiChat.facts(answerBody(text))).toMatchObject({ finish: { reason: 'stop' } })
  })

  it.each([
    ['', 'provider_malformed'],
    ['<html>', 'provider_malformed'],
    ['[]', 'provider_malformed'],
    ['{}', 'provider_malformed'],
    ['{"choices":{}}', 'provider_malformed'],
    ['{"error":{"message":"no","code":429}}', 'provider_rate_limited'],
  ])('are refused of %s', (text, code) => {
    expect(() => openaiChat.facts(answerBody(text))).toThrow(expect.objectContaining({ code }))
  })
})
