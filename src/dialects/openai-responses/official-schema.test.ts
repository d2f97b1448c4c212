/** What clients are told, against OpenAI's own description of it: responses and every event of a stream, whatever they were made of. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import { SseReader } from '../../bytes/sse-reader.ts'
import type { EncodeContext } from '../../kernel/dialect.ts'
import { chatResponseArbitrary, chatStreamArbitrary } from '../../kernel/testing/chat-arbitraries.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { officialSchema } from './fixtures/official-schema.ts'
import { requests } from './fixtures/requests.ts'
import { openaiResponses } from './index.ts'
import { ResponseStreamEncoder } from './stream-encoder.ts'

const check = officialSchema()

const asked: readonly (ChatRequest | undefined)[] = [
  undefined,
  ...requests.slice(0, 3).map(({ request }) => openaiResponses.request.decode(request)),
]
const contextArbitrary: fc.Arbitrary<EncodeContext> = fc
  .constantFrom(...asked)
  .map((request) => ({ model: 'gpt-5.1', answerId: 'ex_0abc', ...(request !== undefined && { request }) }))

/** The data of every event of `text`. */
function eventsIn(text: string): JsonObject[] {
  const reader = new SseReader()
  return [...reader.push(Buffer.from(text)), ...reader.end()].map(({ data }) => JSON.parse(data) as JsonObject)
}

function streamed(events: readonly ChatEvent[], context: EncodeContext, fault?: Fault): JsonObject[] {
  const encoder = new ResponseStreamEncoder({ ...context, streamUsage: false })
  const text = events.map((event) => encoder.push(event)).join('')
  return eventsIn(text + (fault === undefined ? encoder.end() : encoder.fault(fault)))
}

describe.skipIf(check === undefined)("OpenAI's own description", () => {
  const problems = (name: string, json: unknown): string => check?.(name, json) ?? ''

  it('would refuse what is not of the protocol', () => {
    const [created, ...rest] = streamed([{ type: 'response-start', id: 'a', model: 'm' }], { model: 'm' })
    expect(problems('ResponseStreamEvent', created)).toBe('')
    expect(problems('ResponseStreamEvent', { ...created, sequence_number: 'first' })).not.toBe('')
    expect(problems('ResponseStreamEvent', { ...created, response: {} })).not.toBe('')
    const whole = rest.at(-1)?.['response'] as JsonObject
    expect(problems('Response', whole)).toBe('')
    expect(problems('Response', { ...whole, output: [{ type: 'message', content: [] }] })).not.toBe('')
  })

  it('accepts any answer', () => {
    fc.assert(
      fc.property(chatResponseArbitrary, contextArbitrary, (response, context) => {
        const { json } = openaiResponses.response.encode(response, context)
        expect(problems('Response', json), `of ${JSON.stringify(json)}`).toBe('')
      }),
      { numRuns: runs(300) },
    )
  })

  it('accepts every event of any stream', () => {
    fc.assert(
      fc.property(chatStreamArbitrary, contextArbitrary, ({ events }, context) => {
        for (const event of streamed(events, context))
          expect(problems('ResponseStreamEvent', event), `of ${JSON.stringify(event)}`).toBe('')
      }),
      { numRuns: runs(100) },
    )
  })

  it('accepts a stream that ends in an error, wherever it does', () => {
    fc.assert(
      fc.property(chatStreamArbitrary, fc.nat(), ({ events }, at) => {
        const told = streamed(
          events.slice(0, at % events.length),
          { model: 'm', answerId: 'ex_0abc' },
          new Fault('provider_cut', 'The answer broke off.'),
        )
        for (const event of told) expect(problems('ResponseStreamEvent', event), `of ${JSON.stringify(event)}`).toBe('')
      }),
      { numRuns: 50 },
    )
  })
})
