/** Decodes a request of Cohere's v2 chat. Settings that only Cohere has stay unmodelled and travel along in `extra`. */
import { readFunction } from '../../kernel/codec/function-members.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest, Message, OutputFormat, Tool } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { FilePart, ToolResultPart } from '../../model/part.ts'
import { decodeAssistant, decodeContent, opaqueBlock } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { decodeDocument } from './documents.ts'
import { MemberReader } from './members.ts'
import type { Reader } from './members.ts'

type Settings = { -readonly [Name in keyof ChatRequest]?: ChatRequest[Name] }

export function decodeRequest(json: unknown): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const model = reader.requiredString('model')
  if (model === '') throw invalidRequest('model', '`model` is empty: name the model to use.')
  const stream = reader.boolean('stream')
  if (stream === false) reader.noteExplicit('stream')
  const documents = decodeDocuments(reader)
  const list = reader.list('messages')
  if (list === undefined) throw wrongType('messages', 'an array of messages', reader.peek('messages'))
  if (list.length === 0) throw invalidRequest('messages', '`messages` is empty: send at least one message.')
  const messages = list.map((message, index) => decodeMessage(message, joinPath('messages', index)))
  return {
    model,
    messages: [...(documents === undefined ? [] : [documents]), ...messages],
    stream: stream ?? false,
    ...decodeSettings(reader),
    ...reader.node(),
  }
}

/** Documents that the model may cite, beside the conversation: to other protocols, files that the user brings along. */
function decodeDocuments(reader: Reader): Message | undefined {
  const list = reader.list('documents')
  if (list === undefined || list.length === 0) return undefined
  return {
    role: 'user',
    apart: 'documents',
    parts: list.map((json, index) => {
      if (typeof json === 'string') {
        const part: FilePart = { type: 'file', source: { kind: 'text', text: json }, citable: true }
        return { ...part, form: { [dialectId]: { bare: true } } }
      }
      if (!isJsonObject(json)) return opaqueBlock(json)
      const document = new MemberReader(json, joinPath('documents', index))
      const part = decodeDocument(document)
      return part === undefined ? opaqueBlock(json) : { ...part, ...document.node() }
    }),
    form: { [dialectId]: {} },
  }
}

function decodeMessage(json: JsonValue, path: string): Message {
  if (!isJsonObject(json)) throw wrongType(path, 'a message: an object with a `role`', json)
  const message = new MemberReader(json, path)
  const role = message.requiredString('role')
  switch (role) {
    case 'system':
    case 'user': {
      const parts = decodeContent(message)
      if (message.peek('content') === undefined || message.peek('content') === null)
        throw wrongType(message.at('content'), 'a string or an array of content blocks', message.peek('content'))
      return { role, parts, ...message.node() }
    }
    case 'assistant':
      return { role, parts: decodeAssistant(message), ...message.node() }
    case 'tool': {
      const callId = message.requiredString('tool_call_id')
      const result: ToolResultPart = { type: 'tool-result', callId, content: decodeContent(message) }
      return { role, parts: [{ ...result, form: { [dialectId]: {} } }], ...message.node() }
    }
    default:
      throw invalidRequest(
        message.at('role'),
        `\`${message.at('role')}\` must be system, user, assistant or tool, but is "${role}".`,
      )
  }
}

function decodeSettings(reader: Reader): Settings {
  const settings: Settings = {}
  const set = <Name extends keyof Settings>(name: Name, value: Settings[Name] | undefined): void => {
    if (value !== undefined) settings[name] = value
  }
  set('maxOutputTokens', reader.integer('max_tokens', 1))
  set('temperature', reader.number('temperature'))
  set('topP', reader.number('p'))
  set('topK', reader.number('k'))
  set('seed', reader.number('seed'))
  set('presencePenalty', reader.number('presence_penalty'))
  set('frequencyPenalty', reader.number('frequency_penalty'))
  const stop = reader.strings('stop_sequences')
  set('stop', stop?.length === 0 ? undefined : stop)
  const logprobs = reader.boolean('logprobs')
  set('logprobs', logprobs === undefined ? undefined : { enabled: logprobs })
  set('tools', decodeTools(reader))
  const choice = reader.peek('tool_choice')
  if (choice === 'REQUIRED' || choice === 'NONE' || choice === null) {
    reader.take('tool_choice')
    if (choice !== null) settings.toolChoice = { mode: choice === 'NONE' ? 'none' : 'required' }
  }
  set('format', decodeFormat(reader))
  set('reasoning', decodeThinking(reader))
  return settings
}

/** `strict_tools` holds for all of them. */
function decodeTools(reader: Reader): Tool[] | undefined {
  const strict = reader.boolean('strict_tools')
  if (strict !== undefined) reader.note('strictTools', strict)
  return reader.list('tools')?.map((json, index) => {
    const path = joinPath('tools', index)
    if (!isJsonObject(json)) throw wrongType(path, 'a tool: an object', json)
    const { type } = json
    if (typeof type === 'string' && type !== 'function')
      return { type: 'server', origin: dialectId, name: type, value: json }
    const tool = new MemberReader(json, path)
    if (tool.string('type') === undefined && !tool.has('type')) tool.noteAbsent('type')
    const named = readFunction(tool.requiredNested('function'))
    return { ...named, ...(strict !== undefined && { strict }), ...tool.node() }
  })
}

/** The schema was called `schema` at first, and still is in many clients. */
function decodeFormat(reader: Reader): OutputFormat | undefined {
  const value = reader.peek('response_format')
  const type = isJsonObject(value) ? value['type'] : undefined
  if (type !== 'text' && type !== 'json_object') return undefined
  const format = reader.requiredNested('response_format')
  format.take('type')
  if (type === 'text') return { type }
  for (const name of ['json_schema', 'schema']) {
    const schema = format.peek(name)
    if (!isJsonObject(schema)) continue
    format.take(name)
    format.note('schema', name)
    return { type: 'json-schema', schema }
  }
  return { type: 'json' }
}

function decodeThinking(reader: Reader): ChatRequest['reasoning'] {
  const value = reader.peek('thinking')
  const type = isJsonObject(value) ? value['type'] : undefined
  if (type !== 'enabled' && type !== 'disabled') return undefined
  const thinking = reader.requiredNested('thinking')
  thinking.take('type')
  const budget = thinking.integer('token_budget', 0)
  return { mode: type, ...(budget !== undefined && { budget }) }
}
