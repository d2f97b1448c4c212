/**
 * What language models at Replicate call their inputs: every model has a schema of its own, but those of one family agree. Read from the
 * schemas of meta/meta-llama-3.1-405b-instruct, anthropic/claude-4-sonnet, openai/o4-mini and openai/gpt-5.1 (replicate.com/OWNER/NAME,
 * read 2026-11-27); the names of Llama 2, Mixtral and LLaVA were not found in pages that can still be read.
 */
import type { SettingNames } from '../../kernel/codec/one-text/settings.ts'

export interface ModelFamily {
  readonly names: SettingNames
  /** The member for images, and whether it takes a list of them. */
  readonly images?: { readonly member: 'image' | 'image_input'; readonly list: boolean }
  /** Takes `stop_sequences`, one text in which commas set them apart. */
  readonly stops: boolean
}

const llama: ModelFamily = {
  names: {
    maxOutputTokens: 'max_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    presencePenalty: 'presence_penalty',
    frequencyPenalty: 'frequency_penalty',
    seed: 'seed',
  },
  stops: true,
}

const families: readonly (readonly [model: RegExp, family: ModelFamily])[] = [
  [
    /^openai\//,
    {
      names: {
        maxOutputTokens: 'max_completion_tokens',
        temperature: 'temperature',
        topP: 'top_p',
        presencePenalty: 'presence_penalty',
        frequencyPenalty: 'frequency_penalty',
      },
      images: { member: 'image_input', list: true },
      stops: false,
    },
  ],
  [
    /^anthropic\//,
    { names: { maxOutputTokens: 'max_tokens' }, images: { member: 'image', list: false }, stops: false },
  ],
  [/llava/i, { ...llama, images: { member: 'image', list: false } }],
  [/llama-2-|mi[sx]tral-/i, { ...llama, names: { ...llama.names, maxOutputTokens: 'max_new_tokens' } }],
]

/** `model` is `owner/name`, perhaps with a version. What is not known is asked as Llama is, whose names most models have. */
export function familyOf(model: string): ModelFamily {
  return families.find(([pattern]) => pattern.test(model))?.[1] ?? llama
}

/** Every name that the limit of an answer has. */
export const limitNames = ['max_tokens', 'max_new_tokens', 'max_completion_tokens'] as const
