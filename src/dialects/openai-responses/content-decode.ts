/** Decodes the content of messages and of tool outputs: a string, or a list of typed parts. Parts of a type nobody knows stay as they are. */
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { MediaSource } from '../../model/media.ts'
import type { CacheMark, Part } from '../../model/part.ts'
import { decodeAnnotation } from './annotations.ts'
import { dialectId } from './dialect-id.ts'
import { readFileId, readUrl } from './media.ts'
import { MemberReader } from './members.ts'

/** The usual type of text: what the model reads, or what it wrote. Another one is noted. */
export type TextType = 'input_text' | 'output_text'

const textTypes: ReadonlySet<string> = new Set(['input_text', 'output_text', 'text'])

/** The parts under `key`. Notes on the reader whether a string was sent where a list would do. */
export function decodeContent(reader: MemberReader, key: string, textType: TextType): Part[] {
  const value = reader.peek(key)
  if (typeof value === 'string') {
    reader.take(key)
    reader.note('string', true)
    return [{ type: 'text', text: value, form: { [dialectId]: { absent: ['annotations', 'logprobs'] } } }]
  }
  if (value !== undefined && value !== null && !Array.isArray(value))
    throw wrongType(reader.at(key), 'a string or an array of content parts', value)
  return (reader.list(key) ?? []).map((block, index) => decodeBlock(block, joinPath(reader.at(key), index), textType))
}

export function decodeBlock(block: JsonValue, path: string, textType: TextType): Part {
  if (!isJsonObject(block)) throw wrongType(path, 'a content part: an object with a `type`', block)
  const type = block['type']
  if (typeof type !== 'string') throw wrongType(joinPath(path, 'type'), 'a string', type)
  if (textTypes.has(type)) return decodeText(block, path, type, textType)
  const decode = Object.hasOwn(decoders, type) ? decoders[type] : undefined
  return decode?.(block, path) ?? opaqueBlock(block)
}

/** A block kept as it came; `list` is the member that it stood in, where its item has several. */
export function opaqueBlock(value: JsonValue, list?: string): Part {
  return { type: 'opaque', origin: dialectId, value, form: { [dialectId]: list === undefined ? {} : { list } } }
}

function decodeText(block: JsonObject, path: string, type: string, usual: TextType): Part {
  const reader = blockReader(block, path)
  if (type !== usual) reader.note('type', type)
  const text = reader.requiredString('text')
  const cache = decodeCache(reader)
  const citations = type === 'output_text' ? decodeAnnotations(reader) : []
  return {
    type: 'text',
    text,
    ...(citations.length > 0 && { citations }),
    ...(cache !== undefined && { cache }),
    ...reader.node(),
  }
}

function decodeAnnotations(reader: MemberReader): ReturnType<typeof decodeAnnotation>[] {
  const logprobs = reader.peek('logprobs')
  if (logprobs === null || Array.isArray(logprobs)) reader.keep(['logprobs'])
  else reader.noteAbsent('logprobs')
  if (!reader.has('annotations')) reader.noteAbsent('annotations')
  return (reader.list('annotations') ?? []).map(decodeAnnotation)
}

/** Undefined for a block that lacks what the model needs of it: it is kept as it came. */
type BlockDecoder = (block: JsonObject, path: string) => Part | undefined

const decoders: Readonly<Record<string, BlockDecoder>> = {
  refusal(block, path) {
    const reader = blockReader(block, path)
    const text = reader.requiredString('refusal')
    return { type: 'refusal', text, ...reader.node() }
  },

  input_image(block, path) {
    const reader = blockReader(block, path)
    const source = readUrl(reader, 'image_url') ?? readFileId(reader)
    if (source === undefined) return undefined
    const detail = reader.string('detail')
    const cache = decodeCache(reader)
    return {
      type: 'image',
      source,
      ...(detail !== undefined && { detail }),
      ...(cache !== undefined && { cache }),
      ...reader.node(),
    }
  },

  input_file(block, path) {
    const reader = blockReader(block, path)
    const source = fileData(reader) ?? readUrl(reader, 'file_url') ?? readFileId(reader)
    if (source === undefined) return undefined
    const filename = reader.string('filename')
    const cache = decodeCache(reader)
    return {
      type: 'file',
      source,
      ...(filename !== undefined && { filename }),
      ...(cache !== undefined && { cache }),
      ...reader.node(),
    }
  },

  /** Declared by OpenAI's SDK, taken by services that imitate it. */
  input_audio(block, path) {
    const reader = blockReader(block, path)
    const nested = reader.requiredNested('input_audio')
    const data = nested.requiredString('data')
    const format = nested.requiredString('format')
    const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
    return { type: 'audio', source: { kind: 'base64', data, mediaType }, format, ...reader.node() }
  },
}

function blockReader(block: JsonObject, path: string): MemberReader {
  const reader = new MemberReader(block, path)
  reader.take('type')
  return reader
}

/** A data URL, or base64 without one. */
function fileData(reader: MemberReader): MediaSource | undefined {
  const data = reader.peek('file_data')
  if (typeof data !== 'string' || /^data:/i.test(data)) return readUrl(reader, 'file_data')
  reader.take('file_data')
  reader.note('bareData', true)
  return { kind: 'base64', data }
}

/** https://developers.openai.com/api/docs/guides/prompt-caching; a mark with a lifetime of its own has no counterpart elsewhere. */
function decodeCache(reader: MemberReader): CacheMark | undefined {
  const mark = reader.peek('prompt_cache_breakpoint')
  if (mark === null) reader.take('prompt_cache_breakpoint')
  if (!isJsonObject(mark) || mark['mode'] !== 'explicit' || Object.keys(mark).length !== 1) return undefined
  reader.take('prompt_cache_breakpoint')
  return {}
}
