/** What routing and limits read from a request's top-level members. A prompt of any kind passes: services differ in what they take. */
import type { Body } from '../../kernel/body.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { headModel, headNumber, headStream, headText, requestSpans } from '../../kernel/codec/request-head.ts'
import type { RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, false)
  const prompt = spans.get('prompt')
  const first = prompt === undefined ? 'null' : body.slice(prompt.start, prompt.start + 1).toString('latin1')
  if (!/["[n]/.test(first))
    throw wrongType('prompt', 'a string, or an array of strings or tokens', spans.json('prompt'))
  // None at all is a way to have a prompt scored: `echo` with log probabilities.
  const maxOutputTokens = headNumber(spans, 'max_tokens', 0)
  const n = headNumber(spans, 'n')
  const endUser = headText(spans, 'user')
  return {
    model,
    stream,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(n !== undefined && { n }),
    ...(endUser !== undefined && { endUser }),
  }
}
