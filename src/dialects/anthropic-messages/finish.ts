/** Why the model stopped, both ways: `stop_reason`, `stop_sequence` and `stop_details`. */
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-window'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
])

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-window': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  other: 'end_turn',
}

/** Reads the three members from where they stand; undefined while there is no reason. */
export function decodeFinish(source: JsonObject): Finish | undefined {
  const { stop_reason: raw, stop_sequence: sequence, stop_details: details } = source
  if (typeof raw !== 'string') return undefined
  return {
    reason: reasons.get(raw) ?? 'other',
    raw,
    origin: dialectId,
    ...(typeof sequence === 'string' && { sequence }),
    ...(details !== undefined && details !== null && { details }),
  }
}

/** What the answer held bears on the word: clients run tools only on `tool_use`. */
export interface Said {
  readonly toolCalls: boolean
  readonly refusals: boolean
}

export function saidIn(parts: readonly Part[]): Said {
  return {
    toolCalls: parts.some((part) => part.type === 'tool-call'),
    refusals: parts.some((part) => part.type === 'refusal'),
  }
}

export function encodeFinish(finish: Finish | undefined, said: Said, path: string, lost: Loss[]): JsonObject {
  if (finish === undefined) return { stop_reason: null, stop_sequence: null }
  const own = finish.origin === dialectId
  if (!own && finish.details !== undefined) {
    lost.push({
      path: `${path}.finish_details`,
      kind: 'dropped',
      reason: 'the details of why the answer ended are in words of another protocol',
    })
  }
  return {
    stop_reason: own && finish.raw !== undefined ? finish.raw : wordOf(finish.reason, said),
    stop_sequence: finish.sequence ?? null,
    ...(own && finish.details !== undefined && { stop_details: finish.details }),
  }
}

function wordOf(reason: FinishReason, said: Said): string {
  if (reason === 'stop' && said.toolCalls) return words['tool-calls']
  if (reason === 'stop' && said.refusals) return words.refusal
  return words[reason]
}
