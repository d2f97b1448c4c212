/** JSON from outside: read as JSON.parse reads it, without what one document could do to the next. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from './parse-json.ts'

/** Wraps a document so that it takes the slow way. */
const hazardous = (text: string): string => `{"\\\\":${text}}`

describe('parsing JSON from outside', () => {
  it('does not let one document change what the keys of the next one are', () => {
    // In a process of its own: the defect it guards against lasts as long as the process does.
    const program = `
      import { parseJson } from ${JSON.stringify(new URL('./parse-json.ts', import.meta.url).href)}
      parseJson('{"\\\\\\\\":0,"in":[{"x\\\\\\\\":1}]}')
      console.log(Object.keys(parseJson('{"\\\\u00e9":1}'))[0])`
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString().trim()).toBe('é')
  })

  it('reads everything that JSON.parse reads, on the slow way too', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, 2), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, indent)
        expect(parseJson(spaced)).toEqual(JSON.parse(spaced))
        expect(parseJson(hazardous(spaced))).toEqual({ '\\': JSON.parse(spaced) })
      }),
    )
  })

  it('refuses everything that JSON.parse refuses, on the slow way too', () => {
    const wrong = [
      '',
      '{',
      '[1,]',
      '[1 2]',
      '{"a"}',
      '{"a":}',
      '{a:1}',
      "{'a':1}",
      '01',
      '1.',
      '.5',
      '+1',
      '1e',
      'nul',
      'NaN',
      '"\n"',
      '"\\x"',
      '"\\u12"',
      '[1]]',
      '{"a":1}}',
      '"a',
      '\u00a01',
    ]
    for (const text of wrong) {
      expect(() => parseJson(text)).toThrow(SyntaxError)
      expect(() => parseJson(hazardous(text))).toThrow(SyntaxError)
    }
  })

  it('keeps a member named __proto__ a member', () => {
    const value = parseJson('{"\\\\":1,"__proto__":{"admin":true}}') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['\\', '__proto__'])
    expect(value['admin']).toBeUndefined()
  })

  it('ends with an error, not with a broken stack, on endless nesting', () => {
    expect(() => parseJson(hazardous('['.repeat(100_000)))).toThrow(SyntaxError)
  })
})
