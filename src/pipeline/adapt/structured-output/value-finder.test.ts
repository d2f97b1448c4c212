/** A JSON value is found in whatever a model writes around it, at any cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutAt, cuts } from '../cut-at.fixture.ts'
import { MemberOf } from './member-of.ts'
import { ValueFinder } from './value-finder.ts'
import type { Opening } from './value-finder.ts'

function findIn(text: string, opening: Opening = '{['): string {
  return findInPieces([text], opening)
}

function findInPieces(pieces: readonly string[], opening: Opening): string {
  const finder = new ValueFinder(opening)
  return pieces.map((piece) => finder.push(piece)).join('')
}

describe('finding a value in what a model wrote', () => {
  it.each([
    ['the value alone', '{"a":1}', '{"a":1}'],
    ['a fence', '```json\n{"a": [1, 2]}\n```', '{"a": [1, 2]}'],
    ['words around it', 'Here you are:\n{"a":"}"}\nAnything else?', '{"a":"}"}'],
    ['a list', 'The list: ["x", {"y": []}] as asked.', '["x", {"y": []}]'],
    ['an empty object', 'Nothing: {}.', '{}'],
    ['braces in words', 'As {name} and [see below] and {"quoted"} say: {"a":null}', '{"a":null}'],
    ['brackets that hold no JSON', '[1st] [truth] [note] [] ', '[]'],
    ['a bracket within what only began like a value', '{"x" {"a":1}', '{"a":1}'],
    ['thinking aloud', ' <think>Maybe {"a":0}?</think>\n\n{"a":1}', '{"a":1}'],
    ['escapes', '{"a":"\\"}{"} tail', '{"a":"\\"}{"}'],
    ['a second value', '{"a":1} {"b":2}', '{"a":1}'],
    ['nothing', 'I cannot say.', ''],
    ['half of one', 'So: {"a": [1, 2', '{"a": [1, 2'],
  ])('takes it out of %s', (_, text, value) => {
    expect(findIn(text)).toBe(value)
  })

  it('looks for lists or objects alone where the schema says so', () => {
    expect(findIn('[1] says {"a":1}', '{')).toBe('{"a":1}')
    expect(findIn('{"a":1} and [1]', '[')).toBe('[1]')
  })

  it('knows when the value is over', () => {
    const finder = new ValueFinder('{')
    finder.push('text {"a"')
    expect([finder.begun, finder.done]).toEqual([false, false])
    finder.push(': 1')
    expect([finder.begun, finder.done]).toEqual([true, false])
    finder.push('} text')
    expect([finder.begun, finder.done]).toEqual([true, true])
  })

  it('finds any value at every cut, whatever words are around it', () => {
    const prose = fc.string().map((text) => text.replaceAll(/[[{<"]/g, ''))
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()))
    fc.assert(
      fc.property(prose, value, prose, fc.boolean(), cuts, (before, json, after, pretty, at) => {
        const text = JSON.stringify(json, null, pretty ? 2 : 0)
        expect(findInPieces(cutAt(`${before}${text}${after}`, at), '{[')).toBe(text)
      }),
    )
  })

  it('comes to the same at every cut of any text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'{}[]":,\\ 1tfn<think>/'.split('')), maxLength: 60 })
    fc.assert(
      fc.property(text, cuts, (given, at) => {
        expect(findInPieces(cutAt(given, at), '{[')).toBe(findIn(given))
      }),
    )
  })

  it('takes its time, and no longer, over a text of nothing but brackets', () => {
    expect(findIn('{'.repeat(2_000_000))).toBe('')
  })
})

describe('taking a member out of an object', () => {
  const member = (pieces: readonly string[]): string => {
    const reader = new MemberOf('value')
    return pieces.map((piece) => reader.push(piece)).join('')
  }

  it('gives the value as it was written, and nothing of other members', () => {
    expect(member(['{ "other" : {"value": 1}, "value" : [1, "]"] , "value": 2 }'])).toBe('[1, "]"]')
    expect(member(['{"value": true }'])).toBe('true')
    expect(member(['{"x": "value"}'])).toBe('')
  })

  it('gives any value at every cut', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), cuts, (value, pretty, at) => {
        const text = JSON.stringify({ value }, null, pretty ? 1 : 0)
        expect(JSON.parse(member(cutAt(text, at)))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
