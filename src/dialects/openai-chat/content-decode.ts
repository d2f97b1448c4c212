/** Decodes the content of a message: a string, or a list of typed blocks. Blocks of a type nobody knows stay what they are. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { invalidRequest } from '../../model/fault.ts'
import { joinPath } from '../../model/loss.ts'
import { dataUrlOf, mediaFromUrl } from '../../model/media.ts'
import type { MediaSource } from '../../model/media.ts'
import type { CacheMark, FilePart, Part, ReasoningPart } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberReader } from './members.ts'

/**
 * The parts of `content`. An empty string has none. Notes on the message whether a list was sent where a string would do; a list
 * of no parts notes itself.
 */
export function decodeContent(reader: MemberReader): Part[] {
  const value = reader.peek('content')
  if (typeof value === 'string') {
    reader.take('content')
    if (value === '') reader.note('blankContent', true)
    return value === '' ? [] : [{ type: 'text', text: value }]
  }
  if (value === undefined) reader.noteAbsent('content')
  if (value !== undefined && value !== null && !Array.isArray(value))
    throw wrongType(reader.at('content'), 'a string or an array of content parts', value)
  const list = reader.list('content')
  if (list !== undefined) reader.note('listContent', true)
  return (list ?? []).map((block, index) => decodeBlock(block, joinPath(reader.at('content'), index)))
}

function decodeBlock(block: JsonValue, path: string): Part {
  if (!isJsonObject(block)) throw wrongType(path, 'a content part: an object with a `type`', block)
  const type = block['type']
  if (typeof type !== 'string') throw wrongType(joinPath(path, 'type'), 'a string', type)
  const decode = decoders[type]
  return (Object.hasOwn(decoders, type) ? decode?.(block, path) : undefined) ?? opaqueBlock(block)
}

/** A block kept as it came. `place` says which list of the message it stood in, where that is not its content. */
export function opaqueBlock(block: JsonValue, place?: string): Part {
  return {
    type: 'opaque',
    origin: dialectId,
    value: block,
    form: { [dialectId]: place === undefined ? {} : { place } },
  }
}

/** Undefined for a block that lacks what the model needs of it although the protocol lets it: it is kept as it came. */
type BlockDecoder = (block: JsonObject, path: string) => Part | undefined

const decoders: Readonly<Record<string, BlockDecoder>> = {
  text(block, path) {
    const reader = blockReader(block, path)
    const text = reader.requiredString('text')
    const cache = decodeCache(reader)
    return { type: 'text', text, ...(cache !== undefined && { cache }), ...reader.node() }
  },

  refusal(block, path) {
    const reader = blockReader(block, path)
    const text = reader.requiredString('refusal')
    reader.note('place', 'content')
    return { type: 'refusal', text, ...reader.node() }
  },

  image_url(block, path) {
    const reader = blockReader(block, path)
    const part = decodeImage(reader)
    const cache = decodeCache(reader)
    return { ...part, ...(cache !== undefined && { cache }), ...reader.node() }
  },

  video_url(block, path) {
    const reader = blockReader(block, path)
    const nested = reader.requiredNested('video_url')
    const source = decodeUrl(nested, 'url')
    return { type: 'video', source, ...reader.node() }
  },

  input_audio(block, path) {
    const reader = blockReader(block, path)
    const nested = reader.requiredNested('input_audio')
    const data = nested.requiredString('data')
    const format = nested.requiredString('format')
    const cache = decodeCache(reader)
    const mediaType = audioMediaType(format)
    return {
      type: 'audio',
      source: { kind: 'base64', data, mediaType },
      format,
      ...(cache !== undefined && { cache }),
      ...reader.node(),
    }
  },

  file(block, path) {
    const reader = blockReader(block, path)
    const nested = reader.requiredNested('file')
    const filename = nested.string('filename')
    const data = nested.string('file_data')
    const id = data === undefined ? nested.string('file_id') : undefined
    const source =
      data !== undefined
        ? fileSource(reader, data, nested.at('file_data'))
        : id === undefined
          ? undefined
          : ({ kind: 'file-id', id, origin: dialectId } as const)
    if (source === undefined) return undefined
    const cache = decodeCache(reader)
    const part: FilePart = {
      type: 'file',
      source,
      ...(filename !== undefined && { filename }),
      ...(cache !== undefined && { cache }),
    }
    return { ...part, ...reader.node() }
  },

  /** Mistral's reasoning, within the content. */
  thinking(block, path) {
    const reader = blockReader(block, path)
    const list = reader.peek('thinking')
    if (!Array.isArray(list)) return undefined
    reader.take('thinking')
    const text = thinkingText(list)
    const plain =
      list.length === 1 && isJsonObject(list[0]) && list[0]['text'] === text && Object.keys(list[0]).length === 2
    if (!plain) reader.note('thinking', list)
    reader.note('place', 'content')
    const part: ReasoningPart = { type: 'reasoning', text, origin: dialectId }
    return { ...part, ...reader.node() }
  },
}

