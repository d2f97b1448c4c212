/** What a request says in the model's terms. */
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { gemini } from './index.ts'

const address = { model: 'gemini-2.5-pro', stream: true }
const decode = (json: JsonObject) => gemini.request.decode(json, address)
const hi = [{ role: 'user', parts: [{ text: 'Hi' }] }]

describe('a request', () => {
  it('takes model and stream from its address', () => {
    expect(decode({ contents: hi })).toMatchObject({ model: 'gemini-2.5-pro', stream: true })
    expect(gemini.request.decode({ contents: hi })).toMatchObject({ model: '', stream: false })
  })

  it('has its settings in either spelling', () => {
    const settings = {
      maxOutputTokens: 10,
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      seed: 7,
      stop: ['a'],
      n: 2,
      presencePenalty: 1,
      frequencyPenalty: 2,
      logprobs: { enabled: true, top: 4 },
      format: { type: 'json' },
      modalities: ['text', 'image'],
      reasoning: { effort: 'low', display: 'summarized' },
    }
    expect(
      decode({
        contents: hi,
        generationConfig: {
          maxOutputTokens: 10,
          temperature: 0.5,
          topP: 0.9,
          topK: 3,
          seed: 7,
          stopSequences: ['a'],
          candidateCount: 2,
          presencePenalty: 1,
          frequencyPenalty: 2,
          responseLogprobs: true,
          logprobs: 4,
          responseMimeType: 'application/json',
          responseModalities: ['TEXT', 'IMAGE'],
          thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true },
        },
      }),
    ).toMatchObject(settings)
    expect(
      decode({
        contents: hi,
        generation_config: {
          max_output_tokens: 10,
          temperature: 0.5,
          top_p: 0.9,
          top_k: 3,
          seed: 7,
          stop_sequences: ['a'],
          candidate_count: 2,
          presence_penalty: 1,
          frequency_penalty: 2,
          response_logprobs: true,
          logprobs: 4,
          response_mime_type: 'application/json',
          response_modalities: ['TEXT', 'IMAGE'],
          thinking_config: { thinking_level: 'low', include_thoughts: true },
        },
      }),
    ).toMatchObject(settings)
  })

  it.each<[JsonObject, object]>([
    [{ thinkingBudget: 0 }, { budget: 0, mode: 'disabled' }],
    [
      { thinkingBudget: -1, includeThoughts: false },
      { mode: 'adaptive', display: 'omitted' },
    ],
    [{ thinkingBudget: 512 }, { budget: 512 }],
    [{ thinkingLevel: 'MINIMAL' }, { effort: 'minimal' }],
  ])('thinks as much as %j says', (thinkingConfig, reasoning) => {
    expect(decode({ contents: hi, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning)
  })

  it("turns Google's schemas into JSON Schema", () => {
    const responseSchema = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', format: 'enum', enum: ['a', 'b'], nullable: true },
        list: {
          type: 'ARRAY',
          items: { anyOf: [{ type: 'INTEGER' }, { type: 'NUMBER' }] },
          maxItems: '3',
          example: [1],
        },
      },
      required: ['type'],
      propertyOrdering: ['type', 'list'],
    }
    const config = { responseMimeType: 'application/json', responseSchema }
    expect(decode({ contents: hi, generationConfig: config }).format).toEqual({
      type: 'json-schema',
      schema: {
        type: 'object',
        properties: {
          type: { type: ['string', 'null'], enum: ['a', 'b', null] },
          list: {
            type: 'array',
            items: { anyOf: [{ type: 'integer' }, { type: 'number' }] },
            maxItems: 3,
            examples: [[1]],
          },
        },
        required: ['type'],
      },
    })
  })

  it('has one tool for each function and each tool of Google', () => {
    const { tools } = decode({
      contents: hi,
      tools: [
        {
          functionDeclarations: [
            { name: 'f', description: 'd', parameters: { type: 'OBJECT', properties: {} } },
            { name: 'g' },
          ],
        },
        { google_search: {}, codeExecution: {} },
      ],
    })
    expect(tools).toMatchObject([
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object', properties: {} } },
      { type: 'function', name: 'g' },
      { type: 'server', name: 'googleSearch', origin: 'gemini', value: { google_search: {} } },
      { type: 'server', name: 'codeExecution', origin: 'gemini' },
    ])
  })

  it.each<[JsonObject, object | undefined]>([
    [{ mode: 'AUTO' }, { mode: 'auto' }],
    [{ mode: 'NONE' }, { mode: 'none' }],
    [{ mode: 'ANY' }, { mode: 'required' }],
    [{ mode: 'VALIDATED' }, { mode: 'auto' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { mode: 'tool', name: 'f' },
    ],
    [
      { mode: 'ANY', allowed_function_names: ['f', 'g'] },
      { mode: 'allowed', names: ['f', 'g'], required: true },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { mode: 'allowed', names: ['f'], required: false },
    ],
    [{ mode: 'SOMETIMES' }, undefined],
  ])('chooses among tools as %j says', (functionCallingConfig, choice) => {
    const { toolChoice } = decode({ contents: hi, toolConfig: { functionCallingConfig } })
    if (choice === undefined) expect(toolChoice).toBeUndefined()
    else expect(toolChoice).toMatchObject(choice)
  })

  it('matches results without ids to their calls by name and order', () => {
    const { messages } = decode({
      contents: [
        ...hi,
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'f', args: { n: 1 } } },
            { functionCall: { name: 'g', args: {} } },
            { functionCall: { name: 'f', args: { n: 2 } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'f', response: { output: 'one' } } },
            { functionResponse: { name: 'f', response: { error: { code: 7 } } } },
            { functionResponse: { name: 'g', response: { a: 1, b: 2 } } },
          ],
        },
      ],
    })
    expect(messages[1]?.parts.map((part) => part.type === 'tool-call' && part.id)).toEqual([
      'call_0',
      'call_1',
      'call_2',
    ])
    expect(messages[2]?.parts).toMatchObject([
      { callId: 'call_0', content: [{ text: 'one' }] },
      { callId: 'call_2', content: [{ text: '{"code":7}' }], isError: true },
      { callId: 'call_1', content: [{ text: '{"a":1,"b":2}' }] },
    ])
  })

  it('knows media by their types, and which of them only Google can read', () => {
    const [message] = decode({
      contents: [
        {
          parts: [
            { inlineData: { mimeType: 'audio/mp3', data: 'SUQz' } },
            { fileData: { fileUri: 'gs://bucket/a.png', mimeType: 'image/png' } },
            { fileData: { fileUri: 'https://youtu.be/abc' } },
            { fileData: { fileUri: 'https://media.example/a.pdf', mimeType: 'application/pdf' } },
          ],
        },
      ],
    }).messages
    expect(message?.parts).toMatchObject([
      { type: 'audio', format: 'mp3', source: { kind: 'base64', mediaType: 'audio/mp3' } },
      { type: 'image', source: { kind: 'file-id', id: 'gs://bucket/a.png', origin: 'gemini' } },
      { type: 'video', source: { kind: 'url' } },
      { type: 'file', source: { kind: 'url', mediaType: 'application/pdf' } },
    ])
  })

  it('keeps instructions apart', () => {
    const { messages } = decode({ system_instruction: { parts: { text: 'Be brief.' } }, contents: hi })
    expect(messages[0]).toMatchObject({ role: 'system', apart: 'system_instruction', parts: [{ text: 'Be brief.' }] })
  })
})

