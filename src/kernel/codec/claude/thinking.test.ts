/** Reasoning settings of other protocols become what the model knows, within the limit on its output. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest, ReasoningSettings } from '../../../model/chat.ts'
import type { Loss } from '../../../model/loss.ts'
import { traitsOf } from './models.ts'
import { encodeForeignThinking } from './thinking.ts'

function encode(
  model: string,
  reasoning: ReasoningSettings,
  more: Partial<ChatRequest> = {},
  maxOutput?: number,
  resumesUnthinking = false,
): [unknown, string[]] {
  const lost: Loss[] = []
  const request: ChatRequest = { model, messages: [], stream: false, reasoning, ...more }
  const encoded = encodeForeignThinking(request, {
    traits: traitsOf(model),
    maxOutput,
    usualLimit: 4096,
    resumesUnthinking,
    lost,
  })
  return [encoded, lost.map(({ kind, path }) => `${kind} ${path}`)]
}

const forced: Partial<ChatRequest> = { tools: [{ type: 'function', name: 'f' }], toolChoice: { mode: 'required' } }

describe('thinking of a foreign request', () => {
  it('is an effort where the model knows efforts', () => {
    expect(encode('claude-opus-4-8', { effort: 'xhigh' })).toEqual([
      { thinking: { type: 'adaptive' }, effort: 'xhigh', thinks: true },
      [],
    ])
  })

  it('takes the nearest effort that the model knows, and says so', () => {
    expect(encode('claude-opus-4-6', { effort: 'xhigh' })).toEqual([
      { thinking: { type: 'adaptive' }, effort: 'high', thinks: true },
      ['adapted reasoning_effort'],
    ])
    expect(encode('claude-opus-5', { effort: 'minimal' })[1]).toEqual(['adapted reasoning_effort'])
  })

  it('turns a budget into an effort where budgets are refused', () => {
    expect(encode('claude-opus-5', { budget: 5000 })).toEqual([
      { thinking: { type: 'adaptive' }, effort: 'medium', thinks: true },
      ['adapted reasoning.budget'],
    ])
  })

  it('is a budget for models before 4.6, added to the usual limit', () => {
    expect(encode('claude-sonnet-4-5', { effort: 'medium' })).toEqual([
      { thinking: { type: 'enabled', budget_tokens: 8192 }, maxTokens: 12_288, thinks: true },
      [],
    ])
  })

  it('fits the budget below the limit that the client set', () => {
    expect(encode('claude-sonnet-4-5', { effort: 'high' }, { maxOutputTokens: 4000 })).toEqual([
      { thinking: { type: 'enabled', budget_tokens: 2976 }, maxTokens: 4000, thinks: true },
      ['adapted reasoning_effort'],
    ])
    expect(encode('claude-sonnet-4-5', { effort: 'high' }, { maxOutputTokens: 1025 })[0]).toMatchObject({
      thinking: { budget_tokens: 1024 },
    })
    expect(encode('claude-sonnet-4-5', { effort: 'high' }, { maxOutputTokens: 1024 })).toEqual([
      { thinks: false },
      ['dropped reasoning_effort'],
    ])
  })

  it('uses what the model can write where that is known', () => {
    expect(encode('claude-sonnet-4-5', { effort: 'max' }, {}, 64_000)[0]).toMatchObject({
      thinking: { budget_tokens: 62_976 },
      maxTokens: 64_000,
    })
  })

  it('is left out for models that do not think', () => {
    expect(encode('claude-3-5-sonnet-latest', { effort: 'high' })).toEqual([
      { thinks: false },
      ['dropped reasoning_effort'],
    ])
  })

  it('gives way to a tool call that must be made', () => {
    expect(encode('claude-sonnet-4-5', { effort: 'low' }, forced)).toEqual([
      { thinks: false },
      ['dropped reasoning_effort'],
    ])
    expect(encode('claude-opus-5', { effort: 'low' }, forced)).toEqual([{ effort: 'low', thinks: false }, []])
  })

  it('is left out where a call has to be resumed whose thinking is gone', () => {
    const dropped = [{ thinks: false }, ['dropped reasoning_effort']]
    expect(encode('claude-sonnet-4-5', { effort: 'low' }, {}, undefined, true)).toEqual(dropped)
    expect(encode('claude-sonnet-4-5', { effort: 'low' }, {}, undefined, false)[1]).toEqual([])
    expect(encode('claude-opus-5', { effort: 'low' }, {}, undefined, true)[1]).toEqual([])
  })

  it('is turned off only where it would be on', () => {
    for (const off of [{ effort: 'none' }, { mode: 'disabled' }, { budget: 0 }] as const) {
      expect(encode('claude-opus-4-8', off)).toEqual([{ thinks: false }, []])
      expect(encode('claude-opus-5', off)).toEqual([{ thinking: { type: 'disabled' }, thinks: false }, []])
      expect(encode('glm-5', off)[0]).toEqual({ thinking: { type: 'disabled' }, thinks: false })
      expect(encode('claude-fable-5', off)).toMatchObject([{ effort: 'low' }, [expect.stringContaining('adapted')]])
    }
  })
})
