/** The id under which this dialect owns members and spellings of the model, and the words it shares with OpenAI's other protocols. */
import { openaiFinishCodec } from '../../kernel/codec/openai-finish.ts'
import { openaiUsageCodec } from '../../kernel/codec/openai-usage.ts'
import type { Node } from '../../model/node.ts'

export const dialectId = 'openai-completions'

/** Whether this dialect decoded the node. */
export function isOwn(node: Node): boolean {
  return node.form?.[dialectId] !== undefined
}

export const finishCodec = openaiFinishCodec(dialectId, { tools: false })
export const usageCodec = openaiUsageCodec(dialectId)
