/** The few facts that routing, limits and metering need, read from top-level members of a body without decoding the rest. */
import type { AnswerFacts, RequestHead } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { decodeError } from './faults.ts'
import { decodeFinish } from './finish.ts'
import { optional, readBoolean, readCount, readObject, readString } from './reading.ts'
import { checkMessage, malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = body.spans()
  const [duplicate] = spans.duplicates
  if (duplicate !== undefined) {
    throw new Fault('duplicate_member', `${duplicate} appears more than once at the top level: send it once.`, {
      param: duplicate,
    })
  }
  const model = readString(spans.json('model'), 'model')
  if (model === '') throw invalidRequest('model', 'model must name a model; it is empty.')
  checkMessages(body)
  const maxOutputTokens = optional(spans.json('max_tokens'), 'max_tokens', readCount)
  const metadata = optional(spans.json('metadata'), 'metadata', readObject)
  const endUser = optional(metadata?.['user_id'], 'metadata.user_id', readString)
  return {
    model,
    stream: optional(spans.json('stream'), 'stream', readBoolean) ?? false,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(endUser !== undefined && { endUser }),
  }
}

/** Looks at the first bytes alone: conversations are long. */
function checkMessages(body: Body<ChatRequest>): void {
  const span = body.spans().get('messages')
  if (span === undefined) throw invalidRequest('messages', 'messages is required: a list of messages.')
  if (body.byte(span.start) !== 0x5b) throw invalidRequest('messages', 'messages must be a list.')
  if (body.spans().entries('messages') === 0)
    throw invalidRequest('messages', 'messages must have at least one message.')
}

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  const member = answerMembers(body)
  if (member('type') === 'error') throw decodeError({ error: member('error') })
  checkMessage({ type: member('type'), role: member('role') })
  const id = member('id')
  const model = member('model')
  if (typeof id !== 'string' || typeof model !== 'string') throw malformed('id and model must be strings')
  const usage = decodeUsage(member('usage'))
  const stop = {
    stop_reason: member('stop_reason'),
    stop_sequence: member('stop_sequence'),
    stop_details: member('stop_details'),
  }
  const finish = decodeFinish(stop as JsonObject)
  return { id, model, ...(usage !== undefined && { usage }), ...(finish !== undefined && { finish }) }
}

function answerMembers(body: Body<ChatResponse>): (key: string) => unknown {
  try {
    body.member('type')
    return (key) => body.member(key)
  } catch (error) {
    if (error instanceof Fault)
      throw new Fault('provider_malformed', `The provider's answer is not of the Messages API: ${error.message}`, {
        cause: error,
      })
    throw error
  }
}
