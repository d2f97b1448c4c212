/** Why an answer ended: the response's `status`, and of one that is incomplete the reason. */
import type { Finish, FinishReason } from '../../model/finish.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import { adapt, drop } from './losses.ts'

const incompleteReasons: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  content_filter: 'content-filter',
}

/** Undefined while the response is not over. `calls`: it asks the client to run tools. */
export function decodeFinish(status: unknown, details: unknown, calls: boolean): Finish | undefined {
  if (status === 'completed') return { reason: calls ? 'tool-calls' : 'stop', raw: status, origin: dialectId }
  if (status === 'incomplete') {
    const word = isJsonObject(details) && typeof details['reason'] === 'string' ? details['reason'] : status
    const reason = Object.hasOwn(incompleteReasons, word) ? incompleteReasons[word] : undefined
    return { reason: reason ?? 'other', raw: word, origin: dialectId }
  }
  return typeof status === 'string' && status !== 'queued' && status !== 'in_progress'
    ? { reason: 'other', raw: status, origin: dialectId }
    : undefined
}

export interface Status {
  readonly status: string
  readonly details: { readonly reason: string } | null
}

const reasons: Readonly<Record<FinishReason, string | undefined>> = {
  stop: undefined,
  'stop-sequence': undefined,
  'tool-calls': undefined,
  other: undefined,
  length: 'max_output_tokens',
  'context-window': 'max_output_tokens',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  // Not complete, and nothing of what the protocol has a word for.
  pause: '',
  error: '',
}

const inexact: ReadonlySet<FinishReason> = new Set<FinishReason>([
  'pause',
  'error',
  'other',
  'context-window',
  'refusal',
])

/** The status that says `finish`; `path` is the choice's. `refused`: the refusal itself is told, so the answer is complete. */
export function encodeFinish(finish: Finish | undefined, refused: boolean, path: string, lost: Loss[]): Status {
  if (finish === undefined) return completed
  if (finish.origin === dialectId && finish.raw !== undefined) return ownStatus(finish.raw)
  const told = finish.reason === 'refusal' && refused ? undefined : reasons[finish.reason]
  const status = told === undefined ? completed : incomplete(told)
  if (inexact.has(finish.reason) && !(finish.reason === 'refusal' && refused)) {
    const said = status.details?.reason ?? status.status
    adapt(
      lost,
      joinPath(path, 'finish_reason'),
      `${dialectId} has no word for an end by ${finish.raw ?? finish.reason}; "${said}" is told`,
    )
  }
  if (finish.sequence !== undefined)
    drop(lost, joinPath(path, 'stop_sequence'), `${dialectId} does not tell which stop sequence was met`)
  if (finish.details !== undefined)
    drop(lost, joinPath(path, 'stop_details'), `${dialectId} has no details of why an answer ended`)
  return status
}

const completed: Status = { status: 'completed', details: null }

function incomplete(reason: string): Status {
  return { status: 'incomplete', details: reason === '' ? null : { reason } }
}

const statuses: ReadonlySet<string> = new Set(['completed', 'incomplete', 'cancelled', 'failed'])

/** A word that is no status is the reason of an incomplete answer. */
function ownStatus(raw: string): Status {
  return statuses.has(raw) ? { status: raw, details: null } : incomplete(raw)
}

/** Whether `finish` says of the status what was told: else that has to be noted. */
export function saysStatus(
  finish: Finish | undefined,
  status: JsonValue | undefined,
  details: JsonValue | undefined,
): boolean {
  if (finish?.raw === undefined) return false
  const said = ownStatus(finish.raw)
  return said.status === status && JSON.stringify(said.details) === JSON.stringify(details ?? null)
}
