/** Reads a request of Anthropic's Messages protocol, and of its token counting. */
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

/** Tokens of thinking for a budget, however large it is. */
const budgetCap = 64

function readMark(block: JsonObject, param: string): PromptPiece['mark'] {
  const control = block['cache_control']
  if (control === undefined || control === null) return undefined
  if (!isJsonObject(control) || control['type'] !== 'ephemeral') {
    throw badRequest(`${param}.cache_control`, `${param}.cache_control.type must be ephemeral.`)
  }
  return control['ttl'] === '1h' ? '1h' : '5m'
}

const piece = (text: string, tokens: number, mark: PromptPiece['mark']): PromptPiece => ({
  text,
  tokens,
  ...(mark !== undefined && { mark }),
})

function blocksOf(value: JsonValue | undefined, param: string): JsonObject[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) throw badRequest(param, `${param} must be a string or an array of blocks.`)
  return value.map((block, index) => {
    if (!isJsonObject(block) || typeof block['type'] !== 'string') {
      throw badRequest(`${param}.${index}`, `${param}.${index} must be an object with a type.`)
    }
    return block
  })
}

/** The text inside a block, and its media as counts. */
function textOf(block: JsonObject): string {
  if (typeof block['text'] === 'string') return block['text']
  if (typeof block['thinking'] === 'string') return block['thinking']
  if (block['type'] === 'tool_use') return `${textMember(block, 'name')}${JSON.stringify(block['input'] ?? {})}`
  const { content } = block
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((inner) => (isJsonObject(inner) ? textOf(inner) : '')).join('')
  return ''
}

interface Conversation {
  readonly prompt: PromptPiece[]
  lastText: string
  media: { images: number; files: number }
  results: { name: string; text: string }[]
  readonly thinking: { text: string; signature: string }[]
}

function readConversation(json: JsonObject): Conversation {
  const conversation: Conversation = {
    prompt: [],
    lastText: '',
    media: { images: 0, files: 0 },
    results: [],
    thinking: [],
  }
  const names = new Map<string, string>()
  for (const [index, message] of requiredMessages(json).entries()) {
    const param = `messages.${index}`
    if (!isJsonObject(message)) throw badRequest(param, `${param} must be an object.`)
    const { role } = message
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw badRequest(`${param}.role`, `${param}.role must be user or assistant.`)
    }
    const blocks = blocksOf(message['content'], `${param}.content`)
    if (blocks.length === 0 && role === 'user')
      throw badRequest(param, `${param}: user messages must have non-empty content.`)
    conversation.results = []
    if (role === 'user') {
      conversation.lastText = ''
      conversation.media = { images: 0, files: 0 }
    }
    for (const [at, block] of blocks.entries()) {
      const text = textOf(block)
      const isMedia = block['type'] === 'image' || block['type'] === 'document'
      const tokens = (at === 0 ? frameTokens : 0) + (isMedia ? mediaTokens : 0)
      conversation.prompt.push(
        piece(`${at === 0 ? role : ''}\n${text}`, tokens, readMark(block, `${param}.content.${at}`)),
      )
      readBlock(conversation, role, block, text, names, `${param}.content.${at}`)
    }
  }
  return conversation
}

function readBlock(
  conversation: Conversation,
  role: string,
  block: JsonObject,
  text: string,
  names: Map<string, string>,
  param: string,
): void {
  switch (block['type']) {
    case 'text':
      if (role === 'user') conversation.lastText += text
      return
    case 'image':
      conversation.media.images++
      return
    case 'document':
      conversation.media.files++
      return
    case 'tool_use':
      names.set(textMember(block, 'id'), textMember(block, 'name'))
      return
    case 'tool_result': {
      const name = names.get(textMember(block, 'tool_use_id'))
      if (name === undefined) {
        throw badRequest(
          param,
          `${param}: every tool_result block must have a tool_use block with its id in an earlier message.`,
        )
      }
      conversation.results.push({ name, text })
      return
    }
    case 'thinking':
      conversation.thinking.push({ text, signature: optionalString(block, 'signature') ?? '' })
      return
    default:
  }
}

