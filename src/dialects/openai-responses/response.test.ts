/** Responses as clients of this protocol are told them, and what becomes of those that failed. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { EncodeContext } from '../../kernel/dialect.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { message, outputText, reasoningItem, response, weatherCall } from './fixtures/responses.ts'
import { openaiResponses } from './index.ts'

const context: EncodeContext = { model: 'claude', answerId: 'ex_0abc' }

function encode(
  parts: Part[],
  more: Partial<ChatResponse> & { finish?: Finish } = {},
  asked: JsonObject = {},
): { json: JsonObject; lost: readonly Loss[] } {
  const { finish = { reason: 'stop' }, ...rest } = more
  const answer: ChatResponse = {
    id: 'a1',
    model: 'claude',
    created: 5,
    choices: [{ index: 0, parts, finish }],
    ...rest,
  }
  const request = openaiResponses.request.decode({ model: 'm', input: 'x', ...asked })
  const { json, lost } = openaiResponses.response.encode(answer, { ...context, request })
  return { json: json as JsonObject, lost }
}

const text = (value: string): Part => ({ type: 'text', text: value })
const outputOf = (...parts: Part[]): unknown => encode(parts).json['output']

describe('an answer of another provider', () => {
  it('has ids of its own, the same for the same answer', () => {
    const { json } = encode([
      { type: 'reasoning', text: 'hm', origin: 'anthropic-messages', signature: 's' },
      text('Hello'),
      text(' you'),
      { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '' },
      { type: 'tool-call', id: 'toolu_2', name: 'run', arguments: 'x', kind: 'custom' },
      text('Bye'),
    ])
    expect(json['id']).toBe('resp_ex_0abc')
    expect(json['output']).toMatchObject([
      { id: 'rs_ex_0abc_0', content: [{ type: 'reasoning_text', text: 'hm' }], summary: [] },
      { id: 'msg_ex_0abc_1', content: [{ text: 'Hello' }, { text: ' you' }], status: 'completed' },
      { id: 'fc_ex_0abc_2', call_id: 'toolu_1', arguments: '{}', status: 'completed' },
      { id: 'ctc_ex_0abc_3', call_id: 'toolu_2', input: 'x' },
      { id: 'msg_ex_0abc_4', content: [{ text: 'Bye' }] },
    ])
  })

  it('repeats what was asked, and has the defaults of what was not', () => {
    const { json } = encode(
      [],
      {},
      {
        instructions: 'Be brief.',
        temperature: null,
        top_p: 0.5,
        tools: [{ type: 'function', name: 'f' }],
        tool_choice: 'required',
        text: { verbosity: 'low' },
        reasoning: { effort: 'low' },
        metadata: { team: 'a' },
        previous_response_id: 'resp_0',
        conversation: 'conv_1',
        store: false,
        max_tool_calls: 2,
        truncation: 'auto',
        x_new: 1,
      },
    )
    expect(json).toMatchObject({
      object: 'response',
      created_at: 5,
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: 'Be brief.',
      temperature: 1,
      top_p: 0.5,
      tools: [{ type: 'function', name: 'f', parameters: null, strict: false }],
      tool_choice: 'required',
      parallel_tool_calls: true,
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: null },
      metadata: { team: 'a' },
      previous_response_id: 'resp_0',
      conversation: { id: 'conv_1' },
      store: false,
      max_tool_calls: 2,
      max_output_tokens: null,
      truncation: 'auto',
    })
    expect(json).not.toHaveProperty('x_new')
  })

  it('does not repeat secrets', () => {
    const tool = { type: 'mcp', server_label: 's', authorization: 'secret', headers: { 'x-key': 'secret' } }
    expect(JSON.stringify(encode([], {}, { tools: [tool] }).json)).not.toContain('secret')
  })

  it.each<[Finish, Part[], JsonObject, string[]]>([
    [{ reason: 'stop' }, [], { status: 'completed', incomplete_details: null }, []],
    [{ reason: 'tool-calls' }, [], { status: 'completed' }, []],
    [{ reason: 'length' }, [], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, []],
    [{ reason: 'content-filter' }, [], { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, []],
    [{ reason: 'refusal' }, [{ type: 'refusal', text: 'No.' }], { status: 'completed' }, []],
    [
      { reason: 'refusal', details: { why: 'x' } },
      [],
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      ['choices[0].finish_reason', 'choices[0].stop_details'],
    ],
    [
      { reason: 'pause', raw: 'pause_turn', origin: 'anthropic-messages' },
      [],
      { status: 'incomplete', incomplete_details: null },
      ['choices[0].finish_reason'],
    ],
    [{ reason: 'stop-sequence', sequence: 'END' }, [], { status: 'completed' }, ['choices[0].stop_sequence']],
  ])('that ended by %j says so', (finish, parts, expected, lost) => {
    const told = encode(parts, { finish })
    expect(told.json).toMatchObject(expected)
    expect(told.lost.map(({ path }) => path)).toEqual(lost)
  })

  it('that was cut off has an incomplete item at its end', () => {
    const { json } = encode([text('a'), { type: 'tool-call', id: 'x', name: 'f', arguments: '{"a' }], {
      finish: { reason: 'length' },
    })
    expect(json['output']).toMatchObject([{ status: 'completed' }, { status: 'incomplete', arguments: '{"a' }])
  })

  it('tells pictures as made by a tool, and what was spoken as text', () => {
    const picture: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }
    expect(outputOf(picture, { type: 'audio', transcript: 'Hello', source: { kind: 'base64', data: 'AAAA' } })).toEqual(
      [
        { type: 'image_generation_call', id: 'ig_ex_0abc_0', status: 'completed', result: 'AAAA' },
        {
          id: 'msg_ex_0abc_1',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }],
        },
      ],
    )
  })

  it('cites web pages, with offsets into their text', () => {
    const cited: Part = {
      type: 'text',
      text: 'Met says',
      citations: [
        { url: 'https://met.example/', title: 'Met', quote: 'q', origin: 'anthropic-messages', raw: {} },
        { title: 'a page of a book', origin: 'anthropic-messages', raw: {} },
      ],
    }
    const { json, lost } = encode([cited])
    expect(json['output']).toMatchObject([
      {
        content: [
          {
            annotations: [
              { type: 'url_citation', url: 'https://met.example/', title: 'Met', start_index: 0, end_index: 8 },
            ],
          },
        ],
      },
    ])
    expect(lost.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'adapted choices[0].content[0].citations[0]',
      'dropped choices[0].content[0].citations[1]',
    ])
  })

  it('shares log probabilities out among its texts', () => {
    const tokens = ['Hel', 'lo', ' you'].map((token) => ({ token, logprob: -1 }))
    const { json } = encode([], {
      choices: [
        { index: 0, parts: [text('Hello'), text(' you')], finish: { reason: 'stop' }, logprobs: { content: tokens } },
      ],
    })
    expect(json['output']).toMatchObject([
      {
        content: [
          { logprobs: [{ token: 'Hel' }, { token: 'lo', bytes: [108, 111] }] },
          { logprobs: [{ token: ' you' }] },
        ],
      },
    ])
  })

  it('is one answer, and says so of the others', () => {
    const one = { index: 0, parts: [text('a')], finish: { reason: 'stop' as const } }
    const { json, lost } = encode([], { choices: [one, { ...one, index: 1 }] })
    expect(json['output']).toHaveLength(1)
    expect(lost).toMatchObject([{ path: 'choices[1]', kind: 'dropped' }])
  })

  it('counts tokens, and searches beside them', () => {
    const usage = {
      input: { total: 10, cacheRead: 4, cacheWrite: 2 },
      output: { total: 7, reasoning: 3 },
      serverTools: { web_search_requests: 2, web_fetch_requests: 1 },
    }
    const { json, lost } = encode([], { usage })
    expect(json).toMatchObject({
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 17,
      },
      tool_usage: { web_search: { num_requests: 2 } },
    })
    expect(lost.map(({ path }) => path)).toEqual(['usage.server_tool_use.web_fetch_requests'])
    expect(openaiResponses.response.decode(json).usage).toMatchObject({
      input: usage.input,
      output: usage.output,
      serverTools: { web_search_requests: 2 },
    })
  })
})

describe('reasoning of another provider', () => {
  const thought = { type: 'reasoning', text: 'hm', origin: 'anthropic-messages', signature: 'sig' } as const

  it('is shown, and comes back to its owner when the client hands its item back', () => {
    const output = outputOf(thought, { ...thought, text: '', encrypted: 'e' }, { ...thought, summary: true }, text('a'))
    const { messages } = openaiResponses.request.decode({ model: 'm', input: output as JsonObject[] })
    expect(messages[0]?.parts.slice(0, 3)).toEqual([
      thought,
      { ...thought, text: '', encrypted: 'e' },
      { ...thought, summary: true },
    ])
  })

  it('is found in a body without reading it', () => {
    const bodyOf = (input: unknown): Body<never> =>
      new Body(Buffer.from(JSON.stringify({ model: 'm', input })), () => {
        throw new Error('not to be read')
      })
    expect(openaiResponses.mustTranslate?.(bodyOf(outputOf(thought)))).toBe(true)
    expect(openaiResponses.mustTranslate?.(bodyOf([reasoningItem, { role: 'user', content: 'sluicegate' }]))).toBe(
      false,
    )
  })
})

const bodyOf = (text: string): Body<ChatResponse> =>
  new Body(Buffer.from(text), (json) => openaiResponses.response.decode(json))

describe('a response that failed', () => {
  const failed = (code: string | undefined, text = 'It failed.'): JsonObject =>
    response([], { status: 'failed', error: code === undefined ? null : { code, message: text } })

  it.each([
    ['rate_limit_exceeded', 'provider_rate_limited'],
    ['server_error', 'provider_error'],
    ['server_is_overloaded', 'provider_overloaded'],
    ['invalid_prompt', 'provider_rejected'],
    ['vector_store_timeout', 'provider_timeout'],
    ['invalid_image_url', 'provider_rejected'],
    ['image_too_large', 'provider_rejected'],
    ['image_file_not_found', 'provider_rejected'],
    ['failed_to_download_image', 'provider_rejected'],
    ['bio_policy', 'provider_rejected'],
    ['data_residency_mismatch', 'provider_rejected'],
    ['insufficient_quota', 'provider_billing'],
    ['something_new', 'provider_error'],
  ])('by %s is the fault %s, with its message', (code, expected) => {
    const decode = (): unknown => openaiResponses.response.decode(failed(code))
    expect(decode).toThrow(expect.objectContaining({ code: expected, message: 'It failed.' }) as Error)
    const facts = (): unknown => openaiResponses.facts(bodyOf(JSON.stringify(failed(code))))
    expect(facts).toThrow(expect.objectContaining({ code: expected }) as Error)
  })

  it('without a word is a fault all the same', () => {
    expect(() => openaiResponses.response.decode(failed(undefined))).toThrow(Fault)
  })

  it('is told from what is not of the protocol', () => {
    const decode = (json: unknown) => () => openaiResponses.response.decode(json)
    expect(decode({ error: { message: 'no', code: 'server_error' } })).toThrow(
      expect.objectContaining({ code: 'provider_error' }) as Error,
    )
    for (const junk of [7, [], {}, { output: 'x' }, { object: 'chat.completion', choices: [] }]) {
      expect(decode(junk)).toThrow(expect.objectContaining({ code: 'provider_malformed' }) as Error)
      const facts = (): unknown => openaiResponses.facts(bodyOf(JSON.stringify(junk)))
      expect(facts).toThrow(expect.objectContaining({ code: 'provider_malformed' }) as Error)
    }
    expect(decode({ output: [7] })).toThrow(expect.objectContaining({ code: 'provider_malformed' }) as Error)
  })
})

describe('the facts of a long response', () => {
  const long = (...items: JsonObject[]): unknown => {
    const json = response([message('msg_1', [outputText('x'.repeat(5000))]), ...items])
    return openaiResponses.facts(bodyOf(JSON.stringify(json, null, 2))).finish?.reason
  }

  it('tell whether it calls a tool, without reading it', () => {
    expect(long(weatherCall)).toBe('tool-calls')
    expect(long()).toBe('stop')
    expect(long(message('msg_2', [outputText('"type": "function_call"'), outputText('function_call')]))).toBe('stop')
  })
})
