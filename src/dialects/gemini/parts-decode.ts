/** Parts of a content to parts of the model. One that nobody knows, or that is not as the protocol says, stays what it is. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part } from '../../model/part.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { CallIds } from './call-ids.ts'
import { dialectId } from './dialect-id.ts'
import { decodeFunctionCall, decodeFunctionResponse } from './function-calls.ts'
import { decodeFileData, decodeInlineData } from './media.ts'
import { MemberReader } from './members.ts'
import { carrierOf, PartCounter, unsealSignature } from './signatures.ts'

/** The name of the tool that runs code at Google, in calls and results of it. */
export const codeTool = 'code_execution'

export function decodeParts(list: readonly JsonValue[], path: string, ids: CallIds): Part[] {
  const counter = new PartCounter()
  return list.flatMap((json, index) => counter.count(decodePart(json, joinPath(path, index), ids)))
}

/** One part, with the carrier of its signature if it has one: before it, or behind a text. */
export function decodePart(json: JsonValue, path: string, ids: CallIds): Part[] {
  if (!isJsonObject(json)) throw wrongType(path, 'a part: an object', json)
  const reader = new MemberReader(json, path)
  if (isThought(reader)) return [decodeThought(reader)]
  const part = decodeData(reader, ids)
  if (part === undefined) return [opaquePart(json)]
  const signature = reader.string('thoughtSignature')
  const whole: Part = { ...part, ...reader.node() }
  if (signature === undefined) return [whole]
  return whole.type === 'text' ? [whole, carrierOf(signature, 'previous')] : [carrierOf(signature, 'next'), whole]
}

export function opaquePart(json: JsonObject): Part {
  return { type: 'opaque', origin: dialectId, value: json, form: { [dialectId]: {} } }
}

const dataMembers = [
  'functionCall',
  'functionResponse',
  'inlineData',
  'fileData',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
]

function isThought(reader: MemberReader): boolean {
  if (reader.peek('thought') !== true || dataMembers.some((key) => reader.has(key))) return false
  const text = reader.peek('text')
  return text === undefined || typeof text === 'string'
}

/** Thoughts are told as summaries, as the documentation of `includeThoughts` says. */
function decodeThought(reader: MemberReader): Part {
  reader.take('thought')
  const text = reader.string('text')
  if (text === undefined) reader.noteAbsent('text')
  const signature = reader.string('thoughtSignature')
  const sealed = signature === undefined ? undefined : unsealSignature(signature)
  return {
    type: 'reasoning',
    text: text ?? '',
    ...(sealed ?? { origin: dialectId, summary: true, ...(signature !== undefined && { signature }) }),
    ...reader.node(),
  }
}

function decodeData(reader: MemberReader, ids: CallIds): Part | undefined {
  if (isJsonObject(reader.peek('functionCall'))) return decodeFunctionCall(reader, ids)
  if (isJsonObject(reader.peek('functionResponse'))) return decodeFunctionResponse(reader, ids)
  if (isJsonObject(reader.peek('inlineData'))) return decodeInlineData(reader)
  if (isJsonObject(reader.peek('fileData'))) return decodeFileData(reader)
  if (isJsonObject(reader.peek('executableCode'))) return decodeCode(reader, ids)
  if (isJsonObject(reader.peek('codeExecutionResult'))) return decodeCodeResult(reader, ids)
  const text = reader.peek('text')
  if (typeof text === 'string') {
    reader.take('text')
    return { type: 'text', text }
  }
  // A signature that came with no text at all.
  if (text !== undefined || reader.peek('thoughtSignature') === undefined) return undefined
  if (dataMembers.some((key) => reader.has(key))) return undefined
  reader.noteAbsent('text')
  return { type: 'text', text: '' }
}

function decodeCode(reader: MemberReader, ids: CallIds): Part {
  const code = reader.take('executableCode')
  const told = isJsonObject(code) ? code['id'] : undefined
  const id = ids.code(typeof told === 'string' ? told : undefined)
  return { type: 'server-tool-call', id, name: codeTool, arguments: JSON.stringify(code), origin: dialectId }
}

function decodeCodeResult(reader: MemberReader, ids: CallIds): Part {
  const value = reader.take('codeExecutionResult') ?? {}
  const told = isJsonObject(value) ? value['id'] : undefined
  return {
    type: 'server-tool-result',
    callId: typeof told === 'string' ? told : ids.lastCode(),
    value,
    origin: dialectId,
  }
}
