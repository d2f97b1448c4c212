/** Answers of other protocols as messages: what clients act on is right, and what has no place is reported. */
import { describe, expect, it } from 'vitest'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { decodeResponse, encodeResponse } from './response.ts'

function encode(
  choice: Partial<Choice>,
  response: Partial<ChatResponse> = {},
): { json: Record<string, unknown>; lost: string[] } {
  const { json, lost } = encodeResponse(
    {
      id: 'chatcmpl-1',
      model: 'gpt',
      choices: [{ index: 0, parts: [], finish: { reason: 'stop' }, ...choice }],
      ...response,
    },
    { model: 'claude' },
  )
  return { json: json as Record<string, unknown>, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}

describe('an answer of another protocol', () => {
  it('is a complete message with usage that can be read without asking', () => {
    expect(encode({ parts: [{ type: 'text', text: 'Hi' }] })).toEqual({
      json: {
        id: 'chatcmpl-1',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 0, output_tokens: 0 },
      },
      lost: [],
    })
  })

  it.each([
    ['stop-sequence', 'stop_sequence'],
    ['length', 'max_tokens'],
    ['context-window', 'model_context_window_exceeded'],
    ['tool-calls', 'tool_use'],
    ['content-filter', 'refusal'],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['other', 'end_turn'],
  ] as const)('that ended with %s has the stop reason %s', (reason, word) => {
    expect(encode({ finish: { reason, raw: 'x', origin: 'openai-chat' } }).json['stop_reason']).toBe(word)
  })

  it('has the word that makes clients run tools, whatever the provider said', () => {
    expect(encode({ parts: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '' }] }).json['stop_reason']).toBe(
      'tool_use',
    )
    expect(encode({ parts: [{ type: 'refusal', text: 'No' }] })).toMatchObject({
      json: { stop_reason: 'refusal' },
      lost: ['adapted choices[0].content[0]'],
    })
  })

  it('gives calls ids that any provider of the protocol takes back', () => {
    const { json } = encode({ parts: [{ type: 'tool-call', id: 'functions.f:0', name: 'f', arguments: '{}' }] })
    expect(json['content']).toMatchObject([{ type: 'tool_use', id: 'functions_2ef_3a0' }])
  })

  it('shows sources on the web, which Anthropic never gets to see', () => {
    const citation = { url: 'https://a.example/', title: 'A', origin: 'openai-chat', raw: {} }
    const { json, lost } = encode({
      parts: [{ type: 'text', text: 'Hi', citations: [citation, { origin: 'gemini', raw: {} }] }],
    })
    expect(json['content']).toMatchObject([
      { citations: [{ type: 'web_search_result_location', url: 'https://a.example/', title: 'A' }] },
    ])
    expect(lost).toEqual(['adapted choices[0].content[0].citations[0]', 'dropped choices[0].content[0].citations[1]'])
    const returned = decodeRequest({
      model: 'm',
      max_tokens: 1,
      messages: [{ role: 'assistant', content: json['content'] }],
    })
    const again = encodeRequest(returned, { model: 'claude-opus-5' })
    expect(again.json).toMatchObject({ messages: [{ content: [{ type: 'text', text: 'Hi' }] }] })
    expect(again.lost).toMatchObject([{ path: 'messages[0].content[0].citations[0]', kind: 'dropped' }])
  })

  it('reports what there is no place for', () => {
    const { lost } = encode(
      {
        parts: [
          { type: 'image', source: { kind: 'url', url: 'u' } },
          { type: 'server-tool-call', id: 's', name: 'search', arguments: '{}', origin: 'openai-responses' },
        ],
        logprobs: { content: [] },
        extra: { 'openai-chat': { x: 1 } },
        finish: { reason: 'content-filter', details: { a: 1 }, origin: 'gemini' },
      },
      { extra: { 'openai-chat': { system_fingerprint: 'fp' } } },
    )
    expect(lost).toEqual([
      'dropped choices[0].content[0]',
      'dropped choices[0].content[1]',
      'dropped choices[0].finish_details',
      'dropped choices[0].x',
      'dropped choices[0].logprobs',
      'dropped system_fingerprint',
    ])
  })
})

describe('an answer that is not of the protocol', () => {
  it.each([
    null,
    'text',
    [],
    {},
    { type: 'message', role: 'user' },
    { type: 'message', role: 'assistant', id: 'a', model: 'm', content: 'Hi' },
    { type: 'message', role: 'assistant', id: 'a', model: 'm', content: [{}] },
  ])('is the fault of the provider: %j', (json) => {
    expect(() => decodeResponse(json)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })
})
