/** What a reader remembers of earlier heads changes nothing of what it reads. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderReader } from './header-lines.ts'

const line = fc.constantFrom(
  'a: 1',
  'A: 1',
  'a: 12',
  'a:1',
  'b:\t2 ',
  'b:',
  'content-length: 5',
  'content-length: 50',
  '__proto__: x',
  ' folded',
  'no colon',
  'c : 3',
)
const head = fc.array(line, { maxLength: 5 }).map((lines) => lines.map((each) => `${each}\r\n`).join(''))

describe('a reader of header lines', () => {
  it.each(['joined', 'refused'] as const)(
    'reads a head like a new one, whatever it has read before (%s)',
    (repeated) => {
      fc.assert(
        fc.property(fc.array(head, { minLength: 2, maxLength: 5 }), (heads) => {
          const reader = new HeaderReader(repeated)
          for (const text of heads) expect(reader.read(text, 0)).toEqual(new HeaderReader(repeated).read(text, 0))
        }),
      )
    },
  )

  it('gives values by their names in lower case, without the blanks around them', () => {
    const read = new HeaderReader('joined').read('HEAD\r\nX-Name: \t a b \t\r\nx-name: c\r\nx-empty:\r\n', 6)
    expect({ ...read }).toEqual({ 'x-name': 'a b, c', 'x-empty': '' })
  })

  it('refuses a name that comes again, if it is told to', () => {
    expect(new HeaderReader('refused').read('a: 1\r\nA: 2\r\n', 0)).toBeUndefined()
  })

  it('keeps a head of more lines than it remembers', () => {
    const text = Array.from({ length: 200 }, (_, index) => `x-${index}: ${index}\r\n`).join('')
    const reader = new HeaderReader('refused')
    reader.read(text, 0)
    expect(Object.keys(reader.read(text, 0) ?? {})).toHaveLength(200)
  })
})