describe('a request that is none', () => {
  it.each<[string, JsonObject, string]>([
    ['no contents', {}, 'contents'],
    ['empty contents', { contents: [] }, 'contents'],
    ['contents of text', { contents: 'Hi' }, 'contents'],
    ['a content of text', { contents: ['Hi'] }, 'contents[0]'],
    ['a part of text', { contents: [{ parts: ['Hi'] }] }, 'contents[0].parts[0]'],
    ['a role that is a number', { contents: [{ role: 1, parts: [] }] }, 'contents[0].role'],
    ['a setting of another type', { contents: hi, generation_config: { top_p: 'high' } }, 'generation_config.top_p'],
    ['no tokens at all', { contents: hi, generationConfig: { candidateCount: 0 } }, 'generationConfig.candidateCount'],
    [
      'a result that is a text',
      { contents: [{ parts: [{ functionResponse: { name: 'f', response: 'x' } }] }] },
      'contents[0].parts[0].functionResponse.response',
    ],
    [
      'a function without a name',
      { contents: hi, tools: [{ functionDeclarations: [{}] }] },
      'tools[0].functionDeclarations[0].name',
    ],
    ['instructions of text', { contents: hi, systemInstruction: 'Be brief.' }, 'systemInstruction'],
  ])('is refused by the name of the field: %s', (_what, json, param) => {
    expect(() => decode(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
