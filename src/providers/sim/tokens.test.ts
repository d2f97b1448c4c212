/** The simulator's tokens lose nothing, and prose has exactly as many as it was asked for. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawProse } from './prose.ts'
import { seeded } from './seeded.ts'
import { countTokens, splitTokens } from './tokens.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        'word',
        'internationalization',
        ' ',
        '  ',
        '\n',
        '\t',
        '🙂',
        'ж',
        '漢字',
        '{"a":1}',
        '.',
        '\ud800',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('tokens', () => {
  it('put together again are the text, and are as many as were counted', () => {
    fc.assert(
      fc.property(text, (one) => {
        const tokens = splitTokens(one)
        expect(tokens.join('')).toBe(one)
        expect(tokens.length).toBe(countTokens(one))
        expect(tokens.every((token) => token !== '')).toBe(true)
        if (one.isWellFormed()) expect(tokens.every((token) => token.isWellFormed())).toBe(true)
      }),
    )
  })

  it('are about as many as a real tokenizer makes of English', () => {
    expect(countTokens('The quick brown fox jumps over the lazy dog.')).toBe(10)
  })

  it('are what prose is made of, exactly as many as asked', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(), (length, seed) => {
        const prose = drawProse(seeded(seed), length)
        expect(prose.length).toBe(length)
        expect(splitTokens(prose.join(''))).toEqual(prose)
      }),
    )
  })
})