export function thinkingText(list: readonly JsonValue[]): string {
  return list
    .map((item) =>
      isJsonObject(item) && item['type'] === 'text' && typeof item['text'] === 'string' ? item['text'] : '',
    )
    .join('')
}

function blockReader(block: JsonObject, path: string): MemberReader {
  const reader = new MemberReader(block, path)
  reader.take('type')
  return reader
}

/** An image block, or an entry of `message.images`; some clients write the URL without the object around it. */
export function decodeImage(reader: MemberReader): Part {
  if (typeof reader.peek('image_url') === 'string') {
    reader.note('bareUrl', true)
    return { type: 'image', source: decodeUrl(reader, 'image_url') }
  }
  const nested = reader.requiredNested('image_url')
  const source = decodeUrl(nested, 'url')
  const detail = nested.string('detail')
  return { type: 'image', source, ...(detail !== undefined && { detail }) }
}

function decodeUrl(reader: MemberReader, key: string): MediaSource {
  const url = reader.requiredString(key)
  const source = sourceOf(url, reader.at(key))
  if (urlOf(source, '') !== url) reader.note('url', url)
  return source
}

function sourceOf(url: string, path: string): MediaSource {
  try {
    return mediaFromUrl(url)
  } catch {
    throw invalidRequest(path, `\`${path}\` is a data URL whose percent-encoding is broken.`)
  }
}

/** The URL that says `source`; undefined where none does. */
export function urlOf(source: MediaSource, fallbackType: string): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'base64' ? dataUrlOf(source.data, source.mediaType, fallbackType) : undefined
}

/** Whether `url` still says `source`. */
export function sameSource(url: string, source: MediaSource): boolean {
  const spelled = sourceOf(url, '')
  return urlOf(spelled, '') === urlOf(source, '')
}

/** `file_data` is a data URL at OpenAI; bare base64 and web addresses are what compatible services take as well. */
function fileSource(reader: MemberReader, data: string, path: string): MediaSource {
  if (!/^(data:|https?:\/\/)/i.test(data)) {
    reader.note('bareData', true)
    return { kind: 'base64', data }
  }
  const source = sourceOf(data, path)
  if (urlOf(source, '') !== data) reader.note('url', data)
  return source
}

const audioTypes: Readonly<Record<string, string>> = { mp3: 'audio/mpeg', wav: 'audio/wav', pcm16: 'audio/pcm' }

function audioMediaType(format: string): string {
  return (Object.hasOwn(audioTypes, format) ? audioTypes[format] : undefined) ?? `audio/${format}`
}

/** Either spelling of a cache mark: OpenAI's own breakpoint, or Anthropic's as gateways let clients send it. */
export function decodeCache(reader: MemberReader): CacheMark | undefined {
  const breakpoint = reader.peek('prompt_cache_breakpoint')
  if (isJsonObject(breakpoint) && breakpoint['mode'] === 'explicit' && Object.keys(breakpoint).length === 1) {
    reader.take('prompt_cache_breakpoint')
    reader.note('cache', 'prompt_cache_breakpoint')
    return {}
  }
  const control = reader.peek('cache_control')
  if (
    !isJsonObject(control) ||
    control['type'] !== 'ephemeral' ||
    Object.keys(control).some((key) => key !== 'type' && key !== 'ttl')
  )
    return undefined
  const { ttl } = control
  if (ttl !== undefined && ttl !== '5m' && ttl !== '1h') return undefined
  reader.take('cache_control')
  reader.note('cache', 'cache_control')
  return ttl === undefined ? {} : { ttl }
}
