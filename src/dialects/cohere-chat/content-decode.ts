/** The content of messages to canonical parts: a string, or blocks of text, images, documents and thinking. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import { dataUrlOf, mediaFromUrl } from '../../model/media.ts'
import type { Part, ToolCallPart } from '../../model/part.ts'
import { attachCitations } from './citations.ts'
import { dialectId } from './dialect-id.ts'
import { decodeDocument } from './documents.ts'
import { MemberReader } from './members.ts'
import type { Reader } from './members.ts'
import { planPart } from './plan.ts'

/** `content` of a message; the note tells how it was spelled. */
export function decodeContent(message: Reader): Part[] {
  const value = message.peek('content')
  if (typeof value === 'string') {
    message.take('content')
    message.note('text', true)
    return [{ type: 'text', text: value, form: { [dialectId]: {} } }]
  }
  if (value === undefined) message.noteAbsent('content')
  if (value !== undefined && value !== null && !Array.isArray(value))
    throw wrongType(message.at('content'), 'a string or an array of content blocks', value)
  return (message.list('content') ?? []).map((block, index) =>
    decodeBlock(block, joinPath(message.at('content'), index)),
  )
}

function decodeBlock(block: JsonValue, path: string): Part {
  if (!isJsonObject(block)) throw wrongType(path, 'a content block: an object with a `type`', block)
  const { type } = block
  if (typeof type !== 'string') throw wrongType(joinPath(path, 'type'), 'a string', type)
  const reader = new MemberReader(block, path)
  reader.take('type')
  const part = decodeTyped(type, reader)
  return part === undefined ? opaqueBlock(block) : { ...part, ...reader.node() }
}

export function opaqueBlock(value: JsonValue): Part {
  return { type: 'opaque', origin: dialectId, value, form: { [dialectId]: {} } }
}

function decodeTyped(type: string, reader: Reader): Part | undefined {
  switch (type) {
    case 'text':
      return { type, text: reader.requiredString('text') }
    case 'thinking':
      return { type: 'reasoning', text: reader.requiredString('thinking'), origin: dialectId }
    case 'image_url':
      return decodeImage(reader)
    case 'document':
      return decodeDocument(reader.requiredNested('document'))
    default:
      return undefined
  }
}

function decodeImage(reader: Reader): Part {
  const image = reader.requiredNested('image_url')
  const url = image.requiredString('url')
  const source = sourceOf(url, image.at('url'))
  if (urlOf(source) !== url) image.note('url', url)
  const detail = image.string('detail')
  return { type: 'image', source, ...(detail !== undefined && { detail }) }
}

function sourceOf(url: string, path: string): MediaSource {
  try {
    return mediaFromUrl(url)
  } catch {
    throw invalidRequest(path, `\`${path}\` is a data URL whose percent-encoding is broken.`)
  }
}

/** The URL that says `source`; undefined where none does. */
export function urlOf(source: MediaSource): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? dataUrlOf(source.data, source.mediaType, 'image/png') : undefined
}

/** Whether `url` still says `source`. */
export function sameSource(url: string, source: MediaSource): boolean {
  return urlOf(sourceOf(url, '')) === urlOf(source)
}

/** What the assistant says: its plan, its content with the citations in it, its calls. */
export function decodeAssistant(message: Reader): Part[] {
  const plan = message.string('tool_plan')
  if (plan === '') message.note('blankPlan', true)
  const blocks = decodeContent(message)
  const list = message.peek('citations')
  const citations = Array.isArray(list) ? (message.list('citations') ?? []) : []
  const { parts, loose } = attachCitations(blocks, citations)
  return [
    ...(plan === undefined || plan === '' ? [] : [planPart(plan)]),
    ...parts,
    ...loose.map(([place, raw]) => looseCitation(raw, place)),
    ...decodeCalls(message),
  ]
}

/** A citation that no text carries; `place` is its place in the list. */
export function looseCitation(value: JsonValue, place?: number): Part {
  const form: JsonObject = { place: 'citations', ...(place !== undefined && { at: place }) }
  return { type: 'opaque', origin: dialectId, value, form: { [dialectId]: form } }
}

function decodeCalls(message: Reader): Part[] {
  return (message.list('tool_calls') ?? []).map((json, index) => {
    const path = joinPath(message.at('tool_calls'), index)
    if (!isJsonObject(json)) throw wrongType(path, 'a tool call: an object', json)
    return decodeCall(json, path)
  })
}

export function decodeCall(json: JsonObject, path: string): Part {
  if (typeof json['type'] === 'string' && json['type'] !== 'function')
    return { ...opaqueBlock(json), form: { [dialectId]: { place: 'tool_calls' } } }
  const reader = new MemberReader(json, path)
  if (reader.string('type') === undefined && !reader.has('type')) reader.noteAbsent('type')
  const id = reader.requiredString('id')
  const nested = reader.requiredNested('function')
  const name = nested.string('name') ?? ''
  if (!nested.has('name')) nested.noteAbsent('name')
  const text = nested.string('arguments')
  if (text === undefined && !nested.has('arguments')) nested.noteAbsent('arguments')
  const part: ToolCallPart = { type: 'tool-call', id, name, arguments: text ?? '' }
  return { ...part, ...reader.node() }
}
