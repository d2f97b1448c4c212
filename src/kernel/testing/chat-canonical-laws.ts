/**
 * The laws of a dialect's encoders for what other dialects decoded: any canonical value can be encoded, the result is of the
 * dialect's own protocol, and text, tool calls and usage survive it. What does not is reported, once.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest, ChatResponse, Choice } from '../../model/chat.ts'
import { foldChat } from '../../model/fold-chat.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import type { ChatDialect } from '../dialect.ts'
import {
  chatEventsOf,
  chatRequestArbitrary,
  chatResponseArbitrary,
  chatStreamArbitrary,
  otherDialect,
} from './chat-arbitraries.ts'
import { chunksOf, encodeEvents } from './chat-stream-laws.ts'
import { runs } from './depth.ts'
import type { Incapable } from './incapable.ts'

/** Every text a person or model said, tool results included; reasoning is not among them. */
function textsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.type === 'text' || part.type === 'refusal') return [part.text]
    return part.type === 'tool-result' ? textsOf(part.content) : []
  })
}

/** Tool calls by what must survive; arguments compared as JSON where they are an object, for protocols that carry no text. */
function callsOf(parts: readonly Part[]): unknown[] {
  return parts.flatMap((part) => {
    if (part.type !== 'tool-call') return []
    return [[part.id, part.name, ...(part.kind === undefined ? objectOf(part.arguments) : [])]]
  })
}

function objectOf(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? [value] : []
  } catch {
    return []
  }
}

/** The calls of `expected` with what is comparable of them, looked up in `actual`. */
function expectCalls(actual: readonly Part[], expected: readonly Part[]): void {
  const found = callsOf(actual) as unknown[][]
  const wanted = callsOf(expected) as unknown[][]
  expect(found.map((call, index) => call.slice(0, wanted[index]?.length ?? 2))).toEqual(wanted)
}

function expectReported(lost: readonly Loss[]): void {
  const said = lost.map((loss) => `${loss.path}: ${loss.reason}`)
  expect(
    said.filter((loss, index) => said.indexOf(loss) !== index),
    'losses reported twice',
  ).toEqual([])
  for (const loss of lost) expect(loss.reason).not.toBe('')
}

function throughWire(json: unknown): unknown {
  const text = JSON.stringify(json)
  expect(JSON.parse(text), 'members that are undefined or not JSON').toStrictEqual(json)
  return JSON.parse(text)
}

export function expectRequestEncodes(dialect: ChatDialect, request: ChatRequest, incapable: Incapable = {}): void {
  const { json, lost } = dialect.request.encode(request, { model: 'target-model', maxOutput: 32_000 })
  const address = dialect.addressed === true ? { model: 'target-model', stream: request.stream } : undefined
  const again = dialect.request.decode(throughWire(json), address)
  expectReported(lost)
  expect(again.model).toBe('target-model')
  expect(again.stream).toBe(request.stream)
  const said = again.messages.flatMap((message) => textsOf(message.parts)).join('\n')
  for (const text of request.messages.flatMap((message) => textsOf(message.parts))) expect(said).toContain(text)
  const parts = (value: ChatRequest): Part[] => value.messages.flatMap((message) => message.parts)
  if (incapable.tools === true) {
    if (parts(request).some((part) => part.type === 'tool-call'))
      expect(lost, 'lost calls are reported').not.toEqual([])
    return
  }
  expectCalls(parts(again), parts(request))
  const results = (value: ChatRequest): string[] =>
    parts(value).flatMap((part) => (part.type === 'tool-result' ? [part.callId] : []))
  expect(results(again)).toEqual(results(request))
  if (request.extra?.[otherDialect] !== undefined) expect(lost.map((loss) => loss.path)).toContain('x_field')
}

/** Choices past the first may be lost where a protocol has only one, if that is said. */
function expectSameAnswer(
  actual: ChatResponse,
  expected: ChatResponse,
  lost: readonly Loss[],
  incapable: Incapable,
): void {
  for (const [index, choice] of expected.choices.entries()) {
    const found = actual.choices[index]
    if (index > 0 && found === undefined) {
      expect(
        lost.some((loss) => loss.path.startsWith('choices')),
        'a lost choice is reported',
      ).toBe(true)
      continue
    }
    const all = textsOf(found?.parts ?? []).join('')
    for (const type of ['text', 'refusal'] as const) {
      // Joined without a gap: a protocol may cut a text in two where another part was open beside it. A refusal may become text.
      const said = `${textsOf(found?.parts.filter((part) => part.type === type) ?? []).join('')}\n${all}`
      for (const text of textsOf(choice.parts.filter((part) => part.type === type))) expect(said).toContain(text)
    }
    if (incapable.tools !== true) expectCalls(found?.parts ?? [], choice.parts)
    else if (choice.parts.some((part) => part.type === 'tool-call'))
      expect(lost, 'lost calls are reported').not.toEqual([])
    expect(found?.finish).toBeDefined()
  }
  if (expected.usage !== undefined) expectSameUsage(actual.usage, expected.usage, lost, incapable)
}

