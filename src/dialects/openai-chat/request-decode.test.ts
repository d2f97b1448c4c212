/** What a request decodes to, and what a client is told about one that is wrong. */
import { describe, expect, it } from 'vitest'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeRequest as decode } from './request-decode.ts'
import { encodeRequest as encode } from './request-encode.ts'

const user: JsonObject = { role: 'user', content: 'Hi' }
const request = (more: JsonObject): JsonObject => ({ model: 'm', messages: [user], ...more })
const messages = (...list: JsonObject[]): JsonObject => ({ model: 'm', messages: list })

function faultOf(json: unknown): Fault {
  try {
    decode(json)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a request that is not of the protocol', () => {
  it.each<[string, unknown, string]>([
    ['body', [], 'an array'],
    ['model', { messages: [user] }, 'nothing'],
    ['model', { model: '', messages: [user] }, 'empty'],
    ['messages', { model: 'm' }, 'nothing'],
    ['messages', { model: 'm', messages: [] }, 'empty'],
    ['messages[0]', { model: 'm', messages: ['Hi'] }, 'a string'],
    ['messages[1].role', messages(user, { role: 'robot', content: 'x' }), '"robot"'],
    ['messages[0].content', messages({ role: 'user' }), 'nothing'],
    ['messages[0].content', messages({ role: 'user', content: 7 }), 'a number'],
    ['messages[0].content[0]', messages({ role: 'user', content: ['x'] }), 'a string'],
    ['messages[0].content[0].type', messages({ role: 'user', content: [{ text: 'x' }] }), 'nothing'],
    [
      'messages[0].content[1].text',
      messages({ role: 'user', content: [{ type: 'text', text: 'x' }, { type: 'text' }] }),
      'nothing',
    ],
    [
      'messages[0].content[0].image_url',
      messages({ role: 'user', content: [{ type: 'image_url', image_url: null }] }),
      'null',
    ],
    [
      'messages[0].content[0].image_url.url',
      messages({ role: 'user', content: [{ type: 'image_url', image_url: { url: 1 } }] }),
      'a number',
    ],
    [
      'messages[0].content[0].image_url.url',
      messages({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:text/plain,%zz' } }] }),
      'percent',
    ],
    [
      'messages[0].content[0].input_audio.format',
      messages({ role: 'user', content: [{ type: 'input_audio', input_audio: { data: '' } }] }),
      'nothing',
    ],
    ['messages[0].tool_call_id', messages({ role: 'tool', content: 'x' }), 'nothing'],
    ['messages[0].tool_calls', messages({ role: 'assistant', tool_calls: {} }), 'an object'],
    [
      'messages[0].tool_calls[0].function',
      messages({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function' }] }),
      'nothing',
    ],
    [
      'messages[0].tool_calls[0].function.arguments',
      messages({
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: [] } }],
      }),
      'an array',
    ],
    ['stream', request({ stream: 'yes' }), 'a string'],
    ['stream_options', request({ stream_options: [] }), 'an array'],
    ['stream_options.include_usage', request({ stream_options: { include_usage: 1 } }), 'a number'],
    ['max_completion_tokens', request({ max_completion_tokens: 0 }), 'at least 1'],
    ['max_tokens', request({ max_tokens: 1.5 }), '1.5'],
    ['n', request({ n: '2' }), 'a string'],
    ['temperature', request({ temperature: 'hot' }), 'a string'],
    ['stop', request({ stop: 1 }), 'a number'],
    ['stop[1]', request({ stop: ['a', null] }), 'null'],
    ['tools[0].type', request({ tools: [{}] }), 'nothing'],
    ['tools[0].function.name', request({ tools: [{ type: 'function', function: {} }] }), 'nothing'],
    [
      'tools[0].function.parameters',
      request({ tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }),
      'a string',
    ],
    ['tool_choice', request({ tool_choice: 1 }), 'a number'],
    ['tool_choice.function.name', request({ tool_choice: { type: 'function', function: {} } }), 'nothing'],
    ['response_format.type', request({ response_format: {} }), 'nothing'],
    ['response_format.json_schema', request({ response_format: { type: 'json_schema' } }), 'nothing'],
    ['metadata.a', request({ metadata: { a: 1 } }), 'a number'],
  ])('names %s in %j', (param, json, said) => {
    const fault = faultOf(json)
    expect(fault).toMatchObject({ code: 'invalid_request', status: 400, param })
    expect(fault.message).toContain(`\`${param}\``)
    expect(fault.message).toContain(said)
  })
})

describe('a decoded request', () => {
  it('keeps the digits of numbers that a double cannot hold', () => {
    const text =
      '{"model":"m","messages":[{"role":"user","content":"Hi"}],"seed":9223372036854775807,"x":12345678901234567890}'
    const value = decode(parsePreciseJson(text))
    expect(value.seed).toBe(2 ** 63)
    const encoded = JSON.stringify(encode(value, { model: 'm' }).json)
    expect(encoded).toContain('"seed":9223372036854775807')
    expect(encoded).toContain('"x":12345678901234567890')
    expect(JSON.stringify(encode({ ...value, seed: 1 }, { model: 'm' }).json)).toContain('"seed":1')
  })

  it('joins the results of old function calls to their calls', () => {
    const { messages: decoded } = decode(
      messages(
        { role: 'assistant', function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '1' },
        { role: 'assistant', function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '2' },
      ),
    )
    const ids = decoded.flatMap((message) =>
      message.parts.flatMap((part) =>
        part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [part.callId] : [],
      ),
    )
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).toBe(ids[3])
    expect(ids[0]).not.toBe(ids[2])
  })

  it('joins results to calls whose ids a server left empty, in their order', () => {
    const call = (name: string): JsonObject => ({ id: '', type: 'function', function: { name, arguments: '{}' } })
    const result = (content: string): JsonObject => ({ role: 'tool', tool_call_id: '', content })
    const turn = (a: string, b: string): JsonObject => ({
      role: 'assistant',
      content: null,
      tool_calls: [call(a), call(b)],
    })
    const decoded = decode(
      messages(user, turn('a', 'b'), result('1'), result('2'), turn('c', 'd'), result('3'), result('4')),
    )
    const ids = { calls: [] as string[], results: [] as string[] }
    for (const part of decoded.messages.flatMap(({ parts }) => parts)) {
      if (part.type === 'tool-call') ids.calls.push(part.id)
      if (part.type === 'tool-result') ids.results.push(part.callId)
    }
    expect(new Set(ids.calls).size).toBe(4)
    expect(ids.results).toEqual(ids.calls)
  })

  it('gives reasoning that a client sent back the origin that its format names', () => {
    const [message] = decode(
      messages({
        role: 'assistant',
        content: 'A',
        reasoning: 'ab',
        reasoning_details: [
          { type: 'reasoning.text', text: 'ab', signature: 's', format: 'anthropic-claude-v1', index: 0 },
          { type: 'reasoning.encrypted', data: 'D', format: 'anthropic-messages', index: 1 },
          { type: 'reasoning.text', text: '', format: 'somebody-v9' },
        ],
      }),
    ).messages
    expect(message?.parts.slice(0, 3)).toMatchObject([
      { type: 'reasoning', text: 'ab', signature: 's', origin: 'anthropic-messages' },
      { type: 'reasoning', text: '', encrypted: 'D', origin: 'anthropic-messages' },
      { type: 'reasoning', origin: 'openai-chat' },
    ])
  })

  it('reads media, limits and choices in every spelling', () => {
    const value = decode(
      request({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: 'https://a.example/b.png' },
              { type: 'image_url', image_url: { url: 'data:image/gif;base64,AAAA', detail: 'low' } },
              { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'f.pdf' } },
              { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
            ],
          },
        ],
        max_tokens: 5,
        stop: 'END',
        tool_choice: 'any',
        safety_identifier: 'u',
        logprobs: true,
        top_logprobs: 2,
      }),
    )
    expect(value.messages[0]?.parts).toMatchObject([
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/gif', data: 'AAAA' }, detail: 'low' },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, filename: 'f.pdf' },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' }, format: 'mp3' },
    ])
    expect(value).toMatchObject({
      maxOutputTokens: 5,
      stop: ['END'],
      toolChoice: { mode: 'required' },
      endUser: 'u',
      logprobs: { enabled: true, top: 2 },
    })
  })

  it('keeps what nobody models, so that other dialects can report it', () => {
    const value = decode(request({ logit_bias: { 1: 2 }, stream_options: { include_obfuscation: true }, store: true }))
    expect(value.extra?.['openai-chat']).toEqual({
      logit_bias: { 1: 2 },
      'stream_options.include_obfuscation': true,
      store: true,
    })
  })
})
