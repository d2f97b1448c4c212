/** How long something is left alone: never longer for failing all at once, and as long as was told. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rest } from './rest.ts'

const lengths = { first: 1000, most: 8000 }

describe('a rest', () => {
  it('is twice as long each time, up to the most', () => {
    const rest = new Rest()
    let now = 0
    const taken = Array.from({ length: 6 }, () => {
      const length = rest.begin(now, lengths, undefined)
      now += length ?? 0
      return length
    })
    expect(taken).toEqual([1000, 2000, 4000, 8000, 8000, 8000])
    rest.end()
    expect(rest.begin(now, lengths, undefined)).toBe(1000)
  })

  it('counts failures that come together as one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(999), { minLength: 1, maxLength: 30 }), (later) => {
        const rest = new Rest()
        expect(rest.begin(0, lengths, undefined)).toBe(1000)
        for (const at of later.toSorted((a, b) => a - b)) expect(rest.begin(at, lengths, undefined)).toBeUndefined()
        expect(rest.msAt(0)).toBe(1000)
        expect(rest.begin(1000, lengths, undefined)).toBe(2000)
      }),
    )
  })

  it('lasts until the latest time that was told, and never more than a day', () => {
    const told = fc.array(fc.record({ at: fc.nat(500), ms: fc.nat(1e9) }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(told, (all) => {
        const rest = new Rest()
        const inOrder = all.toSorted((a, b) => a.at - b.at)
        for (const { at, ms } of inOrder) rest.begin(at, lengths, ms)
        const latest = Math.max(...inOrder.map(({ at, ms }) => at + Math.min(ms, 86_400_000)))
        expect(rest.msAt(500)).toBe(Math.max(0, latest - 500))
      }),
    )
  })
})
