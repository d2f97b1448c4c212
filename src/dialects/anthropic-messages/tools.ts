/** Tools and the choice among them, both ways. Tools that Anthropic runs or defines itself are kept in its own words. */
import type { ChatRequest, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { unknownMembers } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { decodeCacheMark, encodeCacheMark } from './cache-mark.ts'
import { carry, notes, restore } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { optional, readBoolean, readObject, readString } from './reading.ts'
import { textMember } from '../../kernel/codec/tool-arguments.ts'

const toolMembers = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control'])

export function decodeTool(value: JsonValue, path: string): Tool {
  const tool = readObject(value, path)
  const type = optional(tool['type'], joinPath(path, 'type'), readString)
  if (type !== undefined && type !== 'custom') {
    const { name, mcp_server_name: server } = tool
    return {
      type: 'server',
      origin: dialectId,
      name: typeof name === 'string' ? name : typeof server === 'string' ? server : type,
      value: tool,
    }
  }
  const description = optional(tool['description'], joinPath(path, 'description'), readString)
  const strict = optional(tool['strict'], joinPath(path, 'strict'), readBoolean)
  const { cache, rest } = decodeCacheMark(tool, path)
  return {
    type: 'function',
    name: readString(tool['name'], joinPath(path, 'name')),
    ...(description !== undefined && { description }),
    parameters: readObject(tool['input_schema'], joinPath(path, 'input_schema')),
    ...(strict !== undefined && { strict }),
    ...(cache !== undefined && { cache }),
    ...carry(tool, toolMembers, { rests: { cache_control: rest }, ...(type !== undefined && { form: { type } }) }),
  }
}

const choiceMembers = new Set(['type', 'name', 'disable_parallel_tool_use'])

export interface DecodedChoice {
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  /** What is left of the member, to be carried along. */
  readonly rest?: JsonObject | undefined
}

export function decodeToolChoice(value: JsonValue | undefined): DecodedChoice {
  const choice = optional(value, 'tool_choice', readObject)
  if (choice === undefined) return {}
  const type = readString(choice['type'], 'tool_choice.type')
  const toolChoice = choiceOf(type, choice)
  if (toolChoice === undefined) return { rest: choice }
  const disabled = optional(choice['disable_parallel_tool_use'], 'tool_choice.disable_parallel_tool_use', readBoolean)
  return {
    toolChoice,
    ...(disabled !== undefined && { parallelToolCalls: !disabled }),
    rest: unknownMembers(choice, choiceMembers),
  }
}

function choiceOf(type: string, choice: JsonObject): ToolChoice | undefined {
  switch (type) {
    case 'auto':
    case 'none':
      return { mode: type }
    case 'any':
      return { mode: 'required' }
    case 'tool':
      return { mode: 'tool', name: readString(choice['name'], 'tool_choice.name') }
    default:
      return undefined
  }
}

export interface ToolsContext {
  readonly own: boolean
  /** Strict tools are known to the model. */
  readonly strict: boolean
  readonly lost: Loss[]
}

export function encodeTools(
  request: ChatRequest,
  context: ToolsContext,
): { tools?: JsonValue; tool_choice?: JsonValue } {
  const { lost } = context
  const { tools = [], toolChoice } = request
  const encoded: { name: string; json: JsonObject }[] = []
  for (const [index, tool] of tools.entries()) {
    const json = encodeTool(tool, joinPath('tools', index), context)
    if (json !== undefined) encoded.push({ name: tool.name, json })
  }
  if (context.own) {
    const choice = encodeChoice(request, lost)
    return {
      ...(request.tools !== undefined && { tools: encoded.map(({ json }) => json) }),
      ...(choice !== undefined && { tool_choice: choice }),
    }
  }
  let offered = encoded
  if (toolChoice?.mode === 'allowed') {
    const allowed = encoded.filter(({ name }) => toolChoice.names.includes(name))
    if (allowed.length > 0) offered = allowed
    lost.push({
      path: 'tool_choice',
      kind: 'adapted',
      reason: 'only the allowed tools are offered, which may cost the provider its cache',
    })
  }
  // Choosing among no tools is refused.
  if (offered.length === 0) {
    if (toolChoice?.mode === 'required' || toolChoice?.mode === 'tool') {
      lost.push({ path: 'tool_choice', kind: 'dropped', reason: 'there is no tool left to choose' })
    }
    return {}
  }
  const choice = encodeChoice(request, lost)
  return { tools: offered.map(({ json }) => json), ...(choice !== undefined && { tool_choice: choice }) }
}

function encodeTool(tool: Tool, path: string, context: ToolsContext): JsonObject | undefined {
  const { lost } = context
  if (tool.type === 'server') {
    if (tool.origin === dialectId) return tool.value
    lost.push({
      path,
      kind: 'dropped',
      reason: `the tool ${tool.name} runs at another provider (${tool.origin}) alone`,
    })
    return undefined
  }
  reportForeignExtra(tool, dialectId, path, lost)
  if (tool.type === 'custom') {
    lost.push({
      path,
      kind: 'adapted',
      reason: `tools here take objects: the free text becomes a member named ${textMember}, without a grammar`,
    })
    return {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      input_schema: { type: 'object', properties: { [textMember]: { type: 'string' } }, required: [textMember] },
    }
  }
  const keepStrict = context.own || (tool.strict === true && context.strict)
  if (tool.strict === true && !keepStrict) {
    lost.push({ path: joinPath(path, 'strict'), kind: 'dropped', reason: 'the model does not know strict tools' })
  }
  const { type } = notes(tool)
  return restore(tool, {
    ...(typeof type === 'string' && { type }),
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema:
      context.own && tool.parameters !== undefined
        ? tool.parameters
        : { type: 'object', ...(tool.parameters ?? { properties: {} }) },
    ...(tool.strict !== undefined && keepStrict && { strict: tool.strict }),
    ...encodeCacheMark(tool.cache),
  })
}

function encodeChoice({ toolChoice, parallelToolCalls, form }: ChatRequest, lost: Loss[]): JsonObject | undefined {
  const own = form?.[dialectId] !== undefined
  const parallel =
    parallelToolCalls === undefined || (parallelToolCalls && !own)
      ? {}
      : { disable_parallel_tool_use: !parallelToolCalls }
  switch (toolChoice?.mode) {
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...parallel } : undefined
    case 'auto':
      return { type: 'auto', ...parallel }
    case 'none':
      return { type: 'none', ...(own && parallel) }
    case 'required':
      return { type: 'any', ...parallel }
    case 'tool':
      if (toolChoice.kind === 'custom')
        lost.push({ path: 'tool_choice', kind: 'adapted', reason: 'the tool takes an object here' })
      return { type: 'tool', name: toolChoice.name, ...parallel }
    case 'allowed':
      return { type: toolChoice.required ? 'any' : 'auto', ...parallel }
  }
}
