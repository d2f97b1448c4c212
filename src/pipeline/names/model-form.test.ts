/** Spellings of one model come to one form; what is another model, version or date does not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formOf, sameModel } from './model-form.ts'

const pick = (asked: string, ids: readonly string[], geography?: string) =>
  sameModel(
    formOf(asked),
    ids.map((id) => ({ id, form: formOf(id) })).filter(({ form }) => form.stem === formOf(asked).stem),
    geography,
  )

describe('the form of a name', () => {
  it.each([
    ['claude-3.5-sonnet', 'claude-3-5-sonnet', 'anthropic/claude-3.5-sonnet', 'claude-sonnet-3-5', 'Claude-3.5-Sonnet'],
    ['claude-sonnet-4.5', 'claude-sonnet-4-5', 'claude-4.5-sonnet', 'anthropic.claude-sonnet-4-5-v1:0'],
    ['claude-sonnet-4', 'claude-sonnet-4-0', 'claude-4-sonnet'],
    ['gpt-4o', 'gpt4o', 'GPT-4o', 'openai/gpt-4o'],
    ['gemini-2.5-pro', 'models/gemini-2.5-pro', 'google/gemini-2.5-pro', 'gemini-2-5-pro'],
    ['gemini-1.5-pro', 'gemini-pro-1.5'],
    [
      'llama-3.1-8b-instruct',
      'meta-llama/Meta-Llama-3.1-8B-Instruct',
      'accounts/fireworks/models/llama-v3p1-8b-instruct',
    ],
    ['llama3.1-8b', 'llama-3.1-8b'],
    ['qwen2.5-72b-instruct', 'Qwen/Qwen2.5-72B-Instruct', 'qwen-2.5-72b-instruct'],
    ['kimi-k2p5', 'kimi-k2.5', 'moonshotai/kimi-k2-5'],
    ['glm-4.6', 'z-ai/glm-4.6', 'zai-org/GLM-4.6', 'glm-4p6'],
    ['amazon.nova-pro-v1:0', 'nova-pro', 'us.amazon.nova-pro-v1:0'],
  ])('is the same for %s and its like', (...names) => {
    const [first, ...others] = names.map((name) => formOf(name).stem)
    expect(others).toEqual(others.map(() => first))
  })

  it.each([
    ['gpt-4o', 'gpt-4o-mini'],
    ['gpt-4', 'gpt-4.1'],
    ['gpt-4-turbo', 'gpt-4'],
    ['o1', 'o1-mini'],
    ['claude-sonnet-4-5', 'claude-opus-4-5'],
    ['claude-sonnet-4', 'claude-sonnet-4-5'],
    ['claude-opus-5', 'claude-opus-5-5'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-lite'],
    ['llama-3.1-8b-instruct', 'llama-3.1-8b-instruct-turbo'],
    ['deepseek-v3', 'deepseek-v3.1'],
    ['deepseek/deepseek-r1:free', 'deepseek/deepseek-r1'],
    ['mistral-large-2411', 'mistral-large-2407'],
    ['llama3:8b', 'llama3:70b'],
  ])('differs for %s and %s', (one, other) => {
    expect(formOf(one).stem).not.toBe(formOf(other).stem)
  })

  it('has the date and what is before it, however it is written', () => {
    for (const name of ['claude-opus-4-5-20251101', 'claude-opus-4-5@20251101', 'claude-opus-4.5-2025-11-01'])
      expect(formOf(name)).toEqual({ stem: 'claude-opus-4-5', date: '20251101', latest: false })
    expect(formOf('us.anthropic.claude-opus-4-5-20251101-v1:0')).toEqual({
      stem: 'claude-opus-4-5',
      date: '20251101',
      latest: false,
      geography: 'us',
    })
  })

  it('is found for anything, and is that of its own form', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (name) => {
        const form = formOf(name)
        expect(formOf(form.stem).stem).toBe(form.stem)
      }),
    )
  })
})

describe('the id that a name means', () => {
  it.each<[string, string[], string | undefined]>([
    ['claude-sonnet-4.5', ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'], 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5@20250929', ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'], 'claude-sonnet-4-5-20250929'],
    ['claude-sonnet-4-5', ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20251015'], 'claude-sonnet-4-5-20251015'],
    ['claude-sonnet-4-5-20250101', ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'], undefined],
    ['mistral-large', ['mistral-large-latest', 'mistral-large-2411'], 'mistral-large-latest'],
    ['claude-3-5-haiku-latest', ['claude-3-5-haiku', 'claude-3-5-haiku-20241022'], 'claude-3-5-haiku'],
    ['gpt-4o', ['gpt-4o-2024-05-13', 'gpt-4o-2024-11-20'], 'gpt-4o-2024-11-20'],
    ['gpt-5', ['gpt-4o'], undefined],
    [
      'llama-3.3-70b-instruct',
      ['meta-llama/Llama-3.3-70B-Instruct', 'other/llama-3.3-70b-instruct'],
      'meta-llama/Llama-3.3-70B-Instruct',
    ],
  ])('%s among %j is %s', (asked, ids, expected) => {
    expect(pick(asked, ids)).toBe(expected)
  })

  it('is of the region at Bedrock, else the global profile, else the plain one', () => {
    const plain = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
    expect(pick('claude-sonnet-4-5', [plain, `us.${plain}`, `eu.${plain}`, `global.${plain}`], 'eu')).toBe(
      `eu.${plain}`,
    )
    expect(pick('claude-sonnet-4-5', [plain, `us.${plain}`, `global.${plain}`], 'eu')).toBe(`global.${plain}`)
    expect(pick('claude-sonnet-4-5', [plain, `us.${plain}`], 'eu')).toBe(plain)
    expect(pick('us.anthropic.claude-sonnet-4-5', [plain, `us.${plain}`, `eu.${plain}`], 'eu')).toBe(`us.${plain}`)
    expect(pick('us.anthropic.claude-sonnet-4-5', [plain, `eu.${plain}`], 'eu')).toBeUndefined()
  })
})
