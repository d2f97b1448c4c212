/** The fallback strategy keeps the configured order, whoever asks and whenever. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fallback } from './fallback.ts'

describe('the fallback strategy', () => {
  it('gives every target once, in the configured order, for any query and any chance', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string()),
        fc.string(),
        fc.option(fc.string(), { nil: undefined }),
        fc.double(),
        (ids, model, keyId, chance) => {
          const targets = ids.map((id) => ({ id, options: {} }))
          const context = { random: () => chance, now: 0, turn: 0 }
          const order = [...fallback.order(targets, { model, keyId, endUser: undefined }, context)]
          expect(order.map((target) => target.id)).toEqual(ids)
        },
      ),
    )
  })

  it('refuses target options, since it has none', () => {
    expect(fallback.targetOptions.safeParse({}).success).toBe(true)
    expect(fallback.targetOptions.safeParse({ weight: 3 }).success).toBe(false)
  })
})
