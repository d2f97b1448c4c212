/** Sampling settings reach a model that takes them and are reported where it does not. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../../model/chat.ts'
import type { Loss } from '../../../model/loss.ts'
import { traitsOf } from './models.ts'
import { encodeForeignSampling } from './sampling.ts'

function encode(settings: Partial<ChatRequest>, model: string, thinks = false): [unknown, string[]] {
  const lost: Loss[] = []
  const sampling = encodeForeignSampling(
    { model, messages: [], stream: false, ...settings },
    traitsOf(model),
    thinks,
    lost,
  )
  return [sampling, lost.map(({ kind, path }) => `${kind} ${path}`)]
}

describe('sampling of a foreign request', () => {
  it('passes what the model takes', () => {
    expect(encode({ temperature: 0.5, topK: 3 }, 'claude-haiku-4-5')).toEqual([{ temperature: 0.5, top_k: 3 }, []])
    expect(encode({ topP: 0.5 }, 'claude-haiku-4-5')).toEqual([{ top_p: 0.5 }, []])
  })

  it('ends temperatures at 1', () => {
    expect(encode({ temperature: 1.7 }, 'claude-haiku-4-5')).toEqual([{ temperature: 1 }, ['adapted temperature']])
  })

  it('keeps temperature before top_p where one is all', () => {
    expect(encode({ temperature: 0.5, topP: 0.5 }, 'claude-haiku-4-5')).toEqual([
      { temperature: 0.5 },
      ['dropped top_p'],
    ])
    expect(encode({ temperature: 0.5, topP: 0.5 }, 'claude-3-5-haiku')).toEqual([{ temperature: 0.5, top_p: 0.5 }, []])
    expect(encode({ temperature: 0.5, topP: 1 }, 'claude-haiku-4-5')).toEqual([{ temperature: 0.5 }, []])
  })

  it('sends nothing to models that refuse it, and misses no defaults', () => {
    expect(encode({ temperature: 0, topP: 0.5, topK: 1 }, 'claude-opus-5')).toEqual([
      {},
      ['dropped temperature', 'dropped top_p', 'dropped top_k'],
    ])
    expect(encode({ temperature: 1, topP: 1 }, 'claude-opus-5')).toEqual([{}, []])
  })

  it('lets a thinking model sample freely', () => {
    expect(encode({ temperature: 0.2, topP: 0.5, topK: 1 }, 'claude-sonnet-4-5', true)).toEqual([
      {},
      ['dropped temperature', 'dropped top_p', 'dropped top_k'],
    ])
    expect(encode({ topP: 0.97 }, 'claude-sonnet-4-5', true)).toEqual([{ top_p: 0.97 }, []])
    expect(encode({ temperature: 0.2 }, 'kimi-k2-thinking', true)).toEqual([{ temperature: 0.2 }, []])
  })
})
