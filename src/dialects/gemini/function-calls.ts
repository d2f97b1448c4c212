/**
 * Calls of the client's functions and their results, both ways. Arguments are an object here and text in the model; a result is an
 * object too, with `output` or `error` as Google names them, and may have media beside it. https://ai.google.dev/api/caching#FunctionCall
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, TextPart, ToolCallPart, ToolResultPart } from '../../model/part.ts'
import { isDeepStrictEqual } from 'node:util'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { CallIds } from './call-ids.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { adapt, reportAround, reportCitations } from './losses.ts'
import { decodeInlineData, encodeMedia } from './media.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { decodeName } from './names.ts'

/** Free text, and arguments that are no object, go into a member of this name. */
export const textMember = 'input'

/** Undefined for a call without a name: a piece of one whose arguments are streamed, which only its own clients know how to ask for. */
export function decodeFunctionCall(reader: MemberReader, ids: CallIds): ToolCallPart | undefined {
  const call = reader.requiredNested('functionCall')
  if (typeof call.peek('name') !== 'string') return undefined
  const spelled = call.requiredString('name')
  const name = decodeName(spelled)
  if (name !== spelled) reader.note('name', spelled)
  const told = call.string('id')
  if (told === undefined || told === '') reader.note('madeUpId', told ?? true)
  const args = call.take('args')
  if (args === undefined && !call.has('args')) call.noteAbsent('args')
  return {
    type: 'tool-call',
    id: ids.call(name, told === '' ? undefined : told),
    name,
    arguments: args === undefined ? '{}' : JSON.stringify(args),
  }
}

export function encodeFunctionCall(part: ToolCallPart, name: string, path: string, lost: Loss[]): JsonObject {
  const writer = new MemberWriter(part)
  const madeUp = writer.note('madeUpId')
  if (madeUp === undefined) writer.set('functionCall.id', part.id)
  else if (madeUp === '') writer.set('functionCall.id', '')
  writer.set('functionCall.name', writer.note('name') ?? name)
  const untold = writer.wasAbsent('functionCall.args') || writer.wasNull('functionCall.args')
  if (!untold || part.arguments !== '{}')
    writer.set('functionCall.args', argumentsOf(part, joinPath(path, 'arguments'), lost))
  return writer.finish()
}

function argumentsOf(part: ToolCallPart, path: string, lost: Loss[]): JsonValue {
  if (part.kind === 'custom') {
    adapt(lost, path, `${dialectId} functions take objects: the free text is put into a member named ${textMember}`)
    return { [textMember]: part.arguments }
  }
  const own = isOwn(part) ? valueOf(part.arguments) : undefined
  if (own !== undefined) return own
  const { input, adapted } = toolInputOf(part.arguments)
  if (adapted !== undefined) adapt(lost, path, adapted)
  return input
}

function valueOf(text: string): JsonValue | undefined {
  try {
    return parsePreciseJson(text) as JsonValue
  } catch {
    return undefined
  }
}

export function decodeFunctionResponse(reader: MemberReader, ids: CallIds): ToolResultPart {
  const result = reader.requiredNested('functionResponse')
  const name = result.string('name')
  if (name !== undefined) reader.note('name', name)
  const told = result.string('id')
  if (told === undefined || told === '') reader.note('madeUpId', told ?? true)
  const response = result.take('response')
  if (response !== undefined) {
    if (!isJsonObject(response)) throw wrongType(result.at('response'), 'an object', response)
    reader.note('response', response)
  }
  const media = (result.list('parts') ?? []).map((json, index) =>
    decodeResultPart(json, joinPath(result.at('parts'), index)),
  )
  const { text, isError } = isJsonObject(response) ? spokenResult(response) : { text: undefined, isError: false }
  return {
    type: 'tool-result',
    callId: ids.result(name === undefined ? '' : decodeName(name), told === '' ? undefined : told),
    content: [...(text === undefined ? [] : [{ type: 'text' as const, text }]), ...media],
    ...(isError && { isError }),
  }
}

/** A result's one documented member in plain words; any other result as JSON. */
function spokenResult(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const keys = Object.keys(response)
  const [key = ''] = keys
  if (keys.length !== 1 || (key !== 'output' && key !== 'error'))
    return { text: JSON.stringify(response), isError: false }
  const value = response[key]
  return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: key === 'error' }
}

function decodeResultPart(json: JsonValue, path: string): Part {
  if (!isJsonObject(json)) throw wrongType(path, 'an object', json)
  const reader = new MemberReader(json, path)
  const part = isJsonObject(reader.peek('inlineData')) ? decodeInlineData(reader) : undefined
  if (part === undefined) return { type: 'opaque', origin: dialectId, value: json, form: { [dialectId]: {} } }
  return { ...part, ...reader.node() }
}

export interface ResultContext {
  /** The name of the function whose call this answers. */
  readonly name: string
  readonly mediaAllowed: boolean
  readonly lost: Loss[]
}

/** The result's JSON, and the parts of it that have no place in one and must follow. */
export function encodeFunctionResponse(
  part: ToolResultPart,
  path: string,
  { name, mediaAllowed, lost }: ResultContext,
): { readonly json: JsonObject; readonly outside: readonly { readonly part: Part; readonly path: string }[] } {
  const writer = new MemberWriter(part)
  const madeUp = writer.note('madeUpId')
  if (madeUp === undefined) writer.set('functionResponse.id', part.callId)
  else if (madeUp === '') writer.set('functionResponse.id', '')
  writer.set('functionResponse.name', isOwn(part) ? writer.note('name') : name)
  const texts: TextPart[] = []
  const media: JsonObject[] = []
  const outside: { part: Part; path: string }[] = []
  for (const [index, inner] of part.content.entries()) {
    const at = joinPath(joinPath(path, 'content'), index)
    if (inner.type === 'text' || inner.type === 'refusal') {
      reportAround(inner, at, lost)
      reportCitations(inner, at, lost)
      texts.push({ ...inner, type: 'text' })
    } else if (inner.type === 'opaque' && inner.origin === dialectId && isJsonObject(inner.value))
      media.push(inner.value)
    else if (isOwn(inner) || (mediaAllowed && isEmbeddable(inner))) {
      reportAround(inner, at, lost)
      const json = encodeMedia(inner as Parameters<typeof encodeMedia>[0], at, lost)
      if (json !== undefined) media.push(json)
    } else outside.push({ part: inner, path: at })
  }
  writer.set('functionResponse.response', responseOf(part, writer, texts, media.length + outside.length > 0))
  if (media.length > 0) writer.set('functionResponse.parts', media)
  return { json: writer.finish(), outside }
}

/** Kinds that the documentation of multimodal function responses lists. */
function isEmbeddable(part: Part): boolean {
  return (part.type === 'image' || part.type === 'file') && part.source.kind === 'base64'
}

function responseOf(
  part: ToolResultPart,
  writer: MemberWriter,
  texts: readonly TextPart[],
  hasMore: boolean,
): JsonObject | undefined {
  const text = texts.map((each) => each.text).join('\n')
  const spelled = writer.note('response')
  const spoken = isJsonObject(spelled) ? spokenResult(spelled) : undefined
  if (isJsonObject(spelled) && isDeepStrictEqual(spoken, { text, isError: part.isError ?? false })) return spelled
  if (texts.length === 0 && (isOwn(part) || hasMore)) return isOwn(part) ? undefined : {}
  return part.isError === true ? { error: text } : { output: text }
}
