/** The head of a request, read without the conversation. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { readHead } from './head.ts'

const head = (text: string) =>
  readHead(
    new Body(Buffer.from(text), () => {
      throw new Error('not to be read')
    }),
  )
const headOf = (request: JsonObject) => head(JSON.stringify({ model: 'm', ...request }))

function problem(read: () => unknown): string | undefined {
  try {
    read()
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.param ?? ''}`
  }
  return undefined
}

describe('the head of a request', () => {
  it('has what routing and limits need', () => {
    expect(headOf({ input: 'x', stream: true, max_output_tokens: 9, user: 'u', safety_identifier: 's' })).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 9,
      endUser: 'u',
    })
    expect(headOf({ input: [{}], stream: null, safety_identifier: 's' })).toEqual({
      model: 'm',
      stream: false,
      endUser: 's',
    })
  })

  it.each<[string, JsonObject, string]>([
    ['without input', {}, 'input'],
    ['of an empty list', { input: [] }, 'input'],
    ['of null', { input: null }, 'input'],
    ['of an object', { input: {} }, 'input'],
    ['of no model', { model: '', input: 'x' }, 'model'],
    ['that streams perhaps', { input: 'x', stream: 'yes' }, 'stream'],
    ['with half a token', { input: 'x', max_output_tokens: 0.5 }, 'max_output_tokens'],
    ['with tokens in words', { input: 'x', max_output_tokens: '5' }, 'max_output_tokens'],
    ['of a user that is no string', { input: 'x', user: 5 }, 'user'],
  ])('refuses one %s', (_what, request, param) => {
    expect(problem(() => headOf(request))).toBe(`invalid_request ${param}`)
  })

  it('takes one without input that goes on from something', () => {
    for (const instead of [{ previous_response_id: 'r' }, { conversation: 'c' }, { prompt: { id: 'p' }, input: null }])
      expect(headOf(instead).model).toBe('m')
    expect(head('{"model":"m","input":[ \n ],"conversation":{"id":"c"}}').model).toBe('m')
  })

  it('refuses a member that is there twice', () => {
    expect(problem(() => head('{"model":"m","input":"x","store":true,"store":false}'))).toBe('duplicate_member store')
  })
})
