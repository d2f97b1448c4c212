/** Patterns of model names, as keys list them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesAny } from './name-pattern.ts'

describe('patterns of model names', () => {
  it.each([
    ['*', 'anything/at-all', true],
    ['gpt-4o', 'gpt-4o', true],
    ['gpt-4o', 'gpt-4o-mini', false],
    ['openai/*', 'openai/gpt-4o', true],
    ['openai/*', 'azure/openai/gpt-4o', false],
    ['*/llama-*', 'groq/meta/llama-3.3', true],
    ['*/llama-*', 'llama-3.3', false],
    ['gpt-?', 'gpt-4', false],
    ['claude-(3|4)', 'claude-3', false],
    ['a.c', 'abc', false],
    ['', 'x', false],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matchesAny([pattern], name)).toBe(expected)
  })

  it('match every name that holds the pattern’s pieces in order', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ maxLength: 6 }).filter((text) => !text.includes('*')),
          { minLength: 2, maxLength: 5 },
        ),
        fc.string(),
        (pieces, filler) => {
          expect(matchesAny([pieces.join('*')], pieces.join(filler))).toBe(true)
        },
      ),
    )
  })

  it('answer at once even where stars could be tried in many ways', () => {
    expect(matchesAny([`${'a*'.repeat(12)}b`], 'a'.repeat(200))).toBe(false)
  })
})
