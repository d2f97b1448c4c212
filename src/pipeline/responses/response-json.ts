/** Answers of the Responses API as objects: read from bytes or events, and told what the gateway knows better than whoever made them. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'

/** An answer with an id: one that can be kept. */
export interface IdentifiedResponse extends JsonObject {
  id: string
}

export function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parsePreciseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function identified(value: unknown): IdentifiedResponse | undefined {
  return isJsonObject(value) && typeof value['id'] === 'string' && value['id'] !== ''
    ? (value as IdentifiedResponse)
    : undefined
}

/** Events that end a stream with the whole answer: https://developers.openai.com/api/reference/resources/responses/streaming-events */
const terminal: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed'])
/** All that carry the answer. */
const lifecycle: ReadonlySet<unknown> = new Set([
  ...terminal,
  'response.created',
  'response.queued',
  'response.in_progress',
])

export const isTerminal = (type: unknown): boolean => terminal.has(type)

/** An event that carries the answer; undefined for every other. Only events that may be one are parsed. */
export function lifecycleEvent(data: string): (JsonObject & { response: JsonObject }) | undefined {
  if (!data.includes('"response"')) return undefined
  const event = parseObject(data)
  return event !== undefined && lifecycle.has(event['type']) && isJsonObject(event['response'])
    ? (event as JsonObject & { response: JsonObject })
    : undefined
}
