/**
 * Encodes messages as input items. Instructions keep their place; tool results are items of their own, pictures and documents
 * included. Reasoning goes back to the service that wrote it, in the form that needs nothing stored there.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { messagePlaces } from '../../model/message-places.ts'
import type { Part, ToolResultPart } from '../../model/part.ts'
import { encodeBlock, isPlainText } from './content-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { sendableCallId } from './ids.ts'
import { instructionsMember } from './input-decode.ts'
import { groupItems, placed } from './item-groups.ts'
import type { ItemGroup } from './item-groups.ts'
import {
  encodeCall,
  encodeKept,
  encodePicture,
  isDecoded,
  messageBlocks,
  ownMessage,
  reportPart,
} from './items-encode.ts'
import { adapt, drop } from './losses.ts'
import { MemberWriter } from './members.ts'
import { messageMembers } from './output-items.ts'
import { encodeReasoning, isBare } from './reasoning.ts'

export interface EncodedInput {
  readonly instructions?: string
  readonly items: JsonObject[]
  /** Reasoning of this protocol is sent along, in its encrypted form. */
  readonly reasoned: boolean
}

export function encodeInput(messages: readonly Message[], lost: Loss[]): EncodedInput {
  const encoder = new InputEncoder(lost)
  const places = messagePlaces(messages)
  for (const [index, message] of messages.entries()) {
    const { path = '', content = '' } = places[index] ?? {}
    encoder.message(message, path, content)
  }
  const { instructions, items, reasoned } = encoder
  return { ...(instructions !== undefined && { instructions }), items, reasoned }
}

class InputEncoder {
  readonly items: JsonObject[] = []
  instructions: string | undefined
  reasoned = false
  readonly #lost: Loss[]
  /** Calls of custom tools: their results are of another type. */
  readonly #custom = new Set<string>()

  constructor(lost: Loss[]) {
    this.#lost = lost
  }

