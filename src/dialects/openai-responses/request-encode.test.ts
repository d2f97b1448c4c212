/** Requests of other protocols, as a provider of this one is asked: what it is told, and what it cannot be told. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { openaiResponses } from './index.ts'

function encode(request: Partial<ChatRequest>): { json: JsonObject; lost: readonly Loss[] } {
  const whole: ChatRequest = { model: 'm', stream: false, messages: [user('Hello')], ...request }
  const { json, lost } = openaiResponses.request.encode(whole, { model: 'gpt-5.1' })
  return { json: json as JsonObject, lost }
}

const user = (...parts: (string | Part)[]): Message => ({
  role: 'user',
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
})
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts })
const inputOf = (...messages: Message[]): unknown => encode({ messages }).json['input']
const lostOf = (request: Partial<ChatRequest>): string[] =>
  encode(request).lost.map(({ kind, path }) => `${kind} ${path}`)

describe('messages', () => {
  it('are items with the shortest content that says them', () => {
    expect(
      inputOf({ role: 'developer', parts: [{ type: 'text', text: 'Be brief.' }] }, user('a', 'b'), user('c')),
    ).toEqual([
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
        ],
      },
      { role: 'user', content: 'c' },
    ])
  })

  it('hold calls and results as items of their own, each of its kind', () => {
    expect(
      inputOf(
        assistant(
          { type: 'text', text: 'Looking.' },
          { type: 'tool-call', id: 'call_a', name: 'f', arguments: '' },
          { type: 'tool-call', id: 'call_b', name: 'run', arguments: 'print(1)', kind: 'custom' },
        ),
        user(
          { type: 'tool-result', callId: 'call_a', content: [{ type: 'text', text: 'ok' }] },
          { type: 'tool-result', callId: 'call_b', content: [] },
          'Go on.',
        ),
      ),
    ).toEqual([
      { role: 'assistant', content: 'Looking.' },
      { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'call_b', name: 'run', input: 'print(1)' },
      { type: 'function_call_output', call_id: 'call_a', output: 'ok' },
      { type: 'custom_tool_call_output', call_id: 'call_b', output: '' },
      { role: 'user', content: 'Go on.' },
    ])
  })

  it('give results their pictures and documents', () => {
    const [, result] = inputOf(
      user('x'),
      user({
        type: 'tool-result',
        callId: 'call_a',
        content: [
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
          { type: 'file', source: { kind: 'url', url: 'https://media.example/a.pdf' }, filename: 'a.pdf' },
        ],
      }),
    ) as JsonObject[]
    expect(result).toEqual({
      type: 'function_call_output',
      call_id: 'call_a',
      output: [
        { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
        { type: 'input_file', file_url: 'https://media.example/a.pdf' },
      ],
    })
  })

  it('shorten ids that the service would refuse, the same way for a call and its result', () => {
    const long = `toolu_${'x'.repeat(80)}`
    const [call, result] = inputOf(
      assistant({ type: 'tool-call', id: long, name: 'f', arguments: '{}' }),
      user({ type: 'tool-result', callId: long, content: [] }),
    ) as [JsonObject, JsonObject]
    expect(call['call_id']).toMatch(/^call_[0-9a-f]{59}$/)
    expect(result['call_id']).toBe(call['call_id'])
  })

  it('send texts that are documents as text, and nothing that the service cannot take', () => {
    const messages = [
      user(
        { type: 'file', source: { kind: 'text', text: 'plain' }, title: 'T' },
        { type: 'video', source: { kind: 'url', url: 'https://media.example/v.mp4' } },
        { type: 'audio', source: { kind: 'base64', data: 'AAAA' }, format: 'wav' },
      ),
    ]
    expect(inputOf(...messages)).toEqual([{ role: 'user', content: 'T\n\nplain' }])
    expect(lostOf({ messages })).toEqual([
      'adapted messages[0].content[0]',
      'dropped messages[0].content[1]',
      'dropped messages[0].content[2]',
    ])
  })
})

describe('reasoning', () => {
  const own = { type: 'reasoning', origin: 'openai-responses' } as const

  it('of this protocol goes back as the item that it was, whatever carried it', () => {
    const { json, lost } = encode({
      messages: [
        user('x'),
        assistant(
          { ...own, text: 'a', summary: true, signature: 'rs_1' },
          { ...own, text: 'b', summary: true, signature: 'rs_1' },
          { ...own, text: '', encrypted: 'gAAAAA-1', signature: 'rs_1' },
          { ...own, text: 'c', signature: 'rs_2' },
          { type: 'text', text: 'Hi' },
        ),
      ],
    })
    expect((json['input'] as JsonObject[]).slice(1)).toEqual([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [
          { type: 'summary_text', text: 'a' },
          { type: 'summary_text', text: 'b' },
        ],
        encrypted_content: 'gAAAAA-1',
      },
      { type: 'reasoning', id: 'rs_2', summary: [], content: [{ type: 'reasoning_text', text: 'c' }] },
      { role: 'assistant', content: 'Hi' },
    ])
    expect(json['include']).toEqual(['reasoning.encrypted_content'])
    expect(lost).toEqual([])
  })

  it('without ids makes an item up to each encrypted form', () => {
    expect(
      inputOf(
        assistant(
          { ...own, text: 'a', summary: true },
          { ...own, text: '', encrypted: 'e1' },
          { ...own, text: 'b', summary: true },
          { ...own, text: '', encrypted: 'e2' },
        ),
      ),
    ).toEqual([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'a' }], encrypted_content: 'e1' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'b' }], encrypted_content: 'e2' },
    ])
  })

  it('that is only a summary is not sent, since nothing is stored that it could stand for', () => {
    const messages = [user('x'), assistant({ ...own, text: 'a', summary: true, signature: 'rs_1' })]
    expect(inputOf(...messages)).toHaveLength(1)
    expect(lostOf({ messages })).toEqual(['dropped messages[1].content[0]'])
  })

  it('of another protocol is not sent', () => {
    const messages = [user('x'), assistant({ type: 'reasoning', text: 'a', origin: 'anthropic-messages' })]
    expect(inputOf(...messages)).toHaveLength(1)
    expect(lostOf({ messages })).toEqual(['dropped messages[1].content[0]'])
  })
})

describe('settings', () => {
  it('ask for nothing to be stored', () => {
    expect(encode({}).json).toEqual({
      model: 'gpt-5.1',
      input: [{ role: 'user', content: 'Hello' }],
      store: false,
    })
  })

  it('opt out of strictness, which is not the default elsewhere', () => {
    const { json } = encode({ tools: [{ type: 'function', name: 'f' }], toolChoice: { mode: 'tool', name: 'f' } })
    expect(json['tools']).toEqual([
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
    ])
    expect(json['tool_choice']).toEqual({ type: 'function', name: 'f' })
  })

  it('flatten grammars and formats', () => {
    const { json } = encode({
      tools: [
        { type: 'custom', name: 'run', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'd' } } },
      ],
      toolChoice: { mode: 'allowed', names: ['run'], required: true, raw: {}, origin: 'openai-chat' },
      format: { type: 'json-schema', schema: { type: 'object' }, strict: true },
      verbosity: 'low',
    })
    expect(json['tools']).toEqual([
      { type: 'custom', name: 'run', format: { type: 'grammar', syntax: 'lark', definition: 'd' } },
    ])
    expect(json['tool_choice']).toEqual({
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'custom', name: 'run' }],
    })
    expect(json['text']).toEqual({
      format: { type: 'json_schema', name: 'response', schema: { type: 'object' }, strict: true },
      verbosity: 'low',
    })
  })

  it('ask for encrypted reasoning where the model is to reason, and for log probabilities where they are wanted', () => {
    expect(encode({ reasoning: { effort: 'high', display: 'summarized' } }).json).toMatchObject({
      reasoning: { effort: 'high', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
    })
    expect(encode({ logprobs: { enabled: true, top: 2 } }).json).toMatchObject({
      top_logprobs: 2,
      include: ['message.output_text.logprobs'],
    })
    expect(encode({ reasoning: { effort: 'none' } }).json).not.toHaveProperty('include')
    expect(encode({ reasoning: { budget: 8000 } })).toMatchObject({
      json: { reasoning: { effort: 'medium' } },
      lost: [{ path: 'thinking.budget_tokens', kind: 'adapted' }],
    })
  })

  it('raise a limit that the service would refuse, and send a digest of a long user id', () => {
    const { json, lost } = encode({ maxOutputTokens: 1, endUser: 'u'.repeat(100) })
    expect(json['max_output_tokens']).toBe(16)
    expect(json['user']).toMatch(/^[0-9a-f]{64}$/)
    expect(lost.map(({ path }) => path)).toEqual(['max_tokens', 'user'])
  })

  it('report what there is no word for, and nothing that asks for what happens anyway', () => {
    expect(
      lostOf({
        topK: 1,
        presencePenalty: 1,
        frequencyPenalty: 1,
        seed: 1,
        stop: ['END'],
        n: 2,
        modalities: ['text', 'audio'],
        serviceTier: 'express',
        toolChoice: { mode: 'required' },
      }).toSorted(),
    ).toEqual(
      [
        'frequency_penalty',
        'modalities',
        'n',
        'presence_penalty',
        'seed',
        'service_tier',
        'stop',
        'tool_choice',
        'top_k',
      ].map((path) => `dropped ${path}`),
    )
    expect(lostOf({ n: 1, presencePenalty: 0, frequencyPenalty: 0, stop: [], modalities: ['text'] })).toEqual([])
  })
})

it('takes a sealed reasoning item of another provider for a reason to translate, and drops it for a provider of this protocol', () => {
  const request = {
    model: 'm',
    input: [
      { role: 'user', content: 'x' },
      { type: 'reasoning', id: 'rs_0', summary: [], encrypted_content: 'sluicegate:anthropic-messages:eyJzIjoxfQ' },
    ],
    store: false,
  }
  const { json, lost } = openaiResponses.request.encode(openaiResponses.request.decode(request), { model: 'm' })
  expect(json).toEqual({ ...request, input: [{ role: 'user', content: 'x' }] })
  expect(lost).toMatchObject([{ path: 'input[1].content[0]', kind: 'dropped' }])
})
