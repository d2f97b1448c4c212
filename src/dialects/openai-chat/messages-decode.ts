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
  const calls: KnownCalls = { byName: new Map(), unnamed: [] }
  return list.map((json, index) => decodeMessage(json, joinPath('messages', index), index, calls))
}

interface KnownCalls {
  /** Of the old function calls, by name: they have no ids that a result could name. */
  readonly byName: Map<string, string>
  /** Ids that were made for calls of the latest turn that have an empty one, in order: their results have an empty one, too. */
  unnamed: string[]
}

function decodeMessage(json: JsonValue, path: string, index: number, calls: KnownCalls): Message {
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
      const unnamed: string[] = []
      const parts = decodeAssistant(reader, (call) => {
        const made = `call_${index}_${call}`
        unnamed.push(made)
        return made
      })
      calls.unnamed = unnamed
      for (const part of parts) if (part.type === 'tool-call') calls.byName.set(part.name, part.id)
      return finish(reader, role, parts)
    }
    case 'tool': {
      const told = reader.requiredString('tool_call_id')
      const callId = told === '' ? (calls.unnamed.shift() ?? '') : told
      return finish(reader, role, [toolResult(callId, decodeContent(reader))])
    }
    case 'function': {
      const name = reader.requiredString('name')
      reader.note('role', role)
      reader.note('name', name)
      return {
        role: 'tool',
        parts: [toolResult(calls.byName.get(name) ?? `call_${name}`, decodeContent(reader))],
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
