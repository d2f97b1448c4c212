/**
 * Log probabilities in the old form: lists side by side, one entry a token, and where each token begins in the text. What the model
 * has no field for keeps the whole object as it was told.
 */
import { isDeepStrictEqual } from 'node:util'
import { define } from '../../kernel/codec/member-reader.ts'
import { decodeTokenLogprobs } from '../../kernel/codec/token-logprobs.ts'
import type { Logprobs, TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Undefined for null and for what is of no known form. Fireworks answers in the form of the chat protocol where that was asked. */
export function decodeLogprobs(json: JsonValue | undefined): Logprobs | undefined {
  if (!isJsonObject(json)) return undefined
  if (!Array.isArray(json['tokens'])) {
    const content = decodeTokenLogprobs(json['content'])
    return content && { content }
  }
  const { tokens, token_logprobs: chosen, top_logprobs: alternatives } = json
  return {
    content: tokens.map((token, index): TokenLogprob => {
      // The first token of a prompt that is repeated has none.
      const logprob = Array.isArray(chosen) ? chosen[index] : undefined
      const top = Array.isArray(alternatives) ? alternatives[index] : undefined
      return {
        token: typeof token === 'string' ? token : '',
        logprob: typeof logprob === 'number' ? logprob : 0,
        ...(isJsonObject(top) && { top: Object.entries(top).map(([text, value]) => alternative(text, value)) }),
      }
    }),
  }
}

function alternative(token: string, value: JsonValue | undefined): { token: string; logprob: number } {
  return { token, logprob: typeof value === 'number' ? value : 0 }
}

/** `offset` is where the first token begins in the choice's text. */
export function encodeLogprobs(content: readonly TokenLogprob[], offset: number): JsonObject {
  let at = offset
  return {
    tokens: content.map(({ token }) => token),
    token_logprobs: content.map(({ logprob }) => logprob),
    top_logprobs: content.some(({ top }) => top !== undefined)
      ? content.map(({ top }) => (top === undefined ? null : byToken(top)))
      : null,
    text_offset: content.map(({ token }) => {
      const start = at
      at += token.length
      return start
    }),
  }
}

function byToken(top: NonNullable<TokenLogprob['top']>): JsonObject {
  const map: JsonObject = {}
  for (const { token, logprob } of top) define(map, token, logprob)
  return map
}

/** What must be remembered so that `value`, decoded from `json`, can be told again exactly; undefined when nothing. */
export function spelledLogprobs(value: Logprobs, json: JsonValue): JsonValue | undefined {
  return isDeepStrictEqual(encodeLogprobs(value.content ?? [], 0), json) ? undefined : json
}

/** The JSON of `value`: as it was spelled, if that still says the same. */
export function writeLogprobs(value: Logprobs, spelled: JsonValue | undefined, offset: number): JsonValue {
  return spelled !== undefined && isDeepStrictEqual(decodeLogprobs(spelled), value)
    ? spelled
    : encodeLogprobs(value.content ?? [], offset)
}
