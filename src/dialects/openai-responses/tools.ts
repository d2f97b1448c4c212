/** Tool definitions, flat in this protocol: functions, custom tools with their grammars, and tools that the service runs itself. */
import { isDeepStrictEqual } from 'node:util'
import { readFunction } from '../../kernel/codec/function-members.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { CustomTool, FunctionTool, Tool } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { drop } from './losses.ts'
import { MemberReader, MemberWriter } from './members.ts'

export function decodeTools(reader: MemberReader): Tool[] | undefined {
  const tools = reader.list('tools')?.map((json, index) => decodeTool(json, joinPath('tools', index)))
  return tools?.length === 0 ? undefined : tools
}

function decodeTool(json: JsonValue, path: string): Tool {
  if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object with a `type`', json)
  const { type, name } = json
  if (typeof type !== 'string') throw wrongType(joinPath(path, 'type'), 'a string', type)
  if (type === 'function') return decodeFunction(json, path)
  if (type === 'custom') return decodeCustom(json, path)
  return { type: 'server', origin: dialectId, name: typeof name === 'string' ? name : type, value: json }
}

/**
 * A tool without `strict` is left so: OpenAI would then make its schema strict, which is for the service to do. The other way round
 * `false` has to be written. https://developers.openai.com/api/docs/guides/function-calling#strict-mode
 */
function decodeFunction(json: JsonObject, path: string): FunctionTool {
  const reader = new MemberReader(json, path)
  reader.take('type')
  const tool = readFunction(reader)
  const strict = reader.boolean('strict')
  return { ...tool, ...(strict !== undefined && { strict }), ...reader.node() }
}

function decodeCustom(json: JsonObject, path: string): CustomTool {
  const reader = new MemberReader(json, path)
  reader.take('type')
  const name = reader.requiredString('name')
  const description = reader.string('description')
  const told = reader.take('format')
  const format = told === undefined ? undefined : nestedGrammar(told)
  if (told !== undefined && format !== told) reader.note('format', told)
  return {
    type: 'custom',
    name,
    ...(description !== undefined && { description }),
    ...(format !== undefined && { format }),
    ...reader.node(),
  }
}

/** The model has a grammar as Chat Completions does, in an object of its own. */
function nestedGrammar(format: JsonValue): JsonValue {
  if (!isJsonObject(format) || format['type'] !== 'grammar' || format['grammar'] !== undefined) return format
  const { syntax, definition } = format
  return {
    type: 'grammar',
    grammar: { ...(syntax !== undefined && { syntax }), ...(definition !== undefined && { definition }) },
  }
}

function flatGrammar(format: JsonValue): JsonValue {
  if (!isJsonObject(format) || format['type'] !== 'grammar' || !isJsonObject(format['grammar'])) return format
  const { grammar, ...rest } = format
  return { ...rest, ...grammar }
}

export function encodeTools(tools: readonly Tool[], lost: Loss[]): JsonObject[] {
  return tools.flatMap((tool, index) => {
    const json = encodeTool(tool, joinPath('tools', index), lost)
    return json === undefined ? [] : [json]
  })
}

function encodeTool(tool: Tool, path: string, lost: Loss[]): JsonObject | undefined {
  reportForeignExtra(tool, dialectId, path, lost)
  switch (tool.type) {
    case 'server':
      return tool.origin === dialectId
        ? tool.value
        : drop(lost, path, `${dialectId} does not run ${tool.origin}'s tool ${tool.name}`)
    case 'custom':
      return encodeCustom(tool)
    case 'function':
      if (tool.cache !== undefined)
        drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
      return encodeFunction(tool)
  }
}

function encodeFunction(tool: FunctionTool): JsonObject {
  const own = isOwn(tool)
  const writer = new MemberWriter(tool)
  writer.set('type', 'function')
  writer.set('name', tool.name)
  writer.set('description', tool.description)
  writer.set('parameters', tool.parameters ?? (own ? undefined : { type: 'object', properties: {} }))
  writer.set('strict', tool.strict ?? (own ? undefined : false))
  return writer.finish()
}

function encodeCustom(tool: CustomTool): JsonObject {
  const writer = new MemberWriter(tool)
  const told = writer.note('format')
  writer.set('type', 'custom')
  writer.set('name', tool.name)
  writer.set('description', tool.description)
  if (tool.format !== undefined) {
    const same = told !== undefined && isDeepStrictEqual(nestedGrammar(told), tool.format)
    writer.set('format', same ? told : flatGrammar(tool.format))
  }
  return writer.finish()
}
