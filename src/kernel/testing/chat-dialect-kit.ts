/**
 * The conformance kit of chat dialects: the laws that tie a codec's directions together, as tests that every chat dialect registers
 * for its own fixtures. A dialect that passes loses nothing of its own protocol and never throws on what another could have said.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { Body } from '../body.ts'
import type { ChatDialect, RequestAddress } from '../dialect.ts'
import { describeCanonicalEncoding } from './chat-canonical-laws.ts'
import type { Incapable } from './incapable.ts'
import { describeChatFaults } from './chat-fault-laws.ts'
import { describeChatStream, spoken } from './chat-stream-laws.ts'
import { canonicalJson, withProtoMember, withUnknownBlocks, withUnknownMembers } from './json-mutations.ts'

export interface ChatFixture {
  readonly name: string
  readonly request?: JsonObject
  /** What the URL of that request says, for protocols that put it there. */
  readonly address?: RequestAddress
  readonly response?: JsonObject
  /** A stream as it is on the wire. */
  readonly stream?: string | Uint8Array
  /** The plain answer that the stream must fold to, in the dialect's own JSON. */
  readonly streamFolds?: JsonObject
  /** An error as a provider of the dialect answers it. */
  readonly fault?: { readonly status: number; readonly body: JsonObject; readonly headers?: Record<string, string> }
}

