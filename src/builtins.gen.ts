/** The built-in drivers, written by `npm run generate` from the folders of each family. Do not edit. */
import { anthropicCompatible } from './providers/anthropic-compatible.ts'
import { anthropic } from './providers/anthropic.ts'
import { openaiCompatible } from './providers/openai-compatible.ts'
import { openai } from './providers/openai.ts'
import { fallback } from './routing/fallback.ts'

export const dialects = []

export const providers = [anthropic, anthropicCompatible, openai, openaiCompatible]

export const strategies = [fallback]
