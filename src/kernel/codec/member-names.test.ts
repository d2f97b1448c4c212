/** A protocol whose members have two names reads either, complains in the client's own, and writes each as it came. */
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { MemberReader } from './member-reader.ts'
import { MemberWriter } from './member-writer.ts'

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const open = (json: JsonObject): MemberReader => new MemberReader('d', json, '', undefined, snake)

function again(json: JsonObject): JsonObject {
  const reader = open(json)
  const inner = reader.nested('theConfig')
  const topP = inner?.number('topP')
  const maxTokens = inner?.number('maxTokens')
  const stopWords = inner?.strings('stopWords')
  const writer = new MemberWriter('d', reader.node())
  writer.set('theConfig.topP', topP)
  writer.set('theConfig.maxTokens', maxTokens)
  writer.set('theConfig.stopWords', stopWords !== undefined && stopWords.length > 0 ? stopWords : undefined)
  return writer.finish()
}

describe('members with two names', () => {
  it.each<[string, JsonObject]>([
    ['one', { theConfig: { topP: 1, maxTokens: 2, stopWords: ['a'] } }],
    ['the other', { the_config: { top_p: 1, max_tokens: 2, stop_words: ['a'] } }],
    ['both, mixed', { the_config: { topP: 1, max_tokens: null, stop_words: [] } }],
    ['both at once', { theConfig: { topP: 1, top_p: 2 }, the_config: { max_tokens: 3 } }],
    ['nothing inside', { the_config: {} }],
    ['unknown ones beside', { the_config: { top_p: 1, x_other: [{ topP: 1 }], 'x.y': 1 }, more_of_it: 1 }],
  ])('come back as they were: %s', (_how, json) => {
    expect(again(json)).toEqual(json)
  })

  it('are complained of by the name they came under', () => {
    expect(() =>
      open({ the_config: { top_p: 'high' } })
        .nested('theConfig')
        ?.number('topP'),
    ).toThrow(/`the_config\.top_p` must be a number/)
    expect(() => open({}).requiredNested('theConfig')).toThrow(/`theConfig`/)
  })
})

describe('objects that have nothing in them but what is not modelled', () => {
  it.each<JsonObject>([
    { outer: { inner: { x: 1 } } },
    { outer: { inner: {} } },
    { outer: { inner: { list: [] } } },
    { outer: { inner: { list: null }, y: 2 } },
  ])('come back as they were: %j', (json) => {
    const reader = new MemberReader('d', json, '')
    reader.nested('outer')?.nested('inner')?.list('list')
    expect(new MemberWriter('d', reader.node()).finish()).toEqual(json)
  })
})
