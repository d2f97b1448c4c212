/** What routing, limits and metering read from a body's top-level members, without decoding the conversation. */
import type { JsonSpans } from '../../bytes/json-spans.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { headModel, headNumber, headStream, headText, requestSpans } from '../../kernel/codec/request-head.ts'
import type { Body } from '../../kernel/body.ts'
import type { AnswerFacts, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeFinish } from './finish.ts'
import { missingInput } from './input-decode.ts'
import { throwIfFailed } from './response.ts'
import { replacesInput } from './state-members.ts'
import { decodeUsage } from './usage.ts'

const openBracket = 0x5b
const quote = 0x22
const nullStart = 0x6e

export function readHead(body: Body<ChatRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const stream = headStream(spans, false)
  checkInput(body, spans)
  const maxOutputTokens = headNumber(spans, 'max_output_tokens')
  const endUser = headText(spans, 'user') ?? headText(spans, 'safety_identifier')
  return {
    model,
    stream,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(endUser !== undefined && { endUser }),
  }
}

/** Looks at the first bytes alone: conversations are long. */
function checkInput(body: Body<ChatRequest>, spans: JsonSpans): void {
  const span = spans.get('input')
  const first = span === undefined ? nullStart : body.byte(span.start)
  if (first === quote) return
  if (spans.entries('input') > 0) return
  if (first !== nullStart && first !== openBracket)
    throw wrongType('input', 'a string or an array of items', spans.json('input'))
  if (!replacesInput((key) => spans.json(key))) throw missingInput(first === openBracket)
}

export function readFacts(body: Body<ChatResponse>): AnswerFacts {
  const member = answerMembers(body)
  throwIfFailed(member)
  const calls = callsTools(body)
  const id = member('id')
  const model = member('model')
  const usage = decodeUsage(member('usage') as JsonValue | undefined, member('tool_usage') as JsonValue | undefined)
  const finish = decodeFinish(member('status'), member('incomplete_details'), calls)
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(usage !== undefined && { usage }),
    ...(finish !== undefined && { finish }),
  }
}

function answerMembers(body: Body<ChatResponse>): (key: string) => unknown {
  try {
    body.member('status')
    return (key) => body.member(key)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault('provider_malformed', `The provider's answer is not a JSON object: ${error.message}`, {
      cause: error,
    })
  }
}

/** Whether the output asks the client to run a tool; throws when there is none at all. */
function callsTools(body: Body<ChatResponse>): boolean {
  if (body.isSmall) {
    const output = body.member('output')
    if (!Array.isArray(output)) throw noOutput()
    return (output as JsonValue[]).some((item) => isJsonObject(item) && callTypes.includes(item['type']))
  }
  const span = body.spans().get('output')
  if (span === undefined || body.byte(span.start) !== openBracket) throw noOutput()
  return findCall(body.slice(span.start, span.end))
}

function noOutput(): Fault {
  return new Fault('provider_malformed', "The provider's answer is not a response: it has no `output`.")
}

const callTypes: readonly unknown[] = ['function_call', 'custom_tool_call']
/** With the bytes before it, enough to see that it is a type. */
const longestBefore = 32

/** Looks for the type of a call. Text cannot fake it: quotes inside strings are escaped. */
function findCall(output: Buffer): boolean {
  for (const type of callTypes) {
    const word = JSON.stringify(type)
    for (let at = output.indexOf(word); at !== -1; at = output.indexOf(word, at + 1))
      if (/"type"\s*:\s*$/.test(output.toString('latin1', Math.max(0, at - longestBefore), at))) return true
  }
  return false
}
