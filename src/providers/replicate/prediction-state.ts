/** What the calls about a prediction turn on: whether an answer is one, and whether it has ended. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Answered } from '../../kernel/gathered-call.ts'

/** https://replicate.com/docs/topics/predictions/lifecycle */
export const isOver = ({ status }: JsonObject): boolean => status !== 'starting' && status !== 'processing'

export function predictionIn({ status, body }: Answered): JsonObject | undefined {
  if (status < 200 || status >= 300) return undefined
  try {
    const json: unknown = parsePreciseJson(body.toString('utf8'))
    return isJsonObject(json) && typeof json['id'] === 'string' ? json : undefined
  } catch {
    return undefined
  }
}