function readTools(json: JsonObject): TurnTool[] {
  const tools: TurnTool[] = []
  for (const [index, tool] of optionalList(json, 'tools').entries()) {
    const param = `tools.${index}`
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string')
      throw badRequest(param, `${param} must be an object with a name.`)
    // Tools that the service would run itself are known by their type; the simulator calls none of them.
    if (tool['type'] !== undefined && tool['type'] !== 'custom') continue
    if (!isJsonObject(tool['input_schema']))
      throw badRequest(`${param}.input_schema`, `${param}.input_schema: Field required`)
    tools.push({ name: tool['name'], schema: tool['input_schema'], custom: false })
  }
  return tools
}

function readChoice(value: JsonValue | undefined): TurnChoice {
  if (value === undefined || value === null) return { mode: 'auto' }
  if (!isJsonObject(value)) throw badRequest('tool_choice', 'tool_choice must be an object.')
  switch (value['type']) {
    case 'auto':
    case 'none':
      return { mode: value['type'] }
    case 'any':
      return { mode: 'required' }
    case 'tool':
      return { mode: 'tool', name: textMember(value, 'name') }
    default:
      throw badRequest('tool_choice.type', 'tool_choice.type must be auto, any, tool or none.')
  }
}

function readFormat(json: JsonObject): TurnFormat {
  const config = json['output_config']
  const format = (isJsonObject(config) ? config['format'] : undefined) ?? json['output_format']
  if (format === undefined || format === null) return { type: 'text' }
  if (!isJsonObject(format) || format['type'] !== 'json_schema' || !isJsonObject(format['schema'])) {
    throw badRequest('output_config.format', 'output_config.format must have the type json_schema and a schema.')
  }
  return { type: 'schema', schema: format['schema'] }
}

function readThinking(json: JsonObject, maxTokens: number | undefined): number {
  const { thinking } = json
  if (thinking === undefined || thinking === null) return 0
  if (!isJsonObject(thinking)) throw badRequest('thinking', 'thinking must be an object.')
  if (thinking['type'] === 'disabled') return 0
  const config = json['output_config']
  const effort = (isJsonObject(config) ? optionalString(config, 'effort') : undefined) ?? 'medium'
  if (thinking['type'] !== 'enabled') return effortTokens(effort, 'output_config.effort')
  const budget = optionalInteger(thinking, 'budget_tokens', 1024)
  if (budget === undefined)
    throw badRequest('thinking.enabled.budget_tokens', 'thinking.enabled.budget_tokens: Field required')
  if (maxTokens !== undefined && budget >= maxTokens) {
    throw badRequest('max_tokens', '`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
  return Math.min(budget, budgetCap)
}

function readStop(json: JsonObject): string[] {
  return optionalList(json, 'stop_sequences').map((one) => {
    if (typeof one !== 'string' || one.trim() === '') {
      throw badRequest('stop_sequences', 'stop_sequences: each stop sequence must contain non-whitespace')
    }
    return one
  })
}

/** Throws a SimProblem for what the service itself would refuse. `counting` needs no `max_tokens`. */
export function readAnthropicTurn(json: JsonObject, counting: boolean): Turn {
  const { prompt, lastText, media, results, thinking } = readConversation(json)
  const maxTokens = optionalInteger(json, 'max_tokens', 1)
  if (maxTokens === undefined && !counting) throw badRequest('max_tokens', 'max_tokens: Field required')
  const { system } = json
  const before: PromptPiece[] = optionalList(json, 'tools').map((tool, index) =>
    piece(JSON.stringify(tool), 0, isJsonObject(tool) ? readMark(tool, `tools.${index}`) : undefined),
  )
  if (system !== undefined && system !== null) {
    for (const [index, block] of blocksOf(system, 'system').entries()) {
      before.push(piece(textOf(block), 0, readMark(block, `system.${index}`)))
    }
  }
  const tools = readTools(json)
  const shown = isJsonObject(json['thinking']) ? json['thinking']['display'] : undefined
  return {
    stream: optionalBoolean(json, 'stream') ?? false,
    prompt: [...before, ...prompt],
    lastText,
    media,
    results,
    tools,
    choice: checkChoice(readChoice(json['tool_choice']), tools),
    parallel: !(isJsonObject(json['tool_choice']) && json['tool_choice']['disable_parallel_tool_use'] === true),
    format: readFormat(json),
    maxTokens,
    stop: readStop(json),
    n: 1,
    logprobs: undefined,
    reasoning: readThinking(json, maxTokens),
    reasoningHidden: shown === 'omitted',
    seed: 0,
    streamUsage: true,
    thinking,
  }
}
