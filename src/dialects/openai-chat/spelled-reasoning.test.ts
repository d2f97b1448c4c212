/** Reasoning and the seed in the words of services that differ from OpenAI: what is sent, and what is reported. */
import { describe, expect, it } from 'vitest'
import type { ReasoningSpelling, Spelling } from '../../kernel/spelling.ts'
import type { ChatRequest, ReasoningSettings } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeRequest as decode } from './request-decode.ts'
import { encodeRequest as encode } from './request-encode.ts'

const base: ChatRequest = { model: 'm', stream: false, messages: [] }

function sent(request: ChatRequest, spelling: Spelling): { readonly json: JsonObject; readonly lost: string[] } {
  const { json, lost } = encode(request, { model: 'm', spelling })
  const { model: _model, messages: _messages, ...rest } = json as JsonObject
  return { json: rest, lost: lost.map(({ kind, path }) => `${kind} ${path}`) }
}

const deepseek: ReasoningSpelling = { switch: 'thinking.type', effort: 'reasoning_effort' }
const moonshot: ReasoningSpelling = { switch: 'thinking.type' }
const qwen: ReasoningSpelling = { switch: 'enable_thinking', budget: 'thinking_budget' }
const router: ReasoningSpelling = {
  switch: 'reasoning.enabled',
  budget: 'reasoning.max_tokens',
  effort: 'reasoning.effort',
}
const levels: ReasoningSpelling = { effort: 'reasoning_effort' }

describe('reasoning in the words of a service', () => {
  it.each<[string, ReasoningSettings, ReasoningSpelling, JsonObject, string[]]>([
    ['a switch turned off', { mode: 'disabled' }, moonshot, { thinking: { type: 'disabled' } }, []],
    ['an effort of none is off', { effort: 'none' }, qwen, { enable_thinking: false }, []],
    ['a switch turned on', { mode: 'enabled' }, qwen, { enable_thinking: true }, []],
    ['left to the model is on', { mode: 'adaptive' }, router, { reasoning: { enabled: true } }, []],
    [
      'an effort beside the switch',
      { effort: 'high' },
      deepseek,
      { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
      [],
    ],
    [
      'a budget where there are levels',
      { mode: 'enabled', budget: 2000 },
      deepseek,
      { thinking: { type: 'enabled' }, reasoning_effort: 'low' },
      ['adapted thinking.budget_tokens'],
    ],
    ['a budget', { mode: 'enabled', budget: 2000 }, qwen, { enable_thinking: true, thinking_budget: 2000 }, []],
    [
      'the exacter of two amounts',
      { effort: 'low', budget: 9 },
      router,
      { reasoning: { enabled: true, max_tokens: 9 } },
      ['dropped reasoning_effort'],
    ],
    [
      'an effort where there is a switch alone',
      { effort: 'high' },
      moonshot,
      { thinking: { type: 'enabled' } },
      ['dropped reasoning_effort'],
    ],
    [
      'a budget where there is a switch alone',
      { mode: 'enabled', budget: 9 },
      moonshot,
      { thinking: { type: 'enabled' } },
      ['dropped thinking.budget_tokens'],
    ],
    ['none where none is a level', { effort: 'none' }, levels, { reasoning_effort: 'none' }, []],
    ['off where nothing turns it off', { mode: 'disabled' }, levels, {}, ['dropped thinking.type']],
    ['on where nothing turns it on', { mode: 'enabled' }, levels, {}, ['dropped thinking.type']],
    ['how it is shown', { display: 'omitted' }, deepseek, {}, ['dropped thinking.display']],
  ])('%s', (_name, reasoning, spelling, json, lost) => {
    expect(sent({ ...base, reasoning }, { reasoning: spelling })).toEqual({ json, lost })
  })

  it('says nothing where nothing was asked', () => {
    expect(sent(base, { reasoning: deepseek })).toEqual({ json: {}, lost: [] })
  })

  it("keeps a client's own words", () => {
    const own = {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      reasoning_effort: 'high',
      enable_thinking: true,
      seed: 4,
    }
    expect(encode(decode(own), { model: 'm', spelling: { seed: 'random_seed', reasoning: moonshot } }).json).toEqual(
      own,
    )
  })
})

it('names the seed as the service does', () => {
  expect(sent({ ...base, seed: 7 }, { seed: 'random_seed' }).json).toEqual({ random_seed: 7 })
})
