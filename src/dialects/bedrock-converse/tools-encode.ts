/**
 * Tools and the choice among them. Converse has no way to forbid calls and none to name several tools, and it refuses calls and
 * results in a conversation whose request declares no tools at all.
 */
import { textMember } from '../../kernel/codec/tool-arguments.ts'
import type { ChatRequest, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { encodeCachePoint } from './blocks-encode.ts'
import { dialectId } from './dialect-id.ts'
import { MemberWriter } from './members.ts'
import type { FamilyTraits } from './model-family.ts'
import { adapt, drop } from './report.ts'

export interface ToolsContext {
  readonly own: boolean
  readonly model: FamilyTraits
  readonly lost: Loss[]
}

/** Writes `toolConfig`, where there is anything to configure. */
export function writeTools(writer: MemberWriter, request: ChatRequest, context: ToolsContext): void {
  const { tools = [], toolChoice } = request
  const offered = tools.flatMap((tool, index) => {
    const json = encodeTool(tool, joinPath('tools', index), context)
    return json.length === 0 ? [] : [{ name: tool.name, json }]
  })
  if (context.own) {
    if (offered.length > 0)
      writer.set(
        'toolConfig.tools',
        offered.flatMap(({ json }) => json),
      )
    writer.set('toolConfig.toolChoice', toolChoice && choiceOf(toolChoice))
    return
  }
  const { lost } = context
  const kept = allowed(offered, toolChoice, lost)
  const used = calledNames(request)
  if (toolChoice?.mode === 'none' && kept.length > 0) {
    if (used.length === 0) return adapt(lost, 'tool_choice', 'calls cannot be forbidden here: the tools are left out')
    adapt(lost, 'tool_choice', 'calls cannot be forbidden here, and those that were made need their tools')
  }
  const named = new Set(kept.map(({ name }) => name))
  const missing = [...new Set(used)].filter((name) => !named.has(name))
  if (kept.length === 0 && missing.length > 0)
    adapt(lost, 'tools', `calls are refused here without tools: ${missing.join(', ')} declared without a schema`)
  const declared = kept.length > 0 ? kept.flatMap(({ json }) => json) : missing.map(bareTool)
  if (declared.length === 0) {
    if (toolChoice?.mode === 'required' || toolChoice?.mode === 'tool')
      drop(lost, 'tool_choice', 'there is no tool left to choose')
    return
  }
  writer.set('toolConfig.tools', declared)
  if (kept.length === 0 || toolChoice === undefined || toolChoice.mode === 'none') return
  if (toolChoice.mode === 'tool' && toolChoice.kind === 'custom')
    adapt(lost, 'tool_choice', 'the tool takes an object here')
  writer.set('toolConfig.toolChoice', choiceOf(toolChoice))
}

type Offered = { readonly name: string; readonly json: JsonObject[] }

function allowed(offered: Offered[], toolChoice: ToolChoice | undefined, lost: Loss[]): Offered[] {
  if (toolChoice?.mode !== 'allowed' || offered.length === 0) return offered
  const some = offered.filter(({ name }) => toolChoice.names.includes(name))
  adapt(lost, 'tool_choice', 'only the allowed tools are offered, which may cost the provider its cache')
  return some.length > 0 ? some : offered
}

function choiceOf(choice: ToolChoice): JsonObject | undefined {
  switch (choice.mode) {
    case 'auto':
      return { auto: {} }
    case 'required':
      return { any: {} }
    case 'tool':
      return { tool: { name: choice.name } }
    case 'allowed':
      return choice.required ? { any: {} } : { auto: {} }
    case 'none':
      return undefined
  }
}

/** Names of the tools that were called; results without their calls need a tool all the same. */
function calledNames({ messages }: ChatRequest): string[] {
  const parts = messages.flatMap((message) => message.parts)
  const names = parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : []))
  return names.length === 0 && parts.some((part) => part.type === 'tool-result') ? ['tool'] : names
}

function bareTool(name: string): JsonObject {
  return { toolSpec: { name, inputSchema: { json: { type: 'object' } } } }
}

/** The tool and the cache point behind it; nothing, with the loss reported, for one that cannot be had here. */
function encodeTool(tool: Tool, path: string, context: ToolsContext): JsonObject[] {
  const { lost, own, model } = context
  if (tool.type === 'server') {
    if (tool.origin === dialectId) return [tool.value]
    drop(lost, path, `the tool ${tool.name} runs at another provider (${tool.origin}) alone`)
    return []
  }
  reportForeignExtra(tool, dialectId, path, lost)
  const writer = new MemberWriter(tool)
  writer.set('toolSpec.name', tool.name)
  // Blank descriptions are refused.
  writer.set('toolSpec.description', tool.description === '' && !own ? undefined : tool.description)
  if (tool.type === 'custom') {
    adapt(lost, path, `tools here take objects: the free text becomes a member named ${textMember}, without a grammar`)
    writer.set('toolSpec.inputSchema.json', {
      type: 'object',
      properties: { [textMember]: { type: 'string' } },
      required: [textMember],
    })
    return [writer.finish()]
  }
  const { parameters } = tool
  const schema: JsonValue | undefined = own ? parameters : { type: 'object', ...(parameters ?? { properties: {} }) }
  writer.set('toolSpec.inputSchema.json', schema)
  if (own || (tool.strict === true && model.strict)) writer.set('toolSpec.strict', tool.strict)
  else if (tool.strict === true) drop(lost, joinPath(path, 'strict'), 'the model does not know strict tools')
  const point = encodeCachePoint(tool.cache, path, {
    side: 'request',
    own,
    lost,
    model: { ...model, caches: model.caches && model.toolCache },
  })
  return [writer.finish(), ...(point === undefined ? [] : [point])]
}
