/** The built-in drivers, written by `npm run generate` from the folders of each family. Do not edit. */
import { anthropicCountTokens, anthropicMessages } from './dialects/anthropic-messages/index.ts'
import { bedrockConverse } from './dialects/bedrock-converse/index.ts'
import { cohereChat } from './dialects/cohere-chat/index.ts'
import { gemini, geminiCountTokens } from './dialects/gemini/index.ts'
import { ollamaChat, ollamaGenerate } from './dialects/ollama/index.ts'
import { openaiChat } from './dialects/openai-chat/index.ts'
import { openaiCompletions } from './dialects/openai-completions/index.ts'
import { openaiResponses } from './dialects/openai-responses/index.ts'
import { anthropicCompatible } from './providers/anthropic-compatible.ts'
import { anthropic } from './providers/anthropic.ts'
import { azure, azureFoundry } from './providers/azure/index.ts'
import { bedrock } from './providers/bedrock/index.ts'
import { cloudflare } from './providers/cloudflare.ts'
import { cohere } from './providers/cohere.ts'
import { databricks } from './providers/databricks.ts'
import { geminiProvider } from './providers/gemini.ts'
import { ollama } from './providers/ollama.ts'
import { openaiCompatible } from './providers/openai-compatible.ts'
import { openai } from './providers/openai.ts'
import { sagemaker } from './providers/sagemaker.ts'
import { simProvider } from './providers/sim/index.ts'
import { snowflake } from './providers/snowflake.ts'
import { tgi } from './providers/tgi.ts'
import { triton } from './providers/triton.ts'
import { vertex } from './providers/vertex/index.ts'
import { fallback } from './routing/fallback.ts'

export const dialects = [anthropicCountTokens, anthropicMessages, bedrockConverse, cohereChat, gemini, geminiCountTokens, ollamaChat, ollamaGenerate, openaiChat, openaiCompletions, openaiResponses]

export const providers = [anthropic, anthropicCompatible, azure, azureFoundry, bedrock, cloudflare, cohere, databricks, geminiProvider, ollama, openai, openaiCompatible, sagemaker, simProvider, snowflake, tgi, triton, vertex]

export const strategies = [fallback]
