/** Counting a request's input tokens without running it: `POST /v1/messages/count_tokens`. */
import type { Dialect, EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { TokenCount } from '../../model/token-count.ts'
import { carry, restore } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { decodeError, faultCodec } from './faults.ts'
import { readHead } from './head.ts'
import { asProviders, readCount, readObject } from './reading.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'

/** What a message request has and this one refuses: none of it changes what the model reads. */
const refused: ReadonlySet<string> = new Set([
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'service_tier',
  'container',
])
const countMembers = new Set(['input_tokens'])

function encodeCountRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const { json, lost } = encodeRequest(request, context)
  const members = isJsonObject(json) ? Object.entries(json).filter(([key]) => !refused.has(key)) : []
  return { json: Object.fromEntries(members), lost: lost.filter(({ path }) => !refused.has(path)) }
}

function decodeCount(json: unknown): TokenCount {
  if (isJsonObject(json) && json['type'] === 'error') throw decodeError(json)
  return asProviders(() => {
    const body = readObject(json, 'body')
    return { inputTokens: readCount(body['input_tokens'], 'input_tokens'), ...carry(body, countMembers) }
  })
}

function encodeCount(count: TokenCount): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(count, dialectId, '', lost)
  const json: JsonObject = { input_tokens: count.inputTokens }
  return { json: restore(count, json), lost }
}

export const anthropicCountTokens: Dialect<ChatRequest, TokenCount, never> = {
  id: 'anthropic-count-tokens',
  operation: 'count-tokens',
  mediaMarks: ['"image', '"document'],
  requestHeaders: ['anthropic-beta', 'anthropic-version'],
  head: readHead,
  request: { decode: decodeRequest, encode: encodeCountRequest },
  response: { decode: decodeCount, encode: encodeCount },
  fault: faultCodec,
  // Counting uses nothing: there are no facts to meter, but an answer of another kind is refused.
  facts: (body: Body<TokenCount>) => {
    asProviders(() => body.read())
    return {}
  },
}
