/**
 * The conversation as this protocol has it: instructions that lead go to `system`, tool results go to the user's side, results first.
 * Messages that this dialect decoded stay as they were, each for itself.
 */
import type { Message } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import { encodePart, encodeParts, listed } from './blocks-encode.ts'
import type { BlockContext } from './blocks-encode.ts'
import { notes, restore } from './carry.ts'
import { dialectId } from './dialect-id.ts'

export interface MessagesContext {
  readonly own: boolean
  /** The model takes `system` messages within the conversation. */
  readonly midSystem: boolean
  readonly lost: Loss[]
}

export interface EncodedMessages {
  readonly system?: JsonValue
  readonly messages: JsonObject[]
}

/** Where the message stood for the client, and the message. */
type Placed = readonly [path: string, message: Message]

export function encodeMessages(messages: readonly Message[], context: MessagesContext): EncodedMessages {
  let leading = 0
  while (leading < messages.length && isInstruction(messages[leading]) && !isInPlace(messages[leading])) leading++
  // What this dialect decoded as leading stood in `system`; other protocols have it among their messages.
  const hidden = context.own ? leading : 0
  const placed = messages.map((message, at): Placed => [
    at < hidden ? 'system' : (message.place ?? joinPath('messages', at - hidden)),
    message,
  ])
  // Somebody has to speak: of instructions alone, the last is what the user says.
  const alone = leading > 0 && leading === placed.length && !context.own
  const system = placed.slice(0, alone ? leading - 1 : leading)
  const encoded = encodeConversation(placed.slice(system.length), context)
  const instructions = system.length === 0 ? undefined : encodeSystem(system, context)
  return { ...(instructions !== undefined && { system: instructions }), messages: encoded }
}

function isInstruction(message: Message | undefined): boolean {
  return message?.role === 'system' || message?.role === 'developer'
}

/** A `system` message that stood within `messages` when this dialect decoded it. */
function isInPlace(message: Message | undefined): boolean {
  return message !== undefined && notes(message)['place'] === 'messages'
}

const contentPath = (path: string): string => (path === 'system' ? path : joinPath(path, 'content'))

function blocksOf([path, message]: Placed, context: MessagesContext): JsonObject[] {
  const blocks: BlockContext = { side: 'request', own: context.own, lost: context.lost }
  // A message of the tool role is itself the result.
  if (message.role === 'tool') return message.parts.flatMap((part) => listed(encodePart(part, path, blocks)))
  return encodeParts(message.parts, contentPath(path), blocks)
}

/** Text of instructions; nothing else can stand there. */
function instructionBlocks([path, message]: Placed, context: MessagesContext): JsonObject[] {
  const blocks: BlockContext = { side: 'request', own: context.own, lost: context.lost }
  return message.parts.flatMap((part, index) => {
    const at = joinPath(contentPath(path), index)
    const usable = part.type === 'text' || (part.type === 'opaque' && part.origin === dialectId)
    if (usable) return listed(encodePart(part, at, blocks))
    context.lost.push({ path: at, kind: 'dropped', reason: `instructions here are text, not ${part.type}` })
    return []
  })
}

function reportMessage([path, message]: Placed, context: MessagesContext): void {
  reportForeignExtra(message, dialectId, path, context.lost)
  if (message.name === undefined) return
  context.lost.push({ path: joinPath(path, 'name'), kind: 'dropped', reason: 'participants have no names here' })
}

function encodeSystem(system: readonly Placed[], context: MessagesContext): JsonValue | undefined {
  const blocks = system.flatMap((placed) => {
    reportMessage(placed, context)
    return instructionBlocks(placed, context)
  })
  if (blocks.length === 0 && !context.own) return undefined
  const only = system.length === 1 ? system[0]?.[1] : undefined
  return contentOf(only, blocks)
}

/** Content as a string where it was one, and still is plain text. */
function contentOf(message: Message | undefined, blocks: JsonObject[]): JsonValue {
  const [first] = blocks
  const plain = blocks.length === 1 && first?.['type'] === 'text' && Object.keys(first).length === 2
  return plain && message !== undefined && notes(message)['content'] === 'string' ? (first['text'] ?? '') : blocks
}

