// Checks edits of top-level members: the values change as asked, and every other byte stays where and what it was.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../kernel/testing/depth.ts'
import { ByteRope } from './byte-rope.ts'
import { scanJsonObject, spliceJson, spliceJsonInPieces } from './json-spans.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function inPiecesOf(size: number, bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

type Edits = Record<string, string | undefined>

function splice(text: string, edits: Edits): string {
  const bytes = encode(text)
  const result = decode(spliceJson(bytes, scanJsonObject(bytes), edits))
  for (const size of [1, 3, bytes.length]) {
    const rope = new ByteRope(inPiecesOf(size, bytes))
    const pieces = spliceJsonInPieces(rope, scanJsonObject(rope), edits)
    expect(decode(Buffer.concat(pieces))).toBe(result)
  }
  expect(decode(bytes)).toBe(text)
  return result
}

const space = fc.constantFrom('', '', ' ', '\n  ', '\t')
const key = fc.constantFrom('a', 'b', 'c', 'é', '__proto__', 'toString', '', 'x"y')
const spelled = key.chain((name) =>
  fc.constantFrom(
    JSON.stringify(name),
    `"${Array.from(name, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
  ),
)
const value = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('"🎈 é"', '[ 1 , 2 ]', '1.0', '"\\u0041"', '"}"', '","'),
)
const member = fc.tuple(space, spelled, space, space, value, space)
const document = fc
  .tuple(space, space, fc.array(member, { maxLength: 6 }), space)
  .map(([before, inside, members, after]) => {
    const texts = members.map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${v}${d}`)
    return `${before}{${texts.length === 0 ? inside : texts.join(',')}}${after}`
  })
const edits: fc.Arbitrary<[string, string | undefined][]> = fc.uniqueArray(
  fc.tuple(key, fc.option(value, { nil: undefined })),
  { selector: ([name]) => name, maxLength: 5 },
)
const editsOf = (entries: readonly (readonly [string, string | undefined])[]): Edits => {
  const result: Edits = Object.create(null) as Edits
  for (const [name, text] of entries) result[name] = text
  return result
}

describe('spliceJson', () => {
  it('edits as parsing, editing and writing would, and keeps kept members to the byte', () => {
    fc.assert(
      fc.property(document, edits, (text, entries) => {
        const result = splice(text, editsOf(entries))
        const before = scanJsonObject(encode(text)).members
        const after = scanJsonObject(encode(result)).members
        const textOf = (whole: string, start: number, end: number): string => decode(encode(whole).subarray(start, end))

        const expected: [string, string][] = []
        for (const { key: name, keyStart, keyEnd, start, end } of before) {
          const edit = entries.find(([edited]) => edited === name)
          const written = textOf(text, keyStart, keyEnd)
          if (edit === undefined) expected.push([written, textOf(text, start, end)])
          else if (edit[1] !== undefined) expected.push([written, edit[1]])
        }
        for (const [name, edit] of entries) {
          if (edit !== undefined && !before.some((each) => each.key === name))
            expected.push([JSON.stringify(name), edit])
        }
        expect(
          after.map(({ keyStart, keyEnd, start, end }) => [
            textOf(result, keyStart, keyEnd),
            textOf(result, start, end),
          ]),
        ).toEqual(expected.map(([written, edit]) => [written, edit.trim()]))

        const [first, last] = [before[0], before.at(-1)]
        const open = text.indexOf('{') + 1
        expect(result.startsWith(textOf(text, 0, first?.keyStart ?? open))).toBe(true)
        expect(result.endsWith(textOf(text, last?.end ?? open, encode(text).length))).toBe(true)
      }),
      { numRuns: runs(2000) },
    )
  })

  it('replaces values alone to the byte', () => {
    fc.assert(
      fc.property(document, value, (text, put) => {
        let expected = text
        const { members } = scanJsonObject(encode(text))
        for (const { key: name, start, end } of members.toReversed()) {
          if (name !== 'a') continue
          const bytes = encode(expected)
          expected = decode(bytes.subarray(0, start)) + put + decode(bytes.subarray(end))
        }
        fc.pre(expected !== text)
        expect(splice(text, { a: put })).toBe(expected)
      }),
      { numRuns: runs(500) },
    )
  })

  it.each<[string, string, Edits, string]>([
    ['replaces a value', '{ "model" : "a" , "n":1 }', { model: '"bc"' }, '{ "model" : "bc" , "n":1 }'],
    ['replaces every duplicate', '{"model":1,"mod\\u0065l":2}', { model: '3' }, '{"model":3,"mod\\u0065l":3}'],
    ['adds to an empty object', '{}', { a: '1', b: '2' }, '{"a":1,"b":2}'],
    ['adds to an empty object with space', ' { } ', { a: '1' }, ' {"a":1 } '],
    ['adds after the last member', '{\n  "a": 1\n}\n', { b: '2' }, '{\n  "a": 1,"b":2\n}\n'],
    ['removes the first', '{"a":1, "b":2}', { a: undefined }, '{"b":2}'],
    ['removes the last', '{"a":1, "b":2 }', { b: undefined }, '{"a":1 }'],
    ['removes in the middle', '{"a":1 , "b":2 ,  "c":3}', { b: undefined }, '{"a":1 ,  "c":3}'],
    ['removes the only one', '{ "a":1 }', { a: undefined }, '{  }'],
    ['removes all', '{"a":1,"b":2}', { a: undefined, b: undefined }, '{}'],
    ['removes every duplicate', '{"a":1,"b":2,"a":3}', { a: undefined }, '{"b":2}'],
    ['removes all and adds', '{"a":1,"b":2}', { a: undefined, b: undefined, c: '3' }, '{"c":3}'],
    ['removes the last and adds', '{"a":1,"b":2}', { b: undefined, c: '3' }, '{"a":1,"c":3}'],
    ['removes the first and replaces', '{"a":1,"b":2}', { a: undefined, b: '3' }, '{"b":3}'],
    ['writes new keys escaped', '{}', { 'x"\n': '1' }, '{"x\\"\\n":1}'],
    ['writes text beyond ASCII', '{"é":"é"}', { é: '"日本"', ü: '"🎈"' }, '{"é":"日本","ü":"🎈"}'],
    ['takes inherited names for absent', '{"toString":1}', {}, '{"toString":1}'],
  ])('%s', (_name, text, given, expected) => {
    expect(splice(text, given)).toBe(expected)
  })

  it('returns the same bytes when there is nothing to do', () => {
    const bytes = encode('{"a":1}')
    const spans = scanJsonObject(bytes)
    expect(spliceJson(bytes, spans, {})).toBe(bytes)
    expect(spliceJson(bytes, spans, { b: undefined })).toBe(bytes)
  })

  it('edits a document with very many members in linear time', () => {
    const members = Array.from({ length: 100_000 }, (_, index) => `"k${index % 3}":${index}`)
    const result = splice(`{${members.join(',')}}`, { k0: undefined, k1: 'true' })
    expect(new Set(scanJsonObject(encode(result)).keys())).toEqual(new Set(['k1', 'k2']))
  })
})
