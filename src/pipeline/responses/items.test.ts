/** Items as text: read, joined, listed, and fit to be sent to anybody. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { inputItems, joinArrays, listedItem, placeId, portableItem, refersToItems } from './items.ts'

const inputOf = (text: string): string => inputItems(new Body(Buffer.from(text), (json) => json))

describe('the input of a request', () => {
  it.each([
    ['a list, as it was written', '{"input": [ {"a" : 1.0} ]}', '[ {"a" : 1.0} ]'],
    ['text', '{"input":"h\\u00e9 \\"x\\""}', '[{"type":"message","role":"user","content":"h\\u00e9 \\"x\\""}]'],
    ['nothing', '{"model":"m"}', '[]'],
    ['null', '{"input":null}', '[]'],
  ])('is %s', (_name, body, expected) => {
    expect(inputOf(body)).toBe(expected)
  })
})

describe('lists', () => {
  it('are joined without being read', () => {
    const list = fc.tuple(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, 2))
    fc.assert(
      fc.property(fc.array(list), (lists) => {
        const texts = lists.map(([values, indent]) => ` ${JSON.stringify(values, undefined, indent)}\n`)
        expect(JSON.parse(joinArrays(texts))).toEqual(JSON.parse(JSON.stringify(lists.flatMap(([values]) => values))))
      }),
    )
  })
})

describe('an item', () => {
  it('is listed with all that it has, and with what clients leave out', () => {
    const ownId = placeId('resp_1', 3)
    const listed = listedItem({ role: 'user', content: 'hi' }, ownId)
    expect(listed).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{48}$/),
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_text', text: 'hi' }],
    })
    expect(listedItem({ role: 'user', content: 'other' }, ownId).id).toBe(listed.id)
    expect(listedItem({ role: 'user', content: 'hi' }, placeId('resp_1', 4)).id).not.toBe(listed.id)
    const call = { id: 'fc_1', type: 'function_call', status: 'incomplete', call_id: 'c', name: 'f', arguments: '' }
    expect(listedItem(call, ownId)).toEqual(call)
    expect(listedItem({ type: 'unheard_of', x: 1 }, ownId)).toMatchObject({ type: 'unheard_of', x: 1 })
    expect(listedItem({ role: 'assistant', content: 'yes' }, ownId)['content']).toMatchObject([
      { type: 'output_text', text: 'yes' },
    ])
  })

  it('goes to other providers without the ids that only its own looks up', () => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [] }
    expect(portableItem(message, false)).toEqual({ type: 'message', role: 'assistant', content: [] })
    const search = { id: 'ws_1', type: 'web_search_call', status: 'completed' }
    expect(portableItem(search, false)).toBe(search)
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'x' }
    expect(portableItem(reasoning, false)).toBe(reasoning)
    expect(portableItem(reasoning, true)).toBeUndefined()
    expect(portableItem({ ...reasoning, encrypted_content: null }, false)).toBeUndefined()
  })
})

it.each<[string, boolean]>([
  ['[{"type":"item_reference","id":"a"}]', true],
  ['[{"type":"item\\u005freference","\\u0069d":"a"}]', true],
  ['[{"id":"a"}]', true],
  ['[{"id":"a","type":null}]', true],
  ['[{"id":"a","role":"user","content":"x"}]', false],
  ['[{"id":"a","type":"message","role":"user","content":"item_reference"}]', false],
  ['[]', false],
])('%s has references: %s', (array, has) => expect(refersToItems(array)).toBe(has))
