/** Encodes what the model said as items: what came as one item goes out as that item, and everything else as this protocol has it. */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { AudioPart, ImagePart, Part, ToolCallPart } from '../../model/part.ts'
import { encodeBlock, isPlainText } from './content-encode.ts'
import type { Place } from './content-encode.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { blockNode, envelopeOf, isHollow, placeOf } from './envelope.ts'
import { adapt, drop } from './losses.ts'
import { MemberWriter } from './members.ts'
import { imageMembers, messageMembers } from './output-items.ts'

/** Reports what a part that goes out in no block of its own carries for others. */
export function reportPart(part: Part, path: string, lost: Loss[]): void {
  reportForeignExtra(part, dialectId, path, lost)
  if (part.cache !== undefined && !isOwn(part))
    drop(lost, `${path}.cache_control`, `${dialectId} caches prompts by itself and takes no marks`)
}

/** A note on items that were told in pieces: their state at the end is not on them. */
export const streamed = 'streamed'

export interface MessageBlocks {
  readonly parts: readonly Part[]
  readonly paths: readonly string[]
  /** Of each part, in answers. */
  readonly logprobs?: readonly (readonly TokenLogprob[])[]
}

export function messageBlocks({ parts, paths, logprobs }: MessageBlocks, place: Place, lost: Loss[]): JsonObject[] {
  return parts.flatMap((part, index) => {
    if (isHollow(part)) return []
    const shares = logprobs?.[index]
    const block = encodeBlock(part, paths[index] ?? '', {
      place,
      lost,
      ...(shares !== undefined && { logprobs: shares }),
    })
    return block === undefined ? [] : [block]
  })
}

/** A message that this dialect decoded, as it was; `status` is for one whose own is not known, because it was streamed. */
export function ownMessage(first: Part | undefined, blocks: readonly JsonObject[], status?: string): JsonObject {
  const writer = new MemberWriter(envelopeOf(first))
  if (writer.note(streamed) === true) writer.set('status', status)
  if (!writer.wasAbsent('type') && !writer.wasNull('type')) writer.set('type', 'message')
  if (!writer.wasAbsent('role') && !writer.wasNull('role')) writer.set('role', writer.note('role') ?? 'assistant')
  writer.restore(messageMembers)
  const [block] = blocks
  if (writer.note('string') === true && blocks.length === 1 && isPlainText(block)) writer.set('content', block['text'])
  else if (blocks.length > 0) writer.set('content', [...blocks])
  return writer.finish()
}

export function answeredMessage(id: string, blocks: readonly JsonObject[], status: string): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content: [...blocks] }
}

/** The state of an item in an answer, and an id for one that has none. */
export interface Answered {
  readonly id: string
  readonly status: string
}

/** A call of a tool of the client's. */
export function encodeCall(part: ToolCallPart, callId: string, answered?: Answered): JsonObject {
  const writer = new MemberWriter(blockNode(part))
  const own = isOwn(part)
  const custom = part.kind === 'custom'
  const member = custom ? 'input' : 'arguments'
  writer.set('type', custom ? 'custom_tool_call' : 'function_call')
  if (answered !== undefined && !own) writer.set('id', answered.id)
  // Custom calls have no state in the description of the API.
  if (answered !== undefined && !custom && (!own || writer.note(streamed) === true))
    writer.set('status', answered.status)
  writer.restore(['id', 'status'])
  if (writer.note('noCallId') !== true) writer.set('call_id', callId)
  writer.set('name', part.name)
  const object = writer.note('object')
  if (isJsonObject(object) && JSON.stringify(object) === part.arguments) writer.set(member, object)
  else if (part.arguments !== '') writer.set(member, part.arguments)
  // Readers parse the arguments of a function, and no text is no JSON.
  else if (!own) writer.set(member, custom ? '' : '{}')
  else if (!writer.wasAbsent(member) && !writer.wasNull(member)) writer.set(member, '')
  return writer.finish()
}

/** The call of the tool that makes pictures: where an answer of this protocol has one. */
export function encodePicture(
  part: ImagePart,
  answered: Answered | undefined,
  path: string,
  lost: Loss[],
): JsonObject | undefined {
  const { source } = part
  if (source.kind !== 'base64') return drop(lost, path, `${dialectId} answers with images as data only`)
  const writer = new MemberWriter(blockNode(part))
  writer.set('type', 'image_generation_call')
  writer.set('id', answered?.id)
  writer.set('status', answered?.status)
  writer.restore(imageMembers)
  writer.set('result', source.data)
  return writer.finish()
}

/** The part of an answer as this protocol can say it; undefined, with the loss reported, where it cannot. */
export function sayablePart(part: Part, path: string, lost: Loss[]): Part | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
      return part
    case 'audio':
      return spokenText(part, path, lost)
    case 'image':
      if (isDecoded(part) || part.source.kind === 'base64') return part
      return drop(lost, path, `${dialectId} answers with images as data only`)
    default:
      return isDecoded(part) || encodeKept(part, path, lost) !== undefined ? part : undefined
  }
}

/** What was spoken, as text: there is no sound in this protocol's answers. */
function spokenText(part: AudioPart, path: string, lost: Loss[]): Part | undefined {
  if (part.transcript === undefined || part.transcript === '')
    return drop(lost, path, `${dialectId} answers with text, not with audio`)
  adapt(lost, path, `${dialectId} answers with text, not with audio: what was spoken is told as text`)
  return { type: 'text', text: part.transcript }
}

/** An item kept as it came; undefined, with the loss reported, for what another service's tools did. */
export function encodeKept(part: Part, path: string, lost: Loss[]): JsonObject | undefined {
  if (part.type === 'opaque' && part.origin === dialectId && isJsonObject(part.value)) return part.value
  if (part.type === 'opaque') return drop(lost, path, `${dialectId} has no counterpart of this ${part.origin} block`)
  if (part.type === 'server-tool-call' || part.type === 'server-tool-result')
    return drop(lost, path, `${dialectId} has no counterpart of what a tool of ${part.origin} did`)
  return drop(lost, path, `${dialectId} has no place for a ${part.type} here`)
}

/** Whether the part came in an item of this protocol. */
export function isDecoded(part: Part | undefined): boolean {
  return part !== undefined && placeOf(part) !== undefined
}
