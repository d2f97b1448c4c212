/**
 * What routing and limits read from a request's top-level members. A request without messages, or without a prompt, asks the server
 * to load the model (or to unload it), and is answered with one object however it wants its stream.
 */
import type { JsonSpans } from '../../bytes/json-spans.ts'
import type { Body } from '../../kernel/body.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { headModel, headStream, requestSpans } from '../../kernel/codec/request-head.ts'
import type { RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Kind } from './kind.ts'
import { isLimit } from './settings.ts'

const openBracket = 0x5b
const quote = 0x22

export function readHead(body: Body<ChatRequest>, kind: Kind): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, true)
  const asks = kind.message === '' ? hasPrompt(body, spans) : hasMessages(body, spans)
  const options = spans.json('options') ?? {}
  if (!isJsonObject(options)) throw wrongType('options', 'an object', options)
  const limit = options['num_predict']
  return { model, stream: stream && asks, ...(isLimit(limit) && { maxOutputTokens: limit }) }
}

function hasPrompt(body: Body<ChatRequest>, spans: JsonSpans): boolean {
  const span = spans.get('prompt')
  if (span === undefined || spans.raw('prompt') === 'null') return false
  if (body.byte(span.start) !== quote) throw wrongType('prompt', 'a string', spans.json('prompt'))
  return span.end - span.start > '""'.length
}

function hasMessages(body: Body<ChatRequest>, spans: JsonSpans): boolean {
  const span = spans.get('messages')
  if (span === undefined || spans.raw('messages') === 'null') return false
  if (body.byte(span.start) !== openBracket) throw wrongType('messages', 'an array of messages', spans.json('messages'))
  return spans.entries('messages') > 0
}
