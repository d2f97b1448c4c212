/** Tools, which are functions, and the choice among them, for which Ollama has no word: what may be called is what is offered. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { freeTextParameters, readFunction } from '../../kernel/codec/function-members.ts'
import { textMember } from '../../kernel/codec/tool-arguments.ts'
import type { ChatRequest, Tool } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { chat, isOwn } from './kind.ts'

const { id } = chat

export function decodeTools(reader: MemberReader): Tool[] | undefined {
  const tools = reader.list('tools')?.map((json, index) => decodeTool(json, joinPath(reader.at('tools'), index)))
  return tools?.length === 0 ? undefined : tools
}

function decodeTool(json: JsonValue, path: string): Tool {
  if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object with a `function`', json)
  const type = json['type'] ?? 'function'
  if (type !== 'function') {
    const name = [json['name'], type].find((value) => typeof value === 'string') ?? 'tool'
    return { type: 'server', origin: id, name, value: json }
  }
  const reader = new MemberReader(id, json, path)
  if (reader.take('type') === undefined && !reader.has('type')) reader.noteAbsent('type')
  return { ...readFunction(reader.requiredNested('function')), ...reader.node() }
}

/** Undefined where no tool is offered. */
export function encodeTools(request: ChatRequest, lost: Loss[]): JsonObject[] | undefined {
  const { tools = [], toolChoice, parallelToolCalls } = request
  const encoded = tools.flatMap((tool, index) => {
    const json = encodeTool(tool, joinPath('tools', index), lost)
    return json === undefined ? [] : [{ name: tool.name, json }]
  })
  if (parallelToolCalls === false && encoded.length > 0)
    drop(lost, 'parallel_tool_calls', `${id} cannot keep a model from calling several tools at once`)
  const names = namesOf(toolChoice)
  const offered = names === undefined ? encoded : encoded.filter(({ name }) => names.includes(name))
  if (toolChoice !== undefined && toolChoice.mode !== 'auto') {
    if (toolChoice.mode === 'required') drop(lost, 'tool_choice', `${id} cannot make a model call a tool`)
    else if (offered.length < encoded.length)
      adapt(lost, 'tool_choice', `${id} has no choice of tools; those that may not be called are not offered`)
    else if (toolChoice.mode !== 'none') drop(lost, 'tool_choice', `${id} has no choice of tools`)
  }
  return offered.length === 0 ? undefined : offered.map(({ json }) => json)
}

/** The tools that may be called; undefined where any may. */
function namesOf(choice: ChatRequest['toolChoice']): readonly string[] | undefined {
  switch (choice?.mode) {
    case 'none':
      return []
    case 'tool':
      return [choice.name]
    case 'allowed':
      return choice.names
    default:
      return undefined
  }
}

function encodeTool(tool: Tool, path: string, lost: Loss[]): JsonObject | undefined {
  if (tool.type === 'server') {
    return tool.origin === id ? tool.value : drop(lost, path, `${id} does not run ${tool.origin}'s tool ${tool.name}`)
  }
  reportForeignExtra(tool, id, path, lost)
  const writer = new MemberWriter(id, tool)
  if (!writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', 'function')
  writer.set('function.name', tool.name)
  writer.set('function.description', tool.description)
  if (tool.type === 'custom') {
    adapt(lost, path, `tools here take objects: the free text becomes a member named ${textMember}, without a grammar`)
    writer.set('function.parameters', freeTextParameters())
    return writer.finish()
  }
  // Templates print the schema of every tool.
  writer.set(
    'function.parameters',
    tool.parameters ?? (isOwn(tool, chat) ? undefined : { type: 'object', properties: {} }),
  )
  if (tool.strict === true) drop(lost, joinPath(path, 'strict'), `${id} does not hold a model to the schema of a tool`)
  if (tool.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${id} caches prompts by itself and takes no marks`)
  return writer.finish()
}
