/** Answers, plain and streamed: what was paid for, what was cited, and what clients of this protocol are told of others' answers. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { begin, end, folded, grow, start, stop, wire } from './fixtures-answers.ts'
import { cohereChat } from './index.ts'

const { response: codec, stream } = cohereChat
if (stream === undefined) throw new Error('there are streams')

const decoded = (text: string): ChatEvent[] => {
  const decoder = stream.decoder()
  return [...decoder.push(Buffer.from(text)), ...decoder.end()]
}
const answer = (parts: Part[], more: Partial<ChatResponse> = {}): ChatResponse => ({
  id: 'x',
  model: 'm',
  choices: [{ index: 0, parts, finish: { reason: 'stop' } }],
  ...more,
})
const encoded = (response: ChatResponse) => {
  const { json, lost } = codec.encode(response, { model: 'm' })
  return { json: json as JsonObject, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}
const usageOf = (usage: JsonObject) => codec.decode({ ...folded({}, 'COMPLETE'), usage }).usage

describe('usage', () => {
  it('is what is paid for, with the least that must have been cached of it', () => {
    const told = (billed: number, all: number, cached: number) =>
      usageOf({
        billed_units: { input_tokens: billed, output_tokens: 7 },
        tokens: { input_tokens: all, output_tokens: 10 },
        cached_tokens: cached,
      })?.input
    expect(told(12, 507, 448)).toEqual({ total: 12, cacheRead: 0 })
    expect(told(119, 1549, 1504)).toEqual({ total: 119, cacheRead: 74 })
    expect(told(100, 100, 60)).toEqual({ total: 100, cacheRead: 60 })
    expect(told(100, 90, 200)).toEqual({ total: 100, cacheRead: 100 })
  })

  it('counts tokens where nothing is billed, and units of searches as tools', () => {
    expect(usageOf({ tokens: { input_tokens: 5, output_tokens: 6 } })).toMatchObject({
      input: { total: 5 },
      output: { total: 6 },
    })
    expect(usageOf({ billed_units: { input_tokens: 5, search_units: 2 } })).toMatchObject({
      serverTools: { search_units: 2 },
    })
  })
})

describe('an answer', () => {
  it('has its citations on the text that they belong to, with the source that they name first', () => {
    const citation = {
      start: 4,
      end: 9,
      text: 'river',
      sources: [{ type: 'document', id: 'd', document: { title: 'T', url: 'https://a.example/', snippet: 'Rivers.' } }],
      content_index: 1,
    }
    const content = [
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'The river' },
    ]
    expect(codec.decode(folded({ content, citations: [citation] }, 'COMPLETE')).choices[0]?.parts[1]).toMatchObject({
      citations: [{ start: 4, end: 9, title: 'T', url: 'https://a.example/', quote: 'Rivers.', raw: citation }],
    })
  })

  it("shows another provider's citations as documents", () => {
    const citations = [{ url: 'https://a.example/b', title: 'A', quote: 'q', start: 0, end: 3, origin: 'x', raw: {} }]
    const { json, lost } = encoded(answer([{ type: 'text', text: 'Yes.', citations }]))
    expect((json['message'] as JsonObject)['citations']).toEqual([
      {
        start: 0,
        end: 3,
        text: 'Yes',
        sources: [
          {
            type: 'document',
            id: 'https://a.example/b',
            document: { id: 'https://a.example/b', title: 'A', url: 'https://a.example/b', text: 'q' },
          },
        ],
        content_index: 0,
        type: 'TEXT_CONTENT',
      },
    ])
    expect(lost).toEqual(['adapted choices[0].content[0].citations[0]'])
  })

  it('shows reasoning of others as thinking, and hides what they hide', () => {
    const { json, lost } = encoded(
      answer([
        { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' },
        { type: 'reasoning', text: '', encrypted: 'e', origin: 'anthropic-messages' },
        { type: 'text', text: 'Yes' },
      ]),
    )
    expect((json['message'] as JsonObject)['content']).toEqual([
      { type: 'thinking', thinking: 'Hm' },
      { type: 'text', text: 'Yes' },
    ])
    expect(lost).toEqual(['adapted choices[0].content[0]', 'dropped choices[0].content[1]'])
  })

  it('says to run tools where an answer that merely stopped has calls, and has no content beside them', () => {
    const { json } = encoded(answer([{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":1}' }]))
    expect(json).toEqual({
      id: 'x',
      message: {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      finish_reason: 'TOOL_CALL',
    })
  })

  it('tells probabilities, but no alternatives', () => {
    const logprobs = { content: [{ token: 'a', logprob: -0.5, top: [{ token: 'b', logprob: -1 }] }] }
    const choices = [
      { index: 0, parts: [{ type: 'text' as const, text: 'a' }], finish: { reason: 'stop' as const }, logprobs },
    ]
    const { json, lost } = encoded(answer([], { choices }))
    expect(json['logprobs']).toEqual([{ text: 'a', token_ids: [], logprobs: [-0.5] }])
    expect(lost).toEqual(['dropped choices[0].logprobs.content'])
  })

  it.each([[{}], [{ message: 'text' }], [{ message: { content: 5 } }], [[]]])(
    'that is none is malformed: %j',
    (json) => {
      expect(() => codec.decode(json)).toThrow(expect.objectContaining({ code: 'provider_malformed' }))
      const body = new Body(Buffer.from(JSON.stringify(json)), (value) => codec.decode(value))
      if (!JSON.stringify(json).includes('5')) expect(() => cohereChat.facts(body)).toThrow(Fault)
    },
  )
})

describe('a stream', () => {
  it('ends with the fault that it tells, and is cut without an end', () => {
    const failed = decoded(wire([start, stop('TIMEOUT', { error: 'Too slow.' })]))
    expect(failed.at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_timeout', message: 'Too slow.' } })
    expect(decoded(wire([start])).at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_cut' } })
  })

  it('is malformed where arguments belong to no call', () => {
    const orphan = { type: 'tool-call-delta', index: 3, delta: { message: { tool_calls: {} } } }
    expect(decoded(wire([start, orphan])).at(-1)).toMatchObject({ fault: { code: 'provider_malformed' } })
  })

  it('is named by its events where their data does not say what they are', () => {
    const text = `event: message-start\ndata: {"id":"a"}\n\nevent: message-end\ndata: {"delta":{}}\n\ndata: [DONE]\n\n`
    expect(foldChat(decoded(text))).toMatchObject({ id: 'a', choices: [{ finish: { reason: 'stop' } }] })
  })

  it('keeps citations that come when their text is over', () => {
    const citation = { start: 0, end: 1, text: 'a', sources: [], content_index: 0 }
    const late = { type: 'citation-start', index: 0, delta: { message: { citations: citation } } }
    const events = decoded(
      wire([
        start,
        begin(0, { type: 'text', text: 'a' }),
        end(0),
        begin(1, { type: 'text', text: 'b' }),
        late,
        end(1),
        stop('COMPLETE'),
      ]),
    )
    expect(foldChat(events).choices[0]?.parts).toMatchObject([
      { text: 'a' },
      { text: 'b' },
      { type: 'opaque', value: citation },
    ])
  })

  it('is written one part after the other, with probabilities where a text is', () => {
    const encoder = stream.encoder({ model: 'm', streamUsage: true })
    const at = (part: number) => ({ choice: 0, part })
    const events: ChatEvent[] = [
      { type: 'response-start', id: 'x', model: 'm' },
      { type: 'logprobs-delta', choice: 0, content: [{ token: 'H', logprob: -1 }] },
      { type: 'part-start', ...at(0), value: { type: 'text', text: 'H' } },
      {
        type: 'part-start',
        ...at(1),
        value: { type: 'tool-call', id: 't', name: 'f', arguments: 'free', kind: 'custom' },
      },
      { type: 'part-delta', ...at(0), text: 'i' },
      { type: 'part-end', ...at(1) },
      { type: 'part-end', ...at(0) },
      { type: 'choice-end', choice: 0, finish: { reason: 'stop' } },
      { type: 'response-end' },
    ]
    const text = events.map((event) => encoder.push(event)).join('')
    const said = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as JsonObject)
    expect(said.slice(1)).toEqual([
      begin(0, { type: 'text', text: '' }),
      grow(0, { text: '' }, { logprobs: { text: 'H', token_ids: [], logprobs: [-1] } }),
      grow(0, { text: 'H' }),
      grow(0, { text: 'i' }),
      end(0),
      {
        type: 'tool-call-start',
        index: 0,
        delta: { message: { tool_calls: { id: 't', type: 'function', function: { name: 'f', arguments: '' } } } },
      },
      {
        type: 'tool-call-delta',
        index: 0,
        delta: { message: { tool_calls: { function: { arguments: '{"input":"free"}' } } } },
      },
      { type: 'tool-call-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
    ])
    expect(encoder.lost.map(({ path }) => path)).toEqual(['choices[0].content[1].arguments'])
  })
})

describe('the head of a request', () => {
  const head = (json: unknown) =>
    cohereChat.head(new Body(Buffer.from(JSON.stringify(json)), (value) => cohereChat.request.decode(value)))
  const messages = [{ role: 'user', content: 'a' }]

  it('has what routing and limits need', () => {
    expect(head({ model: 'm', messages, stream: true, max_tokens: 5 })).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 5,
    })
  })

  it.each([
    [{ messages }, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: [] }, 'messages'],
    [{ model: 'm', messages, stream: 'yes' }, 'stream'],
    [{ model: 'm', messages, max_tokens: 0 }, 'max_tokens'],
    [{ model: 'm', messages, max_tokens: 'x' }, 'max_tokens'],
  ])('refuses %j', (json, param) => {
    expect(() => head(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('a request that is none', () => {
  it.each([
    [{ model: '', messages: [] }, 'model'],
    [{ model: 'm', messages: [1] }, 'messages[0]'],
    [{ model: 'm', messages: [{ role: 'boss' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'user', content: [{ text: 'a' }] }] }, 'messages[0].content[0].type'],
    [{ model: 'm', messages: [{ role: 'tool', content: 'a' }] }, 'messages[0].tool_call_id'],
    [{ model: 'm', messages: [{ role: 'assistant', tool_calls: [{ id: 1 }] }] }, 'messages[0].tool_calls[0].id'],
    [{ model: 'm', messages: [{ role: 'assistant', tool_calls: [{ type: 1 }] }] }, 'messages[0].tool_calls[0].type'],
    [{ model: 'm', messages: [{ role: 'user', content: 'a' }], tools: [{ type: 1 }] }, 'tools[0].type'],
    [
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,%zz' } }] }] },
      'messages[0].content[0].image_url.url',
    ],
  ])('names the field: %j', (json, param) => {
    expect(() => cohereChat.request.decode(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
