/** Complete answers: what other dialects' answers look like here, and what becomes of unusual ones. */
import { describe, expect, it } from 'vitest'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeRequest } from './request-decode.ts'
import { decodeResponse as decode, encodeResponse as encode } from './response.ts'

const choice: Choice = {
  index: 0,
  parts: [{ type: 'text', text: 'Hi' }],
  finish: { reason: 'stop', raw: 'end_turn', origin: 'anthropic-messages' },
}
const response: ChatResponse = { id: 'msg_1', model: 'claude', created: 5, choices: [choice] }

function message(parts: Choice['parts']): { readonly json: JsonObject; readonly lost: readonly string[] } {
  const { json, lost } = encode({ ...response, choices: [{ ...choice, parts }] }, { model: 'm' })
  const [first] = (json as JsonObject)['choices'] as JsonObject[]
  return { json: first?.['message'] as JsonObject, lost: lost.map((loss) => `${loss.kind} ${loss.path}`) }
}

describe('an answer of another dialect', () => {
  it('has every member that the SDKs count on', () => {
    expect(encode(response, { model: 'm' })).toEqual({
      json: {
        id: 'msg_1',
        object: 'chat.completion',
        created: 5,
        model: 'm',
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: 'Hi', refusal: null },
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
      },
      lost: [],
    })
  })

  it('has null content where there are only tool calls', () => {
    expect(message([{ type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }]).json).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
    expect(message([]).json).toEqual({ role: 'assistant', content: '', refusal: null })
  })

  it('shows reasoning as text, and brings it back whole when the client sends the message again', () => {
    const parts: Choice['parts'] = [
      { type: 'reasoning', text: 'why', signature: 'sig', origin: 'anthropic-messages' },
      { type: 'reasoning', text: '', encrypted: 'DATA', origin: 'anthropic-messages' },
      { type: 'text', text: 'Hi' },
    ]
    const { json } = message(parts)
    expect(json).toMatchObject({ reasoning_content: 'why', content: 'Hi' })
    const [sent] = decodeRequest({ model: 'm', messages: [json] }).messages
    expect(sent?.parts).toMatchObject(parts)
  })

  it('counts the offsets of citations in the whole content', () => {
    const { json, lost } = message([
      { type: 'text', text: 'First. ' },
      {
        type: 'text',
        text: 'Second.',
        citations: [
          { url: 'https://a.example/', title: 'A', start: 0, end: 3, origin: 'x', raw: null },
          { url: 'https://b.example/', quote: 'q', origin: 'x', raw: null },
          { title: 'a document', origin: 'x', raw: null },
        ],
      },
    ])
    expect(json).toMatchObject({
      content: 'First. Second.',
      annotations: [
        {
          type: 'url_citation',
          url_citation: { url: 'https://a.example/', title: 'A', start_index: 7, end_index: 10 },
        },
        { type: 'url_citation', url_citation: { url: 'https://b.example/', title: '', start_index: 7, end_index: 14 } },
      ],
    })
    expect(lost).toEqual([
      'adapted choices[0].message.content[1].citations[1]',
      'dropped choices[0].message.content[1].citations[2]',
    ])
  })

  it.each([
    ['stop-sequence', 'stop', ['dropped choices[0].stop_sequence']],
    ['length', 'length', []],
    ['context-window', 'length', ['adapted choices[0].finish_reason']],
    ['tool-calls', 'tool_calls', []],
    ['content-filter', 'content_filter', []],
    ['refusal', 'content_filter', ['adapted choices[0].finish_reason']],
    ['pause', 'stop', ['adapted choices[0].finish_reason']],
  ] as const)('ends for %s with "%s"', (reason, word, expected) => {
    const finish = { reason, raw: 'x', origin: 'x', ...(reason === 'stop-sequence' && { sequence: 'END' }) }
    const { json, lost } = encode({ ...response, choices: [{ ...choice, finish }] }, { model: 'm' })
    expect(json).toMatchObject({ choices: [{ finish_reason: word }] })
    expect(lost.map((loss) => `${loss.kind} ${loss.path}`)).toEqual(expected)
  })

  it('tells usage with cached, written and reasoning tokens, and reports what it cannot tell', () => {
    const usage = {
      input: { total: 100, cacheRead: 60, cacheWrite: 30, cacheWrite1h: 10 },
      output: { total: 20, reasoning: 5 },
      serverTools: { web_search_requests: 2 },
    }
    const { json, lost } = encode({ ...response, serviceTier: 'standard', usage }, { model: 'm' })
    expect(json).toMatchObject({
      service_tier: 'default',
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
    })
    expect(lost.map((loss) => loss.path)).toEqual([
      'usage.server_tool_use.web_search_requests',
      'usage.cache_creation.ephemeral_1h_input_tokens',
    ])
  })
})

