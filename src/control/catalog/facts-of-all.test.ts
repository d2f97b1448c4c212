/** What is said of several models at once must be true of each of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factsOfAll } from './facts-of-all.ts'

describe('the facts of several models', () => {
  it('are those of the one when there is one', () => {
    expect(factsOfAll([{ name: 'A', context: 5, released: '2025' }])).toEqual({
      name: 'A',
      context: 5,
      released: '2025',
    })
    expect(factsOfAll([undefined])).toEqual({})
    expect(factsOfAll([])).toEqual({})
  })

  it('are what all have', () => {
    expect(
      factsOfAll([
        {
          name: 'A',
          context: 100,
          maxOutput: 9,
          inputs: ['text', 'image'],
          tools: true,
          reasoning: true,
          caching: true,
        },
        { name: 'B', context: 50, maxOutput: 10, inputs: ['image', 'text', 'pdf'], tools: true, reasoning: false },
      ]),
    ).toEqual({ context: 50, maxOutput: 9, inputs: ['text', 'image'], tools: true, reasoning: false })
  })

  it('are unknown where one of them is unknown, and no where one of them cannot', () => {
    const ability = fc.constantFrom(true, false, undefined)
    fc.assert(
      fc.property(fc.array(ability, { minLength: 2, maxLength: 5 }), (all) => {
        const { tools } = factsOfAll(all.map((tools) => (tools === undefined ? {} : { tools })))
        expect(tools).toBe(all.includes(false) ? false : all.includes(undefined) ? undefined : true)
      }),
    )
    expect(factsOfAll([{ context: 5 }, undefined])).toEqual({})
  })
})
