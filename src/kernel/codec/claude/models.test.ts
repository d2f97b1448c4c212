/** What a model accepts is read off every spelling of its name that services use. */
import { describe, expect, it } from 'vitest'
import { traitsOf } from './models.ts'

describe('the traits of a model', () => {
  it.each([
    ['claude-3-opus-20240229', 'none'],
    ['claude-3-5-sonnet-latest', 'none'],
    ['claude-instant-1.2', 'none'],
    ['anthropic.claude-v2:1', 'none'],
    ['claude-3-7-sonnet-20250219', 'budget'],
    ['anthropic/claude-3.7-sonnet', 'budget'],
    ['claude-sonnet-4-20250514', 'budget'],
    ['claude-sonnet-4@20250514', 'budget'],
    ['claude-opus-4-1-20250805', 'budget'],
    ['claude-haiku-4-5', 'budget'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'budget'],
    ['anthropic.claude-opus-4-6-v1', 'adaptive'],
    ['claude-sonnet-4.6', 'adaptive'],
    ['claude-opus-4-8', 'adaptive'],
    ['claude-sonnet-5', 'adaptive'],
    ['claude-opus-5-5', 'adaptive'],
    ['claude-mythos-preview', 'adaptive'],
    ['Claude-Opus-Latest', 'adaptive'],
    ['glm-4.6', 'budget'],
  ])('%s thinks by %s', (model, thinking) => {
    expect(traitsOf(model).thinking).toBe(thinking)
  })

  it('knows from when on sampling is refused', () => {
    expect(traitsOf('claude-opus-4-6').refusesSampling).toBe(false)
    expect(traitsOf('claude-opus-4-7').refusesSampling).toBe(true)
    expect(traitsOf('claude-haiku-5-5').refusesSampling).toBe(true)
    expect(traitsOf('kimi-k2').refusesSampling).toBe(false)
  })

  it('knows who takes either temperature or top_p', () => {
    expect(traitsOf('claude-sonnet-4-20250514').oneSampler).toBe(false)
    expect(traitsOf('claude-opus-4-1').oneSampler).toBe(true)
  })

  it('knows who cannot stop thinking', () => {
    expect(traitsOf('claude-fable-5-1').thinksByDefault).toBe('always')
    expect(traitsOf('claude-mythos-preview').thinksByDefault).toBe('always')
    expect(traitsOf('claude-sonnet-5').thinksByDefault).toBe('yes')
    expect(traitsOf('claude-opus-4-8').thinksByDefault).toBe('no')
  })
})
