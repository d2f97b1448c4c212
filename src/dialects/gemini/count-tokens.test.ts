/** Counting tokens: the conversation alone, or a whole request within. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { geminiCountTokens as dialect } from './index.ts'

const address = { model: 'fast', stream: false }
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]
const bodyOf = (json: JsonObject): Body<ChatRequest> =>
  new Body(Buffer.from(JSON.stringify(json)), (value) => dialect.request.decode(value, address))
const again = (json: JsonObject) =>
  dialect.request.encode(dialect.request.decode(json, address), { model: 'gemini-2.5-pro' })

describe('a request to count', () => {
  it('of the conversation alone stays one', () => {
    const json = { contents, x_more: 1 }
    expect(again(json)).toEqual({ json, lost: [] })
    expect(dialect.mustTranslate?.(bodyOf(json))).toBe(false)
    expect(dialect.head(bodyOf(json), address)).toEqual({ model: 'fast', stream: false })
  })

  it.each(['generateContentRequest', 'generate_content_request'])(
    'within %s names the model that is asked',
    (wrapper) => {
      const inner = { model: 'models/fast', contents, systemInstruction: { parts: [{ text: 'Be brief.' }] } }
      const json = { [wrapper]: inner, x_beside: true }
      expect(again(json)).toEqual({
        json: { ...json, [wrapper]: { ...inner, model: 'models/gemini-2.5-pro' } },
        lost: [],
      })
      expect(dialect.mustTranslate?.(bodyOf(json))).toBe(true)
      expect(dialect.head(bodyOf(json), address)).toEqual({ model: 'fast', stream: false })
    },
  )

  it('of another protocol counts instructions and tools, and no settings', () => {
    const request: ChatRequest = {
      model: 'm',
      stream: false,
      temperature: 1,
      endUser: 'u',
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    }
    expect(dialect.request.encode(request, { model: 'g' })).toEqual({ json: { contents }, lost: [] })
    const more: ChatRequest = {
      ...request,
      tools: [{ type: 'function', name: 'f' }],
      messages: [{ role: 'system', parts: [{ type: 'text', text: 'S' }] }, ...request.messages],
    }
    expect(dialect.request.encode(more, { model: 'g' })).toEqual({
      json: {
        generateContentRequest: {
          model: 'models/g',
          systemInstruction: { parts: [{ text: 'S' }] },
          contents,
          tools: [{ functionDeclarations: [{ name: 'f' }] }],
        },
      },
      lost: [],
    })
  })

  it('is refused without contents', () => {
    expect(() => dialect.head(bodyOf({}), address)).toThrow(/contents/)
    expect(() => dialect.request.decode({ generateContentRequest: {} })).toThrow(/contents/)
    expect(() =>
      dialect.head(
        new Body(Buffer.from('{"contents":[{}],"contents":[{}]}'), () => {
          throw new Error('no')
        }),
      ),
    ).toThrow(expect.objectContaining({ code: 'duplicate_member' }))
  })
})

describe('a count', () => {
  it('comes back as it was', () => {
    const json = {
      totalTokens: 31,
      cachedContentTokenCount: 4,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 31 }],
    }
    const count = dialect.response.decode(json)
    expect(count.inputTokens).toBe(31)
    expect(dialect.response.encode(count, { model: '' })).toEqual({ json, lost: [] })
    expect(dialect.response.encode({ inputTokens: 7 }, { model: '' }).json).toEqual({ totalTokens: 7 })
  })

  it('is none without its number, or where it is an error', () => {
    expect(() => dialect.response.decode({})).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
    expect(() => dialect.response.decode({ error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } })).toThrow(
      expect.objectContaining({ code: 'provider_rate_limited' }),
    )
    const wrong = new Body(Buffer.from('{"totalTokens":"many"}'), (value) => dialect.response.decode(value))
    expect(() => dialect.facts(wrong)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })
})
