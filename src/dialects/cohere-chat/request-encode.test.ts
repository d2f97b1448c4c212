/** Requests of other protocols become what Cohere takes; what it cannot be told is reported. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { cohereChat } from './index.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const user = (...parts: Part[]): Message => ({ role: 'user', parts })

function encode(request: Partial<ChatRequest>, model = 'command-a-03-2025'): { json: JsonObject; lost: string[] } {
  const { json, lost } = cohereChat.request.encode(
    { model: 'm', stream: false, messages: [user(text('Hi'))], ...request },
    { model },
  )
  return { json: json as JsonObject, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}

describe('a conversation', () => {
  it('has instructions where they stood, and results as messages of their own, pictures behind them', () => {
    const picture: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }
    const { json, lost } = encode({
      messages: [
        { role: 'developer', parts: [text('One')] },
        user(text('a'), text('b')),
        { role: 'assistant', parts: [text('Let me see.'), { type: 'tool-call', id: 't', name: 'f', arguments: '' }] },
        user(text('and'), { type: 'tool-result', callId: 't', content: [text('1'), picture], isError: true }),
      ],
    })
    expect(json['messages']).toEqual([
      { role: 'system', content: 'One' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 't', content: '1' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Content of the result of tool call t:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
        ],
      },
      { role: 'user', content: 'and' },
    ])
    expect(lost).toEqual(['adapted messages[3].content[1].is_error', 'adapted messages[3].content[1].content[1]'])
  })

  it('has documents beside it, and within results', () => {
    const file: Part = { type: 'file', source: { kind: 'text', text: 'Long.' }, title: 'T', context: 'c' }
    const csv: Part = {
      type: 'file',
      source: { kind: 'base64', mediaType: 'text/csv', data: 'YSxi' },
      filename: 'd.csv',
    }
    const pdf: Part = { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } }
    const { json, lost } = encode({
      messages: [
        user(text('a'), file, pdf),
        { role: 'assistant', parts: [{ type: 'tool-call', id: 't', name: 'f', arguments: '{}' }] },
        { role: 'tool', parts: [{ type: 'tool-result', callId: 't', content: [csv] }] },
      ],
    })
    expect(json['documents']).toEqual([{ data: { title: 'T', text: 'Long.', context: 'c' } }])
    expect((json['messages'] as JsonObject[])[2]).toEqual({
      role: 'tool',
      tool_call_id: 't',
      content: [{ type: 'document', document: { data: { title: 'd.csv', text: 'a,b' } } }],
    })
    expect(lost).toEqual(['adapted messages[0].content[1]', 'dropped messages[0].content[2]'])
  })

  it('returns the plan of a model here to its own place, whatever client brought it back', () => {
    const reasoning = (value: string, more: object): Part => ({
      type: 'reasoning',
      text: value,
      origin: 'cohere-chat',
      ...more,
    })
    const { json, lost } = encode({
      messages: [
        user(text('a')),
        {
          role: 'assistant',
          parts: [
            reasoning('I will look.', { signature: 'tool_plan' }),
            reasoning('Hm.', {}),
            { type: 'reasoning', text: 'No', origin: 'anthropic-messages', signature: 's' },
            { type: 'tool-call', id: 't', name: 'f', arguments: '{}' },
          ],
        },
      ],
    })
    expect((json['messages'] as JsonObject[])[1]).toMatchObject({
      tool_plan: 'I will look.',
      content: [{ type: 'thinking', thinking: 'Hm.' }],
    })
    expect(lost).toEqual(['dropped messages[1].content[2]'])
  })

  it('drops what has no place, and messages that have nothing left', () => {
    const { json, lost } = encode({
      messages: [
        user({ type: 'video', source: { kind: 'url', url: 'https://a.example/v.mp4' } }),
        { role: 'user', name: 'Ada', parts: [{ ...text('b'), cache: {} }] },
      ],
    })
    expect(json['messages']).toEqual([{ role: 'user', content: 'b' }])
    expect(lost).toEqual([
      'dropped messages[0].content[0]',
      'dropped messages[1].name',
      'dropped messages[1].content[0].cache_control',
    ])
  })
})

describe('settings', () => {
  const tool = { type: 'function', name: 'f', parameters: { type: 'object' } } as const
  const schema = { type: 'object' }

  it('are kept within their ranges', () => {
    const { json, lost } = encode({
      temperature: 1.4,
      topP: 1,
      topK: 900,
      presencePenalty: -1,
      frequencyPenalty: 0.5,
      seed: 3,
      stop: ['1', '2', '3', '4', '5', '6'],
      maxOutputTokens: 10,
    })
    expect(json).toMatchObject({
      temperature: 1,
      p: 0.99,
      k: 500,
      presence_penalty: 0,
      frequency_penalty: 0.5,
      seed: 3,
      stop_sequences: ['1', '2', '3', '4', '5'],
      max_tokens: 10,
    })
    expect(lost).toEqual([
      'adapted temperature',
      'adapted top_p',
      'adapted top_k',
      'adapted presence_penalty',
      'dropped stop[5]',
    ])
  })

  it('choose tools by offering those alone', () => {
    const tools = [tool, { ...tool, name: 'g', strict: true }]
    const { json, lost } = encode({ tools, toolChoice: { mode: 'tool', name: 'g' } })
    expect(json).toMatchObject({
      tools: [{ type: 'function', function: { name: 'g', parameters: { type: 'object' } } }],
      tool_choice: 'REQUIRED',
      strict_tools: true,
    })
    expect(lost).toEqual(['adapted tool_choice', 'adapted tools'])
    expect(encode({ tools, toolChoice: { mode: 'none' } }).json['tool_choice']).toBe('NONE')
    expect(encode({ tools, toolChoice: { mode: 'auto' } }).json['tool_choice']).toBeUndefined()
    expect(encode({ toolChoice: { mode: 'required' } }).lost).toEqual(['dropped tool_choice'])
  })

  it('give free text of a tool a place in an object', () => {
    const { json, lost } = encode({ tools: [{ type: 'custom', name: 'c' }] })
    expect(json['tools']).toMatchObject([{ function: { name: 'c', parameters: { required: ['input'] } } }])
    expect(lost).toEqual(['adapted tools[0]'])
  })

  it('ask for a format, but not beside tools or documents', () => {
    const format = { type: 'json-schema', schema, name: 'n', description: 'd' } as const
    expect(encode({ format })).toMatchObject({
      json: { response_format: { type: 'json_object', json_schema: { ...schema, description: 'd' } } },
      lost: [],
    })
    expect(encode({ format: { type: 'json' } }).json['response_format']).toEqual({ type: 'json_object' })
    expect(encode({ format, tools: [tool] }).lost).toEqual(['dropped response_format'])
  })

  it.each<[string, ChatRequest['reasoning'], unknown, string[]]>([
    ['command-a-reasoning-08-2025', { budget: 500 }, { type: 'enabled', token_budget: 500 }, []],
    [
      'command-a-reasoning-08-2025',
      { effort: 'low' },
      { type: 'enabled', token_budget: 2048 },
      ['adapted reasoning_effort'],
    ],
    ['command-a-reasoning-08-2025', { effort: 'none' }, { type: 'disabled' }, []],
    ['command-a-plus-05-2026', { mode: 'enabled' }, { type: 'enabled' }, []],
    ['command-a-03-2025', { effort: 'high' }, undefined, ['dropped reasoning_effort']],
    ['command-r-plus-08-2024', { mode: 'disabled' }, undefined, []],
  ])('ask %s to think as it can: %j', (model, reasoning, thinking, reported) => {
    const { json, lost } = encode(reasoning === undefined ? {} : { reasoning }, model)
    expect(json['thinking']).toEqual(thinking)
    expect(lost).toEqual(reported)
  })

  it('are reported where there is no word for them', () => {
    expect(
      encode({
        n: 2,
        verbosity: 'low',
        endUser: 'u',
        metadata: { a: 'b' },
        serviceTier: 'flex',
        modalities: ['audio'],
        logprobs: { enabled: true, top: 2 },
      }).lost,
    ).toHaveLength(7)
    expect(encode({ n: 1, metadata: {}, serviceTier: 'auto', logprobs: { enabled: false } }).lost).toEqual([])
  })
})

describe('documents of a request', () => {
  it('are files of text that the user brings along', () => {
    const { messages } = cohereChat.request.decode({
      model: 'm',
      messages: [{ role: 'user', content: 'a' }],
      documents: ['Bare.', { data: { title: 'T', snippet: 'S' }, id: '1' }, { data: { a: 1 } }],
    })
    expect(messages[0]).toMatchObject({
      role: 'user',
      apart: 'documents',
      parts: [
        { type: 'file', source: { kind: 'text', text: 'Bare.' }, citable: true },
        { type: 'file', source: { kind: 'text', text: 'S' }, title: 'T' },
        { type: 'file', source: { kind: 'text', text: '{"a":1}' } },
      ],
    })
  })
})
