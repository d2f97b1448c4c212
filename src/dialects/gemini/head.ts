/** What routing, limits and metering read from a body's top-level members, without decoding the conversation. */
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { requestSpans, requireList } from '../../kernel/codec/request-head.ts'
import { decodeFinish } from './finish.ts'
import { MemberReader, memberOf, snakeCase } from './members.ts'
import { asProviders, checkAnswer, malformed, silentFinish } from './response.ts'
import { decodeFeedback } from './safety.ts'
import { decodeUsage } from './usage.ts'

const openBrace = 0x7b

export function readHead(body: Body<ChatRequest>, address?: RequestAddress): RequestHead {
  const spans = requestSpans(body)
  // The one content that there is may stand without a list around it.
  const contents = spans.get('contents')
  if (contents === undefined || body.byte(contents.start) !== openBrace) requireList(body, 'contents', 'content')
  const name = spelledIn(body, 'generationConfig')
  const config = spans.json(name) ?? {}
  if (!isJsonObject(config)) throw wrongType(name, 'an object', config)
  const reader = new MemberReader(config, name)
  const maxOutputTokens = reader.integer('maxOutputTokens', 0)
  const n = reader.integer('candidateCount', 1)
  return {
    model: address?.model ?? '',
    stream: address?.stream ?? false,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(n !== undefined && { n }),
  }
}

/** The name by which the member is there, if it is. */
const spelledIn = (body: Body<unknown>, key: string): string =>
  body.spans().get(key) === undefined ? snakeCase(key) : key

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  const json = asProviders(() => checkAnswer(membersOf(body)))
  const id = memberOf(json, 'responseId')
  const model = memberOf(json, 'modelVersion')
  const usage = decodeUsage(memberOf(json, 'usageMetadata'))
  const finish = finishOf(json)
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(usage !== undefined && { usage }),
    ...(finish !== undefined && { finish }),
  }
}

const answerMembers = ['candidates', 'promptFeedback', 'usageMetadata', 'modelVersion', 'responseId', 'error']

function membersOf(body: Body<ChatResponse>): JsonObject {
  try {
    const names = answerMembers.flatMap((key) => [key, snakeCase(key)])
    const entries = names.map((key) => [key, body.member(key)] as const).filter(([, value]) => value !== undefined)
    return Object.fromEntries(entries) as JsonObject
  } catch (error) {
    if (error instanceof Fault) throw malformed(error.message, error)
    throw error
  }
}

/** Of the first candidate, or of a prompt that was blocked. */
function finishOf(json: JsonObject): Finish | undefined {
  const candidates = memberOf(json, 'candidates') ?? []
  if (!Array.isArray(candidates)) throw malformed('`candidates` is no array.')
  const [first] = candidates
  if (first === undefined) {
    const feedback = memberOf(json, 'promptFeedback')
    return silentFinish(isJsonObject(feedback) ? decodeFeedback(feedback) : undefined)
  }
  const word = isJsonObject(first) ? memberOf(first, 'finishReason') : undefined
  return typeof word === 'string' ? decodeFinish(word, isJsonObject(first) && callsFunctions(first)) : undefined
}

function callsFunctions(candidate: JsonObject): boolean {
  const content = memberOf(candidate, 'content')
  const parts = isJsonObject(content) ? memberOf(content, 'parts') : undefined
  return (Array.isArray(parts) ? parts : []).some((part) => {
    const call = isJsonObject(part) ? memberOf(part, 'functionCall') : undefined
    return isJsonObject(call) && typeof call['name'] === 'string'
  })
}
