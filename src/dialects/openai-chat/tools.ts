/** Tool definitions and the choice among them, in today's spelling (`tools`) and the old one (`functions`). */
import { readFunction } from '../../kernel/codec/function-members.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { decodeCache } from './content-decode.ts'
import { writeCache } from './content-encode.ts'
import { dialectId, ownForm } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader, MemberWriter } from './members.ts'

export function decodeTools(reader: MemberReader): Tool[] | undefined {
  const tools = reader.list('tools')?.map((json, index) => decodeTool(json, joinPath(reader.at('tools'), index)))
  const functions = reader
    .list('functions')
    ?.map((json, index) => decodeFunction(json, joinPath(reader.at('functions'), index)))
  if (tools === undefined && functions === undefined) return undefined
  const all = [...(tools ?? []), ...(functions ?? [])]
  return all.length === 0 ? undefined : all
}

function decodeTool(json: JsonValue, path: string): Tool {
  if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object with a `type`', json)
  const type = json['type']
  if (typeof type !== 'string') throw wrongType(joinPath(path, 'type'), 'a string', type)
  if (type !== 'function' && type !== 'custom') {
    const { name } = json
    return { type: 'server', origin: dialectId, name: typeof name === 'string' ? name : type, value: json }
  }
  const reader = new MemberReader(json, path)
  reader.take('type')
  const nested = reader.requiredNested(type)
  if (type === 'function') {
    const cache = decodeCache(reader)
    return { ...readStrictFunction(nested), ...(cache !== undefined && { cache }), ...reader.node() }
  }
  const name = nested.requiredString('name')
  const description = nested.string('description')
  const format = nested.take('format')
  return {
    type: 'custom',
    name,
    ...(description !== undefined && { description }),
    ...(format !== undefined && { format }),
    ...reader.node(),
  }
}

function decodeFunction(json: JsonValue, path: string): FunctionTool {
  if (!isJsonObject(json)) throw wrongType(path, 'a function: an object with a `name`', json)
  const reader = new MemberReader(json, path)
  const tool = readStrictFunction(reader)
  reader.note('place', 'functions')
  return { ...tool, ...reader.node() }
}

function readStrictFunction(reader: MemberReader): FunctionTool {
  const tool = readFunction(reader)
  const strict = reader.boolean('strict')
  return { ...tool, ...(strict !== undefined && { strict }) }
}

/** The members `tools` and `functions`; both undefined when there are none. */
export function encodeTools(
  tools: readonly Tool[],
  lost: Loss[],
): { readonly tools?: JsonValue[]; readonly functions?: JsonValue[] } {
  const list: JsonValue[] = []
  const old: JsonValue[] = []
  for (const [index, tool] of tools.entries()) {
    const path = joinPath('tools', index)
    if (tool.type === 'function' && ownForm(tool)?.['place'] === 'functions') {
      const writer = new MemberWriter(tool)
      writeFunction(writer, '', tool)
      old.push(writer.finish())
    } else {
      const json = encodeTool(tool, path, lost)
      if (json !== undefined) list.push(json)
    }
  }
  return { ...(list.length > 0 && { tools: list }), ...(old.length > 0 && { functions: old }) }
}

function encodeTool(tool: Tool, path: string, lost: Loss[]): JsonObject | undefined {
  reportForeignExtra(tool, dialectId, path, lost)
  if (tool.type === 'server') {
    return tool.origin === dialectId
      ? tool.value
      : drop(lost, path, `${dialectId} does not run ${tool.origin}'s tool ${tool.name}`)
  }
  const writer = new MemberWriter(tool)
  writer.set('type', tool.type)
  if (tool.type === 'custom') {
    writer.set('custom.name', tool.name)
    writer.set('custom.description', tool.description)
    writer.set('custom.format', tool.format)
  } else {
    writeFunction(writer, 'function', tool)
    writeCache(writer, tool, path, lost)
  }
  return writer.finish()
}

