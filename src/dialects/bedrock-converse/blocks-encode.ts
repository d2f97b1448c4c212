/** Canonical parts to content blocks. What a block cannot say is reported. */
import { createHash } from 'node:crypto'
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import { joinReasoning } from '../../kernel/codec/reasoning-pieces.ts'
import { sealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import { ownInputOf, toolInputOf } from '../../kernel/codec/tool-arguments.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type {
  CacheMark,
  Part,
  ReasoningPart,
  ServerToolCallPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/part.ts'
import { encodeCitations } from './citations.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import type { DocumentNames } from './document-names.ts'
import { encodeFile, encodeMedia, spokenText } from './media-encode.ts'
import { MemberWriter } from './members.ts'
import type { FamilyTraits } from './model-family.ts'
import { adapt, drop } from './report.ts'
import { writePieces } from './text-pieces.ts'

export interface BlockContext {
  readonly side: 'request' | 'response'
  /** The message was decoded by this dialect, and goes back as it was. */
  readonly own: boolean
  /** Who speaks: pictures and the like are the user's alone. */
  readonly role: 'user' | 'assistant'
  readonly model: FamilyTraits
  readonly names: DocumentNames
  readonly lost: Loss[]
}

export function encodeBlocks(parts: readonly Part[], path: string, context: BlockContext): JsonObject[] {
  const whole = context.side === 'request' && !context.own ? joinReasoning(parts, dialectId) : parts.entries()
  return [...whole].flatMap(([index, part]) => encodeMarked(part, joinPath(path, index), context))
}

/** A part's block and, where it is marked, the cache point behind it. */
export function encodeMarked(part: Part, path: string, context: BlockContext): JsonObject[] {
  const block = encodePart(part, path, context)
  if (block === undefined) return []
  const point = encodeCachePoint(part.cache, path, context)
  return point === undefined ? [block] : [block, point]
}

export function encodeCachePoint(
  cache: CacheMark | undefined,
  path: string,
  { own, side, model, lost }: Pick<BlockContext, 'own' | 'side' | 'model' | 'lost'>,
): JsonObject | undefined {
  if (cache === undefined) return undefined
  const at = joinPath(path, 'cache_control')
  if (own) return { cachePoint: { type: 'default', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
  if (side === 'response') return drop(lost, at, 'answers mark nothing for the cache')
  if (!model.caches) return drop(lost, at, 'the model takes no cache points')
  if (cache.ttl !== '1h') return { cachePoint: { type: 'default' } }
  if (model.hourCache) return { cachePoint: { type: 'default', ttl: '1h' } }
  adapt(lost, at, 'the model keeps what it caches for five minutes')
  return { cachePoint: { type: 'default' } }
}

/** The block that says `part`; undefined, with the loss reported, where none does. */
export function encodePart(part: Part, path: string, context: BlockContext): JsonObject | undefined {
  const { lost } = context
  reportForeignExtra(part, dialectId, path, lost)
  switch (part.type) {
    case 'text':
      return encodeText(part, path, context)
    case 'refusal':
      adapt(lost, path, 'a refusal is ordinary text here')
      return said(part.text, path, context)
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return encodeMediaPart(part, path, context)
    case 'reasoning':
      return encodeReasoning(part, path, context)
    case 'tool-call':
      return encodeToolCall(part, path, context)
    case 'server-tool-call':
      if (part.origin !== dialectId)
        return drop(lost, path, `the tool ${part.name} ran at another provider (${part.origin})`)
      return writeCall(part, part.id, ownInputOf(part.arguments, new MemberWriter(part).note('input')))
    case 'tool-result':
      return encodeToolResult(part, path, context)
    case 'server-tool-result':
    case 'opaque':
      if (part.origin === dialectId && isJsonObject(part.value)) return part.value
      return drop(lost, path, `${dialectId} has no counterpart of this block of ${part.origin}`)
  }
}

function encodeMediaPart(
  part: Extract<Part, { type: 'image' | 'video' | 'audio' | 'file' }>,
  path: string,
  context: BlockContext,
): JsonObject | undefined {
  const { lost } = context
  const text = spokenText(part)
  if (text !== undefined) {
    adapt(lost, path, 'the sound itself is not there: its transcript is given as text')
    return said(text, path, context)
  }
  if (part.type === 'audio' && part.source === undefined)
    return drop(lost, path, 'the sound is only referred to by an id of another service')
  if (context.side === 'request' && context.role === 'assistant' && !isOwn(part))
    return drop(lost, path, `messages of the assistant here have no ${part.type}`)
  if (part.type === 'audio' && part.transcript !== undefined)
    drop(lost, joinPath(path, 'transcript'), 'sound here has no transcript')
  if (part.type === 'file') return encodeFile(part, path, { names: context.names, cites: context.model.cites, lost })
  return encodeMedia(part, path, lost)
}

/** Text of whatever origin; Bedrock refuses blank text in requests, which other protocols send as a matter of course. */
function said(text: string, path: string, { side, own, lost }: BlockContext): JsonObject | undefined {
  if (side === 'request' && !own && text.trim() === '')
    return text === '' ? undefined : drop(lost, path, 'text of nothing but white space is refused here')
  return { text }
}

function encodeText(part: TextPart, path: string, context: BlockContext): JsonObject | undefined {
  const writer = new MemberWriter(part)
  const block = writer.note('block')
  if (block === 'guardContent') {
    writer.set('guardContent.text.text', part.text)
    return writer.finish()
  }
  const json = writer.note('json') === true ? jsonOf(part.text) : undefined
  if (json !== undefined) {
    writer.set('json', json)
    return writer.finish()
  }
  if (block === 'citationsContent') {
    const content = 'citationsContent.content'
    if (part.text !== '' || !(writer.wasAbsent(content) || writer.wasNull(content)))
      writer.set(content, writePieces(part.text, writer.note('pieces'), ''))
    writer.set('citationsContent.citations', encodeKnown(part, path, context))
    return writer.finish()
  }
  if (said(part.text, path, context) === undefined) return undefined
  const citations = encodeKnown(part, path, context)
  if (citations !== undefined && citations.length > 0)
    return { citationsContent: { content: [{ text: part.text }], citations } }
  writer.set('text', part.text)
  return writer.finish()
}

/** Only citations of this protocol's own can go into a request: the others name no source that is there. */
function encodeKnown(part: TextPart, path: string, { side, lost }: BlockContext): JsonValue[] | undefined {
  if (part.citations === undefined) return undefined
  if (side === 'response') return encodeCitations(part.citations, path, lost)
  const foreign = part.citations.filter(({ origin }) => origin !== dialectId)
  if (foreign.length > 0) drop(lost, joinPath(path, 'citations'), 'requests here cite only what a model here has cited')
  return part.citations.flatMap(({ origin, raw }) => (origin === dialectId ? [raw] : []))
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parsePreciseJson(text) as JsonValue
  } catch {
    return undefined
  }
}

function encodeReasoning(part: ReasoningPart, path: string, context: BlockContext): JsonObject | undefined {
  const { lost, side } = context
  const writer = new MemberWriter(part)
  const foreign = part.origin !== dialectId
  if (foreign && side === 'request')
    return drop(lost, path, `the reasoning is not of a model here (${part.origin}), which accepts only its own`)
  if (foreign)
    adapt(
      lost,
      path,
      `the reasoning is not of a model here (${part.origin}): its signature is of use to this gateway alone`,
    )
  if (part.encrypted !== undefined && !foreign) {
    writer.set('reasoningContent.redactedContent', part.encrypted)
    return writer.finish()
  }
  writer.set('reasoningContent.reasoningText.text', part.text)
  writer.set('reasoningContent.reasoningText.signature', foreign ? sealReasoning(part) : part.signature)
  return writer.finish()
}

function encodeToolCall(part: ToolCallPart, path: string, context: BlockContext): JsonObject {
  if (isOwn(part)) return writeCall(part, part.id, ownInputOf(part.arguments, new MemberWriter(part).note('input')))
  const { input, adapted } = toolInputOf(part.arguments, part.kind)
  if (adapted !== undefined) adapt(context.lost, joinPath(path, 'arguments'), adapted)
  return writeCall(part, context.side === 'request' ? fitCallId(part.id) : part.id, input)
}

function writeCall(part: ToolCallPart | ServerToolCallPart, id: string, input: JsonValue | undefined): JsonObject {
  const writer = new MemberWriter(part)
  writer.set('toolUse.toolUseId', id)
  writer.set('toolUse.name', part.name)
  writer.set('toolUse.type', writer.note('type') ?? (part.type === 'server-tool-call' ? 'server_tool_use' : undefined))
  if (!(writer.wasNull('toolUse.input') && part.arguments === '{}')) writer.set('toolUse.input', input)
  return writer.finish()
}

const longestCallId = 64
const hashLength = 16

/** Letters, digits and `_.:-`, at most 64 (API reference, ToolUseBlock): other services' ids are longer and stranger. */
export function fitCallId(id: string): string {
  const safe = id.replaceAll(/[^a-zA-Z0-9_.:-]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ''}`)
  if (safe === '') return 'call'
  if (safe.length <= longestCallId) return safe
  const hash = createHash('sha256').update(id).digest('hex').slice(0, hashLength)
  return `${safe.slice(0, longestCallId - hashLength - 1)}_${hash}`
}

function encodeToolResult(part: ToolResultPart, path: string, context: BlockContext): JsonObject | undefined {
  const { lost, model } = context
  if (context.side === 'response') return drop(lost, path, 'answers here have no results of client tools')
  const own = isOwn(part)
  const writer = new MemberWriter(part)
  const content = part.content.flatMap((inner, index) => {
    const at = joinPath(joinPath(path, 'content'), index)
    if (!isResultPart(inner)) {
      drop(lost, at, `a tool result here cannot hold ${inner.type}`)
      return []
    }
    if (inner.cache !== undefined) drop(lost, joinPath(at, 'cache_control'), 'there are no cache points within results')
    const block = encodePart(inner, at, { ...context, role: 'user' })
    return block === undefined ? [] : [block]
  })
  writer.set('toolResult.toolUseId', own ? part.callId : fitCallId(part.callId))
  writer.set('toolResult.content', content)
  if (own && part.isError !== undefined) writer.set('toolResult.status', part.isError ? 'error' : 'success')
  else if (part.isError === true) {
    if (model.resultStatus) writer.set('toolResult.status', 'error')
    else
      adapt(lost, joinPath(path, 'is_error'), 'the model is not told that a result is an error; it reads the content')
  }
  return writer.finish()
}

function isResultPart(part: Part): boolean {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'image':
    case 'video':
    case 'file':
    case 'opaque':
      return true
    default:
      return false
  }
}
