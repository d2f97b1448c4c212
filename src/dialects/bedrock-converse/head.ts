/** What routing, limits and metering read of a request or answer, without decoding the conversation. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { requestSpans, requireList } from '../../kernel/codec/request-head.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeFinish } from './finish.ts'
import { isPrompt, modelOf } from './request-decode.ts'
import { malformed } from './response.ts'
import { decodeUsage } from './usage.ts'

export function readHead(body: Body<ChatRequest>, address?: RequestAddress): RequestHead {
  const model = modelOf(address)
  const spans = requestSpans(body)
  if (!isPrompt(model)) requireList(body, 'messages', 'message')
  const inference = spans.json('inferenceConfig') ?? undefined
  if (inference !== undefined && !isJsonObject(inference)) throw wrongType('inferenceConfig', 'an object', inference)
  const maxOutputTokens = inference?.['maxTokens'] ?? undefined
  if (maxOutputTokens !== undefined) {
    if (typeof maxOutputTokens !== 'number') throw wrongType('inferenceConfig.maxTokens', 'a number', maxOutputTokens)
    if (!Number.isInteger(maxOutputTokens) || maxOutputTokens < 1)
      throw invalidRequest(
        'inferenceConfig.maxTokens',
        `\`inferenceConfig.maxTokens\` must be a whole number of at least 1, but is ${maxOutputTokens}.`,
      )
  }
  return {
    model,
    stream: address?.stream ?? false,
    ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
  }
}

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  try {
    const output = body.member('output')
    const reason = body.member('stopReason')
    if (!isJsonObject(output) || !isJsonObject(output['message'])) throw malformed('it has no `output.message`')
    const usage = decodeUsage(body.member('usage') as JsonValue | undefined)
    const fields = body.member('additionalModelResponseFields') as JsonValue | undefined
    const finish = typeof reason === 'string' ? decodeFinish(reason, fields) : undefined
    return { ...(usage !== undefined && { usage }), ...(finish !== undefined && { finish }) }
  } catch (error) {
    if (!(error instanceof Fault) || error.side === 'provider') throw error
    throw malformed(error.message, error)
  }
}
