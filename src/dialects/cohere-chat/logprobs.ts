/**
 * Log probabilities, both ways: here of chunks of text, each with the numbers of its tokens. A chunk of several tokens does not tell
 * where they are cut, so its text goes with the first of them.
 */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Undefined for anything that is not a chunk with numbers. */
export function decodeChunk(json: JsonValue | undefined): TokenLogprob[] | undefined {
  if (!isJsonObject(json) || !Array.isArray(json['logprobs'])) return undefined
  const text = typeof json['text'] === 'string' ? json['text'] : ''
  return json['logprobs'].flatMap((logprob, index) =>
    typeof logprob === 'number' ? [{ token: index === 0 ? text : '', logprob }] : [],
  )
}

export function decodeLogprobs(list: readonly JsonValue[]): TokenLogprob[] | undefined {
  const chunks = list.map(decodeChunk)
  return chunks.some((chunk) => chunk === undefined) ? undefined : chunks.flatMap((chunk) => chunk ?? [])
}

export function encodeLogprob({ token, logprob }: TokenLogprob): JsonObject {
  return { text: token, token_ids: [], logprobs: [logprob] }
}
