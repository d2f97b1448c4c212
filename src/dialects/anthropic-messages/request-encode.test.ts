/** What requests of other protocols become here: where instructions and results go, what is adapted, and what is reported as lost. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const says = (role: Message['role'], ...parts: (string | Part)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)),
})
const call = (id: string, args = '{}'): Part => ({ type: 'tool-call', id, name: 'f', arguments: args })
const result = (callId: string, ...content: Part[]): Message => says('tool', { type: 'tool-result', callId, content })

function encode(
  request: Partial<ChatRequest>,
  model = 'claude-sonnet-4-5',
  maxOutput?: number,
): { json: JsonObject; lost: string[] } {
  const { json, lost } = encodeRequest(
    { model: 'client-name', messages: [says('user', 'Hi')], stream: false, ...request },
    { model, ...(maxOutput !== undefined && { maxOutput }) },
  )
  return { json: JSON.parse(JSON.stringify(json)), lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}
const block = (value: string): JsonObject => ({ type: 'text', text: value })

describe('the conversation of a foreign request', () => {
  it('puts leading instructions into system, of both roles and in order', () => {
    const { json, lost } = encode({
      messages: [says('system', 'One'), says('developer', 'Two', 'Three'), says('user', 'Hi')],
    })
    expect(json['system']).toEqual([block('One'), block('Two'), block('Three')])
    expect(json['messages']).toEqual([{ role: 'user', content: [block('Hi')] }])
    expect(lost).toEqual([])
  })

  it('lets the user say the last instruction when nobody else speaks', () => {
    const { json, lost } = encode({ messages: [says('system', 'One'), says('system', 'Two')] })
    expect(json['system']).toEqual([block('One')])
    expect(json['messages']).toEqual([{ role: 'user', content: [block('<system>\nTwo\n</system>')] }])
    expect(lost).toEqual(['adapted messages[1]'])
  })

  it('joins results and what the user says next into one turn, results first', () => {
    const { json, lost } = encode({
      messages: [
        says('user', 'Hi'),
        says('assistant', call('a'), call('b')),
        result('a', text('1')),
        says('developer', 'Careful'),
        result('b', text('2')),
        says('user', 'Well?'),
      ],
    })
    expect(json['messages']).toEqual([
      { role: 'user', content: [block('Hi')] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: {} },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [block('1')] },
          { type: 'tool_result', tool_use_id: 'b', content: [block('2')] },
          block('<system>\nCareful\n</system>'),
          block('Well?'),
        ],
      },
    ])
    expect(lost).toEqual(['adapted messages[3]'])
  })

  it('keeps a late instruction as one where the model and its place allow that', () => {
    const late = [says('user', 'Hi'), says('system', 'Late')]
    expect(encode({ messages: late }, 'claude-opus-4-8')).toMatchObject({
      json: {
        messages: [
          { role: 'user', content: [block('Hi')] },
          { role: 'system', content: [block('Late')] },
        ],
      },
      lost: [],
    })
    expect(encode({ messages: late }, 'claude-opus-4-7').lost).toEqual(['adapted messages[1]'])
    // A user's turn may not follow it.
    expect(encode({ messages: [...late, says('user', 'On')] }, 'claude-opus-4-8').lost).toEqual(['adapted messages[1]'])
    // It may not come first in the conversation.
    expect(encode({ messages: [says('assistant', 'a'), says('system', 'Late')] }, 'claude-opus-5').lost).toEqual([
      'adapted messages[1]',
    ])
  })

  it('keeps consecutive turns of one role apart', () => {
    const { json } = encode({
      messages: [says('user', 'One'), says('user', 'Two'), says('assistant', 'A'), says('assistant', 'B')],
    })
    expect(json['messages']).toHaveLength(4)
  })

  it('leaves out empty text and messages that have nothing left', () => {
    const { json, lost } = encode({
      messages: [
        says('user', ''),
        says('user', 'Hi'),
        says('assistant', '', call('a')),
        says('user', { type: 'video', source: { kind: 'url', url: 'u' } }),
      ],
    })
    expect(json['messages']).toEqual([
      { role: 'user', content: [block('Hi')] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
    ])
    expect(lost).toEqual(['dropped messages[3].content[0]'])
  })

  it('trims the white space that a begun answer may not end in', () => {
    const { json, lost } = encode({ messages: [says('user', 'Hi'), says('assistant', 'Sum: \n')] })
    expect(json['messages']).toContainEqual({ role: 'assistant', content: [block('Sum:')] })
    expect(lost).toEqual(['adapted messages[1].content'])
  })

  it('writes ids that are refused here in letters that are not, calls and results alike', () => {
    const { json } = encode({
      messages: [says('assistant', call('functions.f:0')), result('functions.f:0', text('r'))],
    })
    expect(JSON.stringify(json)).toContain('"id":"functions_2ef_3a0"')
    expect(JSON.stringify(json)).toContain('"tool_use_id":"functions_2ef_3a0"')
  })

  it('does so in a request of the protocol itself, whose ids may be another provider’s', () => {
    const own = decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'assistant', content: [{ type: 'tool_use', id: 'functions.f:0', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.f:0', content: 'r' }] },
      ],
    })
    const { json } = encode(own)
    expect(JSON.stringify(json)).toContain('"id":"functions_2ef_3a0"')
    expect(JSON.stringify(json)).toContain('"tool_use_id":"functions_2ef_3a0"')
  })

  it('reports names of participants', () => {
    expect(encode({ messages: [{ ...says('user', 'Hi'), name: 'Ada' }] }).lost).toEqual(['dropped messages[0].name'])
  })
})

describe('reasoning in a request', () => {
  const encodeReasoning = (part: Omit<Extract<Part, { type: 'reasoning' }>, 'type'>) =>
    encode({ messages: [says('user', 'Hi'), says('assistant', { type: 'reasoning', ...part }, 'Yes')] })

  it("goes to Anthropic when it is Anthropic's and signed", () => {
    const { json, lost } = encodeReasoning({ text: 'Hm', signature: 'c2ln', origin: 'anthropic-messages' })
    expect(JSON.stringify(json)).toContain('{"type":"thinking","thinking":"Hm","signature":"c2ln"}')
    expect(lost).toEqual([])
    expect(
      JSON.stringify(encodeReasoning({ text: '', encrypted: 'ZW5j', origin: 'anthropic-messages' }).json),
    ).toContain('redacted_thinking')
  })

  it('is dropped and reported otherwise', () => {
    for (const part of [
      { text: 'Hm', signature: 'c2ln', origin: 'openai-chat' },
      { text: 'Hm', origin: 'anthropic-messages' },
      { text: 'Hm', signature: '', origin: 'anthropic-messages' },
    ]) {
      const { json, lost } = encodeReasoning(part)
      expect(json['messages']).toContainEqual({ role: 'assistant', content: [block('Yes')] })
      expect(lost).toEqual(['dropped messages[1].content[0]'])
    }
  })

  it('shown to a client as thinking is known for what it is when it comes back', () => {
    const returned = (signature: string): JsonObject => ({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm', signature }] }],
    })
    const sealed = decodeRequest(returned(sealReasoning({ origin: 'openai-chat', encrypted: 'ZW5j' })))
    expect(sealed.messages[0]?.parts[0]).toEqual({
      type: 'reasoning',
      text: 'Hm',
      origin: 'openai-chat',
      encrypted: 'ZW5j',
    })
    const unsigned = decodeRequest(returned(''))
    expect(unsigned.messages[0]?.parts[0]).toEqual({ type: 'reasoning', text: 'Hm', origin: 'unknown' })
    for (const request of [sealed, unsigned]) {
      const { json, lost } = encodeRequest(request, { model: 'claude-opus-5' })
      expect(JSON.stringify(json)).not.toContain('thinking')
      expect(lost).toMatchObject([{ path: 'messages[0].content[0]', kind: 'dropped' }])
    }
  })
})

describe('media in a request', () => {
  const encodePart = (part: Part) => {
    const { json, lost } = encode({ messages: [says('user', 'See', part)] })
    return { block: (json['messages'] as { content: unknown[] }[])[0]?.content[1], lost }
  }

  it('names the type of an image that nobody named', () => {
    expect(encodePart({ type: 'image', source: { kind: 'base64', data: 'R0lGODlhAQAB' } }).block).toMatchObject({
      source: { type: 'base64', media_type: 'image/gif' },
    })
  })

  it('says how closely to look only where that is not left to the model', () => {
    const source = { kind: 'url', url: 'https://images.example/a.png' } as const
    expect(encodePart({ type: 'image', source, detail: 'auto' }).lost).toEqual([])
    expect(encodePart({ type: 'image', source, detail: 'high' }).lost).toEqual([
      'dropped messages[0].content[1].detail',
    ])
  })

  it('reads text files as text and takes the file name for a title', () => {
    const data = Buffer.from('a,b\n1,ü').toString('base64')
    expect(
      encodePart({ type: 'file', source: { kind: 'base64', mediaType: 'text/csv', data }, filename: 't.csv' }),
    ).toEqual({
      block: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b\n1,ü' }, title: 't.csv' },
      lost: [],
    })
  })

  it.each<[string, Part]>([
    [
      'a file of another kind',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'UEsD' } },
    ],
    ['a file that says nothing of itself', { type: 'file', source: { kind: 'base64', data: 'UEsD' } }],
    ['a file at another service', { type: 'file', source: { kind: 'file-id', id: 'file-1', origin: 'openai-chat' } }],
    ['audio', { type: 'audio', source: { kind: 'base64', data: 'UklGRg==' }, format: 'wav' }],
    ['a block of another protocol', { type: 'opaque', origin: 'openai-chat', value: { type: 'x' } }],
  ])('reports %s as dropped', (_, part) => {
    expect(encodePart(part)).toEqual({ block: undefined, lost: ['dropped messages[0].content[1]'] })
  })

  it('gives audio as text where there is a transcript', () => {
    expect(encodePart({ type: 'audio', id: 'a', transcript: 'Hello' })).toEqual({
      block: block('Hello'),
      lost: ['adapted messages[0].content[1]'],
    })
  })
})

describe('settings of a foreign request', () => {
  it('gets a limit on its output from the request, the model, or what is usual', () => {
    expect(encode({ maxOutputTokens: 7 }, 'claude-haiku-4-5', 64_000).json['max_tokens']).toBe(7)
    expect(encode({}, 'claude-haiku-4-5', 64_000).json['max_tokens']).toBe(64_000)
    expect(encode({}).json['max_tokens']).toBe(4096)
  })

  it('writes what this protocol has words for', () => {
    const { json, lost } = encode({
      stream: true,
      endUser: 'user-7',
      serviceTier: 'default',
      stop: ['END', '\n'],
      parallelToolCalls: false,
      tools: [{ type: 'function', name: 'f', description: 'F', parameters: { properties: { a: {} } }, strict: true }],
    })
    expect(json).toMatchObject({
      stream: true,
      metadata: { user_id: 'user-7' },
      service_tier: 'standard_only',
      stop_sequences: ['END'],
      tools: [{ name: 'f', description: 'F', input_schema: { type: 'object', properties: { a: {} } }, strict: true }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect(lost).toEqual(['dropped stop[1]'])
  })

  it('reports every setting it has no words for', () => {
    const { lost } = encode({
      presencePenalty: 1,
      frequencyPenalty: 1,
      seed: 1,
      n: 2,
      logprobs: { enabled: true, top: 2 },
      verbosity: 'low',
      metadata: { a: 'b' },
      modalities: ['text', 'audio'],
      serviceTier: 'flex',
      format: { type: 'json' },
      extra: { 'openai-chat': { logit_bias: { 1: 2 }, prediction: {} } },
    })
    expect(lost.toSorted()).toEqual(
      [
        'frequency_penalty',
        'logit_bias',
        'logprobs',
        'metadata',
        'modalities',
        'n',
        'prediction',
        'presence_penalty',
        'response_format',
        'seed',
        'service_tier',
        'verbosity',
      ].map((path) => `dropped ${path}`),
    )
  })

  it('misses nothing where a value asks for what happens anyway', () => {
    const { lost } = encode({
      presencePenalty: 0,
      n: 1,
      logprobs: { enabled: false },
      metadata: {},
      modalities: ['text'],
      streamUsage: true,
      format: { type: 'text' },
      parallelToolCalls: true,
      toolChoice: { mode: 'auto' },
    })
    expect(lost).toEqual([])
  })

  it('asks for structured output where the model knows it', () => {
    const format = {
      type: 'json-schema',
      name: 'answer',
      description: 'An answer',
      schema: { type: 'object', additionalProperties: false },
    } as const
    expect(encode({ format }).json['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: { type: 'object', additionalProperties: false, description: 'An answer' },
      },
    })
    expect(encode({ format }).lost).toEqual([])
    expect(encode({ format }, 'claude-3-5-haiku-latest').lost).toEqual(['dropped response_format'])
  })
})

describe('tools of a foreign request', () => {
  const f = { type: 'function', name: 'f' } as const
  const g = { type: 'function', name: 'g' } as const

  it('offers only the allowed ones', () => {
    const { json, lost } = encode({
      tools: [f, g],
      toolChoice: { mode: 'allowed', names: ['g'], required: true, raw: {}, origin: 'openai-chat' },
    })
    expect(json).toMatchObject({ tools: [{ name: 'g' }], tool_choice: { type: 'any' } })
    expect(lost).toEqual(['adapted tool_choice'])
  })

  it('gives a tool for free text an object to take', () => {
    const { json, lost } = encode({
      tools: [{ type: 'custom', name: 'sql' }],
      toolChoice: { mode: 'tool', name: 'sql', kind: 'custom' },
    })
    expect(json).toMatchObject({
      tools: [{ name: 'sql', input_schema: { properties: { input: { type: 'string' } }, required: ['input'] } }],
      tool_choice: { type: 'tool', name: 'sql' },
    })
    expect(lost).toEqual(['adapted tools[0]', 'adapted tool_choice'])
  })

  it('drops tools that run at another provider, and the choice with them when none is left', () => {
    const tools = [{ type: 'server', origin: 'openai-chat', name: 'web_search', value: {} }] as const
    const { json, lost } = encode({ tools, toolChoice: { mode: 'required' } })
    expect(json).not.toHaveProperty('tools')
    expect(json).not.toHaveProperty('tool_choice')
    expect(lost).toEqual(['dropped tools[0]', 'dropped tool_choice'])
  })
})

describe('a request of this protocol', () => {
  it('keeps the digits of numbers that no double holds', () => {
    const request = decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { id: 1 } }] }],
    })
    const [message] = request.messages
    const rewritten = {
      ...request,
      messages: [{ ...message, role: 'assistant', parts: [call('t', '{"id":12345678901234567890}')] }],
    } as ChatRequest
    expect(JSON.stringify(encodeRequest(rewritten, { model: 'm' }).json)).toContain('{"id":12345678901234567890}')
  })

  it('takes another instruction in front, as prompt templates put one there', () => {
    const request = decodeRequest({
      model: 'm',
      max_tokens: 1,
      system: 'Own',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    const { json } = encodeRequest(
      { ...request, messages: [says('system', 'First'), ...request.messages] },
      { model: 'm' },
    )
    expect(json).toMatchObject({ system: [block('First'), block('Own')], messages: [{ role: 'user', content: 'Hi' }] })
  })

  it('says what a rewritten text became, whatever its spelling was', () => {
    const request = decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'user', content: 'secret' },
        {
          role: 'user',
          content: [{ type: 'document', source: { type: 'content', content: [block('a'), block('b')] } }],
        },
      ],
    })
    const rewritten = {
      ...request,
      messages: request.messages.map((message) => ({
        ...message,
        parts: message.parts.map((part): Part =>
          part.type === 'text'
            ? { ...part, text: '***' }
            : part.type === 'file'
              ? { ...part, source: { kind: 'text', text: 'x' } }
              : part,
        ),
      })),
    }
    expect(encodeRequest(rewritten, { model: 'm' }).json).toMatchObject({
      messages: [
        { role: 'user', content: '***' },
        { role: 'user', content: [{ type: 'document', source: { type: 'content', content: [block('x')] } }] },
      ],
    })
  })
})
