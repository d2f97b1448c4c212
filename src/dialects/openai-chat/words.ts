/** The words that this dialect shares with OpenAI's other protocols, bound to its id. */
import { openaiFinishCodec } from '../../kernel/codec/openai-finish.ts'
import { openaiUsageCodec } from '../../kernel/codec/openai-usage.ts'
import { dialectId } from './dialect-id.ts'

export const finishCodec = openaiFinishCodec(dialectId, { tools: true })
export const usageCodec = openaiUsageCodec(dialectId)
