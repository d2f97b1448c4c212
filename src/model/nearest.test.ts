/** The nearest name must be one that a person would have meant, and the distance a true one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

const word = fc.stringMatching(/^[a-c]{0,7}$/)

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['port', 'prt', 1],
    ['openai', 'opneai', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is symmetric, and 0 only between equal words', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
      }),
    )
  })

  it('is exact up to the limit and above it otherwise', () => {
    fc.assert(
      fc.property(word, word, fc.nat(7), (a, b, limit) => {
        const exact = editDistance(a, b)
        const limited = editDistance(a, b, limit)
        expect(exact <= limit ? limited === exact : limited > limit).toBe(true)
      }),
    )
  })
})

describe('nearest', () => {
  it('finds misspelt, differently cased and shortened names, nearest first', () => {
    expect(nearest('opnai', ['openai', 'anthropic', 'sim'])).toEqual(['openai'])
    expect(nearest('GPT-4O', ['gpt-4o-mini', 'gpt-4o'], 2)).toEqual(['gpt-4o', 'gpt-4o-mini'])
    expect(nearest('claude-sonnet', ['claude-sonnet-4-5', 'gpt-4o'])).toEqual(['claude-sonnet-4-5'])
  })

  it('says nothing when nothing is near', () => {
    expect(nearest('banana', ['openai', 'sim'])).toEqual([])
    expect(nearest('x', [])).toEqual([])
  })
})
