/** However requests and hedges follow each other, no more than the share is hedged, beyond what was saved up. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HedgeAllowance } from './hedge-allowance.ts'

it('lets the share through, and little more at once', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 400 }), fc.constantFrom(0.05, 0.1, 0.5), (asks, share) => {
      const allowance = new HedgeAllowance()
      let taken = 0
      for (const [index, asked] of asks.entries()) {
        allowance.earn(share)
        if (asked && allowance.take()) taken += 1
        expect(taken).toBeLessThanOrEqual(1 + share * (index + 1) + 1e-6)
      }
    }),
  )
})

it('lets every request through where all may be hedged', () => {
  const allowance = new HedgeAllowance()
  for (let request = 0; request < 100; request += 1) {
    allowance.earn(1)
    expect(allowance.take()).toBe(true)
  }
})

it('saves up no more than ten', () => {
  const allowance = new HedgeAllowance()
  for (let request = 0; request < 1000; request += 1) allowance.earn(0.5)
  expect(Array.from({ length: 12 }, () => allowance.take()).filter(Boolean)).toHaveLength(10)
})
