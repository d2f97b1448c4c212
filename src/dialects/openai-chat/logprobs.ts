/** Log probabilities of tokens. What the model has no field for keeps the whole list as it was told. */
import { isDeepStrictEqual } from 'node:util'
import { decodeTokenLogprobs } from '../../kernel/codec/token-logprobs.ts'
import type { Logprobs, TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Undefined for null and for what is not of the protocol: nobody's answer fails for it. */
export function decodeLogprobs(json: JsonValue | undefined): Logprobs | undefined {
  if (!isJsonObject(json)) return undefined
  const content = decodeTokenLogprobs(json['content'])
  const refusal = decodeTokenLogprobs(json['refusal'])
  return { ...(content !== undefined && { content }), ...(refusal !== undefined && { refusal }) }
}

export function encodeLogprobs({ content, refusal }: Logprobs): JsonObject {
  return { content: content?.map(encodeToken) ?? null, refusal: refusal?.map(encodeToken) ?? null }
}

function encodeToken(token: TokenLogprob): JsonObject {
  return { ...encodeOne(token), top_logprobs: (token.top ?? []).map(encodeOne) }
}

function encodeOne({ token, logprob, bytes }: TokenLogprob): JsonObject {
  return { token, logprob, bytes: bytes === undefined || bytes === null ? null : [...bytes] }
}

/** What must be remembered so that `value`, decoded from `json`, can be told again exactly; undefined when nothing. */
export function spelledLogprobs(value: Logprobs, json: JsonValue): JsonValue | undefined {
  return isDeepStrictEqual(encodeLogprobs(value), json) ? undefined : json
}

/** The JSON of `value`: as it was spelled, if that still says the same. */
export function writeLogprobs(value: Logprobs, spelled: JsonValue | undefined): JsonValue {
  return spelled !== undefined && isDeepStrictEqual(decodeLogprobs(spelled), value) ? spelled : encodeLogprobs(value)
}
