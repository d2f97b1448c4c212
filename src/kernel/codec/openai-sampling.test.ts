/** Which settings OpenAI's models are not sent, and which of those are told as lost. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'
import { withoutRefusedSampling } from './openai-sampling.ts'

const request: ChatRequest = {
  model: 'm',
  stream: false,
  messages: [],
  temperature: 0,
  topP: 1,
  presencePenalty: 0.5,
  stop: ['END'],
  seed: 7,
}

function left(model: string, more: Partial<ChatRequest> = {}): { names: string[]; lost: string[] } {
  const lost: Loss[] = []
  const sent = withoutRefusedSampling({ ...request, ...more }, model, lost)
  const names = ['temperature', 'topP', 'presencePenalty', 'stop', 'seed'].filter((name) => name in sent)
  return { names, lost: lost.map(({ path }) => path) }
}
const all = { names: ['temperature', 'topP', 'presencePenalty', 'stop', 'seed'], lost: [] }
const fewer = { names: ['seed'], lost: ['temperature', 'presence_penalty', 'stop'] }

describe('settings of sampling', () => {
  it.each(['o1', 'o3-mini', 'o4-mini-2025-04-16', 'gpt-5', 'gpt-5-mini', 'gpt-5-nano-2025-08-07', 'openai/gpt-5-pro'])(
    'are not sent to %s, which always reasons',
    (model) => expect(left(model)).toEqual(fewer),
  )

  it.each([
    'gpt-4o',
    'gpt-4.1-mini',
    'gpt-5-chat-latest',
    'gpt-5.1',
    'gpt-5.2',
    'o365-model',
    'llama-o1',
    'claude-sonnet-4-5',
  ])('are sent to %s', (model) => expect(left(model)).toEqual(all))

  it('are sent to models that may reason where they are not asked to', () => {
    expect(left('gpt-5.2', { reasoning: { effort: 'none' } })).toEqual(all)
    expect(left('gpt-5.2', { reasoning: { mode: 'disabled' } })).toEqual(all)
    const some = { names: ['presencePenalty', 'stop', 'seed'], lost: ['temperature'] }
    expect(left('gpt-5.2', { reasoning: { effort: 'low' } })).toEqual(some)
    expect(left('gpt-5.1-2025-11-13', { reasoning: { mode: 'enabled', budget: 2000 } })).toEqual(some)
  })
})
