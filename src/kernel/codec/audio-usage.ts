/** Usage as OpenAI tells it for sound: in tokens, those of sound apart, or in seconds. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Usage } from '../../model/usage.ts'

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value >= 0 ? value : undefined

/** Of what was heard or is to be spoken. Undefined for what is none. */
export function audioUsageOf(told: JsonValue | undefined, id: string): Usage | undefined {
  if (!isJsonObject(told)) return undefined
  const raw = { raw: { [id]: told } }
  const seconds = count(told['seconds'])
  if (seconds !== undefined) return { ...unitsOnly(Math.ceil(seconds * 1000)), ...raw }
  const input = count(told['input_tokens'])
  const output = count(told['output_tokens'])
  if (input === undefined && output === undefined) return undefined
  const details = isJsonObject(told['input_token_details']) ? told['input_token_details'] : {}
  const audio = count(details['audio_tokens'])
  return {
    input: { total: input ?? 0, ...(audio !== undefined && { audio }) },
    output: { total: output ?? 0 },
    ...raw,
  }
}

/** Of a service that bills by how long the sound is. */
export const unitsOnly = (audioMs: number): Usage => ({
  input: { total: 0 },
  output: { total: 0 },
  units: { audio_ms: audioMs },
})

export function tokensAsUsage({ input, output }: Usage): JsonObject {
  return {
    type: 'tokens',
    input_tokens: input.total,
    ...(input.audio !== undefined && {
      input_token_details: { text_tokens: input.total - input.audio, audio_tokens: input.audio },
    }),
    output_tokens: output.total,
    total_tokens: input.total + output.total,
  }
}
