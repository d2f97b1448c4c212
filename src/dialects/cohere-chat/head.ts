/** What routing, limits and metering read of a request or answer, without decoding the conversation. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeFinish } from './finish.ts'
import { malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

const openBracket = 0x5b
const closeBracket = 0x5d

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = body.spans()
  const [duplicate] = spans.duplicates
  if (duplicate !== undefined)
    throw new Fault(
      'duplicate_member',
      `\`${duplicate}\` appears twice at the top level of the request: send it once.`,
      { param: duplicate },
    )
  const model = spans.json('model')
  if (typeof model !== 'string' || model === '')
    throw wrongType('model', 'the name of a model: a string that is not empty', model)
  const stream = spans.json('stream') ?? false
  if (typeof stream !== 'boolean') throw wrongType('stream', 'true or false', stream)
  checkMessages(body)
  const maxOutputTokens = spans.json('max_tokens') ?? undefined
  if (maxOutputTokens !== undefined && typeof maxOutputTokens !== 'number')
    throw wrongType('max_tokens', 'a number', maxOutputTokens)
  if (maxOutputTokens !== undefined && (!Number.isInteger(maxOutputTokens) || maxOutputTokens < 1))
    throw invalidRequest(
      'max_tokens',
      `\`max_tokens\` must be a whole number of at least 1, but is ${maxOutputTokens}.`,
    )
  return { model, stream, ...(maxOutputTokens !== undefined && { maxOutputTokens }) }
}

/** Looks at the first bytes alone: conversations are long. */
function checkMessages(body: Body<ChatRequest>): void {
  const spans = body.spans()
  const span = spans.get('messages')
  const bytes = body.bytes()
  if (span === undefined || bytes[span.start] !== openBracket)
    throw wrongType('messages', 'an array of messages', span && spans.json('messages'))
  let at = span.start + 1
  while ((bytes[at] ?? closeBracket) <= 0x20) at++
  if (bytes[at] === closeBracket) throw invalidRequest('messages', '`messages` is empty: send at least one message.')
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
