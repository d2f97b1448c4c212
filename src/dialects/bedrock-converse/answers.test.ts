/** Answers, plain and streamed: what guardrails said, what was used, and what clients of this protocol are told of others' answers. */
import { describe, expect, it } from 'vitest'
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import { AwsEventReader } from '../../bytes/aws-event-reader.ts'
import { Body } from '../../kernel/body.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { delta, folded, guardrail, start, stop, tail, wire } from './fixtures-answers.ts'
import { bedrockConverse } from './index.ts'

const { response: codec, stream } = bedrockConverse
if (stream === undefined) throw new Error('there are streams')

const decoded = (bytes: Uint8Array, more: Uint8Array[] = []): ChatEvent[] => {
  const decoder = stream.decoder()
  return [bytes, ...more].flatMap((chunk) => decoder.push(chunk)).concat(decoder.end())
}
const answer = (parts: Part[], more: Partial<ChatResponse> = {}): ChatResponse => ({
  id: 'x',
  model: 'm',
  choices: [{ index: 0, parts, finish: { reason: 'stop' } }],
  ...more,
})
const encoded = (response: ChatResponse) => {
  const { json, lost } = codec.encode(response, { model: 'anthropic.claude-sonnet-4-6' })
  return { json: json as JsonObject, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}
/** Events as they are on the wire, by their types. */
const written = (events: ChatEvent[]): [string, unknown][] => {
  const encoder = stream.encoder({ model: 'm', streamUsage: true })
  const bytes = [...events.map((event) => encoder.push(event)), encoder.end()].map((chunk) => Buffer.from(chunk))
  return new AwsEventReader().push(Buffer.concat(bytes)).map(({ headers, payload }) => {
    const type = headers.get(':event-type') ?? headers.get(':exception-type')
    return [String(type?.value), JSON.parse(Buffer.from(payload).toString('utf8'))]
  })
}

describe('an answer', () => {
  it('counts what was cached among the input', () => {
    expect(codec.decode(folded([], 'end_turn')).usage).toMatchObject({
      input: { total: 19, cacheRead: 4, cacheWrite: 3, cacheWrite1h: 2 },
      output: { total: 40 },
      serverTools: { nova_grounding: 2 },
    })
  })

  it('tells what a guardrail said, in words that providers have in common, without what it matched', () => {
    const { safety } = codec.decode(folded([], 'guardrail_intervened', { trace: { guardrail } }))
    expect(safety).toMatchObject([
      {
        of: 'input',
        blocked: true,
        reason: 'Guardrail blocked.',
        ratings: [
          { category: 'finance', blocked: true },
          { category: 'jailbreak', level: 'high', blocked: true },
          { category: 'hate', level: 'low' },
          { category: 'word', blocked: true },
          { category: 'profanity' },
        ],
      },
      {
        of: 'output',
        choice: 0,
        blocked: true,
        ratings: [{ category: 'email' }, { category: 'ticket' }, { category: 'grounding', score: 0.4, blocked: true }],
      },
    ])
    expect(JSON.stringify(safety?.map(({ ratings }) => ratings))).not.toContain('secret')
  })

  it("shows another provider's verdicts as a guardrail's", () => {
    const { json } = encoded(
      answer([], {
        safety: [
          { of: 'input', blocked: false, ratings: [{ category: 'hate', level: 'medium' }], origin: 'gemini' },
          {
            of: 'output',
            choice: 0,
            blocked: true,
            ratings: [{ category: 'recitation', blocked: true }],
            reason: 'r',
            origin: 'gemini',
          },
        ],
      }),
    )
    expect(json['trace']).toEqual({
      guardrail: {
        actionReason: 'r',
        inputAssessment: {
          gemini: { contentPolicy: { filters: [{ type: 'HATE', confidence: 'MEDIUM', action: 'NONE' }] } },
        },
        outputAssessments: {
          gemini: [{ topicPolicy: { topics: [{ name: 'recitation', type: 'DENY', action: 'BLOCKED' }] } }],
        },
      },
    })
  })

  it.each<[string, JsonObject[], JsonObject]>([
    ['an assessment that is none', [], { trace: { guardrail: { ...guardrail, outputAssessments: '' } } }],
    ['citations of no text', [{ citationsContent: { content: null, citations: [] } }], {}],
    ['an image without a format', [{ image: { source: { bytes: 'iVBORw0KGgo=' } } }], {}],
  ])('goes back with what it should not have had: %s', (_name, content, more) => {
    const json = folded(content, 'end_turn', more)
    expect(encoded(codec.decode(json)).json).toEqual(json)
  })

  it('tells which stop sequence was met, plain and streamed', () => {
    const { finish } =
      codec.decode(folded([], 'stop_sequence', { additionalModelResponseFields: { stop_sequence: 'END' } }))
        .choices[0] ?? {}
    expect(finish).toMatchObject({ reason: 'stop-sequence', sequence: 'END' })
    const met = answer([], { choices: [{ index: 0, parts: [], finish: { reason: 'stop-sequence', sequence: 'X' } }] })
    expect(encoded(met).json['additionalModelResponseFields']).toEqual({ stop_sequence: 'X' })
  })

  it('shows reasoning of other providers, sealed so that it can come back', () => {
    const { json, lost } = encoded(
      answer([{ type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' }]),
    )
    const { message } = (json as { output: { message: JsonObject } }).output
    const returned = bedrockConverse.request.decode({ messages: [message] }, { model: 'm', stream: false })
    const [again] = returned.messages[0]?.parts ?? []
    expect(again).toMatchObject({ type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' })
    expect(lost).toEqual(['adapted choices[0].content[0]'])
  })

  it('shows citations of other providers with their sources', () => {
    const citations = [{ url: 'https://a.example/b', title: 'A', quote: 'q', origin: 'openai-chat', raw: {} }]
    expect(encoded(answer([{ type: 'text', text: 'Yes', citations }])).json).toMatchObject({
      output: {
        message: {
          content: [
            {
              citationsContent: {
                content: [{ text: 'Yes' }],
                citations: [
                  {
                    title: 'A',
                    source: 'https://a.example/b',
                    sourceContent: [{ text: 'q' }],
                    location: { web: { url: 'https://a.example/b', domain: 'a.example' } },
                  },
                ],
              },
            },
          ],
        },
      },
    })
  })

  it('says to run tools where an answer that merely stopped has calls', () => {
    expect(encoded(answer([{ type: 'tool-call', id: 'a', name: 'f', arguments: '' }])).json).toMatchObject({
      stopReason: 'tool_use',
      output: { message: { content: [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }] } },
      metrics: { latencyMs: 0 },
    })
  })

  it.each([
    [{ output: {} }, 'output.message'],
    [{ output: { message: { content: 'text' } } }, 'output.message.content'],
    [{ message: 'no' }, 'output'],
    [[], 'body'],
  ])('that is none is malformed: %j', (json, path) => {
    expect(() => codec.decode(json)).toThrow(Fault)
    expect(() => codec.decode(json)).toThrow(path)
    const body = new Body(Buffer.from(JSON.stringify(json)), (value) => codec.decode(value))
    if (path !== 'output.message.content') expect(() => bedrockConverse.facts(body)).toThrow(Fault)
  })
})

describe('a stream', () => {
  it('is not over before its usage is told, but can end without', () => {
    const [last = {}] = tail('end_turn')
    const events = decoded(wire([start, delta(0, { text: 'a' }), stop(0), last]))
    expect(events.at(-1)).toEqual({ type: 'response-end' })
    expect(foldChat(events).choices[0]?.finish?.reason).toBe('stop')
  })

  it.each([
    ['throttlingException', 'provider_rate_limited'],
    ['modelStreamErrorException', 'provider_error'],
    ['modelTimeoutException', 'provider_timeout'],
    ['internalServerException', 'provider_error'],
    ['serviceUnavailableException', 'provider_overloaded'],
    ['validationException', 'provider_rejected'],
    ['weatherException', 'provider_error'],
  ])('ends with the fault that %s is', (type, code) => {
    const events = decoded(Buffer.concat([wire([start]), wire([{ [type]: { message: 'What.' } }], 'exception')]))
    expect(events.at(-1)).toMatchObject({ type: 'error', fault: { code, message: 'What.' } })
  })

  it('understands errors that the service has not modelled', () => {
    const text = (value: string) => ({ type: 'string' as const, value })
    const message = writeAwsEvent({
      headers: new Map([
        [':message-type', text('error')],
        [':error-code', text('InternalFailure')],
        [':error-message', text('Oh.')],
      ]),
      payload: new Uint8Array(0),
    })
    expect(decoded(message)).toMatchObject([{ type: 'error', fault: { code: 'provider_error', message: 'Oh.' } }])
  })

  it('is malformed where its bytes are damaged, after all that came before', () => {
    const good = wire([start, delta(0, { text: 'a' })])
    const bad = Uint8Array.from(wire([delta(0, { text: 'b' })]))
    bad[20] = (bad[20] ?? 0) ^ 1
    const events = decoded(Buffer.concat([good, bad]))
    expect(events.map(({ type }) => type)).toEqual(['response-start', 'part-start', 'part-delta', 'error'])
    expect(events.at(-1)).toMatchObject({ fault: { code: 'provider_malformed' } })
  })

  it('is malformed where input belongs to no call, or what should be an object is none', () => {
    for (const bytes of [
      wire([start, delta(0, { toolUse: { input: '{}' } })]),
      wire([start, delta(0, { toolResult: [] })]),
      wire([{ contentBlockDelta: { delta: 5 } }]),
      wire([{ messageStop: {} }]),
    ])
      expect(decoded(bytes).at(-1)).toMatchObject({ type: 'error', fault: { code: 'provider_malformed' } })
  })

  it('puts redacted reasoning together that comes in pieces', () => {
    const pieces = ['abc', 'de'].map((text) =>
      delta(0, { reasoningContent: { redactedContent: Buffer.from(text).toString('base64') } }),
    )
    const folded = foldChat(decoded(wire([start, ...pieces, stop(0), ...tail('end_turn')])))
    expect(folded.choices[0]?.parts).toMatchObject([
      { type: 'reasoning', text: '', encrypted: Buffer.from('abcde').toString('base64') },
    ])
  })

  it('is written block after block, calls announced, ended where they broke off', () => {
    const at = (part: number) => ({ choice: 0, part })
    expect(
      written([
        { type: 'response-start', id: 'x', model: 'm' },
        { type: 'part-start', ...at(0), value: { type: 'text', text: '' } },
        { type: 'part-start', ...at(1), value: { type: 'tool-call', id: 't', name: 'f', arguments: '{"a":' } },
        { type: 'part-delta', ...at(0), text: 'Hi' },
        { type: 'part-delta', ...at(1), text: '"b' },
        { type: 'part-end', ...at(1) },
        { type: 'part-end', ...at(0) },
        { type: 'choice-end', choice: 0, finish: { reason: 'length' } },
        { type: 'usage-update', usage: { input: { total: 5, cacheRead: 2 }, output: { total: 3 } } },
        { type: 'response-end' },
      ]),
    ).toEqual([
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hi' } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['contentBlockStart', { contentBlockIndex: 1, start: { toolUse: { toolUseId: 't', name: 'f' } } }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '{"a":' } } }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '"b' } } }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { toolUse: { input: '"}' } } }],
      ['contentBlockStop', { contentBlockIndex: 1 }],
      ['messageStop', { stopReason: 'max_tokens' }],
      [
        'metadata',
        {
          usage: { inputTokens: 3, outputTokens: 3, totalTokens: 8, cacheReadInputTokens: 2 },
          metrics: { latencyMs: 0 },
        },
      ],
    ])
  })

  it('tells an error as an exception, and nothing after it', () => {
    const fault = new Fault('provider_overloaded', 'Busy.')
    expect(written([{ type: 'error', fault }, { type: 'response-end' }])).toEqual([
      ['serviceUnavailableException', { message: 'Busy.' }],
    ])
  })

  it('cuts a text that no message could hold', () => {
    const text = '\u0001'.repeat(4 << 20)
    const events: ChatEvent[] = [
      { type: 'response-start', id: '', model: 'm' },
      { type: 'part-start', choice: 0, part: 0, value: { type: 'text', text } },
      { type: 'part-end', choice: 0, part: 0 },
      { type: 'choice-end', choice: 0, finish: { reason: 'stop' } },
      { type: 'response-end' },
    ]
    const encoder = stream.encoder({ model: 'm', streamUsage: true })
    const bytes = Buffer.concat(events.map((event) => Buffer.from(encoder.push(event))))
    expect(foldChat(decoded(bytes)).choices[0]?.parts).toMatchObject([{ type: 'text', text }])
  })
})

describe('an error', () => {
  const { fault } = bedrockConverse

  it('is known by the header, by the body, or by its status', () => {
    const code = (status: number, body: unknown, type?: string) =>
      fault.decode(status, body, type === undefined ? {} : { 'x-amzn-errortype': type }).code
    expect(code(429, { message: 'm' }, 'ModelNotReadyException')).toBe('provider_overloaded')
    expect(code(400, { message: 'm' }, 'ServiceQuotaExceededException:http://x')).toBe('provider_rate_limited')
    expect(code(400, { __type: 'com.amazon.coral.service#ExpiredTokenException', message: 'm' })).toBe(
      'provider_authentication',
    )
    expect(code(424, {})).toBe('provider_error')
    expect(code(400, '<html>')).toBe('provider_rejected')
  })

  it('does not repeat the request that AWS would have signed', () => {
    const message =
      "The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'POST\nx-amz-security-token:TOKEN'"
    const decoded = fault.decode(403, { message }, { 'x-amzn-errortype': 'InvalidSignatureException' })
    expect(decoded.message).toBe('The request signature we calculated does not match.')
  })

  it('is told with its kind in the header', () => {
    expect(fault.encode(new Fault('rate_limited', 'Slow down.'), 'req-1')).toEqual({
      status: 429,
      json: { message: 'Slow down.' },
      headers: { 'x-amzn-errortype': 'ThrottlingException', 'x-amzn-requestid': 'req-1' },
    })
    expect(fault.encode(new Fault('invalid_request', 'No.', { param: 'messages' }), 'r').json).toEqual({
      message: 'messages: No.',
    })
  })
})

describe('the head of a request', () => {
  const head = (json: unknown, address: object = { model: 'm' }) =>
    bedrockConverse.head(
      new Body(Buffer.from(JSON.stringify(json)), (value) => bedrockConverse.request.decode(value)),
      address,
    )

  it('has model and stream from the URL, and the limit from the body', () => {
    const messages = [{ role: 'user', content: [{ text: 'a' }] }]
    expect(head({ messages, inferenceConfig: { maxTokens: 5 } }, { model: 'm', stream: true })).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 5,
    })
  })

  it.each([
    [{}, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: [1], inferenceConfig: 3 }, 'inferenceConfig'],
    [{ messages: [1], inferenceConfig: { maxTokens: 0 } }, 'inferenceConfig.maxTokens'],
    [{ messages: [1], inferenceConfig: { maxTokens: 'x' } }, 'inferenceConfig.maxTokens'],
  ])('refuses %j', (json, param) => {
    expect(() => head(json)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  it('needs a model', () => {
    expect(() => head({ messages: [1] }, {})).toThrow(expect.objectContaining({ param: 'modelId' }))
  })
})

describe('a request that is none', () => {
  it.each([
    [{ messages: [1] }, 'messages[0]'],
    [{ messages: [{ role: 'boss', content: [] }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user', content: 'text' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ text: 5 }] }] }, 'messages[0].content[0].text'],
    [{ messages: [{ role: 'user', content: [{ image: 5 }] }] }, 'messages[0].content[0].image'],
    [
      { messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a' } }] }] },
      'messages[0].content[0].toolResult.content',
    ],
    [{ messages: [], system: 'text' }, 'system'],
    [{ messages: [{ role: 'user', content: [] }], toolConfig: { tools: [5] } }, 'toolConfig.tools[0]'],
  ])('names the field: %j', (json, param) => {
    expect(() => bedrockConverse.request.decode(json, { model: 'm' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })
})
