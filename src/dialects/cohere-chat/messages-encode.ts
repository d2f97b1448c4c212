/**
 * Encodes messages. Other protocols put tool results into user messages and pictures into results; here results are messages of their
 * own and hold text and documents, so what they cannot hold comes right after them.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { MessagePlace } from '../../model/message-places.ts'
import type { ToolResultPart } from '../../model/part.ts'
import { writeAssistant } from './assistant-encode.ts'
import { encodeBlock, encodeDocument, writeContent } from './content-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { MemberWriter } from './members.ts'
import { adapt, drop } from './report.ts'

export interface EncodedMessages {
  readonly messages: JsonObject[]
  readonly documents: JsonValue[]
}

export function encodeMessages(messages: readonly Message[], lost: Loss[]): EncodedMessages {
  const encoded: JsonObject[] = []
  const documents: JsonValue[] = []
  /** What tool results held besides text, until the last of them is written. */
  let attachments: JsonObject[] = []
  const flush = (): void => {
    if (attachments.length > 0) encoded.push({ role: 'user', content: attachments })
    attachments = []
  }
  const places = messagePlaces(messages)
  // Somebody has to speak: of instructions alone, the last is what the user says.
  const speaker = messages.findLastIndex(({ role }) => role !== 'system' && role !== 'developer')
  for (const [index, message] of messages.entries()) {
    const place = places[index] ?? { path: '', content: '' }
    if (message.apart === 'documents') {
      for (const [at, part] of message.parts.entries()) {
        const document = encodeDocument(part, joinPath('documents', at), { place: 'user', answer: false, lost })
        if (document !== undefined) documents.push(document)
      }
      continue
    }
    reportForeignExtra(message, dialectId, place.path, lost)
    if (message.name !== undefined) drop(lost, joinPath(place.path, 'name'), 'participants have no names here')
    if (message.role === 'assistant') {
      flush()
      const writer = new MemberWriter(message)
      writer.set('role', 'assistant')
      const said = writeAssistant(writer, message.parts, { member: '', answer: false, path: place.path, lost })
      // Nothing is left to say of a message whose every part was dropped.
      if (said || isOwn(message)) encoded.push(writer.finish())
      continue
    }
    const results = message.parts.flatMap((part, at) => (part.type === 'tool-result' ? [{ part, at }] : []))
    for (const [nth, { part, at }] of results.entries()) {
      const path = message.role === 'tool' ? place.path : joinPath(place.content, at)
      encoded.push(encodeResult(part, nth === 0 ? message : {}, path, attachments, lost))
    }
    if (results.length > 0 && results.length === message.parts.length) continue
    flush()
    const alone = speaker === -1 && index === messages.length - 1 && !isOwn(message)
    if (alone) adapt(lost, place.path, 'there is no other message: the instruction is what the user says')
    const plain = encodePlain(message, alone, results.length > 0, place, documents, lost)
    if (plain !== undefined) encoded.push(plain)
  }
  flush()
  return { messages: encoded, documents }
}

/** A message of system or user; what a message has `besides` tool results is what a user would have said. */
function encodePlain(
  message: Message,
  alone: boolean,
  besides: boolean,
  { content }: MessagePlace,
  documents: JsonValue[],
  lost: Loss[],
): JsonObject | undefined {
  const instruction = (message.role === 'system' || message.role === 'developer') && !alone
  const writer = new MemberWriter(besides ? {} : message)
  writer.set('role', instruction ? 'system' : 'user')
  const blocks = message.parts.flatMap((part, index): JsonObject[] => {
    if (part.type === 'tool-result') return []
    const block = encodeBlock(part, joinPath(content, index), {
      place: instruction ? 'system' : 'user',
      answer: false,
      ...(!instruction && { documents }),
      lost,
    })
    return block === undefined ? [] : [block]
  })
  if (blocks.length === 0 && !isOwn(message)) return undefined
  writeContent(writer, 'content', blocks)
  return writer.finish()
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
    adapt(lost, joinPath(path, 'is_error'), 'results here have no error flag; the content is sent as it is')
  if (result.cache !== undefined) drop(lost, joinPath(path, 'cache_control'), 'prompts are cached by themselves here')
  const writer = new MemberWriter(message)
  writer.set('role', 'tool')
  writer.set('tool_call_id', result.callId)
  const blocks: JsonObject[] = []
  const moved: JsonObject[] = []
  for (const [index, part] of result.content.entries()) {
    const at = joinPath(joinPath(path, 'content'), index)
    const shown = part.type === 'image' && !isOwn(part)
    const block = encodeBlock(part, at, { place: shown ? 'user' : 'result', answer: false, lost })
    if (block === undefined) continue
    if (shown) adapt(lost, at, 'results here hold text and documents; this is sent in a user message after them')
    ;(shown ? moved : blocks).push(block)
  }
  if (moved.length > 0) {
    attachments.push({ type: 'text', text: `Content of the result of tool call ${result.callId}:` }, ...moved)
    if (blocks.length === 0)
      blocks.push({ type: 'text', text: 'The content of this result is in the next user message.' })
  }
  if (blocks.length > 0 || isOwn(result)) writeResult(writer, blocks)
  else writer.set('content', '')
  return writer.finish()
}

function writeResult(writer: MemberWriter, blocks: JsonObject[]): void {
  if (blocks.length === 0 && (writer.wasAbsent('content') || writer.wasNull('content'))) return
  writeContent(writer, 'content', blocks)
}
