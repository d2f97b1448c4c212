/**
 * Encodes messages. Other protocols put results of tools into the user's messages; here each is a message of its own, named after
 * its tool, and comes before whatever the user says besides.
 */
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { Message } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { ToolResultPart } from '../../model/part.ts'
import { chat } from './kind.ts'
import { sort, sortPart, writeSaid } from './said-encode.ts'
import type { Said } from './said-encode.ts'

const { id } = chat
const content = { member: '', text: 'content', gap: '\n' } as const

export function encodeMessages(messages: readonly Message[], lost: Loss[]): JsonObject[] {
  /** Names of tools, by the ids of their calls. */
  const names = new Map<string, string>()
  const places = messagePlaces(messages)
  return messages.flatMap((message, index) => {
    const place = places[index] ?? { path: '', content: '' }
    for (const part of message.parts) if (part.type === 'tool-call') names.set(part.id, part.name)
    reportForeignExtra(message, id, place.path, lost)
    if (message.name !== undefined) drop(lost, joinPath(place.path, 'name'), `${id} has no names of who speaks`)
    const results = message.parts.flatMap((part, at) => (part.type === 'tool-result' ? [{ part, at }] : []))
    const encoded = results.map(({ part, at }, nth) =>
      encodeResult(part, nth === 0 ? message : {}, names.get(part.callId), joinPath(place.content, at), lost),
    )
    if (results.length === 0) encoded.push(encodePlain(message, place.content, lost))
    else if (results.length < message.parts.length)
      encoded.push(encodePlain({ role: message.role, parts: message.parts }, place.content, lost))
    return encoded
  })
}

const roles: Readonly<Record<Message['role'], string>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'user',
}

function encodePlain(message: Message, path: string, lost: Loss[]): JsonObject {
  const writer = new MemberWriter(id, message)
  const spelled = writer.note('role')
  const own = writer.form !== undefined && message.role === 'developer' ? 'developer' : roles[message.role]
  writer.set('role', typeof spelled === 'string' && spelled.toLowerCase() === own ? spelled : own)
  const said: Said = { texts: [], thinking: [], images: [], calls: [] }
  const speaker = message.role === 'assistant' ? 'assistant' : 'asked'
  for (const [index, part] of message.parts.entries())
    if (part.type !== 'tool-result') sortPart(part, said, speaker, chat, joinPath(path, index), lost)
  writeSaid(writer, said, content)
  return writer.finish()
}

/** `message` is what the result's message has of its own; empty for all but its first result. */
function encodeResult(
  result: ToolResultPart,
  message: Partial<Message>,
  name: string | undefined,
  path: string,
  lost: Loss[],
): JsonObject {
  reportForeignExtra(result, id, path, lost)
  if (result.isError === true)
    adapt(lost, joinPath(path, 'is_error'), `${id} tool results have no error flag; the content is sent as it is`)
  if (result.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${id} caches prompts by itself and takes no marks`)
  const writer = new MemberWriter(id, message)
  const spelled = writer.note('role')
  writer.set('role', typeof spelled === 'string' && spelled.toLowerCase() === 'tool' ? spelled : 'tool')
  writer.set('tool_name', writer.form === undefined ? name : writer.note('toolName'))
  const madeUp = writer.note('madeUpCallId')
  if (madeUp === undefined) writer.set('tool_call_id', result.callId)
  else if (madeUp === '') writer.set('tool_call_id', '')
  const said = sort(result.content, 'asked', chat, joinPath(path, 'content'), lost)
  writeSaid(writer, said, content)
  return writer.finish()
}
