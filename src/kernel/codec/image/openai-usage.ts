/** Usage of pictures as OpenAI tells it: tokens of text and of pictures apart; what is written are pictures but for what is said to be text. */
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { Usage } from '../../../model/usage.ts'

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value >= 0 ? value : undefined

/** Undefined for what is none. */
export function openaiImageUsage(told: JsonValue | undefined, id: string): Usage | undefined {
  if (!isJsonObject(told)) return undefined
  const input = count(told['input_tokens'])
  const output = count(told['output_tokens'])
  if (input === undefined && output === undefined) return undefined
  const inputs = objectIn(told['input_tokens_details'])
  const image = count(inputs['image_tokens'])
  const cached = count(inputs['cached_tokens'])
  const outputs = objectIn(told['output_tokens_details'])
  const text = count(outputs['text_tokens']) ?? 0
  return {
    input: {
      total: input ?? 0,
      ...(cached !== undefined && { cacheRead: cached }),
      ...(image !== undefined && { image }),
    },
    output: { total: output ?? 0, image: count(outputs['image_tokens']) ?? Math.max(0, (output ?? 0) - text) },
    raw: { [id]: told },
  }
}

const objectIn = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** Its own words where it told them, else made of what is known; undefined where nobody told any tokens. */
export function usageInOpenai(usage: Usage | undefined, id: string): JsonObject | undefined {
  if (usage === undefined) return undefined
  const { input, output, raw } = usage
  if (raw?.[id] !== undefined) return raw[id]
  if (input.total === 0 && output.total === 0) return undefined
  const image = input.image ?? 0
  const painted = output.image ?? 0
  return {
    total_tokens: input.total + output.total,
    input_tokens: input.total,
    output_tokens: output.total,
    input_tokens_details: { text_tokens: input.total - image, image_tokens: image },
    ...(output.image !== undefined && {
      output_tokens_details: { text_tokens: output.total - painted, image_tokens: painted },
    }),
  }
}
