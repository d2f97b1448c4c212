/** Items of the Responses API as JSON text: what a client sent as `input`, lists put together, and items that get an id of their own. */
import { createHash, randomBytes } from 'node:crypto'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { Body } from '../../kernel/body.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'

/** The `input` of a request as a JSON array, byte for byte where it is one. Text alone is a message of the user. */
export function inputItems(body: Body<unknown>): string {
  const span = body.spans().get('input')
  if (span === undefined) return '[]'
  const text = body.slice(span.start, span.end).toString('utf8')
  if (text.startsWith('[')) return text
  return text.startsWith('"') ? `[{"type":"message","role":"user","content":${text}}]` : '[]'
}

/** One array of several, without reading them. */
export function joinArrays(arrays: readonly string[]): string {
  const inner = arrays.map((array) => array.trim().slice(1, -1).trim()).filter((text) => text !== '')
  return `[${inner.join(',')}]`
}

/** The items of a JSON array; what is no object is left out. */
export function parseItems(array: string): JsonObject[] {
  const items = parsePreciseJson(array)
  return Array.isArray(items) ? items.filter(isJsonObject) : []
}

/** `{ "id": … }` in place of the item itself, with or without its type. */
export const isReference = ({ id, type, role }: JsonObject): boolean =>
  typeof id === 'string' && (type === 'item_reference' || ((type ?? undefined) === undefined && role === undefined))

/** Whether one of the items of a JSON array is a reference. A name may be spelled in escapes. */
export const refersToItems = (array: string): boolean => /"id"|\\u/.test(array) && parseItems(array).some(isReference)

export function outputItems(response: JsonObject): JsonObject[] {
  const { output } = response
  return Array.isArray(output) ? output.filter(isJsonObject) : []
}

/** What ids of each type begin with. */
const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  web_search_call: 'ws',
  file_search_call: 'fs',
  computer_call: 'cu',
  code_interpreter_call: 'ci',
  image_generation_call: 'ig',
  mcp_call: 'mcp',
  compaction: 'cmp',
}

const typeOf = (item: JsonObject): string => (typeof item['type'] === 'string' ? item['type'] : 'message')
const prefixOf = (item: JsonObject): string => prefixes[typeOf(item)] ?? 'item'

/** An item as lists show it: with its id (one of its own where the client sent none), type, status and content in parts. */
export function listedItem(item: JsonObject, ownId: (prefix: string) => string): JsonObject & { readonly id: string } {
  const { id, content, ...rest } = item
  const type = typeOf(item)
  const given = typeof id === 'string' && id !== '' ? id : ownId(prefixOf(item))
  const kind = item['role'] === 'assistant' ? 'output_text' : 'input_text'
  return {
    id: given,
    type,
    ...(type === 'message' && { status: 'completed' }),
    ...rest,
    ...(content !== undefined && { content: typeof content === 'string' ? [textPart(kind, content)] : content }),
  }
}

const textPart = (type: string, text: string): JsonObject =>
  type === 'output_text' ? { type, text, annotations: [], logprobs: [] } : { type, text }

/** An id that nobody has. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(24).toString('hex')}`

/** The same id every time for the same place, so that what is not stored with an id can be paged through by it. */
export const placeId =
  (owner: string, index: number) =>
  (prefix: string): string =>
    `${prefix}_${createHash('sha256').update(`${owner}\n${index}`).digest('hex').slice(0, 48)}`

/** Ids that a provider only looks up in its own memory, and does without where the whole item is there. */
const withoutId: ReadonlySet<string> = new Set([
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
])

/**
 * An item of an earlier turn, fit to be sent to any provider; undefined for what only the one that made it can use: reasoning whose
 * content only its own memory has, or is encrypted for it alone.
 */
export function portableItem(item: JsonObject, madeElsewhere: boolean): JsonObject | undefined {
  const type = typeOf(item)
  if (type === 'reasoning' && (typeof item['encrypted_content'] !== 'string' || madeElsewhere)) return undefined
  if (!withoutId.has(type)) return item
  const { id: _, ...rest } = item
  return rest
}
