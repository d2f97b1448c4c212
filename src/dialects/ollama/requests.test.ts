/** Requests on their way from and to other protocols: ids that are not there, tools that cannot be chosen, images that are not at hand. */
import { describe, expect, it } from 'vitest'
import type { Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { ollamaChat, ollamaGenerate } from './index.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const said: Message = { role: 'user', parts: [text('Hi')] }
const ask = (more: Partial<ChatRequest> = {}): ChatRequest => ({ model: 'm', messages: [said], stream: false, ...more })
const encode = (request: ChatRequest, dialect = ollamaChat): Encoded =>
  dialect.request.encode(request, { model: 'qwen3' })
const jsonOf = (request: ChatRequest): JsonObject => encode(request).json as JsonObject
const messagesOf = (messages: readonly Message[]): JsonValue | undefined => jsonOf(ask({ messages }))['messages']
const lossesOf = ({ lost }: Encoded): string[] => lost.map(({ path, kind }) => `${path} ${kind}`)
const partsOf = (messages: JsonValue): Part[][] =>
  ollamaChat.request.decode({ model: 'm', messages }).messages.map(({ parts }) => [...parts])

describe('a request of another protocol', () => {
  it('says whether to stream, which is on where nothing is said', () => {
    expect(jsonOf(ask())).toEqual({ model: 'qwen3', messages: [{ role: 'user', content: 'Hi' }], stream: false })
    expect(jsonOf(ask({ stream: true }))['stream']).toBe(true)
  })

  it('has its settings among the options', () => {
    const request = ask({
      maxOutputTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      seed: 1,
      stop: ['x'],
      presencePenalty: 1,
      frequencyPenalty: 2,
      logprobs: { enabled: true, top: 30 },
    })
    expect(jsonOf(request)).toMatchObject({
      options: {
        num_predict: 5,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 3,
        seed: 1,
        stop: ['x'],
        presence_penalty: 1,
        frequency_penalty: 2,
      },
      logprobs: true,
      top_logprobs: 20,
    })
    expect(lossesOf(encode(request))).toEqual(['top_logprobs adapted'])
  })

  it('has a schema for its format, with the description in it', () => {
    const format = { type: 'json-schema', name: 'a', schema: { type: 'object' }, strict: true } as const
    expect(encode(ask({ format }))).toMatchObject({ json: { format: { type: 'object' } }, lost: [] })
    const described = encode(ask({ format: { ...format, description: 'An answer' } }))
    expect(described.json).toMatchObject({ format: { type: 'object', description: 'An answer' } })
    expect(lossesOf(described)).toEqual(['response_format adapted'])
    expect(jsonOf(ask({ format: { type: 'json' } }))['format']).toBe('json')
    expect(jsonOf(ask({ format: { type: 'text' } }))['format']).toBeUndefined()
  })

  it.each<[ChatRequest['reasoning'], JsonValue | undefined, string[]]>([
    [{ effort: 'none' }, false, []],
    [{ effort: 'minimal' }, 'low', ['reasoning_effort adapted']],
    [{ effort: 'low' }, 'low', []],
    [{ effort: 'high' }, 'high', []],
    [{ effort: 'xhigh' }, 'high', ['reasoning_effort adapted']],
    [{ effort: 'max' }, 'max', []],
    [{ mode: 'enabled' }, true, []],
    [{ mode: 'disabled' }, false, []],
    [{ mode: 'adaptive' }, undefined, []],
    [{ mode: 'enabled', budget: 4000 }, 'medium', ['thinking.budget_tokens adapted']],
    [
      { mode: 'enabled', budget: 60_000, display: 'omitted' },
      'high',
      ['thinking.display dropped', 'thinking.budget_tokens adapted'],
    ],
  ])('thinks for %j as much as %j', (reasoning, think, losses) => {
    const encoded = encode(ask({ ...(reasoning !== undefined && { reasoning }) }))
    expect((encoded.json as JsonObject)['think']).toEqual(think)
    expect(lossesOf(encoded)).toEqual(losses)
  })

  it('names the tool of each result, which is a message of its own before what the user says', () => {
    expect(
      messagesOf([
        { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_1', name: 'now', arguments: '{"zone":"CET"}' }] },
        {
          role: 'user',
          parts: [
            {
              type: 'tool-result',
              callId: 'call_1',
              content: [text('12:00'), { type: 'image', source: { kind: 'base64', data: 'iVBO' } }],
            },
            text('So?'),
          ],
        },
      ]),
    ).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_1', function: { index: 0, name: 'now', arguments: { zone: 'CET' } } }],
      },
      { role: 'tool', tool_name: 'now', tool_call_id: 'call_1', content: '12:00', images: ['iVBO'] },
      { role: 'user', content: 'So?' },
    ])
  })

  it('keeps arguments that are no object, and says so', () => {
    const call = (value: string): Encoded =>
      encode(
        ask({
          messages: [{ role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: value }] }],
        }),
      )
    expect(call('{"a":[1')).toMatchObject({
      json: { messages: [{ tool_calls: [{ function: { arguments: { a: [1] } } }] }] },
    })
    expect(lossesOf(call('[1]'))).toEqual(['messages[0].content[0].arguments adapted'])
  })

  it('takes images as data alone, and documents as their text', () => {
    const encoded = encode(
      ask({
        messages: [
          {
            role: 'user',
            name: 'ann',
            parts: [
              { type: 'image', source: { kind: 'url', url: 'https://pictures.example/a.png' } },
              { type: 'file', title: 'Notes', source: { kind: 'text', text: 'Buy milk.' } },
              { type: 'file', source: { kind: 'base64', data: 'JVBERi0', mediaType: 'application/pdf' } },
            ],
          },
        ],
      }),
    )
    expect(encoded.json).toMatchObject({ messages: [{ role: 'user', content: 'Notes\n\nBuy milk.' }] })
    expect(lossesOf(encoded)).toEqual([
      'messages[0].name dropped',
      'messages[0].content[0] dropped',
      'messages[0].content[1] adapted',
      'messages[0].content[2] dropped',
    ])
  })

  it('returns thinking to the model that it came from, and to no other', () => {
    const encoded = encode(
      ask({
        messages: [
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'mine', origin: 'ollama-chat' },
              { type: 'reasoning', text: 'theirs', origin: 'anthropic-messages', signature: 'sig' },
              text('So.'),
            ],
          },
        ],
      }),
    )
    expect(encoded.json).toMatchObject({ messages: [{ content: 'So.', thinking: 'mine' }] })
    expect(lossesOf(encoded)).toEqual(['messages[0].content[1] dropped'])
  })

  it('reports the settings that have no place', () => {
    const encoded = encode(
      ask({
        n: 2,
        verbosity: 'low',
        endUser: 'u',
        metadata: { a: 'b' },
        serviceTier: 'flex',
        modalities: ['text', 'audio'],
      }),
    )
    expect(lossesOf(encoded)).toEqual(
      ['n', 'verbosity', 'user', 'metadata', 'service_tier', 'modalities'].map((path) => `${path} dropped`),
    )
  })
})

