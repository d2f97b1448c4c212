/** The built-in drivers, written by `npm run generate` from the folders of each family. Do not edit. */
import { anthropicCountTokens, anthropicMessages } from './dialects/anthropic-messages/index.ts'
import { ollamaChat, ollamaGenerate } from './dialects/ollama/index.ts'
import { openaiChat } from './dialects/openai-chat/index.ts'
import { openaiCompletions } from './dialects/openai-completions/index.ts'
import { anthropicCompatible } from './providers/anthropic-compatible.ts'
import { anthropic } from './providers/anthropic.ts'
import { openaiCompatible } from './providers/openai-compatible.ts'
import { openai } from './providers/openai.ts'
import { simProvider } from './providers/sim/index.ts'
import { fallback } from './routing/fallback.ts'

export const dialects = [anthropicCountTokens, anthropicMessages, ollamaChat, ollamaGenerate, openaiChat, openaiCompletions]

export const providers = [anthropic, anthropicCompatible, openai, openaiCompatible, simProvider]

export const strategies = [fallback]
