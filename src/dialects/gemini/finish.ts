/** Why a candidate ended. Google says `STOP` of an answer that calls functions, too. https://ai.google.dev/api/generate-content#FinishReason */
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonValue } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './losses.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
}

export function callsTools(parts: readonly Part[]): boolean {
  return parts.some(({ type }) => type === 'tool-call')
}

/** `message` is Google's sentence about it: details of an end that needs some, and of no use to anybody where it does not. */
export function decodeFinish(word: string, calls: boolean, message?: JsonValue): Finish {
  const reason = (Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? 'other'
  return {
    reason: calls && reason === 'stop' ? 'tool-calls' : reason,
    raw: word,
    origin: dialectId,
    ...(message !== undefined && reason !== 'stop' && { details: message }),
  }
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'context-window': 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'STOP',
  error: 'OTHER',
  other: 'OTHER',
}

const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>(['context-window', 'refusal', 'pause', 'error'])

export interface EncodedFinish {
  readonly finishReason: string
  readonly finishMessage?: JsonValue
}

/** `path` is the choice's. */
export function encodeFinish(finish: Finish, path: string, lost: Loss[]): EncodedFinish {
  if (finish.origin === dialectId && finish.raw !== undefined)
    return {
      finishReason: finish.raw,
      ...(finish.details !== undefined && { finishMessage: finish.details }),
    }
  const word = words[finish.reason]
  if (inexact.has(finish.reason))
    adapt(
      lost,
      joinPath(path, 'finish_reason'),
      `${dialectId} has no finish reason ${finish.raw ?? finish.reason}; ${word} is told`,
    )
  if (finish.sequence !== undefined)
    drop(lost, joinPath(path, 'stop_sequence'), `${dialectId} does not tell which stop sequence was met`)
  if (finish.details !== undefined)
    drop(lost, joinPath(path, 'stop_details'), `${dialectId} has no details of why an answer ended`)
  return { finishReason: word }
}
