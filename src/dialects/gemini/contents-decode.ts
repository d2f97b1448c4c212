/** The conversation as clients of Gemini send it: `systemInstruction` apart, then contents whose role may be left out. */
import type { Message, Role } from '../../model/chat.ts'
import type { JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import { invalidRequest } from '../../model/fault.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { callIds } from './call-ids.ts'
import type { CallIds } from './call-ids.ts'
import { MemberReader, readMany } from './members.ts'
import { decodeParts } from './parts-decode.ts'

export const instructionMember = 'systemInstruction'

export function decodeConversation(reader: MemberReader): Message[] {
  const ids = callIds()
  const instruction = reader.peek(instructionMember)
  const path = reader.at(instructionMember)
  const system =
    instruction === undefined || reader.take(instructionMember) === undefined
      ? []
      : [decodeContent(instruction, path, ids, { role: 'system', apart: path })]
  const contents = readMany(reader, 'contents')
  if (contents === undefined) throw wrongType(reader.at('contents'), 'an array of contents', reader.peek('contents'))
  if (contents.length === 0)
    throw invalidRequest(reader.at('contents'), '`contents` is empty: send at least one content.')
  return [...system, ...contents.map((json, index) => decodeContent(json, joinPath(reader.at('contents'), index), ids))]
}

const roles: Readonly<Record<string, Role>> = { user: 'user', model: 'assistant', function: 'tool' }

function decodeContent(
  json: JsonValue,
  path: string,
  ids: CallIds,
  fixed?: { readonly role: Role; readonly apart: string },
): Message {
  if (!isJsonObject(json)) throw wrongType(path, 'a content: an object with `parts`', json)
  const reader = new MemberReader(json, path)
  const word = reader.string('role')
  if (word === undefined && !reader.has('role')) reader.noteAbsent('role')
  if (word !== undefined) reader.note('role', word)
  const list = readMany(reader, 'parts')
  if (list === undefined && !reader.has('parts')) reader.noteAbsent('parts')
  const parts = decodeParts(list ?? [], reader.at('parts'), ids)
  const role = (word !== undefined && Object.hasOwn(roles, word) ? roles[word] : undefined) ?? 'user'
  return { role, ...fixed, parts, ...reader.node() }
}