describe('tools of another protocol', () => {
  const tools: ChatRequest['tools'] = [
    { type: 'function', name: 'now', strict: true },
    { type: 'custom', name: 'run' },
    { type: 'server', name: 'search', origin: 'openai-chat', value: {} },
  ]
  const namesOf = (toolChoice: ChatRequest['toolChoice']): JsonValue[] | undefined => {
    const offered = jsonOf(ask({ tools, ...(toolChoice !== undefined && { toolChoice }) }))['tools']
    return Array.isArray(offered)
      ? offered.map((tool) => (tool as { function: { name: string } }).function.name)
      : undefined
  }

  it('have a schema each, and say what they lost', () => {
    const encoded = encode(ask({ tools, parallelToolCalls: false }))
    expect(encoded.json).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
        { type: 'function', function: { name: 'run', parameters: { required: ['input'] } } },
      ],
    })
    expect(lossesOf(encoded)).toEqual([
      'tools[0].strict dropped',
      'tools[1] adapted',
      'tools[2] dropped',
      'parallel_tool_calls dropped',
    ])
  })

  it('are offered as far as they may be called', () => {
    expect(namesOf(undefined)).toEqual(['now', 'run'])
    expect(namesOf({ mode: 'auto' })).toEqual(['now', 'run'])
    expect(namesOf({ mode: 'required' })).toEqual(['now', 'run'])
    expect(namesOf({ mode: 'none' })).toBeUndefined()
    expect(namesOf({ mode: 'tool', name: 'run' })).toEqual(['run'])
    expect(namesOf({ mode: 'allowed', names: ['now'], required: false, raw: {}, origin: 'openai-chat' })).toEqual([
      'now',
    ])
  })

  it('say when a choice among them cannot be made', () => {
    const now: ChatRequest['tools'] = [{ type: 'function', name: 'now' }]
    const losses = (toolChoice: NonNullable<ChatRequest['toolChoice']>): string[] =>
      lossesOf(encode(ask({ tools: now, toolChoice })))
    expect(losses({ mode: 'auto' })).toEqual([])
    expect(losses({ mode: 'none' })).toEqual(['tool_choice adapted'])
    expect(losses({ mode: 'required' })).toEqual(['tool_choice dropped'])
    expect(losses({ mode: 'tool', name: 'now' })).toEqual(['tool_choice dropped'])
  })
})

