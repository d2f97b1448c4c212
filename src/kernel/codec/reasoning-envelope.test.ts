/** Foreign reasoning comes back from a client as it left, and a forged or damaged envelope belongs to nobody. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { envelopeMark, sealReasoning, unknownOrigin, unsealReasoning } from './reasoning-envelope.ts'

describe('the envelope of foreign reasoning', () => {
  it('gives back who wrote it and every proof', () => {
    const sealed = fc.record(
      {
        origin: fc.constantFrom('openai-chat', 'gemini', 'x-1'),
        signature: fc.string(),
        encrypted: fc.string({ unit: 'grapheme' }),
        summary: fc.boolean(),
      },
      { requiredKeys: ['origin'] },
    )
    fc.assert(
      fc.property(sealed, (part) => {
        expect(unsealReasoning(sealReasoning(part))).toEqual(part)
      }),
    )
  })

  it('leaves the signatures of others alone', () => {
    expect(unsealReasoning('EqQBCkYIBxgC')).toBeUndefined()
    expect(unsealReasoning('')).toBeUndefined()
  })

  it.each([
    'sluicegate:',
    'sluicegate:Ä',
    'sluicegate:openai-chat:%%%',
    'sluicegate:openai-chat:bm90IGpzb24',
    'sluicegate:__proto__',
  ])('trusts nothing in %s', (signature) => {
    expect(unsealReasoning(signature)).toEqual({ origin: unknownOrigin })
  })

  it('can be found in a body without reading it', () => {
    expect(JSON.stringify({ signature: sealReasoning({ origin: 'gemini' }) })).toContain(envelopeMark)
  })
})
