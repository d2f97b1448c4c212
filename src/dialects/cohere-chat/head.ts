/** What routing, limits and metering read of a request or answer, without decoding the conversation. */
import { headModel, headNumber, headStream, requestSpans, requireList } from '../../kernel/codec/request-head.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeFinish } from './finish.ts'
import { malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, false)
  requireList(body, 'messages', 'message')
  const maxOutputTokens = headNumber(spans, 'max_tokens')
  return { model, stream, ...(maxOutputTokens !== undefined && { maxOutputTokens }) }
}

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  try {
    const id = body.member('id')
    const word = body.member('finish_reason')
    if (!isJsonObject(body.member('message'))) throw malformed('it has no `message`')
    const usage = decodeUsage(body.member('usage') as JsonValue | undefined)
    return {
      ...(typeof id === 'string' && { id }),
      ...(usage !== undefined && { usage }),
      ...(typeof word === 'string' && { finish: decodeFinish(word) }),
    }
  } catch (error) {
    if (!(error instanceof Fault) || error.side === 'provider') throw error
    throw malformed(error.message, error)
  }
}
