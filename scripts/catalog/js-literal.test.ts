/** Literals as bundlers write them come out as the values they were, and nothing else is taken for one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLiteral } from './js-literal.ts'

/** As a minifier writes it: no quotes where none are needed, `!0` and `!1`. */
function minified(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(minified).join(',')}]`
  if (typeof value === 'boolean') return value ? '!0' : '!1'
  if (typeof value !== 'object' || value === null) return value === undefined ? 'void 0' : JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, member]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}:${minified(member)}`,
  )
  return `{${members.join(',')}}`
}

describe('a literal', () => {
  it('is read as the value that it was written from', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const exact = JSON.parse(JSON.stringify(value)) as unknown
        expect(readLiteral(minified(exact))).toEqual(exact)
      }),
    )
  })

  it('may have any quotes, escapes, numbers and commas at the end', () => {
    expect(
      readLiteral(String.raw`{a:'it\'s',"b":"\u0041\x42\u{1F600}\n",c:[1e6,.5,-2,],d:${'`t`'},12:void 0,}`),
    ).toEqual({
      a: "it's",
      b: 'AB😀\n',
      c: [1_000_000, 0.5, -2],
      d: 't',
      12: undefined,
    })
  })

  it('ends where it ends, whatever follows', () => {
    expect(readLiteral('x={a:1};alert(1)', 2)).toEqual({ a: 1 })
  })

  it('never runs anything', () => {
    for (const code of ['alert(1)', '{a:b}', '[...x]', '`${x}`', '{a:1', '"a', '{get a(){}}', ''])
      expect(() => readLiteral(code)).toThrow(SyntaxError)
  })

  it('keeps a member called __proto__ a member', () => {
    const value = readLiteral('{"__proto__":{a:1}}') as Record<string, unknown>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
  })
})