function expectSameUsage(
  actual: Usage | undefined,
  expected: Usage,
  lost: readonly Loss[],
  incapable: Incapable,
): void {
  const { cacheRead = 0 } = expected.input
  if (incapable.usage === 'none' || (incapable.usage === 'counts' && cacheRead > 0))
    expect(
      lost.some(({ path }) => path.startsWith('usage')),
      'lost usage is reported',
    ).toBe(true)
  if (incapable.usage === 'none') return
  expect(actual?.input.total).toBe(expected.input.total)
  expect(actual?.output.total).toBe(expected.output.total)
  if (incapable.usage === undefined) expect(actual?.input.cacheRead ?? 0).toBe(cacheRead)
}

export function expectResponseEncodes(dialect: ChatDialect, response: ChatResponse, incapable: Incapable = {}): void {
  const { json, lost } = dialect.response.encode(response, { model: 'client-model' })
  const again = dialect.response.decode(throughWire(json))
  expectReported(lost)
  if (incapable.answerModel !== true) expect(again.model).toBe('client-model')
  expectSameAnswer(again, response, lost, incapable)
}

function expectStreamEncodes(
  dialect: ChatDialect,
  events: readonly ChatEvent[],
  response: ChatResponse,
  incapable: Incapable,
): void {
  const codec = dialect.stream
  if (codec === undefined) return
  const encoder = codec.encoder({ model: 'client-model', streamUsage: true })
  const bytes = chunksOf(events.map((event) => encoder.push(event)))
  expect(encoder.end(), 'nothing is left to say after the end').toHaveLength(0)

  expectReported(encoder.lost)
  const decoder = codec.decoder()
  const again = foldChat([...decoder.push(bytes), ...decoder.end()])
  if (incapable.answerModel !== true) expect(again.model).toBe('client-model')
  expectSameAnswer(again, response, encoder.lost, incapable)
}

/** What was said, refused and called, and why it ended; the order among the three is a matter of the protocol. */
function outline({ parts, finish }: Choice): unknown {
  const texts = (type: Part['type']): string => textsOf(parts.filter((part) => part.type === type)).join('')
  return [texts('text'), texts('refusal'), callsOf(parts), finish?.reason]
}

export function describeCanonicalEncoding(
  dialect: ChatDialect,
  requests: readonly ChatRequest[],
  responses: readonly ChatResponse[],
  incapable: Incapable,
): void {
  describe('what other dialects say', () => {
    it('encodes any request, keeping text, tool calls and tool results', () => {
      fc.assert(
        fc.property(chatRequestArbitrary, (request) => expectRequestEncodes(dialect, request, incapable)),
        { numRuns: runs(300) },
      )
    })

    it('encodes any response, keeping text, tool calls and usage', () => {
      fc.assert(
        fc.property(chatResponseArbitrary, (response) => expectResponseEncodes(dialect, response, incapable)),
        { numRuns: runs(300) },
      )
    })

    it('encodes any stream, keeping text, tool calls and usage, whatever parts overlap', () => {
      fc.assert(
        fc.property(chatStreamArbitrary, ({ response, events }) =>
          expectStreamEncodes(dialect, events, response, incapable),
        ),
        { numRuns: runs(300) },
      )
    })

    it('says in a stream what it says in a plain answer', () => {
      fc.assert(
        fc.property(chatResponseArbitrary, (response) => {
          const codec = dialect.stream
          if (codec === undefined) return
          const bytes = encodeEvents(
            codec,
            chatEventsOf(response, () => 0),
            response.model,
          )
          const decoder = codec.decoder()
          const streamed = foldChat([...decoder.push(bytes), ...decoder.end()])
          const plain = dialect.response.decode(dialect.response.encode(response, { model: response.model }).json)
          expect(streamed.choices.map(outline)).toEqual(plain.choices.map(outline))
        }),
        { numRuns: runs(100) },
      )
    })

    for (const [index, request] of requests.entries())
      it(`encodes request ${index} of another dialect`, () => expectRequestEncodes(dialect, request, incapable))
    for (const [index, response] of responses.entries())
      it(`encodes response ${index} of another dialect`, () => expectResponseEncodes(dialect, response, incapable))
  })
}
