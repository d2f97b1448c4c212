/** What routing and limits read from a request's top-level members, without decoding the conversation. */
import type { RequestHead } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import type { ChatRequest } from '../../model/chat.ts'
import {
  headModel,
  headNumber,
  headStream,
  headText,
  requestSpans,
  requireList,
} from '../../kernel/codec/request-head.ts'

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, false)
  requireList(body, 'messages', 'message')
  const maxOutputTokens = headNumber(spans, 'max_completion_tokens') ?? headNumber(spans, 'max_tokens')
  const n = headNumber(spans, 'n')
  const endUser = headText(spans, 'user') ?? headText(spans, 'safety_identifier')
  return {
    model,
    stream,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(n !== undefined && { n }),
    ...(endUser !== undefined && { endUser }),
  }
}
