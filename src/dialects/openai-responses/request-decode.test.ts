/** Requests as clients send them, what other protocols see of them, and what is refused. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { openaiResponses } from './index.ts'

const decode = (request: JsonObject): ChatRequest => openaiResponses.request.decode({ model: 'm', ...request })

/** Roles and what they say, without notes. */
const outline = (input: JsonValue): unknown =>
  decode({ input }).messages.map(({ role, parts }) => [
    role,
    ...parts.map((part) => (part.type === 'text' ? part.text : part.type === 'tool-result' ? part.callId : part.type)),
  ])

function refused(request: JsonObject): string | undefined {
  try {
    decode(request)
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.param ?? ''}`
  }
  return undefined
}

const call = (id: string): JsonObject => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })
const output = (id: string): JsonObject => ({ type: 'function_call_output', call_id: id, output: 'ok' })

describe('the conversation', () => {
  it('has one message for all that the model said in a row, and one for each result', () => {
    expect(
      outline([
        { role: 'user', content: 'a' },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
        { role: 'assistant', content: 'b' },
        call('x'),
        call('y'),
        output('x'),
        output('y'),
        { role: 'assistant', content: 'c' },
        { role: 'user', content: 'd' },
        { role: 'user', content: 'e' },
      ]),
    ).toEqual([
      ['user', 'a'],
      ['assistant', 'reasoning', 'b', 'tool-call', 'tool-call'],
      ['tool', 'x'],
      ['tool', 'y'],
      ['assistant', 'c'],
      ['user', 'd'],
      ['user', 'e'],
    ])
  })

  it('takes a string for what the user says, and instructions apart', () => {
    const { messages } = decode({ input: 'Hello', instructions: 'Be brief.' })
    expect(messages).toMatchObject([
      { role: 'system', apart: 'instructions', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    ])
  })

  it("keeps what only the service's own tools know within what the model said", () => {
    expect(
      outline([
        { role: 'user', content: 'a' },
        { type: 'computer_call', id: 'cu_1', call_id: 'c', action: {}, status: 'completed' },
        { type: 'computer_call_output', call_id: 'c', output: {} },
        { id: 'msg_9' },
        { role: 'user', content: 'b' },
      ]),
    ).toEqual([
      ['user', 'a'],
      ['assistant', 'opaque', 'opaque', 'opaque'],
      ['user', 'b'],
    ])
  })

  it('gives the parts of a reasoning item its id as their proof', () => {
    const [message] = decode({
      input: [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'a' }],
          content: [{ type: 'reasoning_text', text: 'b' }],
          encrypted_content: 'gAAAAA',
        },
      ],
    }).messages
    expect(message?.parts).toMatchObject([
      { text: 'a', summary: true, signature: 'rs_1', origin: 'openai-responses' },
      { text: 'b', signature: 'rs_1', origin: 'openai-responses' },
      { text: '', encrypted: 'gAAAAA', signature: 'rs_1', origin: 'openai-responses' },
    ])
  })

  it('says where each message stood', () => {
    const input = [{ role: 'user', content: 'a' }, call('x'), call('y'), output('x')]
    expect(decode({ input }).messages.map(({ place }) => place)).toEqual(['input[0]', 'input[1]', 'input[3]'])
  })
})

describe('settings', () => {
  it('are those of the model, whatever their names', () => {
    expect(
      decode({
        input: 'x',
        max_output_tokens: 5,
        top_logprobs: 2,
        include: ['message.output_text.logprobs'],
        text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'low' },
        reasoning: { effort: 'high', summary: 'concise' },
        safety_identifier: 'me',
      }),
    ).toMatchObject({
      maxOutputTokens: 5,
      logprobs: { enabled: true, top: 2 },
      format: { type: 'json-schema', name: 'n', schema: { type: 'object' } },
      verbosity: 'low',
      reasoning: { effort: 'high', display: 'summarized' },
      endUser: 'me',
    })
  })

  it('has grammars as every protocol of OpenAI could say them', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' }
    const { tools } = decode({ input: 'x', tools: [{ type: 'custom', name: 'run', format }] })
    expect(tools?.[0]).toMatchObject({
      type: 'custom',
      format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "a"' } },
    })
  })

  it('does not make a function strict that its client left to the service', () => {
    const { tools } = decode({ input: 'x', tools: [{ type: 'function', name: 'f', parameters: {} }] })
    expect(tools?.[0]).not.toHaveProperty('strict')
  })

  it('that the gateway answers for, or that ask for nothing, are missed by nobody', () => {
    const request = decode({
      input: 'x',
      store: true,
      background: true,
      previous_response_id: 'resp_1',
      conversation: 'conv_1',
      include: ['reasoning.encrypted_content'],
      stream_options: { include_obfuscation: false },
      prompt_cache_key: 'k',
      truncation: 'disabled',
      prompt: null,
      max_tool_calls: null,
    })
    const lost: Loss[] = []
    reportForeignExtra(request, 'another', '', lost)
    expect(lost).toEqual([])
  })

  it('that no other protocol has are reported there', () => {
    const lost: Loss[] = []
    const asking = { truncation: 'auto', max_tool_calls: 3, prompt: { id: 'p' }, tool_choice: { type: 'mcp' } }
    reportForeignExtra(decode({ input: 'x', ...asking }), 'another', '', lost)
    expect(lost.map(({ path }) => path).toSorted()).toEqual(Object.keys(asking).toSorted())
  })

  it('reports members of items that are unknown', () => {
    const [message] = decode({ input: [{ role: 'assistant', content: 'a', x_new: 1 }] }).messages
    const lost: Loss[] = []
    for (const part of message?.parts ?? []) reportForeignExtra(part, 'another', 'input[0]', lost)
    expect(lost.map(({ path }) => path)).toEqual(['input[0].x_new'])
  })
})

describe('what is refused, with its place', () => {
  it.each<[string, JsonObject, string]>([
    ['no input', {}, 'input'],
    ['an empty list', { input: [] }, 'input'],
    ['null', { input: null }, 'input'],
    ['a number', { input: 7 }, 'input'],
    ['an item that is none', { input: ['x'] }, 'input[0]'],
    ['an item without type and role', { input: [{ content: 'x' }] }, 'input[0]'],
    ['a type that is no string', { input: [{ type: 1 }] }, 'input[0].type'],
    ['a role that there is not', { input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content'],
    ['content that is no list', { input: [{ role: 'user', content: 1 }] }, 'input[0].content'],
    ['a part without type', { input: [{ role: 'user', content: [{}] }] }, 'input[0].content[0].type'],
    [
      'a text without text',
      { input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      'input[0].content[0].text',
    ],
    ['a call without a name', { input: [{ type: 'function_call', call_id: 'x', arguments: '' }] }, 'input[0].name'],
    ['a call without an id', { input: [{ type: 'function_call', name: 'f', arguments: '' }] }, 'input[0].call_id'],
    ['a result without output', { input: [{ type: 'function_call_output', call_id: 'x' }] }, 'input[0].output'],
    ['reasoning whose summary is text', { input: [{ type: 'reasoning', summary: 'x' }] }, 'input[0].summary'],
    ['a tool without a type', { input: 'x', tools: [{ name: 'f' }] }, 'tools[0].type'],
    [
      'a schema that is none',
      { input: 'x', tools: [{ type: 'function', name: 'f', parameters: 1 }] },
      'tools[0].parameters',
    ],
    [
      'a format without a schema',
      { input: 'x', text: { format: { type: 'json_schema', name: 'n' } } },
      'text.format.schema',
    ],
    ['a limit of nothing', { input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    ['metadata of numbers', { input: 'x', metadata: { a: 1 } }, 'metadata.a'],
    [
      'a data URL that is broken',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:text/plain,%' }] }] },
      'input[0].content[0].image_url',
    ],
  ])('%s', (_what, request, param) => {
    expect(refused(request)).toBe(`invalid_request ${param}`)
  })

  it('names what may stand in for input', () => {
    expect(() => decode({})).toThrow(/previous_response_id.*conversation.*prompt/)
    for (const instead of [{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }, { prompt: { id: 'p' } }])
      expect(refused(instead)).toBeUndefined()
  })

  it('a model without a name', () => {
    expect(refused({ input: 'x', model: '' })).toBe('invalid_request model')
  })
})
