/** Why the model stopped, both ways. Which stop sequence it was is told only where the request asked for the model's own field. */
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './report.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
  model_context_window_exceeded: 'context-window',
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-window': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  refusal: 'content_filtered',
  pause: 'end_turn',
  error: 'end_turn',
  other: 'end_turn',
}
const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>(['refusal', 'pause', 'error', 'other'])

/** `fields` are the model's own, `additionalModelResponseFields`. */
export function decodeFinish(word: string, fields: JsonValue | undefined): Finish {
  const reason = (Object.hasOwn(reasons, word) ? reasons[word] : undefined) ?? 'other'
  const sequence = sequenceIn(fields)
  return { reason, raw: word, origin: dialectId, ...(typeof sequence === 'string' && { sequence }) }
}

/** Claude's `stop_sequence`: of a plain answer at the top, of a stream within `delta`. */
function sequenceIn(fields: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(fields)) return undefined
  return isJsonObject(fields['delta']) ? fields['delta']['stop_sequence'] : fields['stop_sequence']
}

/** Whether the fields say nothing but the stop sequence, so that nothing of them need be carried along. */
export function tellsSequenceAlone(fields: JsonValue | undefined): boolean {
  if (!isJsonObject(fields)) return false
  const inner = isJsonObject(fields['delta']) ? fields['delta'] : fields
  const sequence = inner['stop_sequence']
  const alone = Object.keys(fields).length === 1 && Object.keys(inner).length === 1
  return alone && (sequence === null || typeof sequence === 'string')
}

/** The word for `finish`; `path` is the choice's. Clients run tools only on `tool_use`. */
export function encodeFinish(finish: Finish | undefined, calls: boolean, path: string, lost: Loss[]): string {
  if (finish === undefined) return calls ? 'tool_use' : 'end_turn'
  if (finish.origin === dialectId && finish.raw !== undefined) return finish.raw
  const word = finish.reason === 'stop' && calls ? 'tool_use' : words[finish.reason]
  if (inexact.has(finish.reason))
    adapt(
      lost,
      `${path}.finish_reason`,
      `there is no stop reason ${finish.raw ?? finish.reason} here; "${word}" is told`,
    )
  if (finish.details !== undefined)
    drop(lost, `${path}.stop_details`, 'there are no details here of why an answer ended')
  return word
}

export function hasCalls(parts: readonly Part[]): boolean {
  return parts.some((part) => part.type === 'tool-call')
}

/** The field in which the model itself would have told the stop sequence. */
export function sequenceField(finish: Finish | undefined, streamed: boolean): JsonObject | undefined {
  if (finish?.sequence === undefined) return undefined
  const told = { stop_sequence: finish.sequence }
  return streamed ? { delta: told } : told
}
