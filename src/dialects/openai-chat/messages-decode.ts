/** Decodes the messages of a request, one for one. */
import type { Message } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { invalidRequest } from '../../model/fault.ts'
import { joinPath } from '../../model/loss.ts'
import type { Part, ToolResultPart } from '../../model/part.ts'
import { decodeAssistant } from './assistant.ts'
import { decodeContent } from './content-decode.ts'
import { dialectId } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader } from './members.ts'

export function decodeMessages(reader: MemberReader): Message[] {
  const list = reader.peek('messages')
  if (!Array.isArray(list)) throw wrongType(reader.at('messages'), 'an array of messages', list)
  if (list.length === 0) throw invalidRequest('messages', '`messages` is empty: send at least one message.')
  reader.take('messages')
  // Of the old function calls, by name: they have no ids that a result could name.
  const calls = new Map<string, string>()
  return list.map((json, index) => decodeMessage(json, joinPath('messages', index), index, calls))
}

function decodeMessage(json: JsonValue, path: string, index: number, calls: Map<string, string>): Message {
  if (!isJsonObject(json)) throw wrongType(path, 'a message: an object with a `role`', json)
  const reader = new MemberReader(json, path)
  const role = reader.requiredString('role')
  switch (role) {
    case 'system':
    case 'developer':
    case 'user': {
      const parts = needContent(reader, decodeContent(reader))
      return finish(reader, role, parts)
    }
    case 'assistant': {
      const parts = decodeAssistant(reader, (call) => `call_${index}_${call}`)
      for (const part of parts) if (part.type === 'tool-call') calls.set(part.name, part.id)
      return finish(reader, role, parts)
    }
    case 'tool': {
      const callId = reader.requiredString('tool_call_id')
      return finish(reader, role, [toolResult(callId, decodeContent(reader))])
    }
    case 'function': {
      const name = reader.requiredString('name')
      reader.note('role', role)
      reader.note('name', name)
      return {
        role: 'tool',
        parts: [toolResult(calls.get(name) ?? `call_${name}`, decodeContent(reader))],
        ...reader.node(),
      }
    }
    default:
      throw invalidRequest(
        joinPath(path, 'role'),
        `\`${path}.role\` must be system, developer, user, assistant, tool or function, but is "${role}".`,
      )
  }
}

function finish(reader: MemberReader, role: Message['role'], parts: readonly Part[]): Message {
  const name = reader.string('name')
  return { role, parts, ...(name !== undefined && { name }), ...reader.node() }
}

function needContent(reader: MemberReader, parts: Part[]): Part[] {
  const content = reader.peek('content')
  if (content === undefined || content === null)
    throw wrongType(reader.at('content'), 'a string or an array of content parts', content)
  return parts
}

function toolResult(callId: string, content: readonly Part[]): ToolResultPart {
  return { type: 'tool-result', callId, content, form: { [dialectId]: {} } }
}
