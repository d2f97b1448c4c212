/** Thinking in this protocol's own words: what is wrong is named, and a call that is resumed is told by what stands before it. */
import { describe, expect, it } from 'vitest'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeThinking, resumesUnthinking } from './thinking.ts'

describe('thinking as clients of this protocol ask for it', () => {
  it('names the field that is wrong', () => {
    expect(() => decodeThinking({ type: 'enabled' })).toThrow(Fault)
    expect(() => decodeThinking({ type: 'enabled', budget_tokens: 'much' })).toThrow(
      'thinking.budget_tokens must be a number, not a string.',
    )
    expect(() => decodeThinking('on')).toThrow('thinking must be an object')
  })
})

describe('a call that is resumed', () => {
  const resumed = (...before: JsonObject[]): JsonObject[] => [
    { role: 'assistant', content: [...before, { type: 'tool_use', id: 't', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't' }] },
  ]

  it('is without thinking unless some stands before it', () => {
    expect(resumesUnthinking(resumed())).toBe(true)
    expect(resumesUnthinking(resumed({ type: 'thinking', thinking: 'Hm', signature: 'c2ln' }))).toBe(false)
    expect(resumesUnthinking([])).toBe(false)
  })
})
