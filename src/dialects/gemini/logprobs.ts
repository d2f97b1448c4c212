/** Log probabilities of tokens, both ways. https://ai.google.dev/api/generate-content#LogprobsResult */
import { isDeepStrictEqual } from 'node:util'
import type { Logprobs, TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { memberOf } from './members.ts'

/** Undefined for what tells of no token: nobody's answer fails for it. */
export function decodeLogprobs(json: JsonValue | undefined): Logprobs | undefined {
  if (!isJsonObject(json)) return undefined
  const chosen = memberOf(json, 'chosenCandidates')
  if (!Array.isArray(chosen)) return undefined
  const tops = memberOf(json, 'topCandidates')
  const content = chosen.filter(isJsonObject).map((token, index): TokenLogprob => {
    const top = Array.isArray(tops) ? tops[index] : undefined
    const list = isJsonObject(top) ? top['candidates'] : undefined
    return {
      ...decodeOne(token),
      ...(Array.isArray(list) && { top: list.filter(isJsonObject).map(decodeOne) }),
    }
  })
  return { content }
}

function decodeOne(json: JsonObject): { token: string; logprob: number } {
  const { token } = json
  const logprob = memberOf(json, 'logProbability')
  return { token: typeof token === 'string' ? token : '', logprob: typeof logprob === 'number' ? logprob : 0 }
}

/** The JSON of `value`: as it was spelled, if that still says the same. */
export function encodeLogprobs(value: Logprobs, spelled?: JsonValue): JsonValue | undefined {
  if (spelled !== undefined && isDeepStrictEqual(decodeLogprobs(spelled), value)) return spelled
  const { content } = value
  if (content === undefined) return undefined
  return {
    chosenCandidates: content.map(encodeOne),
    ...(content.some(({ top }) => top !== undefined) && {
      topCandidates: content.map(({ top }) => ({ candidates: (top ?? []).map(encodeOne) })),
    }),
  }
}

function encodeOne({ token, logprob }: { readonly token: string; readonly logprob: number }): JsonObject {
  return { token, logProbability: logprob }
}
