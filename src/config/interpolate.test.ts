/** Environment variables in text: what is replaced, what stays, and what is told. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolate } from './interpolate.ts'

const env = { KEY: 'secret', EMPTY: '', _A1: 'x', NESTED: '${KEY}' }

describe('interpolate', () => {
  it.each([
    ['${KEY}', 'secret'],
    ['Bearer ${KEY}-${_A1}', 'Bearer secret-x'],
    ['${GONE:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${EMPTY}', ''],
    ['${GONE:-}', ''],
    ['${GONE:-a:-b}', 'a:-b'],
    ['$${KEY}', '${KEY}'],
    ['$$${KEY}', '$${KEY}'],
    ['$KEY', '$KEY'],
    ['100$', '100$'],
    ['${NESTED}', '${KEY}'],
  ])('reads %s as %s', (text, expected) => {
    expect(interpolate(text, env)).toMatchObject({ text: expected, missing: [], malformed: [] })
  })

  it('tells which variables are missing, and where a reference is malformed', () => {
    expect(interpolate('${GONE} ${ALSO_GONE} ${KEY}', env).missing).toEqual(['GONE', 'ALSO_GONE'])
    expect(interpolate('a ${} ${1} ${A-b} ${KEY', env).malformed).toEqual([2, 6, 11, 18])
    expect(interpolate('a ${GONE:-${KEY}}', env).malformed).toEqual([2])
  })

  it('does not take what every object has for a variable', () => {
    expect(interpolate('${toString}', Object.create(null) as Record<string, string>).missing).toEqual(['toString'])
  })

  it('leaves text without a reference as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('${')),
        (text) => {
          expect(interpolate(text, env)).toEqual({ text, changed: false, missing: [], malformed: [] })
        },
      ),
    )
  })

  it('never reads what it put in', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(interpolate('<${VALUE}>', { VALUE: value }).text).toBe(`<${value}>`)
      }),
    )
  })
})
