/** Calls are found in any text at any cut, and nothing else is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutAt, cuts } from '../cut-at.fixture.ts'
import { CallFinder } from './call-finder.ts'
import { callEnd, callStart } from './call-format.ts'
import type { DescribedTool } from './call-format.ts'

const tools: ReadonlyMap<string, DescribedTool> = new Map([
  ['look_up', { type: 'function', name: 'look_up' }],
  ['run', { type: 'custom', name: 'run' }],
])

/** Texts as they are, calls as `name(arguments)`; neighbouring texts as one. */
function read(...pieces: readonly string[]): string[] {
  const finder = new CallFinder(tools)
  const found = [...pieces.flatMap((piece) => finder.push(piece)), ...finder.end()]
  const all: string[] = []
  let inText = false
  for (const piece of found) {
    if ('call' in piece) all.push(`${piece.call.kind ?? ''}${piece.call.name}(${piece.call.arguments})`)
    else if (inText) all.push(`${all.pop() ?? ''}${piece.text}`)
    else all.push(piece.text)
    inText = !('call' in piece)
  }
  return all
}

const call = (json: string): string => `${callStart}\n${json}\n${callEnd}`

describe('finding calls in a text', () => {
  it('finds one, and several, and the words before them', () => {
    expect(read(`Let me see.\n\n${call('{"name":"look_up","arguments":{"q":"a"}}')}`)).toEqual([
      'Let me see.',
      'look_up({"q":"a"})',
    ])
    expect(
      read(`${call('{"name":"look_up","arguments":{"q":1}}')}\n${call('{"name":"look_up","arguments":{"q":2}}')}\n`),
    ).toEqual(['look_up({"q":1})', 'look_up({"q":2})'])
  })

  it('takes what models make of the form', () => {
    expect(read(call('{"name":"look_up","parameters":{"q":1}}'))).toEqual(['look_up({"q":1})'])
    expect(read(call('{"name":"look_up","arguments":"{\\"q\\":1}"}'))).toEqual(['look_up({"q":1})'])
    expect(read(call('{"name":"look_up"}'))).toEqual(['look_up({})'])
    expect(read(call('{"name":"run","arguments":{"input":"ls"}}'))).toEqual(['customrun(ls)'])
    expect(read(call('{"name":"run","arguments":"ls"}'))).toEqual(['customrun(ls)'])
    expect(read(`${callStart}{"name":"look_up","arguments":{"q":1}}`)).toEqual(['look_up({"q":1})'])
    expect(read(`${callStart}{"name":"look_up","arguments":{"q":1}} So be it.`)).toEqual([
      'look_up({"q":1})',
      'So be it.',
    ])
  })

  it('is not misled by marks within arguments', () => {
    const q = `${callEnd}${callStart}{"`
    expect(read(call(JSON.stringify({ name: 'look_up', arguments: { q } })))).toEqual([
      `look_up(${JSON.stringify({ q })})`,
    ])
  })

  it('keeps digits that a double would lose', () => {
    expect(read(call('{"name":"look_up","arguments":{"id":12345678901234567890}}'))).toEqual([
      'look_up({"id":12345678901234567890})',
    ])
  })

  it.each([
    ['no JSON', call('look_up')],
    ['broken JSON', call('{"name":"look_up","arguments":{"q":}}')],
    ['an unknown tool', call('{"name":"delete_all","arguments":{}}')],
    ['arguments that are no object', call('{"name":"look_up","arguments":[1]}')],
    ['half a call', `${callStart}{"name":"look_up","argu`],
    ['half a mark', 'a <tool_c'],
    ['white space at the end', 'Well.\n\n '],
    ['another mark', '<tool_calls> </tool_call> <tool_response>'],
  ])('leaves %s as text', (_, text) => {
    expect(read(text)).toEqual([text])
  })

  it('finds the call behind what only looked like one', () => {
    expect(read(`${callStart} ${callStart}{"name":"look_up"}${callEnd}`)).toEqual([callStart, 'look_up({})'])
  })

  it('passes any text without marks unchanged, at every cut', () => {
    const text = fc.string({ unit: fc.constantFrom(...' \n<>tool_cal{}"/a'.split('')), maxLength: 80 })
    fc.assert(
      fc.property(text, cuts, (given, at) => {
        fc.pre(!given.includes(callStart))
        expect(read(...cutAt(given, at)).join('')).toBe(given)
      }),
    )
  })

  it('finds any call at every cut', () => {
    const prose = fc.string().map((text) => text.trim())
    const args = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(prose, fc.array(args, { minLength: 1, maxLength: 3 }), cuts, (before, calls, at) => {
        const texts = calls.map((value) => JSON.stringify(value))
        const text = `${before}\n${texts.map((json) => call(`{"name":"look_up","arguments":${json}}`)).join('\n')}`
        const said = before === '' ? [] : [before]
        expect(read(...cutAt(text, at))).toEqual([
          ...said,
          ...texts.map((json) => `look_up(${JSON.stringify(JSON.parse(json))})`),
        ])
      }),
    )
  })

  it('comes to the same at every cut of any text', () => {
    const pieces = fc.array(fc.constantFrom(callStart, callEnd, '{"name":"look_up"', '}', '"', ' ', 'a', '\n'))
    fc.assert(
      fc.property(pieces, cuts, (given, at) => {
        const text = given.join('')
        expect(read(...cutAt(text, at))).toEqual(read(text))
      }),
    )
  })

  it('does not look for ever into what only looks like calls', () => {
    const text = `${callStart}{"`.repeat(30_000)
    expect(read(text)).toEqual([text])
  })

  it('sends text on as it comes, but for what may begin a mark', () => {
    const finder = new CallFinder(tools)
    expect(finder.push('Let me see. ')).toEqual([{ text: 'Let me see.' }])
    expect(finder.push('<b')).toEqual([{ text: ' <b' }])
    expect(finder.push('\n<tool')).toEqual([])
  })
})
