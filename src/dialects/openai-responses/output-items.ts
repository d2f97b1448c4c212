/**
 * Decodes items that the model wrote, in answers and when they come back in requests: messages, reasoning, calls of the client's
 * tools, and pictures. Items of tools that the service runs, and those of a type nobody knows, stay as they are.
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { decodeContent } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { ofItem } from './envelope.ts'
import { MemberReader } from './members.ts'
import { decodeReasoning } from './reasoning.ts'

/** Item-level members of a message that say nothing to another protocol. */
export const messageMembers = ['id', 'status', 'phase'] as const

/** `ordinal` is the item's place among those of its message; `returned` says that a client hands it back. */
export function decodeItem(json: JsonValue, path: string, ordinal: number, returned = false): Part[] {
  if (!isJsonObject(json)) throw wrongType(path, 'an item: an object with a `type`', json)
  switch (json['type'] ?? (json['role'] === undefined ? undefined : 'message')) {
    case 'message':
      return decodeMessage(json, path, ordinal)
    case 'reasoning':
      return decodeReasoning(json, path, ordinal, returned)
    case 'function_call':
      return [decodeCall(json, path, ordinal, 'arguments')]
    case 'custom_tool_call':
      return [decodeCall(json, path, ordinal, 'input')]
    case 'image_generation_call':
      return ofItem([decodeImage(json, path) ?? opaqueItem(json)], { kind: 'other', ordinal })
    default:
      return ofItem([opaqueItem(json)], { kind: 'other', ordinal })
  }
}

function opaqueItem(value: JsonObject): Part {
  return { type: 'opaque', origin: dialectId, value, form: { [dialectId]: {} } }
}

function decodeMessage(json: JsonObject, path: string, ordinal: number): Part[] {
  const reader = new MemberReader(json, path)
  if (reader.take('type') === undefined && !reader.has('type')) reader.noteAbsent('type')
  reader.keep(messageMembers)
  const role = reader.take('role')
  if (role === undefined && !reader.has('role')) reader.noteAbsent('role')
  else if (role !== undefined && role !== 'assistant') reader.note('role', role)
  const parts = decodeContent(reader, 'content', 'output_text')
  if (!reader.has('content')) reader.noteAbsent('content')
  return ofItem(parts.length > 0 ? parts : [hollowText()], { kind: 'message', ordinal }, reader.node())
}

function hollowText(): Part {
  return { type: 'text', text: '', form: { [dialectId]: { hollow: true } } }
}

/** A call's arguments are JSON text, a custom tool's input is any text. */
function decodeCall(json: JsonObject, path: string, ordinal: number, member: 'arguments' | 'input'): ToolCallPart {
  const reader = new MemberReader(json, path)
  reader.take('type')
  const id = reader.peek('id')
  const told = reader.string('call_id')
  reader.keep(['id', 'status'])
  // Some services have one id for both.
  const callId = told ?? (typeof id === 'string' ? id : undefined)
  if (callId === undefined || callId === '')
    throw invalidRequest(reader.at('call_id'), `\`${reader.at('call_id')}\` must be the id of the call: a string.`)
  if (told === undefined) reader.note('noCallId', true)
  reader.note('item', ordinal)
  const name = reader.requiredString('name')
  const text = decodeArguments(reader, member)
  return {
    type: 'tool-call',
    id: callId,
    name,
    arguments: text,
    ...(member === 'input' && { kind: 'custom' as const }),
    ...reader.node(),
  }
}

/** Text, but some services write the object itself. */
function decodeArguments(reader: MemberReader, member: string): string {
  const value = reader.take(member)
  if (typeof value === 'string') return value
  if (value === undefined) {
    if (!reader.has(member)) reader.noteAbsent(member)
    return ''
  }
  if (!isJsonObject(value)) throw wrongType(reader.at(member), 'a string', value)
  reader.note('object', value)
  return JSON.stringify(value)
}

export const imageMembers = [
  'id',
  'status',
  'action',
  'background',
  'output_format',
  'quality',
  'revised_prompt',
  'size',
] as const

/** A picture that the model made; undefined while there is none. */
function decodeImage(json: JsonObject, path: string): Part | undefined {
  const { result, output_format: format } = json
  if (typeof result !== 'string' || result === '') return undefined
  const reader = new MemberReader(json, path)
  reader.take('type')
  reader.take('result')
  reader.keep(imageMembers)
  const subtype = typeof format === 'string' ? format.replace('svg', 'svg+xml') : 'png'
  return { type: 'image', source: { kind: 'base64', mediaType: `image/${subtype}`, data: result }, ...reader.node() }
}
