/** Whatever a record says, its sums are those of the whole record. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleRecord } from '../kernel/testing/usage-store-kit.ts'
import type { ExchangeRecord } from './record.ts'
import { readSummedRecord } from './summed-record.ts'

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(',"requestId":"', '","durationMs":1', '"', '\\'))
const sums = fc.record(
  {
    keyId: text,
    provider: text,
    modelServed: text,
    outcome: fc.constantFrom('ok' as const, 'fault' as const),
    usage: fc.record({ input: fc.record({ total: fc.nat() }), output: fc.record({ total: fc.nat() }) }),
    cost: fc.nat(),
    unpriced: fc.constant(true),
    route: text,
  },
  { requiredKeys: ['outcome'] },
)
const others = fc.record(
  { requestId: text, keyName: text, endUser: text, status: fc.nat() },
  { requiredKeys: ['requestId', 'status'] },
)

const summed = ({
  id,
  at,
  keyId,
  provider,
  modelServed,
  outcome,
  usage,
  cost,
  unpriced,
  route,
  durationMs,
}: object & {
  [Field in keyof ExchangeRecord]?: unknown
}) => ({ id, at, keyId, provider, modelServed, outcome, usage, cost, unpriced, route, durationMs })

describe('a record of which only the sums are read', () => {
  it('has the same sums as the whole, written for that or not', () => {
    fc.assert(
      fc.property(sums, others, fc.nat(), fc.boolean(), (told, rest, durationMs, isFirst) => {
        const { id, at, attempts, surface, operation, stream } = sampleRecord(1)
        const record = isFirst
          ? { id, at, ...told, durationMs, ...rest, attempts, surface, operation, stream }
          : { id, ...rest, at, attempts, durationMs, ...told }
        const read = readSummedRecord(Buffer.from(JSON.stringify(record)))
        expect(summed(read)).toEqual(summed(JSON.parse(JSON.stringify(record))))
        if (told.provider === undefined || told.modelServed === undefined) expect(read.attempts).toEqual(attempts)
      }),
    )
  })

  it('is not read beyond them', () => {
    const { id, at, provider, modelServed, outcome, durationMs, requestId, ...rest } = sampleRecord(1)
    const json = JSON.stringify({ id, at, provider, modelServed, outcome, durationMs, requestId, ...rest })
    const read = readSummedRecord(Buffer.from(json))
    expect(Object.keys(read)).toEqual(['id', 'at', 'provider', 'modelServed', 'outcome', 'durationMs'])
  })
})
