/** Metadata that clients attach to objects: at most 16 pairs of text, with keys up to 64 characters and values up to 512. */
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

const mostPairs = 16
const longestKey = 64
const longestValue = 512

export function readMetadata(value: JsonValue | undefined): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw invalidRequest('metadata', 'metadata must be an object of texts.')
  const pairs = Object.entries(value)
  if (pairs.length > mostPairs)
    throw invalidRequest('metadata', `metadata has ${pairs.length} pairs; it may have at most ${mostPairs}.`)
  for (const [key, text] of pairs) {
    if (key.length > longestKey)
      throw invalidRequest('metadata', `A key of metadata is longer than ${longestKey} characters.`)
    if (typeof text !== 'string' || text.length > longestValue)
      throw invalidRequest('metadata', `metadata.${key} must be text of at most ${longestValue} characters.`)
  }
  return value
}
