/**
 * Tools and the choice among them, both ways. One object here may declare several functions and switch on several of Google's own
 * tools; each is a tool of its own in the model, and notes which object it came in. https://ai.google.dev/api/caching#Tool
 */
import { define, wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest, CustomTool, FunctionTool, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import { textMember } from './function-calls.ts'
import { adapt, drop } from './losses.ts'
import { camelCase, MemberReader, MemberWriter, readMany, writtenMany } from './members.ts'
import { encodeName } from './names.ts'
import { stillSays, toJsonSchema } from './schema.ts'

const functionsMember = 'functionDeclarations'

export function decodeTools(reader: MemberReader): Tool[] | undefined {
  const tools = (readMany(reader, 'tools') ?? []).flatMap((json, group) => {
    const path = joinPath(reader.at('tools'), group)
    if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object', json)
    return decodeGroup(json, group, path)
  })
  return tools.length === 0 ? undefined : tools
}

function decodeGroup(json: JsonObject, group: number, path: string): Tool[] {
  const keys = Object.keys(json)
  if (keys.length === 0) return [serverTool('', {}, group)]
  return keys.flatMap((key): Tool[] => {
    const value = json[key]
    const name = camelCase(key)
    const list = isJsonObject(value) ? [value] : value
    if (name === functionsMember && Array.isArray(list) && list.length > 0) {
      const note: JsonObject = { group, key, ...(isJsonObject(value) && { single: true }) }
      return list.map((item, index) => decodeFunction(item, joinPath(joinPath(path, key), index), note))
    }
    const member: JsonObject = {}
    if (value !== undefined) define(member, key, value)
    return [serverTool(name, member, group)]
  })
}

function serverTool(name: string, value: JsonObject, group: number): Tool {
  return { type: 'server', origin: dialectId, name, value, form: { [dialectId]: { group } } }
}

function decodeFunction(json: JsonValue, path: string, note: JsonObject): FunctionTool {
  if (!isJsonObject(json)) throw wrongType(path, 'a function: an object with a `name`', json)
  const reader = new MemberReader(json, path)
  for (const key of Object.keys(note)) reader.note(key, note[key] ?? null)
  const name = reader.requiredString('name')
  const description = reader.string('description')
  const parameters = decodeParameters(reader)
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...reader.node(),
  }
}

function decodeParameters(reader: MemberReader): JsonObject | undefined {
  const schema = reader.peek('parametersJsonSchema')
  if (isJsonObject(schema)) {
    reader.take('parametersJsonSchema')
    return schema
  }
  const spelled = reader.take('parameters')
  if (spelled === undefined) return undefined
  if (!isJsonObject(spelled)) throw wrongType(reader.at('parameters'), 'an object: a schema', spelled)
  reader.note('parameters', spelled)
  return toJsonSchema(spelled)
}

/** `tools`, as one object for all functions of other protocols; the objects of this one as they came. */
export function encodeTools(writer: MemberWriter, tools: readonly Tool[], lost: Loss[]): JsonValue | undefined {
  const groups = new Map<number, JsonObject>()
  const declared: JsonObject[] = []
  const others: JsonObject[] = []
  for (const [index, tool] of tools.entries()) {
    const path = joinPath('tools', index)
    const { group, key, single } = ownForm(tool) ?? {}
    const home = typeof group === 'number' ? (groups.get(group) ?? {}) : undefined
    if (typeof group === 'number' && home !== undefined) groups.set(group, home)
    if (tool.type === 'server') {
      const json = encodeServerTool(tool, path, lost)
      if (json === undefined) continue
      if (home === undefined) others.push(json)
      else for (const member of Object.keys(json)) define(home, member, json[member] ?? null)
      continue
    }
    const json = encodeFunction(tool, path, lost)
    if (home === undefined || typeof key !== 'string') declared.push(json)
    else if (single === true) define(home, key, json)
    else define(home, key, [...(Array.isArray(home[key]) ? home[key] : []), json])
  }
  const list = [
    ...[...groups].toSorted(([one], [other]) => one - other).map(([, json]) => json),
    ...(declared.length > 0 ? [{ [functionsMember]: declared }] : []),
    ...others,
  ]
  return list.length === 0 ? undefined : writtenMany(writer, 'tools', list)
}

function encodeServerTool(tool: Tool & { type: 'server' }, path: string, lost: Loss[]): JsonObject | undefined {
  if (tool.origin === dialectId) return tool.value
  reportForeignExtra(tool, dialectId, path, lost)
  return drop(lost, path, `the tool ${tool.name} runs at another provider (${tool.origin}) alone`)
}

