/** What a prediction tells besides its output: when it was made, what it took, and how it failed. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { Fault } from '../../model/fault.ts'
import { adapt } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Usage } from '../../model/usage.ts'
import { reportUsage } from '../../kernel/codec/one-text/said.ts'
import { dialectId } from './dialect-id.ts'

/**
 * Of the service's own affairs: they mean nothing to a client of another protocol, so they are remembered for this one and not told to be
 * lost. The input is what the client itself said.
 */
export const ownAffairs = [
  'version',
  'input',
  'logs',
  'urls',
  'status',
  'source',
  'started_at',
  'completed_at',
  'data_removed',
  'deployment',
  'deadline',
  'webhook',
  'webhook_events_filter',
] as const

/** Throws where the prediction did not succeed. */
export function throwIfFailed(json: JsonObject): void {
  const { status, error } = json
  if (status === 'failed') throw new Fault('provider_error', messageOf(error) ?? 'The prediction failed.')
  if (status === 'canceled' || status === 'aborted')
    throw new Fault('provider_error', messageOf(error) ?? `The prediction was ${status} before it had ended.`)
  if (status === 'starting' || status === 'processing')
    throw new Fault('provider_malformed', `The provider answered with a prediction that is still ${status}.`)
}

const longestMessage = 2000

export function messageOf(value: JsonValue | undefined): string | undefined {
  const text = isJsonObject(value) ? (value['detail'] ?? value['message']) : value
  return typeof text === 'string' && text.trim() !== '' ? text.slice(0, longestMessage) : undefined
}

/** Text as an event stream of plain text can carry it, in which a carriage return is the end of a line. */
export function carried(text: string, lost: Loss[]): string {
  if (!text.includes('\r')) return text
  adapt(lost, 'choices[0].content', `${dialectId} has no carriage returns; each becomes a line feed`)
  return text.replaceAll('\r', '\n')
}

/** Unix seconds of a time; undefined for what is none. */
export function secondsOf(time: JsonValue | undefined): number | undefined {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}

/** As it was spelled, unless it is another time by now. */
export function timeOf(created: number | undefined, spelled: JsonValue | undefined): string {
  if (typeof spelled === 'string' && secondsOf(spelled) === created) return spelled
  const time = new Date((created ?? 0) * 1000)
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString()
}

const countOf = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/**
 * From `metrics`, which hold the seconds that every prediction took and, of language models, tokens. The reference names the seconds alone;
 * the counts are what such models' predictions show. Undefined where there are none: seconds are no usage.
 */
export function decodeUsage(metrics: JsonValue | undefined): Usage | undefined {
  if (!isJsonObject(metrics)) return undefined
  const input = countOf(metrics['input_token_count'])
  const output = countOf(metrics['output_token_count'])
  if (input === undefined && output === undefined) return undefined
  return { input: { total: input ?? 0 }, output: { total: output ?? 0 }, raw: { [dialectId]: metrics } }
}

export function encodeUsage(usage: Usage, lost: Loss[]): JsonObject {
  const raw = usage.raw?.[dialectId]
  if (raw !== undefined) return raw
  reportUsage(usage, dialectId, lost, { counts: true })
  return { input_token_count: usage.input.total, output_token_count: usage.output.total }
}
