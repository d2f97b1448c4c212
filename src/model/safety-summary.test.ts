/** One line of what a provider's safety checks did, whatever the provider. */
import { describe, expect, it } from 'vitest'
import type { SafetyVerdict } from './safety.ts'
import { safetySummary } from './safety-summary.ts'

const verdict = (
  of: 'input' | 'output',
  blocked: boolean,
  ...ratings: SafetyVerdict['ratings'][number][]
): SafetyVerdict => ({
  of,
  blocked,
  ratings,
  origin: 'x',
})

describe('the summary of safety', () => {
  it.each<[string, Parameters<typeof safetySummary>, string | undefined]>([
    ['nothing said', [[], undefined], undefined],
    [
      'a good answer',
      [[verdict('output', false, { category: 'hate', level: 'negligible' })], { reason: 'stop' }],
      undefined,
    ],
    [
      'a blocked prompt',
      [[verdict('input', true, { category: 'hate', blocked: true })], { reason: 'content-filter' }],
      'input=blocked;categories="hate"',
    ],
    ['a refusal', [[], { reason: 'refusal' }], 'output=refused'],
    ['a filter without a verdict', [[], { reason: 'content-filter' }], 'output=blocked'],
    [
      'likely but let through',
      [
        [verdict('output', false, { category: 'violence', level: 'high' }, { category: 'sexual', level: 'low' })],
        { reason: 'stop' },
      ],
      'output=flagged;categories="violence"',
    ],
    [
      'both',
      [
        [
          verdict('input', false, { category: 'hate', level: 'medium' }),
          verdict('output', true, { category: 'Self Harm"\r\n', level: 'high' }),
        ],
        { reason: 'content-filter' },
      ],
      'input=flagged;categories="hate", output=blocked;categories="self-harm"',
    ],
  ])('of %s', (_, [safety, finish], expected) => {
    expect(safetySummary(safety, finish)).toBe(expected)
  })
})
