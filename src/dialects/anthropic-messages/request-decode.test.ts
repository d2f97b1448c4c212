/** Requests that are not of the protocol are refused with the field, what was expected, and what came. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import { decodeRequest } from './request-decode.ts'

const base = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }
const block = (value: unknown): Record<string, unknown> => ({ messages: [{ role: 'user', content: [value] }] })

describe('a request that is not of the protocol', () => {
  it.each<[param: string, message: string, change: Record<string, unknown>]>([
    ['model', 'model is required: a string.', { model: undefined }],
    ['model', 'model must name a model', { model: '' }],
    ['messages', 'messages must be a list, not an object.', { messages: {} }],
    ['messages', 'at least one message', { messages: [] }],
    ['messages[0]', 'must be an object, not a string.', { messages: ['Hi'] }],
    [
      'messages[0].role',
      'must be "user", "assistant" or "system", not "tool"',
      { messages: [{ role: 'tool', content: '' }] },
    ],
    ['messages[0].content', 'is required: a string or a list of blocks', { messages: [{ role: 'user' }] }],
    ['messages[0].content[0]', 'must be an object, not null', block(null)],
    ['messages[0].content[0].type', 'is required: a string', block({ text: 'Hi' })],
    ['messages[0].content[0].text', 'must be a string, not a number', block({ type: 'text', text: 7 })],
    [
      'messages[0].content[0].cache_control',
      'must be an object, not a boolean',
      block({ type: 'text', text: '', cache_control: true }),
    ],
    ['messages[0].content[0].tool_use_id', 'is required', block({ type: 'tool_result', content: 'r' })],
    [
      'messages[0].content[0].content[0].text',
      'must be a string',
      block({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 1 }] }),
    ],
    ['messages[0].content[0].name', 'is required', block({ type: 'tool_use', id: 't', input: {} })],
    ['system', 'must be a string or a list of blocks, not a number', { system: 7 }],
    ['max_tokens', 'must be a whole number of 0 or more, not -1', { max_tokens: -1 }],
    ['max_tokens', 'must be a number, not a string', { max_tokens: '10' }],
    ['temperature', 'must be a number', { temperature: 'hot' }],
    ['stream', 'must be true or false, not a string', { stream: 'yes' }],
    ['stop_sequences[1]', 'must be a string, not null', { stop_sequences: ['a', null] }],
    ['tools[0].input_schema', 'is required: an object', { tools: [{ name: 'f' }] }],
    ['tools[0].name', 'is required', { tools: [{ input_schema: {} }] }],
    ['tool_choice.type', 'is required', { tool_choice: {} }],
    ['tool_choice.name', 'is required', { tool_choice: { type: 'tool' } }],
    ['metadata.user_id', 'must be a string, not a number', { metadata: { user_id: 7 } }],
    ['output_config.format.schema', 'is required: an object', { output_config: { format: { type: 'json_schema' } } }],
  ])('is refused at %s: %s', (param, message, change) => {
    let thrown: unknown
    try {
      decodeRequest({ ...base, ...change })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Fault)
    expect(thrown).toMatchObject({ code: 'invalid_request', status: 400, param })
    expect(String(thrown)).toContain(message)
    expect(String(thrown)).toContain(param)
  })

  it.each([null, 'text', 7, [], undefined])('is refused when it is %j and no object', (json) => {
    expect(() => decodeRequest(json)).toThrow(Fault)
  })
})
