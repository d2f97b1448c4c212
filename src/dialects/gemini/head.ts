/** What routing, limits and metering read from a body's top-level members, without decoding the conversation. */
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { decodeFinish } from './finish.ts'
import { MemberReader, memberOf, snakeCase } from './members.ts'
import { asProviders, checkAnswer, malformed, silentFinish } from './response.ts'
import { decodeFeedback } from './safety.ts'
import { decodeUsage } from './usage.ts'

export function readHead(body: Body<ChatRequest>, address?: RequestAddress): RequestHead {
  const spans = body.spans()
  const [duplicate] = spans.duplicates
  if (duplicate !== undefined)
    throw new Fault(
      'duplicate_member',
      `\`${duplicate}\` appears twice at the top level of the request: send it once.`,
      { param: duplicate },
    )
  checkContents(body)
  const name = spelledIn(body, 'generationConfig')
  const config = body.spans().json(name) ?? {}
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

const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b

/** Looks at the first bytes alone: conversations are long. */
function checkContents(body: Body<ChatRequest>): void {
  const span = body.spans().get('contents')
  const bytes = body.bytes()
  const first = span === undefined ? undefined : bytes[span.start]
  if (span === undefined || (first !== openBracket && first !== openBrace))
    throw wrongType('contents', 'an array of contents', span && body.spans().json('contents'))
  if (first === openBrace) return
  let at = span.start + 1
  while ((bytes[at] ?? closeBracket) <= 0x20) at++
  if (bytes[at] === closeBracket) throw invalidRequest('contents', '`contents` is empty: send at least one content.')
}

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
