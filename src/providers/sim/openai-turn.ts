/** Reads a request of OpenAI's Chat Completions protocol. */
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { badRequest } from './problem.ts'
import {
  checkChoice,
  effortTokens,
  frameTokens,
  mediaTokens,
  optionalBoolean,
  optionalInteger,
  optionalList,
  optionalString,
  requiredMessages,
  textMember,
} from './turn.ts'
import type { PromptPiece, Turn, TurnChoice, TurnFormat, TurnTool } from './turn.ts'

const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function'])

interface Content {
  text: string
  images: number
  files: number
}

function readContent(value: JsonValue | undefined, param: string): Content {
  const content: Content = { text: '', images: 0, files: 0 }
  if (value === undefined || value === null) return content
  if (typeof value === 'string') return { ...content, text: value }
  if (!Array.isArray(value)) throw badRequest(param, `${param} must be a string or an array of parts.`)
  for (const [index, part] of value.entries()) {
    if (!isJsonObject(part) || typeof part['type'] !== 'string') {
      throw badRequest(`${param}[${index}]`, `${param}[${index}] must be an object with a type.`)
    }
    if (part['type'] === 'image_url') content.images++
    else if (part['type'] === 'text' || part['type'] === 'refusal') content.text += textMember(part, part['type'])
    else content.files++
  }
  return content
}

function readTool(tool: JsonValue, index: number): TurnTool {
  const param = `tools[${index}]`
  if (!isJsonObject(tool)) throw badRequest(param, `${param} must be an object.`)
  const custom = tool['type'] === 'custom'
  const definition = tool[custom ? 'custom' : 'function']
  if (!isJsonObject(definition) || typeof definition['name'] !== 'string') {
    throw badRequest(param, `${param} must be a function or custom tool with a name.`)
  }
  const schema = isJsonObject(definition['parameters']) ? definition['parameters'] : { type: 'object' }
  return { name: definition['name'], schema, custom }
}

function readChoice(value: JsonValue | undefined): TurnChoice {
  if (value === undefined || value === null) return { mode: 'auto' }
  if (value === 'auto' || value === 'none' || value === 'required') return { mode: value }
  if (!isJsonObject(value)) throw badRequest('tool_choice', 'tool_choice must be auto, none, required or an object.')
  if (value['type'] === 'allowed_tools') {
    const allowed = value['allowed_tools']
    return { mode: isJsonObject(allowed) && allowed['mode'] === 'required' ? 'required' : 'auto' }
  }
  const named = value['type'] === 'custom' ? value['custom'] : value['function']
  if (!isJsonObject(named) || typeof named['name'] !== 'string')
    throw badRequest('tool_choice', 'tool_choice must name a tool.')
  return { mode: 'tool', name: named['name'] }
}

function readFormat(value: JsonValue | undefined): TurnFormat {
  if (value === undefined || value === null) return { type: 'text' }
  if (!isJsonObject(value)) throw badRequest('response_format', 'response_format must be an object.')
  if (value['type'] === 'text') return { type: 'text' }
  if (value['type'] === 'json_object') return { type: 'json' }
  const described = value['json_schema']
  if (value['type'] !== 'json_schema' || !isJsonObject(described)) {
    throw badRequest('response_format', 'response_format.type must be text, json_object or json_schema.')
  }
  if (typeof described['name'] !== 'string')
    throw badRequest('response_format.json_schema.name', 'json_schema needs a name.')
  return { type: 'schema', schema: isJsonObject(described['schema']) ? described['schema'] : {} }
}

function readStop(value: JsonValue | undefined): string[] {
  if (value === undefined || value === null) return []
  const list = Array.isArray(value) ? value : [value]
  if (list.length > 4) throw badRequest('stop', 'stop can hold at most 4 sequences.')
  return list
    .map((one) => {
      if (typeof one !== 'string') throw badRequest('stop', 'stop must be a string or an array of strings.')
      return one
    })
    .filter((one) => one !== '')
}

