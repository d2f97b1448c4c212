/** Heads of requests: streams unless switched off, limits among the options, and requests that only load a model. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatDialect, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { ollamaChat, ollamaGenerate } from './index.ts'

const bodyOf = (dialect: ChatDialect, json: string): Body<ChatRequest> =>
  new Body(Buffer.from(json), (value) => dialect.request.decode(value))
const headOf = (dialect: ChatDialect, json: string): RequestHead => dialect.head(bodyOf(dialect, json))
const faultOf = (work: () => unknown): Fault | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

const message = '"messages":[{"role":"user","content":"x"}]'

describe('the head of a request', () => {
  it.each<[string, boolean]>([
    ['', true],
    [',"stream":null', true],
    [',"stream":true', true],
    [',"stream":false', false],
  ])('with %s streams: %s', (more, stream) => {
    expect(headOf(ollamaChat, `{"model":"m",${message}${more}}`).stream).toBe(stream)
    expect(headOf(ollamaGenerate, `{"model":"m","prompt":"x"${more}}`).stream).toBe(stream)
  })

  it.each<[string, number | undefined]>([
    ['{"num_predict":9}', 9],
    ['{"num_predict":-1}', undefined],
    ['{"num_predict":-2}', undefined],
    ['{"num_predict":"9"}', undefined],
    ['{}', undefined],
    ['null', undefined],
  ])('with the options %s is limited to %s', (options, limit) => {
    expect(headOf(ollamaChat, `{"model":"m",${message},"options":${options}}`).maxOutputTokens).toBe(limit)
  })

  it.each<[string, ChatDialect, string, string]>([
    ['no model', ollamaChat, `{${message}}`, 'model'],
    ['messages that are no list', ollamaChat, '{"model":"m","messages":"x"}', 'messages'],
    ['a prompt that is no text', ollamaGenerate, '{"model":"m","prompt":["x"]}', 'prompt'],
    ['options that are no object', ollamaGenerate, '{"model":"m","prompt":"x","options":[]}', 'options'],
    ['a member twice', ollamaChat, `{"model":"m","model":"n",${message}}`, 'model'],
  ])('refuses %s', (_, dialect, json, param) => {
    expect(faultOf(() => headOf(dialect, json))).toMatchObject({ side: 'client', param })
  })
})

describe('a request that only loads a model', () => {
  it.each<[string, ChatDialect, string]>([
    ['no messages', ollamaChat, '{"model":"m"}'],
    ['an empty list of messages', ollamaChat, '{"model":"m","messages":[ ],"keep_alive":0}'],
    ['messages that are null', ollamaChat, '{"model":"m","messages":null,"stream":true}'],
    ['no prompt', ollamaGenerate, '{"model":"m","stream":true}'],
    ['an empty prompt', ollamaGenerate, '{"model":"m","prompt":""}'],
    ['a prompt that is null', ollamaGenerate, '{"model":"m","prompt":null}'],
  ])('with %s passes as one that is answered with a single object', (_, dialect, json) => {
    expect(headOf(dialect, json)).toEqual({ model: 'm', stream: false })
  })

  it('is refused where another service would have to load it', () => {
    const chat = faultOf(() => bodyOf(ollamaChat, '{"model":"m","messages":[]}').read())
    expect(chat).toMatchObject({ code: 'invalid_request', param: 'messages' })
    expect(chat?.message).toContain('send at least one message')
    const generate = faultOf(() => bodyOf(ollamaGenerate, '{"model":"m"}').read())
    expect(generate).toMatchObject({ code: 'invalid_request', param: 'prompt' })
  })
})
