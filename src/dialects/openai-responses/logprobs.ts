/**
 * Log probabilities of tokens. They belong to the output texts here, to the whole answer in the model: each text gets back as many
 * tokens as make it up.
 */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Tolerates anything: nobody's answer fails for it. Deltas tell neither bytes nor, perhaps, alternatives. */
export function decodeLogprobs(json: JsonValue | undefined): TokenLogprob[] {
  if (!Array.isArray(json)) return []
  return json.filter(isJsonObject).map((token) => ({
    ...decodeOne(token),
    ...(Array.isArray(token['top_logprobs']) && { top: token['top_logprobs'].filter(isJsonObject).map(decodeOne) }),
  }))
}

function decodeOne(json: JsonObject): TokenLogprob {
  const { token, logprob, bytes } = json
  return {
    token: typeof token === 'string' ? token : '',
    logprob: typeof logprob === 'number' ? logprob : 0,
    ...(Array.isArray(bytes) && { bytes: bytes.filter((byte) => typeof byte === 'number') }),
  }
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject[] {
  return tokens.map((token) => ({ ...encodeOne(token), top_logprobs: (token.top ?? []).map(encodeOne) }))
}

function encodeOne({ token, logprob, bytes }: TokenLogprob): JsonObject {
  return { token, logprob, bytes: [...(bytes ?? Buffer.from(token))] }
}

/** The tokens of `all` that make up each of `texts` in turn; the last one gets the rest. */
export function shareLogprobs(all: readonly TokenLogprob[], texts: readonly string[]): TokenLogprob[][] {
  let at = 0
  return texts.map((text, index) => {
    if (index === texts.length - 1) return all.slice(at)
    const from = at
    for (let length = 0; length < text.length && at < all.length; at++) length += all[at]?.token.length ?? 0
    return all.slice(from, at)
  })
}