describe('a request of an Ollama client', () => {
  const call = (name: string): JsonObject => ({ function: { name, arguments: {} } })
  const ids = (messages: JsonValue): string[] =>
    partsOf(messages).flatMap((parts) =>
      parts.flatMap((part) =>
        part.type === 'tool-call' ? [part.id] : part.type === 'tool-result' ? [`-> ${part.callId}`] : [],
      ),
    )

  it('gets ids for its calls, and results find their calls by name and order', () => {
    expect(
      ids([
        { role: 'assistant', content: '', tool_calls: [call('a'), call('b'), call('a')] },
        { role: 'tool', content: '1', tool_name: 'b' },
        { role: 'tool', content: '2', tool_name: 'a' },
        { role: 'tool', content: '3' },
        { role: 'tool', content: '4', tool_name: 'c' },
      ]),
    ).toEqual(['call_0_0', 'call_0_1', 'call_0_2', '-> call_0_1', '-> call_0_0', '-> call_0_2', '-> call_c'])
  })

  it('keeps the ids that it has', () => {
    expect(
      ids([
        { role: 'assistant', tool_calls: [{ id: 'call_x', ...call('a') }, call('a')] },
        { role: 'tool', content: '1', tool_name: 'a', tool_call_id: 'call_x' },
        { role: 'tool', content: '2', tool_name: 'a' },
      ]),
    ).toEqual(['call_x', 'call_0_1', '-> call_x', '-> call_0_1'])
  })

  it.each([
    ['/9j/4AAQ', 'image/jpeg'],
    ['iVBORw0KGgo=', 'image/png'],
    ['R0lGODlh', 'image/gif'],
    ['UklGRiQAAABXRUJQ', 'image/webp'],
    ['AAAA', undefined],
  ])('has images whose type %s is told by how they begin: %s', (data, mediaType) => {
    expect(partsOf([{ role: 'user', content: 'x', images: [data] }])[0]?.[0]).toEqual({
      type: 'image',
      source: { kind: 'base64', data, ...(mediaType !== undefined && { mediaType }) },
    })
  })

  it('tells what only Ollama has by its path', () => {
    const { extra } = ollamaChat.request.decode({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      keep_alive: '5m',
      options: { num_ctx: 4096, num_predict: -1, temperature: 1 },
    })
    expect(extra).toEqual({ 'ollama-chat': { keep_alive: '5m', 'options.num_ctx': 4096, 'options.num_predict': -1 } })
  })

  it.each<[JsonObject, string]>([
    [{ messages: [{ role: 'critic', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: ['x'] }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 'x', images: [1] }] }, 'messages[0].images[0]'],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'a', arguments: [1] } }] }] },
      'messages[0].tool_calls[0].function.arguments',
    ],
    [{ options: { temperature: 'hot' } }, 'options.temperature'],
    [{ options: { stop: 1 } }, 'options.stop'],
    [{ format: 7 }, 'format'],
    [{ think: 7 }, 'think'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
  ])('is refused for %j with the name of the member', (wrong, param) => {
    const json = { model: 'm', messages: [{ role: 'user', content: 'x' }], ...wrong }
    expect(() => ollamaChat.request.decode(json)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }) as Error,
    )
  })
})

describe('a conversation for a model that takes one prompt', () => {
  const encodePrompt = (messages: readonly Message[]): Encoded => encode(ask({ messages }), ollamaGenerate)

  it('is sent as it is where it is one question with instructions', () => {
    const encoded = encodePrompt([
      { role: 'system', parts: [text('Be brief.')] },
      { role: 'developer', parts: [text('Be kind.')] },
      { role: 'user', parts: [text('What is it?'), { type: 'image', source: { kind: 'base64', data: 'iVBO' } }] },
    ])
    expect(encoded).toEqual({
      json: { model: 'qwen3', system: 'Be brief.\nBe kind.', prompt: 'What is it?', images: ['iVBO'], stream: false },
      lost: [],
    })
  })

  it('becomes a transcript where it is more', () => {
    const encoded = encodePrompt([
      { role: 'system', parts: [text('Be brief.')] },
      { role: 'user', parts: [text('One?'), { type: 'image', source: { kind: 'base64', data: 'iVBO' } }] },
      { role: 'assistant', parts: [text('Two.')] },
      { role: 'user', parts: [text('Three?'), { type: 'image', source: { kind: 'url', url: 'https://a.example/' } }] },
    ])
    expect(encoded.json).toMatchObject({
      system: 'Be brief.',
      prompt: 'User: One?\n\nAssistant: Two.\n\nUser: Three?\n\nAssistant:',
      images: ['iVBO'],
    })
    expect(lossesOf(encoded)).toEqual(['messages adapted', 'messages[3].content[1] dropped'])
  })

  it('goes without tools', () => {
    const encoded = encode(
      ask({ tools: [{ type: 'function', name: 'now' }], toolChoice: { mode: 'required' } }),
      ollamaGenerate,
    )
    expect(lossesOf(encoded)).toEqual(['tools[0] dropped', 'tool_choice dropped'])
  })
})
