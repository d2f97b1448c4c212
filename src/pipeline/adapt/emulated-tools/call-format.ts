/**
 * How tools, calls and results are written where a target has no tools of its own: JSON between marks, in the manner that many open
 * models were trained on (https://github.com/NousResearch/Hermes-Function-Calling), so that they fall into it by themselves.
 */
import { parsePreciseJson } from '../../../bytes/precise-json.ts'
import type { CustomTool, FunctionTool } from '../../../model/chat.ts'
import type { JsonObject } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { ToolCallPart } from '../../../model/part.ts'

export const callStart = '<tool_call>'
export const callEnd = '</tool_call>'
export const resultStart = '<tool_response>'
export const resultEnd = '</tool_response>'

export type DescribedTool = FunctionTool | CustomTool

/** What a tool of free text takes, as an object. */
const inputMember = 'input'

/** JSON that cannot close a mark, whatever its texts hold. */
export const safeJson = (value: unknown): string => JSON.stringify(value).replaceAll('</', '<\\/')

export function describeTool(tool: DescribedTool): JsonObject {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    parameters:
      tool.type === 'function'
        ? (tool.parameters ?? { type: 'object', properties: {} })
        : { type: 'object', properties: { [inputMember]: { type: 'string' } }, required: [inputMember] },
  }
}

export function writeCall({ name, arguments: text, kind }: ToolCallPart): string {
  const given = kind === 'custom' ? { [inputMember]: text } : objectIn(text === '' ? '{}' : text)
  return `${callStart}\n${safeJson({ name, arguments: given ?? text })}\n${callEnd}`
}

export interface ReadCall {
  readonly name: string
  readonly arguments: string
  readonly kind?: 'custom'
}

/** The call that the JSON between two marks makes; undefined when it makes none of these tools'. */
export function readCall(text: string, tools: ReadonlyMap<string, DescribedTool>): ReadCall | undefined {
  const call = objectIn(text)
  const name = call?.['name']
  const tool = typeof name === 'string' ? tools.get(name) : undefined
  if (call === undefined || tool === undefined) return undefined
  // Some models were trained to say `parameters`.
  const given = call['arguments'] ?? call['parameters'] ?? {}
  const object = typeof given === 'string' ? objectIn(given) : isJsonObject(given) ? given : undefined
  if (tool.type === 'custom') {
    const input = object?.[inputMember] ?? given
    return typeof input === 'string' ? { name: tool.name, arguments: input, kind: 'custom' } : undefined
  }
  return object === undefined ? undefined : { name: tool.name, arguments: JSON.stringify(object) }
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = parsePreciseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
