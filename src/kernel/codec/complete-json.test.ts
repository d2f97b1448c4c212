/** Whatever a model was cut off in can be ended, and nothing that it wrote changes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../testing/depth.ts'
import { objectCompletion } from './complete-json.ts'

const objects = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })

describe('the completion of an object that broke off', () => {
  it('ends every prefix of every object', () => {
    fc.assert(
      fc.property(objects, fc.nat(), fc.constantFrom(undefined, 1), (value, at, indent) => {
        const text = JSON.stringify(value, null, indent)
        const cut = text.slice(0, 1 + (at % text.length))
        const completion = objectCompletion(cut)
        expect(completion).toBeTypeOf('string')
        expect(typeof JSON.parse(cut + completion)).toBe('object')
      }),
      { numRuns: runs(2000) },
    )
  })

  it.each([
    ['{"a":1}', ''],
    [' {"a":1} ', ''],
    ['{', '}'],
    ['{"a', '":null}'],
    ['{"a"', ':null}'],
    ['{"a":', 'null}'],
    ['{"a":"x\\', '\\"}'],
    ['{"a":"x\\\\', '"}'],
    ['{"a":"\\u00', '00"}'],
    ['{"a":-', '0}'],
    ['{"a":1e', '0}'],
    ['{"a":tr', 'ue}'],
    ['{"a":[1,{"b":"c"', '}]}'],
  ])('ends %s with %s', (text, completion) => {
    expect(objectCompletion(text)).toBe(completion)
  })

  it.each(['', '[1]', 'null', '"a"', '{"a":1}}', '{a', '{"a":1} and more', '{"a" "b"'])('gives up on %s', (text) => {
    expect(objectCompletion(text)).toBeUndefined()
  })
})
