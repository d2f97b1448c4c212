/** `toolConfig` to canonical tools and the choice among them. Tools that Bedrock runs are kept in its own words. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { FunctionTool, Tool, ToolChoice } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { cacheMarkOf } from './blocks-decode.ts'
import { dialectId } from './dialect-id.ts'
import { MemberReader } from './members.ts'
import type { Reader } from './members.ts'

export interface DecodedTools {
  readonly tools?: Tool[]
  readonly toolChoice?: ToolChoice
}

export function decodeToolConfig(reader: Reader): DecodedTools {
  const config = reader.nested('toolConfig')
  if (config === undefined) return {}
  const list = config.list('tools')
  const tools: Tool[] = []
  for (const [index, json] of (list ?? []).entries()) {
    const before = tools.at(-1)
    const mark = cacheMarkOf(json)
    if (mark !== undefined && before?.type === 'function' && before.cache === undefined)
      tools[tools.length - 1] = { ...before, cache: mark }
    else tools.push(decodeTool(json, joinPath(config.at('tools'), index)))
  }
  const toolChoice = decodeChoice(config)
  return { ...(list !== undefined && { tools }), ...(toolChoice !== undefined && { toolChoice }) }
}

function decodeTool(json: JsonValue, path: string): Tool {
  if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object', json)
  if (!isJsonObject(json['toolSpec'])) return { type: 'server', origin: dialectId, name: nameOf(json), value: json }
  const reader = new MemberReader(json, path)
  const spec = reader.requiredNested('toolSpec')
  const name = spec.requiredString('name')
  const description = spec.string('description')
  const schema = spec.nested('inputSchema')
  const parameters = schema?.peek('json')
  if (parameters !== undefined && schema !== undefined) {
    if (!isJsonObject(parameters)) throw wrongType(schema.at('json'), 'an object: a JSON Schema', parameters)
    schema.take('json')
  }
  const strict = spec.boolean('strict')
  const tool: FunctionTool = {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(isJsonObject(parameters) && { parameters }),
    ...(strict !== undefined && { strict }),
  }
  return { ...tool, ...reader.node() }
}

/** Of a tool that is no function of the client's: a system tool's own, else what kind of entry it is. */
function nameOf(json: { [key: string]: JsonValue | undefined }): string {
  const system = json['systemTool']
  if (isJsonObject(system) && typeof system['name'] === 'string') return system['name']
  return Object.keys(json)[0] ?? 'tool'
}

function decodeChoice(config: Reader): ToolChoice | undefined {
  const value = config.peek('toolChoice')
  const known = isJsonObject(value) && ['auto', 'any', 'tool'].find((member) => isJsonObject(value[member]))
  if (known === undefined || known === false) return undefined
  const choice = config.requiredNested('toolChoice').requiredNested(known)
  if (known === 'tool') return { mode: 'tool', name: choice.requiredString('name') }
  return { mode: known === 'any' ? 'required' : 'auto' }
}
