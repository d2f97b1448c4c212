/** What other protocols' requests become, and what is reported of them. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message, Tool } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { gemini } from './index.ts'

const user = (...parts: Part[]): Message => ({ role: 'user', parts })
const text = (value: string): Part => ({ type: 'text', text: value })
const hi = user(text('Hi'))

function encode(request: Partial<ChatRequest>, model = 'gemini-3-pro-preview') {
  const { json, lost } = gemini.request.encode({ model: 'm', stream: false, messages: [hi], ...request }, { model })
  return { json: json as JsonObject, lost: lost.map(({ path, kind }) => `${kind} ${path}`) }
}
const config = (request: Partial<ChatRequest>, model?: string) => {
  const { json, lost } = encode(request, model)
  return { config: json['generationConfig'], lost }
}

describe('settings', () => {
  it('go into generationConfig', () => {
    expect(
      config({
        maxOutputTokens: 10,
        temperature: 1.5,
        topP: 0.5,
        topK: 4,
        seed: 7,
        stop: ['a', 'b'],
        n: 2,
        presencePenalty: 0,
        frequencyPenalty: 1,
        logprobs: { enabled: true, top: 5 },
        modalities: ['text', 'image'],
      }),
    ).toEqual({
      config: {
        maxOutputTokens: 10,
        temperature: 1.5,
        topP: 0.5,
        topK: 4,
        seed: 7,
        stopSequences: ['a', 'b'],
        candidateCount: 2,
        frequencyPenalty: 1,
        responseLogprobs: true,
        logprobs: 5,
        responseModalities: ['TEXT', 'IMAGE'],
      },
      lost: [],
    })
  })

  it('that Google has no word for are reported once', () => {
    expect(
      encode({
        stop: ['1', '2', '3', '4', '5', '6'],
        seed: 2 ** 40,
        endUser: 'u',
        verbosity: 'low',
        metadata: { a: 'b' },
        serviceTier: 'scale',
        parallelToolCalls: false,
        modalities: ['text', 'smell'],
      }).lost,
    ).toEqual([
      'dropped seed',
      'dropped stop[5]',
      'dropped modalities',
      'dropped verbosity',
      'dropped user',
      'dropped parallel_tool_calls',
      'dropped metadata',
      'dropped service_tier',
    ])
    expect(encode({ serviceTier: 'auto', parallelToolCalls: true, metadata: {} }).lost).toEqual([])
  })

  it('send schemas as JSON Schema, and say what of them Google does not follow', () => {
    const schema = { type: 'object', properties: { pattern: { type: 'string', pattern: '^a' } } }
    expect(config({ format: { type: 'json-schema', name: 'n', description: 'D', schema } })).toEqual({
      config: { responseMimeType: 'application/json', responseJsonSchema: { ...schema, description: 'D' } },
      lost: ['adapted response_format.json_schema.schema'],
    })
    expect(config({ format: { type: 'json' } }).config).toEqual({ responseMimeType: 'application/json' })
    expect(config({ format: { type: 'text' } }).config).toBeUndefined()
  })
})

describe('thinking', () => {
  it.each<[string, ChatRequest['reasoning'], object, string[]]>([
    ['gemini-3-pro-preview', { effort: 'low' }, { thinkingLevel: 'LOW', includeThoughts: true }, []],
    [
      'gemini-3-pro-preview',
      { effort: 'medium' },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['adapted reasoning_effort'],
    ],
    ['gemini-3.1-pro-preview', { effort: 'medium' }, { thinkingLevel: 'MEDIUM', includeThoughts: true }, []],
    ['gemini-3-flash-preview', { effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }, []],
    [
      'gemini-3.8-flash',
      { effort: 'minimal' },
      { thinkingLevel: 'LOW', includeThoughts: true },
      ['adapted reasoning_effort'],
    ],
    [
      'gemini-flash-latest',
      { effort: 'max' },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['adapted reasoning_effort'],
    ],
    ['gemini-3-pro-preview', { effort: 'none' }, { thinkingLevel: 'LOW' }, ['adapted reasoning_effort']],
    [
      'models/gemini-3-pro',
      { mode: 'enabled', budget: 2000 },
      { thinkingLevel: 'LOW', includeThoughts: true },
      ['adapted reasoning.budget'],
    ],
    [
      'gemini-3-pro',
      { effort: 'high', budget: 5 },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['dropped reasoning.budget'],
    ],
    ['gemini-3-pro', { mode: 'adaptive', display: 'omitted' }, { includeThoughts: false }, []],
    ['gemini-2.5-flash', { effort: 'low' }, { thinkingBudget: 2048, includeThoughts: true }, []],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, []],
    [
      'gemini-2.5-flash',
      { budget: 50_000 },
      { thinkingBudget: 24_576, includeThoughts: true },
      ['adapted reasoning.budget'],
    ],
    [
      'gemini-2.5-flash-lite',
      { budget: 100 },
      { thinkingBudget: 512, includeThoughts: true },
      ['adapted reasoning.budget'],
    ],
    ['gemini-2.5-pro', { mode: 'disabled' }, { thinkingBudget: 128 }, ['adapted reasoning_effort']],
    ['gemini-2.5-pro', { mode: 'adaptive' }, { thinkingBudget: -1, includeThoughts: true }, []],
  ])('of %s, asked for as %j', (model, reasoning, thinkingConfig, lost) => {
    expect(config({ ...(reasoning && { reasoning }) }, model)).toEqual({ config: { thinkingConfig }, lost })
  })

  it('is not asked of models that do not think', () => {
    expect(config({ reasoning: { effort: 'high' } }, 'gemini-2.0-flash')).toEqual({
      config: undefined,
      lost: ['dropped reasoning_effort'],
    })
    expect(config({ reasoning: { effort: 'none' } }, 'gemma-3-27b-it')).toEqual({ config: undefined, lost: [] })
  })
})

describe('tools', () => {
  const tool = (name: string, more: object = {}): Tool => ({ type: 'function', name, ...more })

  it('are one object, with schemas as they came', () => {
    const parameters = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false }
    const { json, lost } = encode({
      tools: [
        tool('f', { description: 'd', parameters }),
        tool('g', { parameters: { type: 'object', properties: {} } }),
      ],
    })
    expect(json['tools']).toEqual([
      { functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: parameters }, { name: 'g' }] },
    ])
    expect(lost).toEqual([])
  })

  it('that take text take an object with it', () => {
    const { json, lost } = encode({
      tools: [{ type: 'custom', name: 'sh', description: 'Runs it.', format: { type: 'text' } }],
      messages: [
        hi,
        { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'sh', arguments: 'ls -l', kind: 'custom' }] },
      ],
    })
    expect(json['tools']).toEqual([
      {
        functionDeclarations: [
          {
            name: 'sh',
            description: 'Runs it.',
            parametersJsonSchema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
          },
        ],
      },
    ])
    expect(JSON.stringify(json['contents'])).toContain('"args":{"input":"ls -l"}')
    expect(lost).toEqual(['adapted messages[1].content[0].arguments', 'adapted tools[0]'])
  })

  it('of other providers are dropped', () => {
    const { json, lost } = encode({ tools: [{ type: 'server', origin: 'x', name: 'web_search', value: {} }] })
    expect(json['tools']).toBeUndefined()
    expect(lost).toEqual(['dropped tools[0]'])
  })

  it('have names in characters that Google takes, and calls come back by their own', () => {
    const { json, lost } = encode({
      tools: [tool('größe/maß'), tool('1st'), tool('a.b:c-d_e')],
      toolChoice: { mode: 'tool', name: '1st' },
    })
    const [{ functionDeclarations: declared }] = json['tools'] as [{ functionDeclarations: { name: string }[] }]
    for (const { name } of declared) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]*$/)
    expect(declared[2]?.name).toBe('a.b:c-d_e')
    expect(json['toolConfig']).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [declared[1]?.name] },
    })
    expect(lost).toEqual(['adapted tools[0].name', 'adapted tools[1].name'])
    const answer = {
      candidates: [{ content: { parts: declared.map(({ name }) => ({ functionCall: { name, args: {} } })) } }],
    }
    const parts = gemini.response.decode(answer).choices[0]?.parts ?? []
    expect(parts.map((part) => part.type === 'tool-call' && part.name)).toEqual(['größe/maß', '1st', 'a.b:c-d_e'])
  })

  it.each<[ChatRequest['toolChoice'], object | undefined]>([
    [{ mode: 'auto' }, { mode: 'AUTO' }],
    [{ mode: 'none' }, { mode: 'NONE' }],
    [{ mode: 'required' }, { mode: 'ANY' }],
    [
      { mode: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { mode: 'allowed', names: ['f'], required: true, raw: {}, origin: 'x' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [
      { mode: 'allowed', names: ['f'], required: false, raw: {}, origin: 'x' },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
  ])('are chosen among: %j', (toolChoice, functionCallingConfig) => {
    const { json } = encode({ tools: [tool('f')], ...(toolChoice && { toolChoice }) })
    expect(json['toolConfig']).toEqual({ functionCallingConfig })
  })

  it('are not chosen among where there are none', () => {
    expect(encode({ toolChoice: { mode: 'required' } })).toMatchObject({ lost: ['dropped tool_choice'] })
    expect(encode({ toolChoice: { mode: 'auto' } }).lost).toEqual([])
  })
})

describe('a conversation', () => {
  const call = (id: string, name: string, args = '{}'): Part => ({ type: 'tool-call', id, name, arguments: args })
  const result = (callId: string, ...content: Part[]): Part => ({ type: 'tool-result', callId, content })

  it('alternates, with results first and by the names of their functions', () => {
    const { json, lost } = encode(
      {
        messages: [
          { role: 'system', parts: [text('One')] },
          { role: 'developer', parts: [text('Two')] },
          hi,
          { role: 'assistant', parts: [text('So:')] },
          { role: 'assistant', parts: [call('c1', 'f', '{"a":1}'), call('c2', 'g')] },
          user(text('By the way,')),
          { role: 'tool', parts: [result('c1', text('r1'))] },
          { role: 'tool', parts: [{ ...result('c2', text('bad')), isError: true } as Part] },
          { role: 'system', parts: [text('Now hurry.')] },
        ],
      },
      'gemini-2.5-flash',
    )
    expect(json['systemInstruction']).toEqual({ parts: [{ text: 'One' }, { text: 'Two' }] })
    expect(json['contents']).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }] },
      {
        role: 'model',
        parts: [
          { text: 'So:' },
          { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } },
          { functionCall: { id: 'c2', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'f', response: { output: 'r1' } } },
          { functionResponse: { id: 'c2', name: 'g', response: { error: 'bad' } } },
          { text: 'By the way,' },
          { text: '<system>\nNow hurry.\n</system>' },
        ],
      },
    ])
    expect(lost).toEqual(['adapted messages[8]'])
  })

  it.each([
    ['', {}],
    ['null', {}],
    ['{"cut', { cut: null }],
    ['no JSON', { input: 'no JSON' }],
    ['[1]', { input: [1] }],
  ])('keeps arguments that are no object: %j', (args, sent) => {
    const { json, lost } = encode(
      { messages: [hi, { role: 'assistant', parts: [call('c1', 'f', args)] }] },
      'gemini-2.5-pro',
    )
    expect(JSON.stringify(json['contents'])).toContain(`"args":${JSON.stringify(sent)}`)
    expect(lost).toEqual(Object.keys(sent).length === 0 ? [] : ['adapted messages[1].content[0].arguments'])
  })

  it('keeps the digits of numbers', () => {
    const { json } = encode({
      messages: [hi, { role: 'assistant', parts: [call('c1', 'f', '{"id":12345678901234567890}')] }],
    })
    expect(JSON.stringify(json)).toContain('12345678901234567890')
  })

  const picture: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } }

  it('has pictures within results where the model takes them, and behind them where not', () => {
    const messages: Message[] = [
      hi,
      { role: 'assistant', parts: [call('c1', 'draw')] },
      { role: 'tool', parts: [result('c1', text('done'), picture)] },
    ]
    const blob = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }
    const response = { id: 'c1', name: 'draw', response: { output: 'done' } }
    const newer = encode({ messages })
    expect((newer.json['contents'] as JsonObject[]).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: { ...response, parts: [blob] } }],
    })
    expect(newer.lost).toEqual([])
    const older = encode({ messages }, 'gemini-2.5-flash')
    expect((older.json['contents'] as JsonObject[]).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: response }, { text: 'Content of the result of the function call c1:' }, blob],
    })
    expect(older.lost).toEqual(['adapted messages[2].content[1]'])
  })

  it('has media by their data, or by addresses that Google may fetch', () => {
    const { json, lost } = encode({
      messages: [
        user(
          { type: 'image', source: { kind: 'base64', data: '/9j/4AAQ' }, detail: 'high' },
          { type: 'image', source: { kind: 'url', url: 'https://media.example/a.png' } },
          { type: 'audio', source: { kind: 'base64', data: 'AAAA' }, format: 'mp3' },
          { type: 'file', source: { kind: 'base64', data: 'JVBERi0=' }, filename: 'a.pdf' },
          { type: 'file', source: { kind: 'text', text: 'Notes' }, title: 'T' },
          { type: 'image', source: { kind: 'file-id', id: 'file-1', origin: 'x' } },
        ),
      ],
    })
    expect((json['contents'] as JsonObject[])[0]?.['parts']).toEqual([
      { inlineData: { mimeType: 'image/jpeg', data: '/9j/4AAQ' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://media.example/a.png' } },
      { inlineData: { mimeType: 'audio/mp3', data: 'AAAA' } },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
      { text: 'T\n\nNotes' },
    ])
    expect(lost).toEqual([
      'dropped messages[0].content[0].detail',
      'dropped messages[0].content[3].filename',
      'adapted messages[0].content[4]',
      'dropped messages[0].content[5]',
    ])
  })

  it('has no empty texts', () => {
    const { json, lost } = encode({
      messages: [hi, { role: 'assistant', parts: [text('')] }, user(text(''), text('And?'))],
    })
    expect(json['contents']).toEqual([{ role: 'user', parts: [{ text: 'Hi' }, { text: 'And?' }] }])
    expect(lost).toEqual([])
  })

  it("sends no other provider's reasoning", () => {
    const { json, lost } = encode({
      messages: [
        hi,
        {
          role: 'assistant',
          parts: [{ type: 'reasoning', text: 'secret', signature: 's', origin: 'anthropic-messages' }],
        },
        user(text('And?')),
      ],
    })
    expect(JSON.stringify(json)).not.toContain('secret')
    expect(lost).toEqual(['dropped messages[1].content[0]'])
  })
})

describe('a service tier', () => {
  it("is asked for in Google's word", () => {
    expect(encode({ serviceTier: 'priority' })).toMatchObject({ json: { serviceTier: 'priority' }, lost: [] })
    expect(encode({ serviceTier: 'default' })).toMatchObject({ json: { serviceTier: 'standard' }, lost: [] })
  })
})
