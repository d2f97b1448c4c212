/** Parts that share a place speak in turn, whatever the order in which their pieces come. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../model/part.ts'
import { PartTurns } from './part-turns.ts'
import type { PartEvent } from './part-turns.ts'

const placeOf = (part: Part): string | undefined => (part.type === 'text' ? 'content' : undefined)
const start = (part: number, value: Part = { type: 'text', text: '' }): PartEvent => ({
  type: 'part-start',
  choice: 0,
  part,
  value,
})
const piece = (part: number, text: string): PartEvent => ({ type: 'part-delta', choice: 0, part, text })
const end = (part: number): PartEvent => ({ type: 'part-end', choice: 0, part })

describe('parts that share a place', () => {
  it('wait until those before them have ended', () => {
    const turns = new PartTurns(placeOf)
    expect(turns.push(start(0))).toEqual([start(0)])
    expect(turns.push(start(1))).toEqual([])
    expect(turns.push(piece(1, 'b'))).toEqual([])
    expect(turns.push(piece(0, 'a'))).toEqual([piece(0, 'a')])
    expect(turns.push(end(0))).toEqual([end(0), start(1), piece(1, 'b')])
    expect(turns.push(piece(1, 'c'))).toEqual([piece(1, 'c')])
    expect(turns.push(end(1))).toEqual([end(1)])
  })

  it('do not hold up a part with a place of its own', () => {
    const turns = new PartTurns(placeOf)
    const call = start(1, { type: 'tool-call', id: 'c', name: 'n', arguments: '' })
    turns.push(start(0))
    expect(turns.push(call)).toEqual([call])
    expect(turns.push(end(1))).toEqual([end(1)])
  })

  it('lose nothing and never interleave', () => {
    const order = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }).chain((parts) =>
      fc.shuffledSubarray(
        parts.flatMap((part) => [part, part, part]),
        { minLength: parts.length * 3 },
      ),
    )
    fc.assert(
      fc.property(order, (steps) => {
        const turns = new PartTurns(placeOf)
        const seen = new Map<number, number>()
        const out = steps.flatMap((part) => {
          const step = seen.get(part) ?? 0
          seen.set(part, step + 1)
          return turns.push([start(part), piece(part, 'x'), end(part)][step] ?? end(part))
        })
        const firsts = [...seen.keys()]
        expect(out).toEqual(firsts.flatMap((part) => [start(part), piece(part, 'x'), end(part)]))
      }),
    )
  })
})