/** For protocols that have one place for instructions. */
export const instructionsAnywhere: readonly ChatRequest[] = [
  { model: 'm', stream: false, messages: [{ role: 'system', parts: [{ type: 'text', text: 'Only instructions.' }] }] },
  {
    model: 'm',
    stream: true,
    messages: [
      { role: 'developer', parts: [{ type: 'text', text: 'First' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Second' }] },
      { role: 'user', name: 'Ada', parts: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_a', name: 'f', arguments: '{"a":[1]}' }] },
      { role: 'system', parts: [{ type: 'text', text: 'Late' }] },
      { role: 'tool', parts: [{ type: 'tool-result', callId: 'call_a', content: [{ type: 'text', text: 'r' }] }] },
      { role: 'user', parts: [{ type: 'text', text: 'and?' }] },
    ],
  },
]

export const silentAnswer: ChatResponse = {
  id: '',
  model: 'm',
  choices: [{ index: 0, parts: [], finish: { reason: 'stop' } }],
}

/**
 * Registers the tests. `foreignRequests` and `foreignResponses` are canonical values that the dialect must encode besides the
 * arbitrary ones: cases of interest that its author knows.
 */
export function describeChatDialect(
  dialect: ChatDialect,
  fixtures: readonly ChatFixture[],
  foreignRequests: readonly ChatRequest[] = [],
  foreignResponses: readonly ChatResponse[] = [],
  incapable: Incapable = {},
): void {
  describe(`the chat dialect ${dialect.id}`, () => {
    for (const { name, request, address, response, stream, streamFolds, fault } of fixtures) {
      describe(`with ${name}`, () => {
        if (request !== undefined) describeRequest(dialect, request, address)
        if (response !== undefined) describeResponse(dialect, response)
        if (stream !== undefined) describeChatStream(dialect, stream)
        if (stream !== undefined && streamFolds !== undefined) describeFold(dialect, stream, streamFolds)
        if (fault !== undefined) describeFaultFixture(dialect, fault)
      })
    }
    describeChatFaults(dialect)
    describeCanonicalEncoding(dialect, foreignRequests, foreignResponses, incapable)
  })
}

/** Encodes what `json` decodes to, for the same dialect; nothing may be lost on the way. */
export function roundTrip(
  codec: ChatDialect['request'] | ChatDialect['response'],
  json: JsonObject,
  address?: RequestAddress,
): unknown {
  const value = codec.decode(json, address)
  // One of the two codecs, given what it decoded itself.
  const { json: encoded, lost } = (codec as ChatDialect['request']).encode(value as ChatRequest, { model: value.model })
  expect(lost).toEqual([])
  return encoded
}

function expectSame(actual: unknown, expected: unknown, at = ''): void {
  expect(actual, `changed at ${at}`).toEqual(expected)
  // Says more: no undefined members, and own members named __proto__ compared as well.
  expect(canonicalJson(actual), `changed at ${at}`).toBe(canonicalJson(expected))
}

function describeLossless(
  codec: ChatDialect['request'] | ChatDialect['response'],
  kind: string,
  json: JsonObject,
  address?: RequestAddress,
): void {
  it(`gives the same ${kind} back`, () => {
    const before = canonicalJson(json)
    expectSame(roundTrip(codec, json, address), json)
    expect(canonicalJson(json)).toBe(before)
  })

  it(`keeps members of the ${kind} that it does not know, at every level`, () => {
    for (const { at, json: changed } of withUnknownMembers(json))
      expectSame(roundTrip(codec, changed, address), changed, at)
  })

  it(`keeps blocks of the ${kind} that it does not know`, () => {
    for (const { at, json: changed } of withUnknownBlocks(json))
      expectSame(roundTrip(codec, changed, address), changed, at)
  })

  it(`keeps a member of the ${kind} named __proto__ as a member`, () => {
    const changed = withProtoMember(json)
    expectSame(roundTrip(codec, changed, address), changed)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
}

const bytesOf = (json: JsonObject): Uint8Array => Buffer.from(JSON.stringify(json))

function describeRequest(dialect: ChatDialect, json: JsonObject, address: RequestAddress | undefined): void {
  describeLossless(dialect.request, 'request', json, address)

  it('reads the same head without decoding', () => {
    const value = dialect.request.decode(json, address)
    const body = new Body(bytesOf(json), (parsed) => dialect.request.decode(parsed, address))
    const head = dialect.head(body, address)
    expect(head.model).toBe(value.model)
    expect(head.stream).toBe(value.stream)
    expect(head.maxOutputTokens).toBe(value.maxOutputTokens)
    expect(head.n ?? 1).toBe(value.n ?? 1)
    expect(head.endUser).toBe(value.endUser)
  })

  it.skipIf(dialect.addressed === true)('writes the model it is told to', () => {
    const { json: encoded } = dialect.request.encode(dialect.request.decode(json), { model: 'another-model' })
    expect(dialect.request.decode(encoded).model).toBe('another-model')
  })
}

function describeResponse(dialect: ChatDialect, json: JsonObject): void {
  describeLossless(dialect.response, 'response', json)

  it('reads the same facts without decoding', () => {
    const value = dialect.response.decode(json)
    const facts = dialect.facts(new Body(bytesOf(json), (parsed) => dialect.response.decode(parsed)))
    expect(facts.id ?? '').toBe(value.id)
    expect(facts.model ?? '').toBe(value.model)
    expect(facts.usage).toEqual(value.usage)
    expect(facts.finish?.reason).toBe(value.choices[0]?.finish?.reason)
  })
}

function describeFold(dialect: ChatDialect, stream: string | Uint8Array, plain: JsonObject): void {
  it('folds to the plain answer', () => {
    const codec = dialect.stream
    if (codec === undefined) throw new Error(`${dialect.id} has no stream codec`)
    const decoder = codec.decoder()
    const events: ChatEvent[] = [...decoder.push(Buffer.from(stream)), ...decoder.end()]
    expect(spoken(foldChat(events))).toEqual(spoken(dialect.response.decode(plain)))
  })
}

function describeFaultFixture(dialect: ChatDialect, fault: NonNullable<ChatFixture['fault']>): void {
  it('gives the same error back', () => {
    const decoded = dialect.fault.decode(fault.status, fault.body, fault.headers ?? {})
    expect(decoded.code).toMatch(/^provider_/)
    expect(decoded.upstream?.status).toBe(fault.status)
    const requestId = fault.body['request_id']
    const encoded = dialect.fault.encode(decoded, typeof requestId === 'string' ? requestId : 'req_kit')
    expectSame(encoded.json, fault.body)
  })

  it('reads the error from any junk around it without throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.string(), fc.constant(undefined)),
        fc.integer({ min: 300, max: 599 }),
        (body, status) => {
          expect(dialect.fault.decode(status, { ...fault.body, error: body }, {}).code).toMatch(/^provider_/)
        },
      ),
      { numRuns: 50 },
    )
  })
}
