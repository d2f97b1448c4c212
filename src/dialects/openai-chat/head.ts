/** What routing and limits read from a request's top-level members, without decoding the conversation. */
import type { RequestHead } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import type { JsonSpans } from '../../bytes/json-spans.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { headModel, headNumber, headStream, headText, requestSpans } from '../../kernel/codec/request-head.ts'

const openBracket = 0x5b
const closeBracket = 0x5d

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, false)
  checkMessages(body, spans)
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

function checkMessages(body: Body<ChatRequest>, spans: JsonSpans): void {
  const span = spans.get('messages')
  const bytes = body.bytes()
  if (span === undefined || bytes[span.start] !== openBracket)
    throw wrongType('messages', 'an array of messages', span && spans.json('messages'))
  let at = span.start + 1
  while ((bytes[at] ?? closeBracket) <= 0x20) at++
  if (bytes[at] === closeBracket) throw invalidRequest('messages', '`messages` is empty: send at least one message.')
}
