// Checks that no digit of a number is lost between parsing and writing, and that all else is what JSON.parse gives.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { parsePreciseJson } from './precise-json.ts'

const rewritten = (text: string): string => JSON.stringify(parsePreciseJson(text))

/** A number's exact value as an integer times a power of ten, the integer without trailing zeros. */
function exactly(number: string): { integer: bigint; power: bigint } {
  const [, sign = '', whole = '', decimals = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? []
  let integer = BigInt(whole + decimals)
  let exponent = BigInt(power.replace('+', '')) - BigInt(decimals.length)
  if (integer === 0n) return { integer, power: 0n }
  while (integer % 10n === 0n) {
    integer /= 10n
    exponent++
  }
  return { integer: sign === '-' ? -integer : integer, power: exponent }
}

const DIGITS = Array.from('0123456789')
const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...DIGITS, '0'), { minLength: min, maxLength: max }).map((all) => all.join(''))
const number = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.oneof(
      fc.constant('0'),
      digits(0, 25).chain((rest) => fc.constantFrom(...DIGITS.slice(1)).map((d) => d + rest)),
    ),
    decimals: fc.oneof(
      fc.constant(''),
      digits(1, 25).map((all) => `.${all}`),
    ),
    power: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), digits(1, 4)).map((parts) => parts.join('')),
    ),
  })
  .map(({ sign, whole, decimals, power }) => sign + whole + decimals + power)

describe('parsePreciseJson', () => {
  it('keeps the value of every number', () => {
    fc.assert(
      fc.property(fc.oneof(number, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
        for (const [before, after] of [
          ['', ''],
          ['[1, ', ']'],
          ['{"a":"x","b":\n', '}'],
          ['[[', ',""]]'],
        ] as const) {
          const result = rewritten(before + text + after)
          const compact = JSON.stringify(JSON.parse(`${before}"*"${after}`)).split('"*"')
          const written = result.slice(compact[0]?.length, result.length - (compact[1]?.length ?? 0))
          expect(exactly(written)).toEqual(exactly(text))
        }
      }),
      { numRuns: runs(2000) },
    )
  })

  it('gives plain numbers where they hold the value, and only there', () => {
    fc.assert(
      fc.property(number, (text) => {
        const plain = String(Number(text))
        const holds =
          Number.isFinite(Number(text)) &&
          JSON.stringify(exactly(plain), bigints) === JSON.stringify(exactly(text), bigints)
        expect(typeof parsePreciseJson(text)).toBe(holds ? 'number' : 'object')
      }),
      { numRuns: runs(1000) },
    )
  })

  it('gives what JSON.parse gives where no number is in danger', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsePreciseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['{"id":12345678901234567890,"n":1}', '{"id":12345678901234567890,"n":1}'],
    ['[0.1000000000000000055511151231257827]', '[0.1000000000000000055511151231257827]'],
    ['[90000000.00000002]', '[90000000.00000002]'],
    ['[1e400,-1e400,1e-400]', '[1e400,-1e400,1e-400]'],
    ['[4.9e-324,5e-324,1.7976931348623157e308]', '[4.9e-324,5e-324,1.7976931348623157e+308]'],
    [
      '[9007199254740992,0.30000000000000004,123456789.123456789]',
      '[9007199254740992,0.30000000000000004,123456789.123456789]',
    ],
    ['[1.0,1e2,-0,0e999,1.50000000000000000000]', '[1,100,0,0,1.5]'],
    ['"id 12345678901234567890, and 1e400"', '"id 12345678901234567890, and 1e400"'],
    ['{"12345678901234567890":"x, 12345678901234567890"}', '{"12345678901234567890":"x, 12345678901234567890"}'],
    [
      '["1.2.3e500",".................",": 1......................1"]',
      '["1.2.3e500",".................",": 1......................1"]',
    ],
  ])('writes %s again as %s', (text, expected) => {
    expect(rewritten(text)).toBe(expected)
  })

  it('sets __proto__ as a plain member', () => {
    const value = parsePreciseJson('{"__proto__":{"polluted":12345678901234567890}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":12345678901234567890}}')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('refuses what JSON.parse refuses', () => {
    for (const text of [
      '',
      '[',
      '12345678901234567890,',
      '[01234567890123456789]',
      '1.e400',
      '-',
      '[12345678901234567890',
    ]) {
      expect(() => parsePreciseJson(text)).toThrow(SyntaxError)
    }
  })

  it('takes linear time for hostile numbers and strings', () => {
    for (const text of [
      `1${'0'.repeat(500_000)}`,
      `0.${'0'.repeat(500_000)}1`,
      `1${'0'.repeat(250_000)}1${'0'.repeat(250_000)}`,
      `"${': 1'.repeat(200_000)}"`,
      `": ${'1.'.repeat(300_000)}"`,
      `": ${'1'.repeat(300_000)}x"`,
      `"${'1e'.repeat(300_000)}"`,
    ]) {
      expect(rewritten(text) === text).toBe(true)
    }
  })
})

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
