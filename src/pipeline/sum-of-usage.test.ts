/** The usage of several answers adds up. */
import { expect, it } from 'vitest'
import { sumOfUsage } from './sum-of-usage.ts'

it('adds up every kind, and leaves out what is true of one answer alone', () => {
  const one = {
    input: { total: 10, cacheRead: 4 },
    output: { total: 5 },
    serverTools: { search: 1 },
    raw: { d: { tokens: 15 } },
  }
  expect(sumOfUsage([one])).toBe(one)
  expect(
    sumOfUsage([
      one,
      { input: { total: 3 }, output: { total: 2, reasoning: 1 }, serverTools: { search: 2, fetch: 1 } },
    ]),
  ).toEqual({
    input: { total: 13, cacheRead: 4 },
    output: { total: 7, reasoning: 1 },
    serverTools: { search: 3, fetch: 1 },
  })
  const guessed = { input: { total: 1 }, output: { total: 1 }, estimated: true }
  expect(sumOfUsage([one, guessed]).estimated).toBe(true)
})
