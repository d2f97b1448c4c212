/** Canonical parts to content blocks of the Messages API. What a block cannot say is reported. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../model/part.ts'
import type { Side } from './blocks-decode.ts'
import { encodeCacheMark } from './cache-mark.ts'
import { notes, restore } from './carry.ts'
import { encodeCitations } from './citations-encode.ts'
import { dialectId } from './dialect-id.ts'
import { encodeFile, encodeImage } from './media-encode.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { joinReasoning } from '../../kernel/codec/reasoning-pieces.ts'
import { ownInputOf, toolInputOf } from '../../kernel/codec/tool-arguments.ts'

export interface BlockContext {
  readonly side: Side
  /** The request was decoded by this dialect: it goes back exactly as it came. */
  readonly own: boolean
  readonly lost: Loss[]
}

/** The part's block; undefined, and reported, where there is none. */
export function encodePart(part: Part, path: string, context: BlockContext): JsonObject | undefined {
  const block = encodeBare(part, path, context)
  if (block === undefined) return undefined
  reportForeignExtra(part, dialectId, path, context.lost)
  return part.type === 'opaque' || part.type === 'server-tool-result' ? block : restore(part, block)
}

/** The blocks of several parts, those left out that have none. */
export function encodeParts(parts: readonly Part[], path: string, context: BlockContext): JsonObject[] {
  const whole = context.side === 'request' && !context.own ? joinReasoning(parts, dialectId) : parts.entries()
  return [...whole].flatMap(([index, part]) => listed(encodePart(part, joinPath(path, index), context)))
}

/** None or one, as a list. */
export function listed(block: JsonObject | undefined): JsonObject[] {
  return block === undefined ? [] : [block]
}

function dropped(context: BlockContext, path: string, reason: string): undefined {
  context.lost.push({ path, kind: 'dropped', reason })
  return undefined
}

function encodeBare(part: Part, path: string, context: BlockContext): JsonObject | undefined {
  const { lost, own } = context
  switch (part.type) {
    case 'text':
      return encodeText(part, path, context)
    case 'image':
      return context.side === 'response'
        ? dropped(context, path, 'answers here have no images')
        : encodeImage(part, path, lost)
    case 'file':
      return context.side === 'response'
        ? dropped(context, path, 'answers here have no files')
        : encodeFile(part, path, lost)
    case 'audio':
      if (part.transcript === undefined) return dropped(context, path, 'Claude neither hears nor speaks audio')
      lost.push({ path, kind: 'adapted', reason: 'there is no audio here: its transcript is given as text' })
      return { type: 'text', text: part.transcript }
    case 'video':
      return dropped(context, path, 'Claude does not see video')
    case 'refusal':
      lost.push({ path, kind: 'adapted', reason: 'a refusal is ordinary text here' })
      return { type: 'text', text: part.text, ...encodeCacheMark(part.cache) }
    case 'reasoning':
      return encodeReasoning(part, path, context)
    case 'tool-call':
      return encodeToolCall(part, path, context)
    case 'tool-result':
      return encodeToolResult(part, path, context)
    case 'server-tool-call': {
      if (part.origin !== dialectId)
        return dropped(context, path, `the tool ${part.name} ran at another provider (${part.origin})`)
      const input = ownInputOf(part.arguments, notes(part)['input'])
      return {
        type: 'server_tool_use',
        id: part.id,
        name: part.name,
        ...(input !== undefined && { input }),
        ...caller(part),
        ...encodeCacheMark(part.cache),
      }
    }
    case 'server-tool-result':
    case 'opaque':
      if (part.origin === dialectId && isJsonObject(part.value)) return part.value
      return dropped(
        context,
        path,
        own ? 'the block is not an object' : `${dialectId} has no counterpart of this block of ${part.origin}`,
      )
  }
}

function encodeText(part: TextPart, path: string, context: BlockContext): JsonObject | undefined {
  // Anthropic refuses blank text, which other protocols send beside tool calls as a matter of course.
  if (context.side === 'request' && !context.own && part.text.trim() === '') {
    return part.text === '' ? undefined : dropped(context, path, 'text of nothing but white space is refused here')
  }
  const citations = part.citations && encodeCitations(part.citations, path, context.side, context.lost)
  const none = citations?.length === 0 && part.citations?.length !== 0
  return {
    type: 'text',
    text: part.text,
    ...(citations !== undefined && !none && { citations }),
    ...encodeCacheMark(part.cache),
  }
}

function encodeReasoning(part: ReasoningPart, path: string, context: BlockContext): JsonObject | undefined {
  if (context.side === 'request') {
    if (part.origin !== dialectId)
      return dropped(context, path, `the reasoning is not Anthropic's (${part.origin}), which accepts only its own`)
    if (part.encrypted === undefined && (part.signature === undefined || part.signature === '')) {
      return dropped(context, path, 'the reasoning has no signature, and Anthropic accepts none without')
    }
  }
  if (part.origin === dialectId) {
    if (part.encrypted !== undefined) return { type: 'redacted_thinking', data: part.encrypted }
    return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' }
  }
  context.lost.push({
    path,
    kind: 'adapted',
    reason: `the reasoning is not Anthropic's (${part.origin}): its signature is of use here alone`,
  })
  return { type: 'thinking', thinking: part.text, signature: sealReasoning(part) }
}

function caller(part: Part): Record<string, JsonValue> {
  return notes(part)['caller'] === 'direct' ? { caller: { type: 'direct' } } : {}
}

function encodeToolCall(part: ToolCallPart, path: string, context: BlockContext): JsonObject {
  const form = notes(part)['input']
  const shared = { type: 'tool_use', id: toolId(part.id, context), name: part.name }
  if (form !== undefined) {
    const input = ownInputOf(part.arguments, form)
    return { ...shared, ...(input !== undefined && { input }), ...caller(part), ...encodeCacheMark(part.cache) }
  }
  const { input, adapted } = toolInputOf(part.arguments, part.kind)
  if (adapted !== undefined) context.lost.push({ path: joinPath(path, 'arguments'), kind: 'adapted', reason: adapted })
  return { ...shared, input, ...caller(part), ...encodeCacheMark(part.cache) }
}

/**
 * Anthropic takes letters, digits, - and _ alone; other services put dots and colons into their ids. A client is given such as it can send to
 * anybody who speaks the protocol, and one that has others from elsewhere is helped, too.
 */
function toolId(id: string, { side }: BlockContext): string {
  const safe = id.replaceAll(/[^a-zA-Z0-9_-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}`)
  return safe === '' && side === 'request' ? 'call' : safe
}

function encodeToolResult(part: ToolResultPart, path: string, context: BlockContext): JsonObject | undefined {
  if (context.side === 'response') return dropped(context, path, 'answers here have no results of client tools')
  const form = notes(part)['content']
  const blocks = part.content.flatMap((inner, index) => {
    const at = joinPath(joinPath(path, 'content'), index)
    if (isResultPart(inner)) return listed(encodePart(inner, at, context))
    dropped(context, at, `a tool result here cannot hold ${inner.type}`)
    return []
  })
  const first = blocks[0]
  const asString =
    form === 'string' && blocks.length === 1 && first?.['type'] === 'text' && Object.keys(first).length === 2
  return {
    type: 'tool_result',
    tool_use_id: toolId(part.callId, context),
    ...(asString ? { content: first['text'] } : (form !== 'absent' || blocks.length > 0) && { content: blocks }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...encodeCacheMark(part.cache),
  }
}

function isResultPart(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'image':
    case 'file':
    case 'audio':
    case 'refusal':
    case 'opaque':
      return true
    default:
      return false
  }
}
