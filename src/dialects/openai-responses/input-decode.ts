/**
 * Decodes `instructions` and `input`. The input is one list of items for both sides; the model has messages, so all that the model
 * said in a row becomes one message, as other protocols have it, and every item of the user's side one of its own.
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { Message } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { decodeContent } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { MemberReader } from './members.ts'
import { decodeItem, messageMembers } from './output-items.ts'
import { replacesInput } from './state-members.ts'

export const instructionsMember = 'instructions'

export function decodeInstructions(reader: MemberReader): Message[] {
  const text = reader.string(instructionsMember)
  if (text === '') reader.note(instructionsMember, '')
  if (text === undefined || text === '') return []
  return [{ role: 'system', apart: instructionsMember, parts: [{ type: 'text', text }], form: { [dialectId]: {} } }]
}

export function decodeInput(reader: MemberReader): Message[] {
  const input = reader.peek('input')
  if (typeof input === 'string') {
    reader.take('input')
    reader.note('input', 'string')
    const form = { [dialectId]: { string: true, absent: ['type'] } }
    return [{ role: 'user', parts: [{ type: 'text', text: input }], place: 'input', form }]
  }
  if (input !== undefined && input !== null && !Array.isArray(input))
    throw wrongType('input', 'a string or an array of items', input)
  const items = reader.list('input') ?? []
  if (items.length === 0 && !replacesInput((key) => reader.peek(key)))
    throw missingInput(input !== undefined && input !== null)
  return decodeItems(items)
}

export function missingInput(empty: boolean): Error {
  const problem = empty ? 'is empty' : 'is missing'
  return invalidRequest(
    'input',
    `\`input\` ${problem}: send a string or an array of items, or name a \`previous_response_id\`, \`conversation\` or \`prompt\`.`,
  )
}

function decodeItems(items: readonly JsonValue[]): Message[] {
  const messages: Message[] = []
  let said: Part[] = []
  let ordinal = 0
  let place = ''
  const flush = (): void => {
    if (said.length > 0) messages.push({ role: 'assistant', parts: said, place, form: { [dialectId]: {} } })
    said = []
    ordinal = 0
  }
  for (const [index, json] of items.entries()) {
    const path = joinPath('input', index)
    const message = decodeUserSide(json, path)
    if (message === undefined) {
      if (ordinal === 0) place = path
      said.push(...decodeItem(json, path, ordinal++, true))
    } else {
      flush()
      messages.push({ ...message, place: path })
    }
  }
  flush()
  return messages
}

/** The message of an item that is not the model's; undefined for those that are, or that nobody else could make use of. */
function decodeUserSide(json: JsonValue, path: string): Message | undefined {
  if (!isJsonObject(json)) throw wrongType(path, 'an item: an object with a `type` or a `role`', json)
  const { type, role, id } = json
  if (type !== undefined && type !== null && typeof type !== 'string') throw wrongType(`${path}.type`, 'a string', type)
  switch (type ?? (role === undefined ? undefined : 'message')) {
    case 'message':
      return role === 'assistant' ? undefined : decodeMessage(json, path)
    case 'function_call_output':
    case 'custom_tool_call_output':
      return decodeOutput(json, path)
    case undefined:
      // An `item_reference` may go without its type.
      if (typeof id === 'string') return undefined
      throw invalidRequest(path, `\`${path}\` must be an item with a \`type\` or a \`role\`, but has neither.`)
    default:
      return undefined
  }
}

function decodeMessage(json: JsonObject, path: string): Message {
  const reader = new MemberReader(json, path)
  if (reader.take('type') === undefined && !reader.has('type')) reader.noteAbsent('type')
  const role = reader.requiredString('role')
  if (role !== 'system' && role !== 'developer' && role !== 'user')
    throw invalidRequest(
      reader.at('role'),
      `\`${reader.at('role')}\` must be system, developer, user or assistant, but is "${role}".`,
    )
  reader.keep(messageMembers)
  const content = reader.peek('content')
  if (content === undefined || content === null)
    throw wrongType(reader.at('content'), 'a string or an array of content parts', content)
  const parts = decodeContent(reader, 'content', 'input_text')
  return { role, parts, ...reader.node() }
}

function decodeOutput(json: JsonObject, path: string): Message {
  const reader = new MemberReader(json, path)
  if (reader.take('type') === 'custom_tool_call_output') reader.note('custom', true)
  const callId = reader.string('call_id')
  if (callId === undefined && !reader.has('call_id')) reader.noteAbsent('call_id')
  reader.keep(['id', 'status'])
  const output = reader.peek('output')
  if (output === undefined || output === null)
    throw wrongType(reader.at('output'), 'a string or an array of content parts', output)
  const content = decodeContent(reader, 'output', 'input_text')
  const result: Part = { type: 'tool-result', callId: callId ?? '', content, form: { [dialectId]: {} } }
  return { role: 'tool', parts: [result], ...reader.node() }
}