function encodeFunction(tool: FunctionTool | CustomTool, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(tool, dialectId, path, lost)
  const own = ownForm(tool) !== undefined
  const name = own ? tool.name : encodeName(tool.name)
  if (name !== tool.name)
    adapt(
      lost,
      joinPath(path, 'name'),
      `names of functions have other characters in ${dialectId}; calls of it are told by its own name`,
    )
  const writer = new MemberWriter(tool)
  writer.set('name', name)
  writer.set('description', tool.description)
  if (tool.type === 'custom') {
    adapt(
      lost,
      path,
      `${dialectId} functions take objects: the free text becomes a member named ${textMember}, without a grammar`,
    )
    writer.set('parametersJsonSchema', {
      type: 'object',
      properties: { [textMember]: { type: 'string' } },
      required: [textMember],
    })
    return writer.finish()
  }
  reportSettings(tool, path, lost)
  const spelled = writer.note('parameters')
  if (stillSays(spelled, tool.parameters)) writer.set('parameters', spelled)
  else if (tool.parameters !== undefined && (own || hasParameters(tool.parameters)))
    writer.set('parametersJsonSchema', tool.parameters)
  return writer.finish()
}

function reportSettings(tool: FunctionTool, path: string, lost: Loss[]): void {
  if (tool.strict === true)
    drop(lost, joinPath(path, 'strict'), `${dialectId} holds its models to schemas for all functions or none`)
  if (tool.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
}

const emptyMembers: ReadonlySet<string> = new Set(['type', 'properties', 'required', 'additionalProperties', '$schema'])

/** Google refuses an object without members; a function without parameters says nothing of them. */
function hasParameters(schema: JsonObject): boolean {
  const { properties, additionalProperties: more = false } = schema
  if (more !== false || (isJsonObject(properties) && Object.keys(properties).length > 0)) return true
  return Object.keys(schema).some((key) => !emptyMembers.has(key))
}

const callingConfig = 'toolConfig.functionCallingConfig'

/** A mode that is not known yet is carried along. */
export function decodeToolChoice(reader: MemberReader): ToolChoice | undefined {
  const toolConfig = reader.nested('toolConfig')
  const value = toolConfig?.peek('functionCallingConfig')
  if (toolConfig === undefined || !isJsonObject(value)) return undefined
  const config = toolConfig.requiredNested('functionCallingConfig')
  const word = config.peek('mode')
  const mode = typeof word === 'string' ? word.toUpperCase() : ''
  if (typeof word !== 'string' || !['AUTO', 'NONE', 'ANY', 'VALIDATED'].includes(mode)) return undefined
  config.take('mode')
  reader.note('choiceMode', word)
  if (mode === 'NONE') return { mode: 'none' }
  const names = config.strings('allowedFunctionNames') ?? []
  const [name = ''] = names
  if (names.length === 0) return { mode: mode === 'ANY' ? 'required' : 'auto' }
  if (mode === 'ANY' && names.length === 1) return { mode: 'tool', name }
  return { mode: 'allowed', names, required: mode === 'ANY', raw: value, origin: dialectId }
}

export function writeToolChoice(writer: MemberWriter, request: ChatRequest, own: boolean, lost: Loss[]): void {
  const { toolChoice, tools = [] } = request
  if (toolChoice === undefined) return
  // Google refuses a choice where there is nothing to choose.
  if (!own && !tools.some(({ type }) => type !== 'server')) {
    if (toolChoice.mode !== 'none' && toolChoice.mode !== 'auto')
      drop(lost, 'tool_choice', `${dialectId} refuses a choice without functions`)
    return
  }
  const name = own ? (each: string): string => each : encodeName
  const set = (mode: string, names?: readonly string[]): void => {
    writer.set(`${callingConfig}.mode`, writer.note('choiceMode') ?? mode)
    writer.set(`${callingConfig}.allowedFunctionNames`, names?.map(name))
  }
  switch (toolChoice.mode) {
    case 'auto':
      return set('AUTO')
    case 'none':
      return set('NONE')
    case 'required':
      return set('ANY')
    case 'tool':
      return set('ANY', [toolChoice.name])
    case 'allowed':
      return set(toolChoice.required ? 'ANY' : 'VALIDATED', toolChoice.names)
  }
}
