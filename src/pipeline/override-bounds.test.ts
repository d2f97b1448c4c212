/** What overrides may cost, in the words of any protocol. */
import { expect, it } from 'vitest'
import { overrideBounds } from './override-bounds.ts'
import type { OverrideBounds } from './override-bounds.ts'

const json = (members: Record<string, unknown>): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, value === null ? undefined : JSON.stringify(value)]),
  )

it.each<[object, OverrideBounds]>([
  [{ temperature: 0 }, { input: 1 }],
  [{ max_tokens: 7 }, { maxOutput: 7, input: 0 }],
  [
    { max_tokens: 7, max_completion_tokens: 900 },
    { maxOutput: 900, input: 0 },
  ],
  [{ max_output_tokens: 5 }, { maxOutput: 5, input: 0 }],
  [{ max_tokens: null }, { maxOutput: 'none', input: 0 }],
  [{ max_tokens: 'many' }, { maxOutput: 'none', input: 0 }],
  [
    { n: 3, max_tokens: 4 },
    { maxOutput: 4, answers: 3, input: 0 },
  ],
  [{ generationConfig: { temperature: 0 } }, { maxOutput: 'none', input: 0 }],
  [{ generationConfig: { maxOutputTokens: 8, candidateCount: 2 } }, { maxOutput: 8, answers: 2, input: 0 }],
  [{ inferenceConfig: { maxTokens: 9 } }, { maxOutput: 9, input: 0 }],
  [{ options: { num_predict: 6 } }, { maxOutput: 6, input: 0 }],
  [{ options: null }, { maxOutput: 'none', input: 0 }],
  [{ system: 'x'.repeat(298) }, { input: 100 }],
])('%o', (members, bounds) => {
  const overrides = json(members as Record<string, unknown>)
  expect(overrideBounds(overrides)).toEqual(bounds)
  expect(overrideBounds(overrides)).toEqual(bounds)
})

it('are none where nothing is overridden', () => expect(overrideBounds(undefined)).toBeUndefined())