describe('an answer of this dialect', () => {
  it('ends for its tool calls even where the service says it just stopped', () => {
    const calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }]
    const decoded = decode({
      id: 'x',
      model: 'm',
      choices: [{ message: { role: 'assistant', content: null, tool_calls: calls }, finish_reason: 'stop' }],
    })
    expect(decoded.choices[0]?.finish).toEqual({ reason: 'tool-calls', raw: 'stop', origin: 'openai-chat' })
  })

  it('counts reasoning that xAI leaves out of its completion tokens, and no more', () => {
    const usage = (completion: number, total: number): number | undefined =>
      decode({
        id: 'x',
        model: 'm',
        choices: [],
        usage: {
          prompt_tokens: 12,
          completion_tokens: completion,
          total_tokens: total,
          completion_tokens_details: { reasoning_tokens: 228 },
        },
      }).usage?.output.total
    expect(usage(1, 241)).toBe(229)
    expect(usage(229, 241)).toBe(229)
    expect(usage(300, 999)).toBe(300)
  })

  it('reads what DeepSeek and Moonshot tell of their caches', () => {
    const cached = (usage: JsonObject): number | undefined =>
      decode({ id: 'x', model: 'm', choices: [], usage: { prompt_tokens: 9, completion_tokens: 1, ...usage } }).usage
        ?.input.cacheRead
    expect(cached({ prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 })).toBe(4)
    expect(cached({ cached_tokens: 3 })).toBe(3)
    expect(cached({ prompt_tokens_details: { cached_tokens: 0 }, prompt_cache_hit_tokens: 4 })).toBe(0)
  })

  it('gives a call without an id one of its own, and leaves it out again', () => {
    const json = {
      id: 'resp/1',
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
    }
    const decoded = decode(json)
    expect(decoded.choices[0]?.parts).toMatchObject([{ type: 'tool-call', id: 'call_resp1_0_0' }])
    expect(encode(decoded, { model: 'm' }).json).toEqual(json)
  })

  it.each([
    [null],
    ['x'],
    [[]],
    [{}],
    [{ choices: {} }],
    [{ choices: [7] }],
    [{ choices: [{ index: 0 }] }],
    [{ choices: [{ message: { content: 5 } }] }],
  ])('that is none, %j, is malformed', (json) => {
    expect(() => decode(json)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
  })

  it('that is an error after all is that error', () => {
    expect(() => decode({ id: 'x', error: { message: 'Overloaded', code: 503 } })).toThrow(
      expect.objectContaining({ code: 'provider_overloaded', message: 'Overloaded' }),
    )
    expect(() => decode({ object: 'error', message: 'Bad', code: 400 })).toThrow(
      expect.objectContaining({ code: 'provider_rejected', message: 'Bad' }),
    )
  })

  it('keeps probabilities that the model has no field for, until they are changed', () => {
    const logprobs = { content: [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [], rank: 1 }] }
    const json = {
      id: 'x',
      model: 'm',
      choices: [{ index: 0, message: { content: 'a' }, logprobs, finish_reason: 'stop' }],
    }
    const decoded = decode(json)
    expect(encode(decoded, { model: 'm' }).json).toEqual(json)
    const changed = { ...decoded, choices: decoded.choices.map((each) => ({ ...each, logprobs: { content: [] } })) }
    expect(encode(changed, { model: 'm' }).json).toMatchObject({
      choices: [{ logprobs: { content: [], refusal: null } }],
    })
  })
})
