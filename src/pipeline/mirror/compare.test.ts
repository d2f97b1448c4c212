/** Two answers side by side: what is the same in them, whatever ids and spellings say. */
import { describe, expect, it } from 'vitest'
import type { ChatResponse } from '../../model/chat.ts'
import type { Part } from '../../model/part.ts'
import { compared } from './compare.ts'
import type { ComparedAnswer } from './compare.ts'

const saying = (...parts: Part[]): ChatResponse => ({
  id: 'x',
  model: 'm',
  choices: [{ index: 0, parts, finish: { reason: 'stop' } }],
})
const text = (value: string): Part => ({ type: 'text', text: value })
const calling = (id: string, args: string, name = 'f'): Part => ({ type: 'tool-call', id, name, arguments: args })

const answer = (content: ChatResponse | undefined, more: Partial<ComparedAnswer['record']> = {}): ComparedAnswer => ({
  record: { outcome: 'ok', durationMs: 10, ...more },
  content,
})

describe('a comparison', () => {
  it('has the figures of the answer that the client got', () => {
    const client = answer(saying(text('hello')), {
      deployment: 'a/m',
      firstByteMs: 4,
      cost: 7,
      finish: 'stop',
      usage: { input: { total: 1 }, output: { total: 5 } },
    })
    expect(compared(client, answer(saying(text('hi')), { durationMs: 99, cost: 1 }))).toEqual({
      deployment: 'a/m',
      durationMs: 10,
      firstByteMs: 4,
      outputTokens: 5,
      cost: 7,
      finish: 'stop',
      textLengths: [5, 2],
      sameText: false,
      sameToolCalls: true,
    })
  })

  it.each([
    ['other ids and another spelling', [calling('1', '{"a":1,"b":[2]}')], [calling('2', '{ "b": [2], "a": 1 }')], true],
    ['other arguments', [calling('1', '{"a":1}')], [calling('1', '{"a":2}')], false],
    ['another order of a list', [calling('1', '{"a":[1,2]}')], [calling('1', '{"a":[2,1]}')], false],
    ['another tool', [calling('1', '{}')], [calling('1', '{}', 'g')], false],
    ['none where there was one', [calling('1', '{}')], [text('no')], false],
    ['arguments that are no JSON', [calling('1', 'free')], [calling('2', 'free')], true],
  ])('looks at the tools that are called: %s', (_, mine, theirs, same) => {
    expect(compared(answer(saying(...mine)), answer(saying(...theirs))).sameToolCalls).toBe(same)
  })

  it('says nothing of contents that it does not have', () => {
    expect(compared(answer(undefined), answer(saying(text('a'))))).toEqual({ durationMs: 10 })
    expect(compared(answer(saying(text('a'))), answer(undefined, { outcome: 'fault' }))).toEqual({ durationMs: 10 })
  })
})
