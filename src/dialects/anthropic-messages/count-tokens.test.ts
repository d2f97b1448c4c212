/** Counting takes the same request without what does not change its input, and answers with one number. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { anthropicCountTokens } from './count-tokens.ts'
import { requests } from './fixtures-requests.ts'

const { request, response, fault } = anthropicCountTokens
const requestBody = (text: string) => new Body(Buffer.from(text), (json) => request.decode(json))
const answerBody = (text: string) => new Body(Buffer.from(text), (json) => response.decode(json))

describe('a request to count tokens', () => {
  const refused = new Set([
    'max_tokens',
    'stream',
    'temperature',
    'top_p',
    'top_k',
    'stop_sequences',
    'metadata',
    'service_tier',
    'container',
  ])

  it.each(requests)('of $name comes back as it was', ({ request: json }) => {
    const counted = Object.fromEntries(Object.entries(json).filter(([key]) => !refused.has(key)))
    const decoded = request.decode(counted)
    expect(request.encode(decoded, { model: decoded.model })).toEqual({ json: counted, lost: [] })
  })

  it('leaves out what this endpoint refuses, of any protocol', () => {
    const chat: ChatRequest = {
      model: 'm',
      stream: true,
      maxOutputTokens: 9,
      temperature: 0.1,
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    }
    expect(request.encode(chat, { model: 'claude' })).toEqual({
      json: { model: 'claude', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
      lost: [],
    })
  })

  it('has a head', () => {
    expect(anthropicCountTokens.head(requestBody('{"model":"m","messages":[{}]}'))).toEqual({
      model: 'm',
      stream: false,
    })
  })
})

describe('a count of tokens', () => {
  it('comes back as it was, with what else there is', () => {
    for (const json of [
      { input_tokens: 12 },
      { input_tokens: 0, context_management: { original_input_tokens: 7 }, x: null },
    ]) {
      expect(response.encode(response.decode(json), { model: 'm' })).toEqual({ json, lost: [] })
    }
    expect(response.decode({ input_tokens: 12 })).toEqual({ inputTokens: 12 })
  })

  it.each([null, {}, { input_tokens: -1 }, { input_tokens: '12' }])('is refused when it is %j', (json) => {
    expect(() => response.decode(json)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
    expect(() => anthropicCountTokens.facts(answerBody(JSON.stringify(json)))).toThrow(
      expect.objectContaining({ side: 'provider' }),
    )
  })

  it('has nothing to meter', () => {
    expect(anthropicCountTokens.facts(answerBody('{"input_tokens":12}'))).toEqual({})
  })

  it('fails as messages do', () => {
    expect(fault.decode(529, { error: { type: 'overloaded_error', message: 'Overloaded' } }, {}).code).toBe(
      'provider_overloaded',
    )
  })
})
