/** A list of tokens with their log probabilities and the alternatives to each, as OpenAI writes it and others after it. */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

/** Undefined for what is no list: nobody's answer fails for it. */
export function decodeTokenLogprobs(json: JsonValue | undefined): TokenLogprob[] | undefined {
  if (!Array.isArray(json)) return undefined
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
    ...((bytes === null || Array.isArray(bytes)) && {
      bytes: bytes === null ? null : bytes.filter((byte) => typeof byte === 'number'),
    }),
  }
}
