/**
 * Content blocks to canonical parts, in requests and answers alike. A block is an object with one member that says what it is; what
 * no part can hold stays a block. A cache point is a mark on what stands before it.
 */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { unsealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { CacheMark, Part, ReasoningPart, TextPart, ToolResultPart } from '../../model/part.ts'
import { decodeCitation } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { decodeDocument, decodeMedia, decodeSearchResult } from './media-decode.ts'
import { MemberReader } from './members.ts'
import type { Reader } from './members.ts'
import { readPieces } from './text-pieces.ts'

/** What is the assistant's, in a request or in an answer, holds results of tools only where the provider ran them. */
export type Side = 'user' | 'assistant' | 'answer'

export function decodeBlocks(list: readonly JsonValue[], path: string, side: Side): Part[] {
  const parts: Part[] = []
  for (const [index, json] of list.entries()) {
    const mark = cacheMarkOf(json)
    const before = parts.at(-1)
    if (mark !== undefined && before !== undefined && before.cache === undefined && mayCarryMark(before)) {
      parts[parts.length - 1] = { ...before, cache: mark }
    } else parts.push(decodeBlock(json, joinPath(path, index), side))
  }
  return parts
}

/** The mark in a cache point that says no more than a mark can. */
export function cacheMarkOf(json: JsonValue): CacheMark | undefined {
  if (!isJsonObject(json) || !isJsonObject(json['cachePoint']) || Object.keys(json).length !== 1) return undefined
  const { type, ttl, ...more } = json['cachePoint']
  if (type !== 'default' || Object.keys(more).length > 0) return undefined
  if (ttl === undefined) return Object.hasOwn(json['cachePoint'], 'ttl') ? undefined : {}
  return ttl === '5m' || ttl === '1h' ? { ttl } : undefined
}

/** Blocks kept whole have no place for a mark of their own. */
function mayCarryMark(part: Part): boolean {
  return part.type !== 'opaque' && part.type !== 'server-tool-result'
}

export function decodeBlock(json: JsonValue, path: string, side: Side): Part {
  if (!isJsonObject(json)) throw wrongType(path, 'a content block: an object', json)
  for (const [member, decode] of decoders) {
    if (json[member] === undefined || json[member] === null) continue
    const reader = new MemberReader(json, path)
    const part = decode(reader, side, json)
    if (part === undefined) break
    // Kept whole, it has its members already.
    return part.type === 'server-tool-result' ? { ...part, form: { [dialectId]: {} } } : { ...part, ...reader.node() }
  }
  return opaqueBlock(json)
}

export function opaqueBlock(value: JsonValue): Part {
  return { type: 'opaque', origin: dialectId, value, form: { [dialectId]: {} } }
}

/** Undefined for a block of a shape that no part can hold. */
type BlockDecoder = (reader: Reader, side: Side, json: JsonObject) => Part | undefined

const decoders: readonly (readonly [member: string, decode: BlockDecoder])[] = [
  ['text', (reader) => ({ type: 'text', text: reader.requiredString('text') })],
  ['image', (reader) => decodeMedia('image', reader.requiredNested('image'))],
  ['document', (reader) => decodeDocument(reader.requiredNested('document'))],
  ['video', (reader) => decodeMedia('video', reader.requiredNested('video'))],
  ['audio', (reader) => decodeMedia('audio', reader.requiredNested('audio'))],
  ['toolUse', decodeToolUse],
  ['toolResult', decodeToolResult],
  ['reasoningContent', decodeReasoning],
  ['citationsContent', decodeCited],
  ['searchResult', (reader) => decodeSearchResult(reader.requiredNested('searchResult'))],
  ['guardContent', decodeGuarded],
  ['json', decodeJsonResult],
]

function decodeToolUse(reader: Reader): Part {
  const use = reader.requiredNested('toolUse')
  const id = use.requiredString('toolUseId')
  const name = use.requiredString('name')
  const type = use.string('type')
  if (type !== undefined) use.note('type', type)
  const input = use.take('input')
  if (input === undefined && !use.has('input')) use.note('input', 'absent')
  else if (input !== undefined && !isJsonObject(input)) use.note('input', 'any')
  const call = { id, name, arguments: input === undefined ? '{}' : JSON.stringify(input) }
  return type === 'server_tool_use'
    ? { type: 'server-tool-call', ...call, origin: dialectId }
    : { type: 'tool-call', ...call }
}

function decodeToolResult(reader: Reader, side: Side, json: JsonObject): Part {
  const result = reader.requiredNested('toolResult')
  const callId = result.requiredString('toolUseId')
  if (side !== 'user' || typeof result.peek('type') === 'string')
    return { type: 'server-tool-result', callId, value: json, origin: dialectId }
  const list = result.list('content')
  if (list === undefined) throw wrongType(result.at('content'), 'an array of content blocks', list)
  const content = list.map((block, index) => decodeBlock(block, joinPath(result.at('content'), index), side))
  const status = result.peek('status')
  if (status !== 'error' && status !== 'success') return { type: 'tool-result', callId, content }
  result.take('status')
  const part: ToolResultPart = { type: 'tool-result', callId, content, isError: status === 'error' }
  return part
}

/** JSON in a tool's result is text to everybody else. */
function decodeJsonResult(reader: Reader): Part {
  const value = reader.take('json')
  reader.note('json', true)
  return { type: 'text', text: JSON.stringify(value) }
}

function decodeReasoning(reader: Reader, side: Side): ReasoningPart | undefined {
  const content = reader.requiredNested('reasoningContent')
  if (typeof content.peek('redactedContent') === 'string') {
    return { type: 'reasoning', text: '', encrypted: content.requiredString('redactedContent'), origin: dialectId }
  }
  if (!isJsonObject(content.peek('reasoningText'))) return undefined
  const nested = content.requiredNested('reasoningText')
  const text = nested.requiredString('text')
  const signature = nested.string('signature')
  // In an answer such a signature is the provider's own business: it is a gateway of this kind itself, and will want it back.
  const sealed = side === 'answer' || signature === undefined ? undefined : unsealReasoning(signature)
  if (sealed !== undefined) return { type: 'reasoning', text, ...sealed }
  return { type: 'reasoning', text, ...(signature !== undefined && { signature }), origin: dialectId }
}

function decodeCited(reader: Reader): TextPart | undefined {
  const cited = reader.requiredNested('citationsContent')
  const pieces = readPieces(cited.peek('content') ?? [], '')
  if (pieces === undefined) return undefined
  reader.note('block', 'citationsContent')
  const content = cited.list('content')
  if (content !== undefined) cited.note('pieces', pieces.lengths)
  else if (!cited.has('content')) cited.noteAbsent('content')
  const citations = cited.list('citations')?.map(decodeCitation)
  return { type: 'text', text: pieces.text, ...(citations !== undefined && { citations }) }
}

/** What a guardrail should look at is ordinary content to everybody else. */
function decodeGuarded(reader: Reader): Part | undefined {
  const guarded = reader.requiredNested('guardContent')
  if (isJsonObject(guarded.peek('text'))) {
    const text = guarded.requiredNested('text')
    text.note('block', 'guardContent')
    return { type: 'text', text: text.requiredString('text') }
  }
  if (!isJsonObject(guarded.peek('image'))) return undefined
  guarded.note('block', 'guardContent')
  return decodeMedia('image', guarded.requiredNested('image'))
}
