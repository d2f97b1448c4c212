/** Streams of lines end between two lines, whatever the provider was in the middle of. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WholeLines } from './whole-lines.ts'

describe('a stream of lines', () => {
  it('goes through in whole lines and loses nothing, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 })), fc.array(fc.nat(), { maxLength: 8 }), (lines, cuts) => {
        const bytes = Buffer.from(lines.join('\n'))
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
        const gate = new WholeLines()
        let out = Buffer.alloc(0)
        for (const [index, end] of at.slice(1).entries()) {
          out = Buffer.concat([out, gate.push(bytes.subarray(at[index], end))])
          expect(out.length === 0 || out.at(-1) === 0x0a).toBe(true)
          expect(gate.atBoundary).toBe(true)
        }
        expect(Buffer.concat([out, gate.rest()]).equals(bytes)).toBe(true)
      }),
    )
  })

  it('goes through in pieces where a line is longer than may be held, and says so until it has ended', () => {
    const gate = new WholeLines()
    const long = Buffer.alloc(70_000, 'a')
    expect(gate.push(long).length).toBe(70_000)
    expect(gate.atBoundary).toBe(false)
    expect(Buffer.from(gate.push(Buffer.from('b\nc'))).toString()).toBe('b\n')
    expect(gate.atBoundary).toBe(true)
    expect(Buffer.from(gate.rest()).toString()).toBe('c')
  })
})
