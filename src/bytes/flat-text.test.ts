/** Making a text flat changes nothing that anybody can see. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { flatText } from './flat-text.ts'

it('is the same text, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (left, right) => {
      expect(flatText(left + right)).toBe(left + right)
    }),
  )
  for (const text of ['', '0', '42', '__proto__', '\ud800']) expect(flatText(text)).toBe(text)
})
