/** Lines gathered in a block are the lines that are made one by one. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleRecord, sampleReservation } from '../../kernel/testing/usage-store-kit.ts'
import { recordLine, reserveLine } from './journal-line.ts'
import { LineBlock } from './line-block.ts'

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('ä€🔑'.repeat(20_000), '\ud800', ''))

describe('a block of lines', () => {
  it('has every line as it is made alone, whatever its text and however many there are', () => {
    const block = new LineBlock()
    fc.assert(
      fc.property(fc.array(fc.record({ text: anyText, isRecord: fc.boolean() }), { maxLength: 8 }), (entries) => {
        let expected = ''
        for (const [index, { text, isRecord }] of entries.entries()) {
          const record = sampleRecord(index, { keyName: text })
          const reservation = sampleReservation(index, { keyName: text })
          block.add(isRecord ? 'record' : 'reserve', JSON.stringify(isRecord ? record : reservation))
          expected += isRecord ? recordLine(record) : reserveLine(reservation)
        }
        expect(block.lines).toBe(entries.length)
        expect(block.take().equals(Buffer.from(expected))).toBe(true)
        expect(block.lines).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