function writeFunction(writer: MemberWriter, member: string, tool: FunctionTool): void {
  writer.set(joinPath(member, 'name'), tool.name)
  writer.set(joinPath(member, 'description'), tool.description)
  writer.set(joinPath(member, 'parameters'), tool.parameters)
  writer.set(joinPath(member, 'strict'), tool.strict)
}

/** `tool_choice`, or the old `function_call` where there is none. What no protocol else could mean stays unmodelled. */
export function decodeToolChoice(reader: MemberReader): ToolChoice | undefined {
  const choice = readChoice(reader)
  if (choice !== undefined || reader.has('tool_choice')) return choice
  const old = reader.peek('function_call')
  if (old === undefined) return undefined
  if (old === 'auto' || old === 'none') {
    reader.take('function_call')
    reader.note('toolChoice', 'function_call')
    return { mode: old }
  }
  const named = reader.requiredNested('function_call')
  reader.note('toolChoice', 'function_call')
  return { mode: 'tool', name: named.requiredString('name') }
}

function readChoice(reader: MemberReader): ToolChoice | undefined {
  const value = reader.peek('tool_choice')
  if (value === undefined) return undefined
  if (value === null) {
    reader.take('tool_choice')
    return undefined
  }
  if (typeof value === 'string') {
    // Mistral's word for `required`.
    const mode = value === 'any' ? 'required' : value
    if (mode !== 'auto' && mode !== 'none' && mode !== 'required') return undefined
    reader.take('tool_choice')
    if (value === 'any') reader.note('any', true)
    return { mode }
  }
  if (!isJsonObject(value)) throw wrongType(reader.at('tool_choice'), 'a string or an object', value)
  const { type } = value
  if (type === 'function' || type === 'custom') {
    const choice = reader.requiredNested('tool_choice')
    choice.take('type')
    const name = choice.requiredNested(type).requiredString('name')
    return { mode: 'tool', name, ...(type === 'custom' && { kind: 'custom' as const }) }
  }
  const allowed = value['allowed_tools']
  if (type !== 'allowed_tools' || !isJsonObject(allowed) || !Array.isArray(allowed['tools'])) return undefined
  reader.take('tool_choice')
  return {
    mode: 'allowed',
    names: allowed['tools'].flatMap(nameOf),
    required: allowed['mode'] === 'required',
    raw: value,
    origin: dialectId,
  }
}

/** The name in an allowed tool: `{ type: 'function', function: { name } }`. */
function nameOf(tool: JsonValue): string[] {
  if (!isJsonObject(tool)) return []
  const nested = typeof tool['type'] === 'string' && Object.hasOwn(tool, tool['type']) ? tool[tool['type']] : undefined
  const name = isJsonObject(nested) ? nested['name'] : tool['name']
  return typeof name === 'string' ? [name] : []
}

export function writeToolChoice(writer: MemberWriter, choice: ToolChoice): void {
  const old = writer.note('toolChoice') === 'function_call'
  switch (choice.mode) {
    case 'auto':
    case 'none':
      writer.set(old ? 'function_call' : 'tool_choice', choice.mode)
      break
    case 'required':
      writer.set('tool_choice', writer.note('any') === true ? 'any' : 'required')
      break
    case 'tool':
      if (old && choice.kind === undefined) writer.set('function_call.name', choice.name)
      else {
        writer.set('tool_choice.type', choice.kind ?? 'function')
        writer.set(`tool_choice.${choice.kind ?? 'function'}.name`, choice.name)
      }
      break
    case 'allowed':
      writer.set('tool_choice', choice.origin === dialectId ? choice.raw : allowedTools(choice.names, choice.required))
  }
}

function allowedTools(names: readonly string[], required: boolean): JsonObject {
  const tools = names.map((name): JsonObject => ({ type: 'function', function: { name } }))
  return { type: 'allowed_tools', allowed_tools: { mode: required ? 'required' : 'auto', tools } }
}
