/** The dialect against the conformance kit, and what becomes of conversations in it. */
import { describe, expect, it } from 'vitest'
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { generations } from './fixtures-triton.ts'
import { tritonGenerate } from './index.ts'

describeChatDialect(tritonGenerate, generations, [], [], { tools: true, usage: 'counts' })

const encode = (more: Partial<ChatRequest>) => {
  const request: ChatRequest = {
    model: 'm',
    stream: false,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    ...more,
  }
  const { json, lost } = tritonGenerate.request.encode(request, { model: 'mymodel' })
  return { json, lost: lost.map(({ path, kind }) => `${path} ${kind}`) }
}

describe('a request', () => {
  it('has its settings among the parameters', () => {
    expect(encode({ stream: true, maxOutputTokens: 9, temperature: 0.5, stop: ['x'] })).toEqual({
      json: {
        text_input: 'Hi',
        parameters: { stream: true, exclude_input_in_output: true, max_tokens: 9, temperature: 0.5 },
      },
      lost: ['stop dropped'],
    })
  })

  it('has a limit, because it would end after a few words without', () => {
    const { json, lost } = encode({})
    expect(json).toMatchObject({ parameters: { max_tokens: 1024 } })
    expect(lost).toEqual(['max_tokens adapted'])
  })
})
