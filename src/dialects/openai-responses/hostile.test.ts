/** Whatever a client or a service sends: faults that name the field, events in order, and never a defect. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import { expectOrdered } from '../../kernel/testing/chat-stream-laws.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { requests } from './fixtures/requests.ts'
import { responses } from './fixtures/responses.ts'
import { openaiResponses } from './index.ts'
import { ResponseStreamDecoder } from './stream-decoder.ts'
import { ResponseStreamEncoder } from './stream-encoder.ts'

const junk: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(null, '', 'x', -1, 0, 1.5, true, [], {}, [null], ['x'], [{}], [[]]),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
)

/** The document with one value anywhere in it replaced. */
function spoiled(value: JsonValue, at: () => number, by: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null || at() % 5 === 0) return by
  const entries = Object.entries(value)
  const chosen = entries[at() % Math.max(1, entries.length)]
  if (chosen === undefined) return by
  const changed = spoiled(chosen[1] ?? null, at, by)
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === chosen[0] ? changed : item))
  return { ...value, [chosen[0]]: changed }
}

const spoiledOne = (documents: readonly (JsonObject | undefined)[]): fc.Arbitrary<JsonValue> =>
  fc
    .tuple(fc.constantFrom(...documents), fc.infiniteStream(fc.nat(1000)), junk)
    .map(
      ([document, chance, by]) =>
        JSON.parse(JSON.stringify(spoiled(document ?? {}, () => chance.next().value ?? 0, by))) as JsonValue,
    )

function faultOf(work: () => void): Fault | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

describe('spoiled documents', () => {
  it('are requests that can be sent on, or faults of the client', () => {
    fc.assert(
      fc.property(spoiledOne(requests.map(({ request }) => request)), (json) => {
        const fault = faultOf(() => {
          const request = openaiResponses.request.decode(json)
          expect(openaiResponses.request.encode(request, { model: request.model }).json).toEqual(json)
        })
        if (fault !== undefined) expect(fault.code).toBe('invalid_request')
      }),
      { numRuns: runs(500) },
    )
  })

  it('are answers that can be told, or faults of the provider', () => {
    fc.assert(
      fc.property(spoiledOne(responses.map(({ response }) => response)), (json) => {
        const fault = faultOf(() => {
          const response = openaiResponses.response.decode(json)
          expect(openaiResponses.response.encode(response, { model: response.model }).json).toEqual(json)
        })
        if (fault !== undefined) expect(fault.code).toMatch(/^provider_/)
      }),
      { numRuns: runs(500) },
    )
  })
})

const items: readonly JsonObject[] = [
  { id: 'm', type: 'message', role: 'assistant', content: [] },
  {
    id: 'm',
    type: 'message',
    content: [{ type: 'output_text', text: 'ab' }, { type: 'refusal', refusal: 'c' }, { type: 'x' }],
  },
  { id: 'r', type: 'reasoning', summary: [{ type: 'summary_text', text: 's' }], encrypted_content: 'e' },
  { id: 'f', type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' },
  { id: 'w', type: 'web_search_call', status: 'completed' },
]

const event: fc.Arbitrary<JsonObject> = fc.record(
  {
    type: fc.constantFrom(
      'response.created',
      'response.output_item.added',
      'response.output_item.done',
      'response.content_part.added',
      'response.content_part.done',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.refusal.delta',
      'response.reasoning_text.delta',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_part.done',
      'response.reasoning_summary_text.delta',
      'response.function_call_arguments.delta',
      'response.web_search_call.searching',
      'response.completed',
    ),
    output_index: fc.oneof(fc.nat(2), junk),
    content_index: fc.oneof(fc.nat(2), junk),
    summary_index: fc.nat(2),
    item_id: fc.constantFrom('m', 'r', 'f', 'w'),
    delta: fc.oneof(fc.constantFrom('a', 'b'), junk),
    part: fc.oneof(
      fc.constantFrom<JsonValue>(
        { type: 'output_text', text: 'ab' },
        { type: 'refusal', refusal: 'c' },
        { type: 'reasoning_text', text: 'r' },
        { type: 'summary_text', text: 's' },
      ),
      junk,
    ),
    item: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<JsonValue>(...items) }, { weight: 1, arbitrary: junk }),
    annotation: junk,
    response: fc.oneof(fc.record({ id: fc.constant('r'), output: fc.subarray([...items]), status: junk }), junk),
  },
  { requiredKeys: ['type'] },
) as fc.Arbitrary<JsonObject>

describe('events in any order, with anything in them', () => {
  it('are decoded in order, to the end or to an error, and can be told again', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const decoder = new ResponseStreamDecoder()
        const text = events.map((json) => `data: ${JSON.stringify(json)}\n\n`).join('')
        const decoded = [...decoder.push(Buffer.from(text)), ...decoder.end()]
        expectOrdered(decoded)
        const last = decoded.at(-1)
        expect(['response-end', 'error']).toContain(last?.type)
        if (last?.type === 'error') expect(last.fault.code).toMatch(/^provider_/)
        const encoder = new ResponseStreamEncoder({ model: 'm', streamUsage: false })
        for (const one of decoded) encoder.push(one)
        encoder.end()
      }),
      { numRuns: runs(500) },
    )
  })
})
