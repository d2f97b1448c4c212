/** Requests of other protocols become what Converse and the model take; what they cannot be told is reported. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { bedrockConverse } from './index.ts'

const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const opus = 'anthropic.claude-opus-4-8'
const nova = 'amazon.nova-pro-v1:0'

const text = (value: string): Part => ({ type: 'text', text: value })
const user = (...parts: Part[]): Message => ({ role: 'user', parts })
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts })

function encode(request: Partial<ChatRequest>, model = sonnet): { json: JsonObject; lost: string[] } {
  const { json, lost } = bedrockConverse.request.encode(
    { model: 'm', stream: false, messages: [user(text('Hi'))], ...request },
    { model },
  )
  return { json: json as JsonObject, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}

describe('a conversation', () => {
  it('has its leading instructions apart, and later ones as text of the user', () => {
    const { json, lost } = encode({
      messages: [
        { role: 'system', parts: [text('One')] },
        { role: 'developer', parts: [text('Two')] },
        user(text('Hi')),
        { role: 'system', parts: [text('Late')] },
        assistant(text('Yes')),
      ],
    })
    expect(json).toMatchObject({
      system: [{ text: 'One' }, { text: 'Two' }],
      messages: [
        { role: 'user', content: [{ text: 'Hi' }, { text: '<system>\nLate\n</system>' }] },
        { role: 'assistant', content: [{ text: 'Yes' }] },
      ],
    })
    expect(lost).toEqual(['adapted messages[3]'])
  })

  it('alternates, and says where turns were joined', () => {
    const { json, lost } = encode({
      messages: [user(text('a')), user(text('b')), assistant(text('c')), assistant(text('d')), user(text('e'))],
    })
    expect(json['messages']).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
      { role: 'assistant', content: [{ text: 'c' }, { text: 'd' }] },
      { role: 'user', content: [{ text: 'e' }] },
    ])
    expect(lost).toEqual(['adapted messages[1]', 'adapted messages[3]'])
  })

  it('begins with the user, and does not end in white space', () => {
    const { json, lost } = encode({ messages: [assistant(text('Well, ')), user(text('?')), assistant(text('So: '))] })
    expect(json['messages']).toEqual([
      { role: 'user', content: [{ text: 'Begin.' }] },
      { role: 'assistant', content: [{ text: 'Well, ' }] },
      { role: 'user', content: [{ text: '?' }] },
      { role: 'assistant', content: [{ text: 'So:' }] },
    ])
    expect(lost).toEqual(['adapted messages[0]', 'adapted messages'])
  })

  it('has results first in the turn after their calls, whatever role brought them', () => {
    const { json, lost } = encode({
      tools: [{ type: 'function', name: 'f' }],
      messages: [
        user(text('go')),
        assistant(
          { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
          { type: 'tool-call', id: 'b', name: 'f', arguments: '' },
        ),
        { role: 'tool', parts: [{ type: 'tool-result', callId: 'a', content: [text('1')] }] },
        user(text('and'), { type: 'tool-result', callId: 'b', content: [text('2')], isError: true }),
      ],
    })
    expect((json['messages'] as JsonObject[])[2]).toEqual({
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'a', content: [{ text: '1' }] } },
        { toolResult: { toolUseId: 'b', content: [{ text: '2' }], status: 'error' } },
        { text: 'and' },
      ],
    })
    expect(lost).toEqual([])
  })

  it('has ids of calls that Bedrock takes, the same for a call and its result', () => {
    const id = `call|${'x'.repeat(80)}`
    const { json } = encode({
      tools: [{ type: 'function', name: 'f' }],
      messages: [
        user(text('go')),
        assistant({ type: 'tool-call', id, name: 'f', arguments: '{}' }),
        user({ type: 'tool-result', callId: id, content: [] }),
      ],
    })
    const ids = [...JSON.stringify(json['messages']).matchAll(/"toolUseId":"([^"]*)"/g)].map(([, used]) => used)
    expect(ids).toHaveLength(2)
    expect(ids[0]).toMatch(/^[a-zA-Z0-9_.:-]{64}$/)
    expect(ids[1]).toBe(ids[0])
  })

  it('drops blank text and names, and messages that have nothing left', () => {
    const { json, lost } = encode({
      messages: [user(text('a')), assistant(text('')), { role: 'user', name: 'Ada', parts: [text(' \n'), text('b')] }],
    })
    expect(json['messages']).toEqual([{ role: 'user', content: [{ text: 'a' }, { text: 'b' }] }])
    expect(lost).toEqual(['dropped messages[2].name', 'dropped messages[2].content[0]', 'adapted messages[2]'])
  })

  it('returns reasoning of models here alone, its pieces joined', () => {
    const { json, lost } = encode({
      messages: [
        user(text('a')),
        assistant(
          { type: 'reasoning', text: 'H', origin: 'bedrock-converse' },
          { type: 'reasoning', text: 'm', signature: 's', origin: 'bedrock-converse' },
          { type: 'reasoning', text: '', encrypted: 'ZQ==', origin: 'bedrock-converse' },
          { type: 'reasoning', text: 'No', signature: 's', origin: 'anthropic-messages' },
          text('b'),
        ),
      ],
    })
    expect((json['messages'] as JsonObject[])[1]).toEqual({
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm', signature: 's' } } },
        { reasoningContent: { redactedContent: 'ZQ==' } },
        { text: 'b' },
      ],
    })
    expect(lost).toEqual(['dropped messages[1].content[3]'])
  })

  it('never sends reasoning that this gateway sealed for a client', () => {
    const signature = 'sluicegate:anthropic-messages:eyJzaWduYXR1cmUiOiJzIn0'
    const request: JsonObject = {
      messages: [
        { role: 'user', content: [{ text: 'a' }] },
        {
          role: 'assistant',
          content: [{ reasoningContent: { reasoningText: { text: 'Hm', signature } } }, { text: 'b' }],
        },
      ],
    }
    const decoded = bedrockConverse.request.decode(request, { model: sonnet })
    expect(decoded.messages[1]?.parts[0]).toMatchObject({ origin: 'anthropic-messages', signature: 's' })
    const { json, lost } = bedrockConverse.request.encode(decoded, { model: sonnet })
    expect(JSON.stringify(json)).not.toContain('Hm')
    expect(lost).toHaveLength(1)
  })
})

describe('files and pictures', () => {
  const media = (...parts: Part[]) => {
    const { json, lost } = encode({ messages: [user(...parts)] })
    return { content: (json['messages'] as JsonObject[])[0]?.['content'] as JsonObject[], lost }
  }

  it('are bytes with a format, told by type, name or first bytes, or a place in S3', () => {
    const { content, lost } = media(
      { type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: 'AA==' } },
      { type: 'image', source: { kind: 'base64', data: 'R0lGODdh' } },
      { type: 'image', source: { kind: 'url', url: 's3://bucket/a.webp' } },
      { type: 'video', source: { kind: 'base64', mediaType: 'video/quicktime', data: 'AA==' } },
      { type: 'audio', source: { kind: 'base64', data: 'AA==' }, format: 'wav' },
    )
    expect(content).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AA==' } } },
      { image: { format: 'gif', source: { bytes: 'R0lGODdh' } } },
      { image: { format: 'webp', source: { s3Location: { uri: 's3://bucket/a.webp' } } } },
      { video: { format: 'mov', source: { bytes: 'AA==' } } },
      { audio: { format: 'wav', source: { bytes: 'AA==' } } },
    ])
    expect(lost).toEqual([])
  })

  it('have names that Bedrock takes, no two the same, and text beside them', () => {
    const pdf = { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } as const
    const { content, lost } = media(
      { type: 'file', source: pdf, filename: 'Report_2026.pdf' },
      { type: 'file', source: pdf, title: 'Report-2026' },
      { type: 'file', source: { kind: 'text', text: 'Hi' }, title: '???', citable: true, context: 'c' },
    )
    expect(content).toEqual([
      { document: { name: 'Report-2026', format: 'pdf', source: { bytes: 'JVBERi0=' } } },
      { document: { name: 'Report-2026 2', format: 'pdf', source: { bytes: 'JVBERi0=' } } },
      {
        document: {
          name: 'document',
          format: 'txt',
          source: { text: 'Hi' },
          citations: { enabled: true },
          context: 'c',
        },
      },
      { text: 'The document is attached.' },
    ])
    expect(lost).toEqual([
      'adapted messages[0].content[0].title',
      'adapted messages[0].content[1].title',
      'adapted messages[0].content[2].title',
    ])
  })

  it('are dropped where Bedrock cannot have them', () => {
    const { content, lost } = media(
      text('Look'),
      { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/tiff', data: 'AA==' } },
      { type: 'file', source: { kind: 'file-id', id: 'file-1', origin: 'openai-chat' }, filename: 'a.pdf' },
      { type: 'audio', id: 'audio_1', transcript: 'Said.' },
      { type: 'audio', id: 'audio_2' },
    )
    expect(content).toEqual([{ text: 'Look' }, { text: 'Said.' }])
    expect(lost).toEqual([
      'dropped messages[0].content[1]',
      'dropped messages[0].content[2]',
      'dropped messages[0].content[3]',
      'adapted messages[0].content[4]',
      'dropped messages[0].content[5]',
    ])
  })
})

describe('tools', () => {
  const tool = { type: 'function', name: 'f', description: '', parameters: { properties: {} }, strict: true } as const
  const called: Message[] = [
    user(text('a')),
    assistant({ type: 'tool-call', id: 'a', name: 'g', arguments: '{}' }),
    user({ type: 'tool-result', callId: 'a', content: [text('1')] }),
  ]
  const config = (request: Partial<ChatRequest>, model = sonnet) => {
    const { json, lost } = encode(request, model)
    return { config: json['toolConfig'] as JsonObject | undefined, lost }
  }

  it('are strict and cached where the model knows it', () => {
    const cache = { ttl: '1h' as const }
    expect(config({ tools: [{ ...tool, cache }] })).toEqual({
      config: {
        tools: [
          { toolSpec: { name: 'f', inputSchema: { json: { type: 'object', properties: {} } }, strict: true } },
          { cachePoint: { type: 'default', ttl: '1h' } },
        ],
      },
      lost: [],
    })
    expect(config({ tools: [{ ...tool, cache }] }, nova).lost).toEqual([
      'dropped tools[0].strict',
      'dropped tools[0].cache_control',
    ])
  })

  it('are left out where none may be called, unless there were calls', () => {
    expect(config({ tools: [tool], toolChoice: { mode: 'none' } })).toEqual({
      config: undefined,
      lost: ['adapted tool_choice'],
    })
    expect(config({ tools: [tool], toolChoice: { mode: 'none' }, messages: called }).config).toMatchObject({
      tools: [{ toolSpec: { name: 'f' } }],
    })
  })

  it('are declared for calls whose tools are not there any more', () => {
    expect(config({ messages: called })).toEqual({
      config: { tools: [{ toolSpec: { name: 'g', inputSchema: { json: { type: 'object' } } } }] },
      lost: ['adapted tools'],
    })
  })

  it('are chosen as far as Converse can', () => {
    const tools = [tool, { ...tool, name: 'h' }]
    expect(config({ tools, toolChoice: { mode: 'required' } }).config).toMatchObject({ toolChoice: { any: {} } })
    expect(config({ tools, toolChoice: { mode: 'tool', name: 'h' } }).config).toMatchObject({
      toolChoice: { tool: { name: 'h' } },
    })
    const allowed = { mode: 'allowed', names: ['h'], required: true, raw: {}, origin: 'openai-chat' } as const
    expect(config({ tools, toolChoice: allowed })).toMatchObject({
      config: { tools: [{ toolSpec: { name: 'h' } }], toolChoice: { any: {} } },
      lost: ['adapted tool_choice'],
    })
    expect(config({ toolChoice: { mode: 'required' } }).lost).toEqual(['dropped tool_choice'])
  })
})

describe('settings', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }

  it('stand where Converse has them', () => {
    const { json, lost } = encode({
      maxOutputTokens: 100,
      temperature: 0.5,
      topK: 5,
      stop: ['END', ' '],
      metadata: { team: 'a', 'emoji ✓': 'b' },
      serviceTier: 'standard_only',
      format: { type: 'json-schema', schema, name: 'n' },
    })
    expect(json).toMatchObject({
      inferenceConfig: { maxTokens: 100, temperature: 0.5, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 5 },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
      requestMetadata: { team: 'a' },
      serviceTier: { type: 'default' },
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'n', schema: JSON.stringify({ ...schema, additionalProperties: false }) } },
        },
      },
    })
    expect(lost).toEqual(['dropped stop[1]', 'adapted response_format', 'dropped metadata.emoji ✓'])
  })

  it('are reported where there is no word for them, and not where they ask for what happens anyway', () => {
    expect(
      encode({ seed: 1, n: 2, presencePenalty: 1, frequencyPenalty: 1, endUser: 'u', parallelToolCalls: false }, nova)
        .lost,
    ).toHaveLength(6)
    expect(encode({ n: 1, presencePenalty: 0, logprobs: { enabled: false }, serviceTier: 'auto' }, nova).lost).toEqual(
      [],
    )
    expect(encode({ format: { type: 'json' } }).lost).toEqual(['dropped response_format'])
    expect(encode({ format: { type: 'json-schema', schema } }, nova).lost).toEqual(['dropped response_format'])
    expect(encode({ format: { type: 'json-schema', schema } }, 'qwen.qwen3-32b-v1:0').lost).toEqual([])
  })

  it.each<[string, Partial<ChatRequest>, JsonObject, string[]]>([
    [
      sonnet,
      { reasoning: { budget: 2000 } },
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } } },
      [],
    ],
    [
      opus,
      { reasoning: { effort: 'xhigh' } },
      { additionalModelRequestFields: { thinking: { type: 'adaptive' } }, outputConfig: { effort: 'xhigh' } },
      [],
    ],
    [
      'amazon.nova-2-lite-v1:0',
      { reasoning: { effort: 'low' } },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } } },
      [],
    ],
    [
      'amazon.nova-2-lite-v1:0',
      { reasoning: { effort: 'high' } },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } } },
      [],
    ],
    [
      'amazon.nova-2-lite-v1:0',
      { reasoning: { effort: 'high' }, maxOutputTokens: 9 },
      { additionalModelRequestFields: { reasoningConfig: { maxReasoningEffort: 'medium' } } },
      ['adapted reasoning_effort'],
    ],
    [
      'openai.gpt-oss-120b-1:0',
      { reasoning: { effort: 'minimal' } },
      { additionalModelRequestFields: { reasoning_effort: 'low' } },
      ['adapted reasoning_effort'],
    ],
    [
      'openai.gpt-oss-120b-1:0',
      { reasoning: { mode: 'disabled' } },
      { additionalModelRequestFields: { reasoning_effort: 'low' } },
      ['adapted reasoning_effort'],
    ],
    ['meta.llama4-scout-17b-instruct-v1:0', { reasoning: { effort: 'high' } }, {}, ['dropped reasoning_effort']],
    [
      nova,
      { topK: 7, temperature: 1.5 },
      { inferenceConfig: { temperature: 1 }, additionalModelRequestFields: { inferenceConfig: { topK: 7 } } },
      ['adapted temperature'],
    ],
    ['cohere.command-r-v1:0', { topK: 7 }, { additionalModelRequestFields: { k: 7 } }, []],
    ['mistral.mistral-large-2407-v1:0', { topK: 7 }, {}, ['dropped top_k']],
    ['openai.gpt-5.6', { temperature: 0.2, stop: ['a'] }, {}, ['dropped temperature', 'dropped stop[0]']],
  ])('are what the makers of %s want', (model, request, expected, reported) => {
    const { json, lost } = encode(request, model)
    expect(json).toMatchObject(expected)
    expect(lost).toEqual(reported)
  })

  it('mark the cache where the model takes marks', () => {
    const marked = { messages: [user({ ...text('a'), cache: { ttl: '1h' } })] }
    const content = (model: string) => {
      const { json, lost } = encode(marked, model)
      return [(json['messages'] as JsonObject[])[0]?.['content'], lost]
    }
    expect(content(sonnet)).toEqual([[{ text: 'a' }, { cachePoint: { type: 'default', ttl: '1h' } }], []])
    expect(content(nova)).toEqual([
      [{ text: 'a' }, { cachePoint: { type: 'default' } }],
      ['adapted messages[0].content[0].cache_control'],
    ])
    expect(content('meta.llama3-8b')).toEqual([[{ text: 'a' }], ['dropped messages[0].content[0].cache_control']])
  })
})
