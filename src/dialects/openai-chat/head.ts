/** What routing, limits and metering read from a body's top-level members, without decoding the conversation. */
import type { AnswerFacts, RequestHead } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import { asBuffer } from '../../bytes/as-buffer.ts'
import type { JsonSpans } from '../../bytes/json-spans.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { finishCodec, usageCodec } from './words.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { throwIfOpenaiError } from '../../kernel/codec/openai-errors.ts'

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
  checkMessages(body, spans)
  const maxOutputTokens = wholeNumber(spans, 'max_completion_tokens') ?? wholeNumber(spans, 'max_tokens')
  const n = wholeNumber(spans, 'n')
  const endUser = text(spans, 'user') ?? text(spans, 'safety_identifier')
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

function wholeNumber(spans: JsonSpans, key: string): number | undefined {
  const value = spans.json(key) ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw typeof value === 'number'
      ? invalidRequest(key, `\`${key}\` must be a whole number of at least 1, but is ${value}.`)
      : wrongType(key, 'a number', value)
  }
  return value
}

function text(spans: JsonSpans, key: string): string | undefined {
  const value = spans.json(key) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw wrongType(key, 'a string', value)
  return value
}

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  const finish = finishOf(body)
  const id = body.member('id')
  const model = body.member('model')
  const usage = usageCodec.decode(body.member('usage') as JsonValue | undefined)
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(usage !== undefined && { usage }),
    ...(finish !== undefined && { finish }),
  }
}

/** The finish reason of the first choice that tells one; throws when the answer has no choices. */
function finishOf(body: Body<ChatResponse>): Finish | undefined {
  try {
    if (body.isSmall) {
      const choices = body.member('choices')
      if (!Array.isArray(choices)) throw noChoices(body)
      const told = (choices as JsonValue[]).find(
        (choice) => isJsonObject(choice) && typeof choice['finish_reason'] === 'string',
      )
      return isJsonObject(told) ? finishCodec.decode(told['finish_reason'] as string) : undefined
    }
    const span = body.spans().get('choices')
    if (span === undefined || body.bytes()[span.start] !== openBracket) throw noChoices(body)
    return findFinish(asBuffer(body.bytes()), span.start, span.end)
  } catch (error) {
    if (!(error instanceof Fault) || error.side === 'provider') throw error
    throw new Fault('provider_malformed', `The provider's answer is not a JSON object: ${error.message}`, {
      cause: error,
    })
  }
}

function noChoices(body: Body<ChatResponse>): Fault {
  const [error, object, message] = ['error', 'object', 'message'].map((key) => body.member(key) as JsonValue)
  throwIfOpenaiError({ error, object, message })
  return new Fault('provider_malformed', "The provider's answer is not a chat completion: it has no `choices`.")
}

const finishMember = Buffer.from('"finish_reason"')
const longestWord = 64

/** The first finish reason between two offsets. Text cannot fake it: quotes inside strings are escaped. */
function findFinish(bytes: Buffer, start: number, end: number): Finish | undefined {
  const at = bytes.indexOf(finishMember, start)
  if (at === -1 || at >= end) return undefined
  const value = bytes.toString(
    'latin1',
    at + finishMember.length,
    Math.min(end, at + finishMember.length + longestWord),
  )
  const word = /^\s*:\s*"([^"\\]*)"/.exec(value)?.[1]
  return word === undefined ? undefined : finishCodec.decode(word)
}
