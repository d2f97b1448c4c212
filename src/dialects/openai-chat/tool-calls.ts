/**
 * Tool calls of an assistant message: functions, custom tools, and the single `function_call` of old. Old calls have no id; one is
 * made up for the model and left out again when the call is written in this dialect.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { opaqueBlock } from './content-decode.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader, MemberWriter } from './members.ts'

/** Makes the id of a call that came without one; the same for a plain answer and its stream. */
export type CallIds = (index: number) => string

export function decodeToolCalls(reader: MemberReader, ids: CallIds): Part[] {
  const parts: Part[] = []
  for (const [index, json] of (reader.list('tool_calls') ?? []).entries()) {
    const path = joinPath(reader.at('tool_calls'), index)
    if (!isJsonObject(json)) throw wrongType(path, 'a tool call: an object', json)
    parts.push(decodeToolCall(json, path, ids(index)))
  }
  const old = reader.peek('function_call')
  if (isJsonObject(old)) {
    reader.take('function_call')
    const call = new MemberReader(old, reader.at('function_call'))
    const name = call.requiredString('name')
    const text = decodeArguments(call, 'arguments')
    call.note('place', 'function_call')
    parts.push({ type: 'tool-call', id: ids(parts.length), name, arguments: text, ...call.node() })
  } else if (reader.take('function_call') !== undefined) throw wrongType(reader.at('function_call'), 'an object', old)
  return parts
}

function decodeToolCall(json: JsonObject, path: string, madeUpId: string): Part {
  const type = json['type'] ?? 'function'
  if (type !== 'function' && type !== 'custom') return opaqueBlock(json, 'tool_calls')
  const reader = new MemberReader(json, path)
  if (reader.take('type') === undefined && !reader.has('type')) reader.noteAbsent('type')
  const told = reader.string('id')
  if (told === undefined || told === '') reader.note('madeUpId', told ?? true)
  // Positions that some services repeat from their streams.
  if (reader.has('index')) reader.note('index', reader.take('index') ?? null)
  const nested = reader.requiredNested(type)
  const name = nested.requiredString('name')
  const text = type === 'custom' ? nested.requiredString('input') : decodeArguments(nested, 'arguments')
  const id = told === undefined || told === '' ? madeUpId : told
  return {
    type: 'tool-call',
    id,
    name,
    arguments: text,
    ...(type === 'custom' && { kind: 'custom' as const }),
    ...reader.node(),
  }
}

/** Text, but some services write the object itself. Absent arguments are none. */
function decodeArguments(reader: MemberReader, key: string): string {
  const value = reader.take(key)
  if (value === undefined) {
    if (!reader.has(key)) reader.noteAbsent(key)
    return ''
  }
  if (typeof value === 'string') return value
  if (!isJsonObject(value)) throw wrongType(reader.at(key), 'a string of JSON', value)
  reader.note('objectArguments', value)
  return JSON.stringify(value)
}

/** Adds a message's calls to it, in whichever member each belongs. */
export function writeToolCalls(
  writer: MemberWriter,
  member: string,
  parts: readonly Part[],
  path: string,
  lost: Loss[],
): void {
  const list: JsonValue[] = []
  for (const part of parts) {
    if (part.type === 'opaque') list.push(part.value)
    else if (part.type === 'tool-call') {
      if (ownForm(part)?.['place'] === 'function_call')
        writer.set(joinPath(member, 'function_call'), encodeOldCall(part))
      else list.push(encodeToolCall(part, joinPath(joinPath(path, 'tool_calls'), list.length), lost))
    }
  }
  if (list.length > 0) writer.set(joinPath(member, 'tool_calls'), list)
}

function encodeOldCall(part: ToolCallPart): JsonObject {
  const writer = new MemberWriter(part)
  writer.set('name', part.name)
  writeArguments(writer, 'arguments', part)
  return writer.finish()
}

function encodeToolCall(part: ToolCallPart, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(part, dialectId, path, lost)
  const writer = new MemberWriter(part)
  const type = part.kind === 'custom' ? 'custom' : 'function'
  const madeUp = writer.note('madeUpId')
  if (madeUp === undefined) writer.set('id', part.id)
  else if (madeUp === '') writer.set('id', '')
  if (!writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', type)
  writer.set('index', writer.note('index'))
  writer.set(`${type}.name`, part.name)
  if (type === 'custom') writer.set('custom.input', part.arguments)
  else writeArguments(writer, 'function.arguments', part)
  return writer.finish()
}

function writeArguments(writer: MemberWriter, key: string, part: ToolCallPart): void {
  const object = writer.note('objectArguments')
  if (object !== undefined && JSON.stringify(object) === part.arguments) writer.set(key, object)
  else if (part.arguments === '') {
    // A call without arguments that another dialect decoded; readers parse them as JSON.
    if (!isOwn(part)) writer.set(key, '{}')
    else if (!writer.wasAbsent(key.replace('function.', '')) && !writer.wasAbsent(key) && !writer.wasNull(key))
      writer.set(key, '')
  } else writer.set(key, part.arguments)
}
