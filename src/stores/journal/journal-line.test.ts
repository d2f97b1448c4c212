/** Lines: what goes in comes out, and nothing else does. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleRecord, sampleReservation } from '../../kernel/testing/usage-store-kit.ts'
import { readLine, recordLine, reservedId, reserveLine } from './journal-line.ts'

const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
const bare = (line: string): Buffer => Buffer.from(line).subarray(0, -1)

describe('journal lines', () => {
  it('are JSON that any tool reads, one line each', () => {
    const line = recordLine(sampleRecord(1, { keyName: 'two\nlines' }))
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual({
      crc: expect.stringMatching(/^[0-9a-f]{8}$/),
      record: sampleRecord(1, { keyName: 'two\nlines' }),
    })
  })

  it('give back any text, lone surrogates and all', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, nano) => {
        const record = sampleRecord(1, { keyName: text, endUser: text })
        expect(readLine(bare(recordLine(record)))).toEqual({
          kind: 'record',
          id: record.id,
          record,
          sums: record,
          json: Buffer.from(JSON.stringify(record)),
        })
        const reservation = sampleReservation(2, { keyName: text, nano })
        expect(readLine(bare(reserveLine(reservation)))).toEqual({ kind: 'reserve', reservation })
      }),
      { numRuns: 40 },
    )
  })

  it('are refused when cut anywhere', () => {
    const line = bare(recordLine(sampleRecord(1, { keyName: 'ключ 🔑' })))
    for (let end = 0; end < line.length; end++) expect(readLine(line.subarray(0, end))).toBeUndefined()
  })

  it('are refused when any byte is another', () => {
    const line = bare(recordLine(sampleRecord(1)))
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(line)
        damaged[at] = damaged[at]! ^ change
        expect(readLine(damaged)).toBeUndefined()
      }),
    )
    expect(readLine(line)).toBeDefined()
  })

  it('are refused when whole but not an entry', () => {
    for (const value of [
      null,
      {},
      [],
      { ...sampleRecord(1), id: 7 },
      { ...sampleRecord(1), at: 'now' },
      { ...sampleRecord(1), attempts: null },
    ]) {
      expect(readLine(bare(recordLine(value as never)))).toBeUndefined()
    }
    for (const value of [null, { ...sampleReservation(1), id: '' }, { ...sampleReservation(1), nano: 0.5 }]) {
      expect(readLine(bare(reserveLine(value as never)))).toBeUndefined()
    }
  })
})

describe('the id of a reservation', () => {
  it('is read from its line alone, and from no other line', () => {
    expect(reservedId(bare(reserveLine(sampleReservation(7))))).toBe(sampleReservation(7).id)
    expect(reservedId(bare(recordLine(sampleRecord(7))))).toBeUndefined()
    const line = bare(reserveLine(sampleReservation(7)))
    for (let end = 0; end < line.length; end++) {
      const id = reservedId(line.subarray(0, end))
      expect(id === undefined || id === sampleReservation(7).id).toBe(true)
    }
  })
})