  message(message: Message, path: string, content: string): void {
    reportForeignExtra(message, dialectId, path, this.#lost)
    if (message.name !== undefined)
      drop(this.#lost, joinPath(path, 'name'), `${dialectId} messages have no names of participants`)
    if (message.apart === instructionsMember && isOwn(message) && this.instructions === undefined) {
      this.instructions = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
      return
    }
    if (message.role === 'assistant') this.#assistant(message, content)
    else this.#userSide(message, path, content)
  }

  #assistant(message: Message, content: string): void {
    for (const group of groupItems(placed(message.parts))) {
      const [first] = group.members
      if (first === undefined) continue
      const item = this.#item(group, first.part, content)
      if (item !== undefined) this.items.push(item)
    }
  }

  #item(group: ItemGroup, part: Part, content: string): JsonObject | undefined {
    const paths = group.members.map(({ at }) => joinPath(content, at))
    const [path = ''] = paths
    const parts = group.members.map((member) => member.part)
    if (group.kind === 'message') return this.#said(parts, paths)
    for (const [index, each] of parts.entries()) reportPart(each, paths[index] ?? '', this.#lost)
    if (group.kind === 'reasoning') return this.#reasoning(parts, path)
    switch (part.type) {
      case 'tool-call':
        if (part.kind === 'custom') this.#custom.add(part.id)
        return encodeCall(part, isOwn(part) ? part.id : sendableCallId(part.id))
      case 'tool-result':
        return this.#result(part, {}, path)
      case 'image':
        if (isDecoded(part)) return encodePicture(part, undefined, path, this.#lost)
        return drop(this.#lost, path, `${dialectId} has no images in what the model says`)
      default:
        return encodeKept(part, path, this.#lost)
    }
  }

  #said(parts: readonly Part[], paths: readonly string[]): JsonObject | undefined {
    const blocks = messageBlocks({ parts, paths }, 'written', this.#lost)
    if (isDecoded(parts[0])) return ownMessage(parts[0], blocks)
    const [block] = blocks
    if (block === undefined) return undefined
    // The short form of a message needs no id, and takes a string from everybody.
    if (blocks.length === 1 && isPlainText(block)) return { role: 'assistant', content: block['text'] }
    return { type: 'message', role: 'assistant', content: blocks }
  }

  #reasoning(parts: readonly Part[], path: string): JsonObject | undefined {
    const [first] = parts
    if (first?.type === 'reasoning' && first.origin !== dialectId)
      return drop(this.#lost, path, `reasoning of ${first.origin} means nothing to ${dialectId}`)
    const usable =
      isDecoded(first) ||
      parts.some((part) => part.type === 'reasoning' && (part.encrypted !== undefined || showsText(part)))
    if (!usable)
      return drop(
        this.#lost,
        path,
        `${dialectId} cannot use reasoning that is not stored there without its encrypted form`,
      )
    this.reasoned ||= parts.some((part) => part.type === 'reasoning' && part.encrypted !== undefined)
    return encodeReasoning(parts, undefined)
  }

  #userSide(message: Message, path: string, content: string): void {
    const own = isOwn(message)
    let said: { part: Part; at: number }[] = []
    const flush = (): void => {
      if (said.length > 0)
        this.#plain(said.length === message.parts.length ? message : { ...message, form: {} }, said, content)
      said = []
    }
    if (own && message.parts.length === 0) this.#plain(message, [], content)
    for (const [at, part] of message.parts.entries()) {
      if (part.type !== 'tool-result') {
        said.push({ part, at })
        continue
      }
      flush()
      const place = message.role === 'tool' ? path : joinPath(content, at)
      reportPart(part, place, this.#lost)
      this.items.push(this.#result(part, message.parts.length === 1 ? message : {}, place))
    }
    flush()
  }

  #plain(message: Message, said: readonly { part: Part; at: number }[], content: string): void {
    const role = message.role === 'tool' ? 'user' : message.role
    const blocks = said.flatMap(({ part, at }) => this.#block(part, role, joinPath(content, at)))
    const own = isOwn(message)
    if (blocks.length === 0 && !own) return
    const writer = new MemberWriter(message)
    if (own && !writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', 'message')
    writer.set('role', role)
    writer.restore(messageMembers)
    writeContent(writer, 'content', blocks, own)
    this.items.push(writer.finish())
  }

  #block(part: Part, role: string, path: string): JsonObject[] {
    if (role !== 'user' && !isOwn(part) && part.type !== 'text' && part.type !== 'refusal') {
      drop(this.#lost, path, `${dialectId} takes text alone as instructions, not ${part.type}`)
      return []
    }
    const block = encodeBlock(part, path, { place: 'read', lost: this.#lost })
    return block === undefined ? [] : [block]
  }

  /** `message` is what the item has of its own. */
  #result(result: ToolResultPart, message: Partial<Message>, path: string): JsonObject {
    const writer = new MemberWriter(message)
    const own = isOwn(result)
    if (result.isError === true)
      adapt(
        this.#lost,
        joinPath(path, 'is_error'),
        `${dialectId} tool results have no error flag; the content is sent as it is`,
      )
    const custom = own ? writer.note('custom') === true : this.#custom.has(result.callId)
    writer.set('type', custom ? 'custom_tool_call_output' : 'function_call_output')
    if (!own) writer.set('call_id', sendableCallId(result.callId))
    else if (result.callId !== '' || !(writer.wasAbsent('call_id') || writer.wasNull('call_id')))
      writer.set('call_id', result.callId)
    writer.restore(['id', 'status'])
    const blocks = result.content.flatMap((part, index) =>
      this.#block(part, 'user', joinPath(joinPath(path, 'content'), index)),
    )
    if (!own && blocks.length === 0) writer.set('output', '')
    else writeContent(writer, 'output', blocks, own)
    return writer.finish()
  }
}

/** A string where one plain text is all there is, unless the client had written a list. */
function writeContent(writer: MemberWriter, key: string, blocks: readonly JsonObject[], own: boolean): void {
  const [block] = blocks
  const short = own ? writer.note('string') === true : true
  const content: JsonValue = [...blocks]
  if (blocks.length === 1 && isPlainText(block) && short) writer.set(key, block['text'])
  else if (blocks.length > 0 || !writer.wasEmpty(key)) writer.set(key, content)
}

function showsText(part: Part): boolean {
  return part.type === 'reasoning' && part.summary !== true && !isBare(part)
}
