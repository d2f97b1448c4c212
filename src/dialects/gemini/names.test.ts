/** Any name can be spelled as Google takes names, and read back. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeName, encodeName } from './names.ts'

it('spells any name in characters that Google takes, and reads it back', () => {
  const name = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^_sg\.[:.a-f0-9]*$/))
  fc.assert(
    fc.property(name, (value) => {
      expect(encodeName(value)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]*$/)
      expect(decodeName(encodeName(value))).toBe(value)
    }),
  )
})

it.each(['get_weather', '_private', 'ns.tool:v1-beta'])('leaves %s alone', (name) => {
  expect(encodeName(name)).toBe(name)
  expect(decodeName(name)).toBe(name)
})
