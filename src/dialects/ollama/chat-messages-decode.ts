/** Decodes the messages of a conversation, one for one. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import type { Message } from '../../model/chat.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { decodeImages } from './images.ts'
import { chat } from './kind.ts'
import { decodeSaid, decodeText } from './said-decode.ts'

export function decodeMessages(reader: MemberReader): Message[] {
  const list = reader.list('messages') ?? []
  if (list.length === 0) {
    throw invalidRequest(
      'messages',
      '`messages` is empty, which asks an Ollama server to load the model; this model is served elsewhere: send at least one message.',
    )
  }
  /** Calls that have no result yet: results without an id belong to them by name and order. */
  const pending: ToolCallPart[] = []
  return list.map((json, index) => decodeMessage(json, joinPath('messages', index), index, pending))
}

function decodeMessage(json: JsonValue, path: string, index: number, pending: ToolCallPart[]): Message {
  if (!isJsonObject(json)) throw wrongType(path, 'a message: an object with a `role`', json)
  const reader = new MemberReader(chat.id, json, path)
  const spelled = reader.requiredString('role')
  const role = spelled.toLowerCase()
  if (spelled !== role) reader.note('role', spelled)
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return { role, parts: [...decodeImages(reader), ...decodeText(reader, 'content')], ...reader.node() }
    case 'assistant': {
      const parts = decodeSaid(reader, chat, (call) => `call_${index}_${call}`)
      for (const part of parts) if (part.type === 'tool-call') pending.push(part)
      return { role, parts, ...reader.node() }
    }
    case 'tool': {
      const callId = decodeCallId(reader, index, pending)
      const content: Part[] = [...decodeImages(reader), ...decodeText(reader, 'content')]
      const result: Part = { type: 'tool-result', callId, content, form: { [chat.id]: {} } }
      return { role, parts: [result], ...reader.node() }
    }
    default:
      throw invalidRequest(
        joinPath(path, 'role'),
        `\`${path}.role\` must be system, user, assistant or tool, but is "${spelled}".`,
      )
  }
}

function decodeCallId(reader: MemberReader, index: number, pending: ToolCallPart[]): string {
  const told = reader.string('tool_call_id')
  const name = reader.string('tool_name')
  if (name !== undefined) reader.note('toolName', name)
  const known = told !== undefined && told !== ''
  const at = pending.findIndex((call) => (known ? call.id === told : name === undefined || call.name === name))
  const [call] = at === -1 ? [] : pending.splice(at, 1)
  if (known) return told
  reader.note('madeUpCallId', told ?? true)
  return call?.id ?? `call_${name ?? index}`
}