function readLogprobs(json: JsonObject): number | undefined {
  const top = optionalInteger(json, 'top_logprobs', 0, 20)
  if (optionalBoolean(json, 'logprobs') === true) return top ?? 0
  if (top !== undefined) throw badRequest('top_logprobs', 'top_logprobs needs logprobs to be true.')
  return undefined
}

interface Conversation {
  readonly prompt: PromptPiece[]
  last: Content
  results: { name: string; text: string }[]
}

function readConversation(messages: readonly JsonValue[]): Conversation {
  const conversation: Conversation = { prompt: [], last: { text: '', images: 0, files: 0 }, results: [] }
  const names = new Map<string, string>()
  for (const [index, message] of messages.entries()) {
    const param = `messages[${index}]`
    if (!isJsonObject(message)) throw badRequest(param, `${param} must be an object.`)
    const { role } = message
    if (typeof role !== 'string' || !roles.has(role)) {
      throw badRequest(`${param}.role`, `${param}.role must be one of ${[...roles].join(', ')}.`)
    }
    const content = readContent(message['content'], `${param}.content`)
    let text = `${role}\n${content.text}`
    const calls = optionalList(message, 'tool_calls')
    for (const call of calls) {
      if (!isJsonObject(call) || typeof call['id'] !== 'string')
        throw badRequest(`${param}.tool_calls`, 'Every tool call needs an id.')
      const called = call['type'] === 'custom' ? call['custom'] : call['function']
      if (isJsonObject(called) && typeof called['name'] === 'string') names.set(call['id'], called['name'])
      text += JSON.stringify(called ?? null)
    }
    const tokens = frameTokens + (content.images + content.files) * mediaTokens
    conversation.prompt.push({ text, tokens })
    if (role === 'tool' || role === 'function') {
      const id = optionalString(message, 'tool_call_id') ?? ''
      if (role === 'tool' && !names.has(id)) {
        throw badRequest(
          `${param}.tool_call_id`,
          'A message with role tool must follow a message with the tool call of that id.',
        )
      }
      conversation.results.push({
        name: names.get(id) ?? optionalString(message, 'name') ?? 'tool',
        text: content.text,
      })
    } else conversation.results = []
    if (role === 'user') conversation.last = content
  }
  return conversation
}

/** Throws a SimProblem for what the service itself would refuse. */
export function readOpenaiTurn(json: JsonObject): Turn {
  const { prompt, last, results } = readConversation(requiredMessages(json))
  const toolList = optionalList(json, 'tools')
  const tools = toolList.map(readTool)
  if (tools.length > 0) prompt.unshift({ text: JSON.stringify(toolList), tokens: 0 })
  const options = json['stream_options']
  const stream = optionalBoolean(json, 'stream') ?? false
  if (isJsonObject(options) && !stream) {
    throw badRequest('stream_options', 'The stream_options parameter is only allowed when stream is enabled.')
  }
  const effort = optionalString(json, 'reasoning_effort')
  return {
    stream,
    prompt,
    lastText: last.text,
    media: last,
    results,
    tools,
    choice: checkChoice(readChoice(json['tool_choice']), tools),
    parallel: optionalBoolean(json, 'parallel_tool_calls') ?? true,
    format: readFormat(json['response_format']),
    maxTokens: optionalInteger(json, 'max_completion_tokens', 1) ?? optionalInteger(json, 'max_tokens', 1),
    stop: readStop(json['stop']),
    n: optionalInteger(json, 'n', 1, 128) ?? 1,
    logprobs: readLogprobs(json),
    reasoning: effort === undefined ? 0 : effortTokens(effort, 'reasoning_effort'),
    reasoningHidden: false,
    seed: optionalInteger(json, 'seed', -Infinity) ?? 0,
    streamUsage: isJsonObject(options) && optionalBoolean(options, 'include_usage') === true,
    thinking: [],
  }
}
