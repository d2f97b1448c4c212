/** What OpenAI gets of a request that another dialect decoded, and of its own after an edit. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeRequest as decode } from './request-decode.ts'
import { encodeRequest as encode } from './request-encode.ts'

const said: Message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] }

function encoded(more: Partial<ChatRequest>): { readonly json: JsonObject; readonly lost: readonly string[] } {
  const { json, lost } = encode({ model: 'm', stream: false, messages: [said], ...more }, { model: 'gpt-5.1' })
  return { json: json as JsonObject, lost: lost.map((loss) => `${loss.kind} ${loss.path}`) }
}

describe('a request of another dialect', () => {
  it('goes out in the newest spelling', () => {
    const { json, lost } = encoded({
      stream: true,
      streamUsage: true,
      maxOutputTokens: 9,
      stop: ['a'],
      endUser: 'u',
      format: { type: 'json-schema', schema: { type: 'object' } },
    })
    expect(lost).toEqual([])
    expect(json).toEqual({
      model: 'gpt-5.1',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 9,
      stop: ['a'],
      user: 'u',
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object' } } },
    })
  })

  it('sends nothing that OpenAI refuses in its place', () => {
    const { json } = encoded({
      streamUsage: true,
      parallelToolCalls: true,
      toolChoice: { mode: 'none' },
      logprobs: { enabled: false, top: 2 },
    })
    expect(json).toEqual({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Hi' }], logprobs: false })
  })

  it('reports each setting that OpenAI does not have', () => {
    const { json, lost } = encoded({
      topK: 4,
      serviceTier: 'fastest',
      stop: ['a', 'b', 'c', 'd', 'e'],
      toolChoice: { mode: 'required' },
      tools: [{ type: 'server', origin: 'x', name: 'search', value: {} }],
      reasoning: { budget: 2000, display: 'summarized' },
      extra: { x: { container: 'c' }, 'openai-chat': { store: true } },
    })
    expect(json).toMatchObject({ store: true, stop: ['a', 'b', 'c', 'd'], reasoning_effort: 'low' })
    expect(lost.toSorted()).toEqual(
      [
        'dropped top_k',
        'dropped service_tier',
        'dropped stop_sequences[4]',
        'dropped tool_choice',
        'dropped tools[0]',
        'dropped thinking.display',
        'adapted thinking.budget_tokens',
        'dropped container',
      ].toSorted(),
    )
  })

  it.each([
    ['standard_only', 'default'],
    ['auto', 'auto'],
    ['priority', 'priority'],
  ])('calls the service tier %s %s', (tier, word) => {
    expect(encoded({ serviceTier: tier })).toMatchObject({ json: { service_tier: word }, lost: [] })
  })

  it('prefers an effort to a budget, and makes up none for a model that may not reason', () => {
    expect(encoded({ reasoning: { effort: 'xhigh', budget: 5 } })).toMatchObject({
      json: { reasoning_effort: 'xhigh' },
      lost: ['dropped thinking.budget_tokens'],
    })
    expect(encoded({ reasoning: { mode: 'disabled' } })).toMatchObject({
      json: { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Hi' }] },
      lost: ['dropped thinking.type'],
    })
    expect(encoded({ reasoning: { mode: 'adaptive' } })).toEqual({
      json: { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Hi' }] },
      lost: [],
    })
  })

  it('sends an allowed list of tools', () => {
    const { json } = encoded({
      tools: [{ type: 'function', name: 'f' }],
      toolChoice: { mode: 'allowed', names: ['f'], required: true, raw: {}, origin: 'x' },
    })
    expect(json).toMatchObject({
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    })
  })

  it('puts tool results before what the user says besides, and what they cannot hold after them', () => {
    const { json, lost } = encoded({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'tool-call', id: 'a', name: 'f', arguments: '' },
            { type: 'tool-call', id: 'b', name: 'f', arguments: '{}' },
          ],
        },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'And now?' },
            {
              type: 'tool-result',
              callId: 'a',
              content: [
                { type: 'text', text: 'one' },
                { type: 'image', source: { kind: 'url', url: 'https://i.example/' } },
              ],
              isError: true,
            },
            {
              type: 'tool-result',
              callId: 'b',
              content: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }],
            },
          ],
        },
      ],
    })
    expect(json['messages']).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: 'The content of this result is in the next user message.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Content of the result of tool call a:' },
          { type: 'image_url', image_url: { url: 'https://i.example/' } },
          { type: 'text', text: 'Content of the result of tool call b:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      { role: 'user', content: 'And now?' },
    ])
    expect(lost).toEqual([
      'adapted messages[1].content[1].is_error',
      'adapted messages[1].content[1].content[1]',
      'adapted messages[1].content[2].content[0]',
    ])
  })

  it('keeps results together where each has a message of its own', () => {
    const result = (callId: string): Message => ({
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          callId,
          content: [{ type: 'image', source: { kind: 'url', url: 'https://i.example/' } }],
        },
      ],
    })
    const { json } = encoded({ messages: [result('a'), result('b'), said] })
    expect((json['messages'] as JsonObject[]).map((message) => message['role'])).toEqual([
      'tool',
      'tool',
      'user',
      'user',
    ])
  })

  it('drops reasoning of another origin, and keeps its own', () => {
    const { json, lost } = encoded({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'secret', signature: 's', origin: 'anthropic-messages' },
            { type: 'reasoning', text: 'own', origin: 'openai-chat' },
            { type: 'text', text: 'A' },
          ],
        },
      ],
    })
    expect(json['messages']).toEqual([{ role: 'assistant', content: 'A', reasoning_content: 'own' }])
    expect(lost).toEqual(['dropped messages[0].reasoning[0]'])
  })

  it('sends documents as files, and text documents as text', () => {
    const { json, lost } = encoded({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' }, title: 'Plan' },
            { type: 'file', source: { kind: 'text', text: 'All of it' }, title: 'Notes', citable: true },
            {
              type: 'file',
              source: { kind: 'base64', mediaType: 'text/markdown', data: Buffer.from('# é').toString('base64') },
            },
            { type: 'file', source: { kind: 'url', url: 'https://d.example/a.pdf' } },
            { type: 'file', source: { kind: 'file-id', id: 'f', origin: 'anthropic-messages' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/x-wav', data: 'AA==' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/flac', data: 'AA==' } },
          ],
        },
      ],
    })
    expect(json['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'file', file: { filename: 'Plan', file_data: 'data:application/pdf;base64,AA==' } },
          { type: 'text', text: 'Notes\n\nAll of it' },
          { type: 'text', text: '# é' },
          { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
        ],
      },
    ])
    expect(lost).toEqual([
      'dropped messages[0].content[1].citations',
      'adapted messages[0].content[1]',
      'adapted messages[0].content[2]',
      'dropped messages[0].content[3]',
      'dropped messages[0].content[4]',
      'dropped messages[0].content[6]',
    ])
  })

  it('leaves a strict schema untouched', () => {
    const parameters = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { const: 1 } },
      additionalProperties: false,
    }
    expect(encoded({ tools: [{ type: 'function', name: 'f', parameters, strict: true }] }).json['tools']).toEqual([
      { type: 'function', function: { name: 'f', parameters, strict: true } },
    ])
  })
})

describe('a request of its own', () => {
  it('keeps every other spelling after an edit of one text', () => {
    const json = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'secret', x: 1 }], name: 'n', y: null }],
      max_tokens: 5,
      stream: false,
      temperature: null,
      stop: 'END',
      top_k: 3,
    }
    const value = decode(json)
    const [message] = value.messages
    const [part] = message?.parts ?? []
    if (message === undefined || part?.type !== 'text') throw new Error('no text')
    const edited = { ...value, messages: [{ ...message, parts: [{ ...part, text: '***' }] }] }
    expect(encode(edited, { model: 'm' })).toEqual({
      json: { ...json, messages: [{ ...json.messages[0], content: [{ type: 'text', text: '***', x: 1 }] }] },
      lost: [],
    })
  })

  it('does not bring back what an edit took away', () => {
    const {
      format: _,
      toolChoice: __,
      ...rest
    } = decode({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {}, strict: null, z: 1 }, y: 2 },
      tool_choice: { type: 'function', function: { name: 'f', x: 1 } },
    })
    expect(encode(rest, { model: 'm' }).json).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
    expect(encode({ ...rest, toolChoice: { mode: 'auto' } }, { model: 'm' }).json).toMatchObject({
      tool_choice: 'auto',
    })
  })

  it('does not bring back the data of a picture that was replaced', () => {
    const value = decode({
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'DATA:image/png;BASE64,AAAA' } }] }],
    })
    const [message] = value.messages
    const [part] = message?.parts ?? []
    if (message === undefined || part?.type !== 'image') throw new Error('no image')
    const edited = {
      ...value,
      messages: [
        { ...message, parts: [{ ...part, source: { kind: 'base64' as const, mediaType: 'image/png', data: 'BBBB' } }] },
      ],
    }
    expect(JSON.stringify(encode(edited, { model: 'm' }).json)).not.toContain('AAAA')
  })
})
