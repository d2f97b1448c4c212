/** Events of this protocol's streams as they are on the wire: reading one, and writing one. */
import { parseJson } from '../../bytes/parse-json.ts'
import type { SseEvent } from '../../bytes/sse-reader.ts'
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { decodeFault, errorEvent } from './faults.ts'

export interface WireEvent {
  readonly type: string
  readonly json: JsonObject
}

/** The event in `data`; throws a Fault for errors, and `provider_malformed` for anything that is not of the protocol. */
export function readEvent({ event, data }: SseEvent): WireEvent {
  let json: unknown
  try {
    json = parseJson(data)
  } catch (cause) {
    throw new Fault('provider_malformed', 'The provider sent an event whose data is not JSON.', { cause })
  }
  if (!isJsonObject(json))
    throw new Fault('provider_malformed', 'The provider sent an event whose data is not a JSON object.')
  const { type, error } = json
  const failed = type === 'error' || event === 'error' || (type === undefined && error !== undefined && error !== null)
  if (failed) throw decodeFault(undefined, json)
  if (typeof type === 'string') return { type, json }
  throw new Fault('provider_malformed', 'The provider sent an event without a type.')
}

/** An event as text; its type stands in both places that clients look at. */
export function eventText(type: string, members: JsonObject): string {
  return formatSseEvent({ event: type, data: JSON.stringify({ type, ...members }) })
}

/** An error that ends a stream of which nothing is known but that it has begun. */
export function faultText(fault: Fault, sequence: number): string {
  return eventText('error', { sequence_number: sequence, ...errorEvent(fault) })
}
