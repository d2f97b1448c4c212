/**
 * Encodes messages. Other protocols put tool results into user messages and pictures into results; here results are messages of
 * their own, text alone, and must follow the calls at once: so they come first, and what they cannot hold comes right after them.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { MessagePlace } from '../../model/message-places.ts'
import type { Part, ToolResultPart } from '../../model/part.ts'
import { writeAssistant } from './assistant.ts'
import { encodeBlock } from './content-encode.ts'
import type { Place } from './content-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { MemberWriter } from './members.ts'

export function encodeMessages(messages: readonly Message[], lost: Loss[]): JsonObject[] {
  const encoded: JsonObject[] = []
  /** What tool results held besides text, until the last of them is written. */
  let attachments: JsonObject[] = []
  const flush = (): void => {
    if (attachments.length > 0) encoded.push({ role: 'user', content: attachments })
    attachments = []
  }
  const places = messagePlaces(messages)
  for (const [index, message] of messages.entries()) {
    const { path = '', content = '' } = places[index] ?? {}
    if (message.role === 'assistant') {
      flush()
      encoded.push(encodeAssistant(message, path, lost))
      continue
    }
    const results = message.parts.flatMap((part, at) => (part.type === 'tool-result' ? [{ part, at }] : []))
    for (const [nth, { part, at }] of results.entries()) {
      encoded.push(
        encodeResult(
          part,
          nth === 0 ? message : {},
          message.role === 'tool' ? path : joinPath(content, at),
          attachments,
          lost,
        ),
      )
    }
    if (results.length > 0) reportForeignExtra(message, dialectId, path, lost)
    if (results.length > 0 && results.length === message.parts.length) continue
    flush()
    encoded.push(encodePlain(message, results.length > 0, { path, content }, lost))
  }
  flush()
  return encoded
}

function encodeAssistant(message: Message, path: string, lost: Loss[]): JsonObject {
  reportForeignExtra(message, dialectId, path, lost)
  const writer = new MemberWriter(message)
  writer.set('role', 'assistant')
  writer.set('name', message.name)
  writeAssistant(writer, { member: '', path }, message.parts, lost)
  return writer.finish()
}

/** A message of system, developer or user; what a message has `besides` tool results is what a user would have said. */
function encodePlain(message: Message, besides: boolean, { path, content }: MessagePlace, lost: Loss[]): JsonObject {
  if (!besides) reportForeignExtra(message, dialectId, path, lost)
  const role = message.role === 'tool' ? 'user' : message.role
  const writer = new MemberWriter(besides ? {} : message)
  writer.set('role', role)
  writer.set('name', message.name)
  const place = role === 'user' ? 'user' : 'text-only'
  const blocks = message.parts.flatMap((part, index) =>
    part.type === 'tool-result' ? [] : encodeSaid(part, place, joinPath(content, index), lost),
  )
  writeContent(writer, blocks)
  return writer.finish()
}

/** No block or one: what users and tools say. */
function encodeSaid(part: Part, place: Place, path: string, lost: Loss[]): JsonObject[] {
  if (part.type === 'refusal' && !isOwn(part)) return [{ type: 'text', text: part.text }]
  if (part.type === 'reasoning' && !isOwn(part)) {
    drop(lost, path, `${dialectId} has reasoning in assistant messages only`)
    return []
  }
  const block = encodeBlock(part, place, path, lost)
  return block === undefined ? [] : [block]
}

function isPlainText(block: JsonObject | undefined): block is JsonObject & { text: JsonValue } {
  return block?.['type'] === 'text' && Object.keys(block).length === 2
}

/** A string where one plain text is all there is, unless the client had written a list. */
function writeContent(writer: MemberWriter, blocks: readonly JsonObject[]): void {
  const list = writer.note('listContent') === true
  const [first] = blocks
  if (blocks.length === 0) {
    if (!list && !writer.wasAbsent('content') && !writer.wasNull('content')) writer.set('content', '')
    if (list) writer.set('content', [])
  } else if (blocks.length === 1 && !list && isPlainText(first)) writer.set('content', first['text'])
  else writer.set('content', [...blocks])
}

/** `message` is what the result's message has of its own; empty for all but its first result. */
function encodeResult(
  result: ToolResultPart,
  message: Partial<Message>,
  path: string,
  attachments: JsonObject[],
  lost: Loss[],
): JsonObject {
  reportForeignExtra(result, dialectId, path, lost)
  if (result.isError === true)
    adapt(
      lost,
      joinPath(path, 'is_error'),
      `${dialectId} tool results have no error flag; the content is sent as it is`,
    )
  if (result.cache !== undefined)
    drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
  const writer = new MemberWriter(message)
  const legacy = writer.note('role') === 'function'
  writer.set('role', legacy ? 'function' : 'tool')
  if (legacy) writer.set('name', writer.note('name'))
  else {
    writer.set('tool_call_id', result.callId)
    writer.set('name', message.name)
  }
  const blocks: JsonObject[] = []
  const moved: JsonObject[] = []
  for (const [index, part] of result.content.entries()) {
    const at = joinPath(joinPath(path, 'content'), index)
    const stays = part.type === 'text' || isOwn(part)
    for (const block of encodeSaid(part, stays ? 'text-only' : 'user', at, lost)) {
      if (stays || block['type'] === 'text') blocks.push(block)
      else {
        adapt(lost, at, `${dialectId} tool results hold text only; this is sent in a user message after them`)
        moved.push(block)
      }
    }
  }
  if (moved.length > 0) {
    attachments.push({ type: 'text', text: `Content of the result of tool call ${result.callId}:` }, ...moved)
    if (blocks.length === 0)
      blocks.push({ type: 'text', text: 'The content of this result is in the next user message.' })
  }
  writeContent(writer, blocks)
  return writer.finish()
}