function encodeConversation(messages: readonly Placed[], context: MessagesContext): JsonObject[] {
  const encoded: JsonObject[] = []
  let at = 0
  while (at < messages.length) {
    const placed = messages[at]
    if (placed === undefined) break
    if (placed[1].role === 'assistant' || isInPlace(placed[1])) {
      push(
        encoded,
        [placed],
        placed[1].role === 'assistant' ? 'assistant' : 'system',
        blocksOf(placed, context),
        context,
      )
      at++
      continue
    }
    let end = at + 1
    while (end < messages.length && messages[end]?.[1].role !== 'assistant' && !isInPlace(messages[end]?.[1])) end++
    encodeUserSide(messages.slice(at, end), messages[end]?.[1].role, encoded, context)
    at = end
  }
  trimPrefill(encoded, messages.at(-1), context)
  return encoded
}

/** A run of messages that are not the assistant's. */
function encodeUserSide(
  run: readonly Placed[],
  next: string | undefined,
  encoded: JsonObject[],
  context: MessagesContext,
): void {
  if (run.every(([, message]) => message.role === 'user')) {
    for (const placed of run) push(encoded, [placed], 'user', blocksOf(placed, context), context)
    return
  }
  const late = context.midSystem && (next === undefined || next === 'assistant') ? lateInstructions(run) : []
  const said = run.slice(0, run.length - late.length)
  const blocks = said.flatMap((placed) =>
    isInstruction(placed[1]) ? instructionAsText(placed, context) : blocksOf(placed, context),
  )
  const isResult = (block: JsonObject): boolean => block['type'] === 'tool_result'
  // Results must come first in the turn after their calls.
  push(encoded, said, 'user', [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))], context)
  if (late.length > 0)
    push(
      encoded,
      late,
      'system',
      late.flatMap((placed) => instructionBlocks(placed, context)),
      context,
    )
}

/** Instructions at the run's end, where a `system` message may stand: behind something the user's side said. */
function lateInstructions(run: readonly Placed[]): readonly Placed[] {
  const last = run.findLastIndex(([, message]) => !isInstruction(message))
  return last < 0 ? [] : run.slice(last + 1)
}

function instructionAsText(placed: Placed, context: MessagesContext): JsonObject[] {
  const [path] = placed
  context.lost.push({
    path,
    kind: 'adapted',
    reason: 'an instruction within the conversation is given as text of the user, marked as system',
  })
  return instructionBlocks(placed, context).map((block) =>
    typeof block['text'] === 'string' ? { ...block, text: `<system>\n${block['text']}\n</system>` } : block,
  )
}

function push(
  encoded: JsonObject[],
  sources: readonly Placed[],
  role: 'user' | 'assistant' | 'system',
  blocks: JsonObject[],
  context: MessagesContext,
): void {
  for (const placed of sources) reportMessage(placed, context)
  // Nothing is left to say of a message whose every part was dropped, and empty ones are refused.
  if (blocks.length === 0 && !context.own) return
  const only = sources.length === 1 ? sources[0]?.[1] : undefined
  let message: JsonObject = { role, content: contentOf(only, blocks) }
  for (const [, source] of sources) message = restore(source, message)
  encoded.push(message)
}

/** An answer begun for the model may not end in white space here. */
function trimPrefill(encoded: JsonObject[], last: Placed | undefined, context: MessagesContext): void {
  if (last?.[1].role !== 'assistant' || context.own) return
  const content = encoded.at(-1)?.['content']
  const block = Array.isArray(content) ? content.at(-1) : undefined
  if (typeof block !== 'object' || block === null || Array.isArray(block) || block['type'] !== 'text') return
  const { text } = block
  if (typeof text !== 'string' || text.trimEnd() === text) return
  block['text'] = text.trimEnd()
  context.lost.push({
    path: contentPath(last[0]),
    kind: 'adapted',
    reason: 'white space at the end of a begun answer is refused here',
  })
}
