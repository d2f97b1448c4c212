/** However a text is made, it is one step of a path, and stays where it is put. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { pathStep } from './path-step.ts'

it('is one step, for any reader', () => {
  const text = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('.', '..', '...', '../..', '/', '?', '#', '%2e%2e', '\\..', ';..', '\ud800'),
  )
  fc.assert(
    fc.property(text, (step) => {
      const { pathname, search, hash } = new URL(`http://h/before/${pathStep(step)}/after`)
      expect(pathname).toMatch(/^\/before\/[^/]*\/after$/)
      expect([search, hash]).toEqual(['', ''])
    }),
  )
})
