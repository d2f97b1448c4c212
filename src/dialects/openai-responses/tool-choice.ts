/** The choice among tools: a word, one tool by name, or a list of those that are allowed. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest, ToolChoice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import { drop } from './losses.ts'
import type { MemberReader, MemberWriter } from './members.ts'

/** Undefined for a choice that no other protocol could mean (a tool that the service runs): it stays unmodelled. */
export function decodeToolChoice(reader: MemberReader): ToolChoice | undefined {
  const value = reader.peek('tool_choice')
  if (value === undefined) return undefined
  if (value === null) {
    reader.take('tool_choice')
    return undefined
  }
  if (typeof value === 'string') {
    if (value !== 'auto' && value !== 'none' && value !== 'required') return undefined
    reader.take('tool_choice')
    return { mode: value }
  }
  if (!isJsonObject(value)) throw wrongType('tool_choice', 'a string or an object', value)
  const { type, tools } = value
  if (type === 'function' || type === 'custom') {
    const choice = reader.requiredNested('tool_choice')
    choice.take('type')
    const name = choice.requiredString('name')
    return { mode: 'tool', name, ...(type === 'custom' && { kind: type }) }
  }
  if (type !== 'allowed_tools' || !Array.isArray(tools)) return undefined
  reader.take('tool_choice')
  return {
    mode: 'allowed',
    names: tools.flatMap(nameOf),
    required: value['mode'] === 'required',
    raw: value,
    origin: dialectId,
  }
}

function nameOf(tool: JsonValue): string[] {
  const name = isJsonObject(tool) ? tool['name'] : undefined
  return typeof name === 'string' ? [name] : []
}

/** OpenAI refuses a choice without tools; `hasTools` says whether there are any left. */
export function writeToolChoice(writer: MemberWriter, request: ChatRequest, hasTools: boolean, lost: Loss[]): void {
  const choice = request.toolChoice
  if (choice === undefined) return
  if (!hasTools) {
    if (choice.mode !== 'none') drop(lost, 'tool_choice', `${dialectId} refuses a tool choice without tools`)
    return
  }
  switch (choice.mode) {
    case 'auto':
    case 'none':
    case 'required':
      writer.set('tool_choice', choice.mode)
      break
    case 'tool':
      writer.set('tool_choice.type', choice.kind ?? 'function')
      writer.set('tool_choice.name', choice.name)
      break
    case 'allowed':
      writer.set(
        'tool_choice',
        choice.origin === dialectId ? choice.raw : allowedTools(choice.names, choice.required, request),
      )
  }
}

function allowedTools(names: readonly string[], required: boolean, { tools = [] }: ChatRequest): JsonObject {
  const custom = new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])))
  return {
    type: 'allowed_tools',
    mode: required ? 'required' : 'auto',
    tools: names.map((name) => ({ type: custom.has(name) ? 'custom' : 'function', name })),
  }
}
