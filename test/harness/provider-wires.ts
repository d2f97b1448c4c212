/** A provider's wire of every protocol that providers are called in. */
import { anthropic } from './wires/anthropic.ts'
import { bedrock } from './wires/bedrock.ts'
import { cohere } from './wires/cohere.ts'
import { gemini } from './wires/gemini.ts'
import { ollama } from './wires/ollama.ts'
import { openaiChat, openaiCompletions } from './wires/openai-choices.ts'
import { openaiResponses } from './wires/openai-responses.ts'
import type { ProviderWire } from './wires/wire.ts'

export const providerWires: readonly ProviderWire[] = [
  openaiChat,
  openaiResponses,
  openaiCompletions,
  anthropic,
  gemini,
  bedrock,
  cohere,
  ollama,
]
