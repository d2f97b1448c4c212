/**
 * Documents: texts with whatever else is known of them, `{ data: { … }, id }`. They stand beside the conversation, or in a tool's result;
 * the canonical model has them as files of plain text.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { FilePart } from '../../model/part.ts'
import type { Reader } from './members.ts'

/** Members of `data` that hold a document's text, by custom; the first that is there is it. */
const textMembers = ['text', 'snippet', 'content'] as const

function textOf(data: JsonObject): string {
  for (const member of textMembers) {
    const text = data[member]
    if (typeof text === 'string') return text
  }
  return JSON.stringify(data)
}

/** The file in `data`; the document's id goes along with what is not modelled. */
export function decodeDocument(document: Reader): FilePart | undefined {
  const data = document.peek('data')
  if (!isJsonObject(data)) return undefined
  document.take('data')
  document.note('data', data)
  return fileOf(data)
}

function fileOf(data: JsonObject): FilePart {
  const { title } = data
  return {
    type: 'file',
    source: { kind: 'text', text: textOf(data), mediaType: 'text/plain' },
    ...(typeof title === 'string' && { title }),
    citable: true,
  }
}

/** `data` as it came, unless the text or title is another by now; made up for a file of another protocol. */
export function dataOf(part: FilePart, text: string, spelled: JsonValue | undefined): JsonObject {
  if (isJsonObject(spelled) && textOf(spelled) === text && (fileOf(spelled).title ?? '') === (part.title ?? ''))
    return spelled
  const title = part.title ?? part.filename
  return {
    ...(title !== undefined && { title }),
    text,
    ...(part.context !== undefined && { context: part.context }),
  }
}

/** The text of a file that is text; undefined for any other. */
export function plainText({ source }: FilePart): string | undefined {
  if (source.kind === 'text') return source.text
  const textual = /^(?:text\/|application\/(?:json|xml|x-yaml|yaml|javascript))/i
  if (source.kind !== 'base64' || !textual.test(source.mediaType ?? '')) return undefined
  return Buffer.from(source.data, 'base64').toString('utf8')
}
