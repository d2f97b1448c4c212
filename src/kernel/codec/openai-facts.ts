/** What metering reads from a complete answer with `choices`: a small one is parsed, of a large one only the places that tell. */
import { asBuffer } from '../../bytes/as-buffer.ts'
import type { ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import type { Body } from '../body.ts'
import type { AnswerFacts } from '../dialect.ts'
import { throwIfOpenaiError } from './openai-errors.ts'
import { answerVerdicts } from './openai-filters.ts'
import type { OpenaiFinishCodec } from './openai-finish.ts'
import type { OpenaiUsageCodec } from './openai-usage.ts'

const openBracket = 0x5b

export interface OpenaiAnswerWords {
  readonly dialectId: string
  readonly finish: OpenaiFinishCodec
  readonly usage: OpenaiUsageCodec
  /** What an answer is, for the complaint about one that is not: `a chat completion`. */
  readonly answer: string
}

export function openaiFacts(body: Body<ChatResponse>, words: OpenaiAnswerWords): AnswerFacts {
  const finish = finishOf(body, words)
  const id = body.member('id')
  const model = body.member('model')
  const usage = words.usage.decode(body.member('usage') as JsonValue | undefined)
  const safety = safetyOf(body, words)
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(usage !== undefined && { usage }),
    ...(finish !== undefined && { finish }),
    ...(safety.length > 0 && { safety }),
  }
}

/** Filters speak of the prompt always, and of the choices with it: without the one the other is not looked for. */
function safetyOf(body: Body<ChatResponse>, { dialectId }: OpenaiAnswerWords): SafetyVerdict[] {
  const results = body.member('prompt_filter_results') as JsonValue | undefined
  if (results === undefined) return []
  return answerVerdicts({ prompt_filter_results: results, choices: body.member('choices') as JsonValue }, dialectId)
}

/** The finish reason of the first choice that tells one; throws when the answer has no choices. */
function finishOf(body: Body<ChatResponse>, words: OpenaiAnswerWords): Finish | undefined {
  try {
    if (body.isSmall) {
      const choices = body.member('choices')
      if (!Array.isArray(choices)) throw noChoices(body, words.answer)
      const told = (choices as JsonValue[]).find(
        (choice) => isJsonObject(choice) && typeof choice['finish_reason'] === 'string',
      )
      return isJsonObject(told) ? words.finish.decode(told['finish_reason'] as string) : undefined
    }
    const span = body.spans().get('choices')
    if (span === undefined || body.byte(span.start) !== openBracket) throw noChoices(body, words.answer)
    return findFinish(asBuffer(body.bytes()), span.start, span.end, words)
  } catch (error) {
    if (!(error instanceof Fault) || error.side === 'provider') throw error
    throw new Fault('provider_malformed', `The provider's answer is not a JSON object: ${error.message}`, {
      cause: error,
    })
  }
}

function noChoices(body: Body<ChatResponse>, answer: string): Fault {
  const [error, object, message] = ['error', 'object', 'message'].map((key) => body.member(key) as JsonValue)
  throwIfOpenaiError({ error, object, message })
  return new Fault('provider_malformed', `The provider's answer is not ${answer}: it has no \`choices\`.`)
}

const finishMember = Buffer.from('"finish_reason"')
const longestWord = 64

/** The first finish reason between two offsets. Text cannot fake it: quotes inside strings are escaped. */
function findFinish(bytes: Buffer, start: number, end: number, words: OpenaiAnswerWords): Finish | undefined {
  const at = bytes.indexOf(finishMember, start)
  if (at === -1 || at >= end) return undefined
  const value = bytes.toString(
    'latin1',
    at + finishMember.length,
    Math.min(end, at + finishMember.length + longestWord),
  )
  const word = /^\s*:\s*"([^"\\]*)"/.exec(value)?.[1]
  return word === undefined ? undefined : words.finish.decode(word)
}
