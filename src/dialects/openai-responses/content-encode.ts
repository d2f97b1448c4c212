/** Encodes parts as content of messages and tool outputs: what this protocol has a part for, and a report of all it has none for. */
import type { TokenLogprob } from '../../model/chat.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { FilePart, Part, TextPart } from '../../model/part.ts'
import { encodeCitations } from './annotations.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { blockNode } from './envelope.ts'
import { encodeLogprobs } from './logprobs.ts'
import { adapt, drop } from './losses.ts'
import { sourceName, writtenUrl } from './media.ts'
import { MemberWriter } from './members.ts'

/** `read`: the model reads it. `written`: the model wrote it earlier, and reads it again. `answer`: it is what the model writes now. */
export type Place = 'read' | 'written' | 'answer'

export interface BlockContext {
  readonly place: Place
  readonly lost: Loss[]
  /** Of a text in an answer. */
  readonly logprobs?: readonly TokenLogprob[]
}

/** The block that says `part`; undefined, with the loss reported, where none does. */
export function encodeBlock(part: Part, path: string, context: BlockContext): JsonObject | undefined {
  const { lost, place } = context
  reportForeignExtra(part, dialectId, path, lost)
  const writer = new MemberWriter(blockNode(part))
  writeCache(writer, part, path, lost)
  switch (part.type) {
    case 'text':
      return encodeText(part, writer, path, context)
    case 'refusal':
      if (place === 'read' && !isOwn(part)) return { type: 'input_text', text: part.text }
      writer.set('type', 'refusal')
      writer.set('refusal', part.text)
      return writer.finish()
    case 'opaque':
      if (part.origin === dialectId && isJsonObject(part.value)) return part.value
      return drop(lost, path, `${dialectId} has no counterpart of this ${part.origin} block`)
    case 'image': {
      if (place !== 'read' && !isOwn(part)) return drop(lost, path, `${dialectId} has no images in what the model says`)
      writer.set('type', 'input_image')
      if (part.source.kind === 'file-id' && part.source.origin === dialectId) writer.set('file_id', part.source.id)
      else {
        const url = writtenUrl(writer, part.source, 'image/png')
        if (url === undefined)
          return drop(lost, path, `${dialectId} takes images by URL or as data, not ${sourceName(part.source)}`)
        writer.set('image_url', url)
      }
      // Required by the description of the API, though its default is `auto`.
      writer.set('detail', part.detail ?? (isOwn(part) ? undefined : 'auto'))
      return writer.finish()
    }
    case 'file':
      if (place !== 'read' && !isOwn(part)) return drop(lost, path, `${dialectId} has no files in what the model says`)
      return encodeFile(part, writer, path, lost)
    case 'audio':
      if (!isOwn(part) || part.source?.kind !== 'base64') return drop(lost, path, `${dialectId} takes no audio`)
      writer.set('type', 'input_audio')
      writer.set('input_audio.data', part.source.data)
      writer.set('input_audio.format', part.format)
      return writer.finish()
    case 'video':
      return drop(lost, path, `${dialectId} takes no video`)
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
    case 'server-tool-call':
    case 'server-tool-result':
      return drop(lost, path, `${dialectId} has no place for a ${part.type} here`)
  }
}

function encodeText(part: TextPart, writer: MemberWriter, path: string, context: BlockContext): JsonObject {
  const { lost, place, logprobs = [] } = context
  const type = writer.note('type') ?? (place === 'read' ? 'input_text' : 'output_text')
  const citations = part.citations ?? []
  writer.set('type', type)
  writer.set('text', part.text)
  if (place === 'answer' && type === 'output_text') {
    const annotations = encodeCitations(citations, part.text.length, path, lost)
    writeList(writer, 'annotations', annotations)
    const kept = writer.note('logprobs')
    writeList(writer, 'logprobs', logprobs.length > 0 ? encodeLogprobs(logprobs) : Array.isArray(kept) ? kept : [])
    return writer.finish()
  }
  const own = citations.flatMap((citation) => (citation.origin === dialectId ? [citation.raw] : []))
  if (own.length < citations.length) drop(lost, joinPath(path, 'citations'), `${dialectId} requests carry no citations`)
  if (own.length > 0 && type === 'output_text') writer.set('annotations', own)
  writer.set('logprobs', writer.note('logprobs'))
  return writer.finish()
}

/** A list that an answer always has, unless it had none when it came. */
function writeList(writer: MemberWriter, key: string, list: JsonValue[]): void {
  if (list.length > 0 || !(writer.wasAbsent(key) || writer.wasNull(key))) writer.set(key, list)
}

/** OpenAI caches prompts by itself, and only its newer models take marks: one that came in this dialect goes out again. */
export function writeCache(writer: MemberWriter, part: Pick<Part, 'cache' | 'form'>, path: string, lost: Loss[]): void {
  if (part.cache === undefined) return
  if (isOwn(part)) writer.set('prompt_cache_breakpoint', { mode: 'explicit' })
  else drop(lost, joinPath(path, 'cache_control'), `${dialectId} caches prompts by itself and takes no marks`)
}

function encodeFile(part: FilePart, writer: MemberWriter, path: string, lost: Loss[]): JsonObject | undefined {
  const own = isOwn(part)
  const { source } = part
  if (part.citable === true) drop(lost, joinPath(path, 'citations'), `${dialectId} has no citations of documents`)
  if (part.context !== undefined) drop(lost, joinPath(path, 'context'), `${dialectId} documents have no context`)
  const text = own ? undefined : plainText(part)
  if (text !== undefined) {
    adapt(lost, path, `${dialectId} takes no text documents; its text is sent as a text part`)
    const heading = part.title ?? part.filename
    return { type: 'input_text', text: heading === undefined ? text : `${heading}\n\n${text}` }
  }
  if (part.title !== undefined && part.filename !== undefined)
    drop(lost, joinPath(path, 'title'), `${dialectId} documents have a filename only`)
  writer.set('type', 'input_file')
  switch (source.kind) {
    case 'base64':
      writer.set(
        'file_data',
        writer.note('bareData') === true ? source.data : writtenUrl(writer, source, 'application/pdf'),
      )
      // OpenAI refuses data without a name; one that this dialect decoded may have gone without.
      writer.set('filename', part.filename ?? (own ? undefined : (part.title ?? 'document.pdf')))
      return writer.finish()
    case 'url':
      writer.set('file_url', source.url)
      // A name is refused beside a URL.
      writer.set('filename', own ? part.filename : undefined)
      return writer.finish()
    case 'file-id':
      if (source.origin !== dialectId)
        return drop(lost, path, `${dialectId} takes files by its own file ids, not ${sourceName(source)}`)
      writer.set('file_id', source.id)
      writer.set('filename', own ? part.filename : undefined)
      return writer.finish()
    case 'text':
      return drop(lost, path, `${dialectId} takes no text documents`)
  }
}

/** The document's text, where it is text and nothing else. */
function plainText({ source }: FilePart): string | undefined {
  if (source.kind === 'text') return source.text
  if (source.kind !== 'base64' || !/^text\//i.test(source.mediaType ?? '')) return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}

/** Whether a block is text and nothing else, so that a string says as much as a list. */
export function isPlainText(block: JsonObject | undefined): block is JsonObject & { text: string } {
  return typeof block?.['text'] === 'string' && Object.keys(block).length === 2
}
