/**
 * Calls of tools in messages and answers. Their arguments are objects. Older servers tell no ids: one is made up for the model, the
 * same for the same bytes, and left out again when the call is written in this dialect.
 */
import type { MemberReader as Reader } from '../../kernel/codec/member-reader.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { chat, isOwn } from './kind.ts'

const { id: dialectId } = chat

/** Makes the id of a call that came without one. */
export type CallIds = (index: number) => string

export function decodeToolCalls(reader: Reader, ids: CallIds): Part[] {
  return (reader.list('tool_calls') ?? []).map((json, index) =>
    decodeToolCall(json, joinPath(reader.at('tool_calls'), index), ids(index)),
  )
}

/** A call of a kind that nobody knows is kept as it came. */
export function decodeToolCall(json: JsonValue, path: string, madeUpId: string): Part {
  if (!isJsonObject(json)) throw wrongType(path, 'a tool call: an object with a `function`', json)
  if (typeof json['type'] === 'string' && json['type'] !== 'function')
    return { type: 'opaque', origin: dialectId, value: json, form: { [dialectId]: {} } }
  const reader = new MemberReader(dialectId, json, path)
  const told = reader.string('id')
  if (told === undefined || told === '') reader.note('madeUpId', told ?? true)
  // OpenAI's word, which some clients and proxies write here as well.
  if (reader.has('type')) reader.note('type', reader.take('type') ?? null)
  const nested = reader.requiredNested('function')
  const name = nested.requiredString('name')
  if (nested.has('index')) reader.note('index', nested.take('index') ?? null)
  const input = nested.take('arguments')
  if (input === undefined && !nested.has('arguments')) nested.noteAbsent('arguments')
  if (input !== undefined && !isJsonObject(input) && typeof input !== 'string')
    throw wrongType(nested.at('arguments'), 'an object', input)
  if (input !== undefined) reader.note('arguments', input)
  return {
    type: 'tool-call',
    id: told === undefined || told === '' ? madeUpId : told,
    name,
    arguments: textOf(input),
    ...reader.node(),
  }
}

function textOf(input: JsonValue | undefined): string {
  if (input === undefined) return '{}'
  return typeof input === 'string' ? input : JSON.stringify(input)
}

/** `position` is the call's place among those of its message. */
export function encodeToolCall(part: ToolCallPart, position: number, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(part, dialectId, path, lost)
  const writer = new MemberWriter(dialectId, part)
  const own = isOwn(part, chat)
  const madeUp = writer.note('madeUpId')
  if (madeUp === undefined) writer.set('id', part.id)
  else if (madeUp === '') writer.set('id', '')
  writer.set('type', writer.note('type'))
  writer.set('function.index', own ? writer.note('index') : position)
  writer.set('function.name', part.name)
  const spelled = writer.note('arguments')
  if (own && textOf(spelled) === part.arguments) writer.set('function.arguments', spelled)
  else {
    const { input, adapted } = toolInputOf(part.arguments, part.kind)
    if (adapted !== undefined) adapt(lost, joinPath(path, 'arguments'), adapted)
    writer.set('function.arguments', input)
  }
  return writer.finish()
}
