/** Why the model stopped, both ways. */
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './report.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop-sequence',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR: 'error',
  TIMEOUT: 'error',
}

export function decodeFinish(word: string): Finish {
  const reason = (Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? 'other'
  return { reason, raw: word, origin: dialectId }
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  'stop-sequence': 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  'context-window': 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'COMPLETE',
  refusal: 'COMPLETE',
  pause: 'COMPLETE',
  error: 'ERROR',
  other: 'COMPLETE',
}
const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>([
  'content-filter',
  'context-window',
  'refusal',
  'pause',
  'other',
])

/** The word for `finish`; `path` is the choice's. Clients run tools only on `TOOL_CALL`. */
export function encodeFinish(finish: Finish | undefined, calls: boolean, path: string, lost: Loss[]): string {
  if (finish === undefined) return calls ? 'TOOL_CALL' : 'COMPLETE'
  if (finish.origin === dialectId && finish.raw !== undefined) return finish.raw
  const word = finish.reason === 'stop' && calls ? 'TOOL_CALL' : words[finish.reason]
  if (inexact.has(finish.reason))
    adapt(
      lost,
      `${path}.finish_reason`,
      `there is no finish reason ${finish.raw ?? finish.reason} here; ${word} is told`,
    )
  if (finish.sequence !== undefined) drop(lost, `${path}.stop_sequence`, 'which stop sequence was met is not told here')
  if (finish.details !== undefined)
    drop(lost, `${path}.stop_details`, 'there are no details here of why an answer ended')
  return word
}
